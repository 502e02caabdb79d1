from __future__ import annotations

import pytest

from assistant.errors import FootnoteError
from assistant.web.components import _as_function
from assistant.web.views.samples import SampleViews
from tests.support.views import services


def test_a_script_gets_the_message_of_a_known_error_and_no_other():
    def fail(data):
        raise data["error"]

    assert _as_function(fail)({"error": FootnoteError("It failed.")}) == {"problem": "It failed."}
    with pytest.raises(KeyError):
        _as_function(fail)({"error": KeyError("a bug")})


def test_a_script_calls_a_method_by_its_name():
    views = SampleViews(services(samples=lambda: ["hens"]))
    call = _as_function(views.samples)
    assert call.__name__ == "samples"
    assert call({}) == {"ids": ["hens"]}
