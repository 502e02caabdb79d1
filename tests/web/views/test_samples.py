from __future__ import annotations

from assistant.web.views.samples import SampleViews
from tests.support.views import (
    services,
)


def test_the_sample_papers_are_offered_and_removed():
    views = SampleViews(services(samples=lambda: ["hens", "cows"], remove_samples=lambda: 2))
    assert views.samples({}) == {"ids": ["hens", "cows"]}
    assert views.remove_samples({}) == "2 sample papers removed."


def test_without_sample_papers_no_ids_are_offered():
    assert SampleViews(services()).samples({}) == {"ids": []}
