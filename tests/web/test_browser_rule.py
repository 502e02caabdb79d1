from __future__ import annotations

import pytest

from tests.support.browser import is_browser_required


@pytest.mark.parametrize(
    ("environment", "platform", "is_required"),
    [
        ({"CI": "true"}, "linux", True),
        ({"CI": "1"}, "linux", True),
        ({"CI": "true"}, "darwin", False),
        ({"CI": "true"}, "win32", False),
        ({"CI": "false"}, "linux", False),
        ({"CI": ""}, "linux", False),
        ({}, "linux", False),
    ],
)
def test_only_ci_on_linux_requires_a_browser(environment, platform, is_required):
    assert is_browser_required(environment, platform) == is_required
