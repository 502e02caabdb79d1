from __future__ import annotations

import pytest

from assistant.services import EvalReport
from assistant.web.views.reports import ReportViews


@pytest.fixture
def report_views(tmp_path) -> ReportViews:
    page = tmp_path / "retrieval-farm.html"
    page.write_text("<h1>Farm é</h1>", encoding="utf-8")
    gone = tmp_path / "gone.html"
    reports = [
        EvalReport("retrieval-farm", "2026-01-02T00:00:00+00:00", "retrieval of 2 questions", page),
        EvalReport("gone", "2026-01-01T00:00:00+00:00", "answers of 1 questions", gone),
    ]
    return ReportViews(lambda: reports)


def test_reports_are_listed_in_the_given_order_with_their_headlines(report_views):
    assert report_views.reports({}) == [
        {
            "name": "retrieval-farm",
            "created": "2026-01-02T00:00:00+00:00",
            "headline": "retrieval of 2 questions",
        },
        {"name": "gone", "created": "2026-01-01T00:00:00+00:00", "headline": "answers of 1 questions"},
    ]


def test_a_report_is_opened_by_its_name(report_views):
    assert report_views.report({"name": "retrieval-farm"}) == "<h1>Farm é</h1>"


def test_a_report_with_invalid_utf8_is_opened(report_views, tmp_path):
    (tmp_path / "retrieval-farm.html").write_bytes(b"<h1>Farm \xe9</h1>")
    assert report_views.report({"name": "retrieval-farm"}) == "<h1>Farm \N{REPLACEMENT CHARACTER}</h1>"


@pytest.mark.parametrize("name", ["gone", "never", "../retrieval-farm", ""])
def test_a_missing_report_says_so(report_views, name):
    assert report_views.report({"name": name}) == "<p>This report was deleted.</p>"
