"""Reports as files, pages and plots."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from assistant.errors import InputError
from evals.reports import plots
from evals.reports.report import Question, Report, listed, load, made_with, save, table
from evals.statistics import Estimate

QUESTIONS = (
    Question("q", "title", "Who lays <script>alert(1)</script> eggs?", ("wanted: <b>Hens</b>", "found: Cows & pigs")),
    Question("r", "sentence", "Who gives milk?"),
)
VALUES = {
    "fused": {"RR": {"q": 0.5, "r": 1.0}, "R@1": {"q": 0.0, "r": 1.0}},
    "dense": {"RR": {"q": 0.5, "r": 0.5}, "R@1": {"q": 0.0, "r": 0.0}},
}
REPORT = Report(
    kind="retrieval",
    name="farm",
    created="2025-01-31T12:30:00+00:00",
    main=("fused", "RR"),
    questions=QUESTIONS,
    values=VALUES,
    made_with={"seed": 0, "settings": {"model": "</pre><script>"}},
)


class Page(HTMLParser):
    """The tags of a page, the addresses it names, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        names = ("src", "href", "xlink:href", "srcset", "action", "data", "poster")
        self.addresses += [value for name, value in attrs if name in names]

    def handle_endtag(self, tag):
        self.text += " "  # cells stand apart

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def page(tmp_path) -> str:
    drawn = [
        plots.lines("Recall", ("papers", "recall"), {"fused": ([1, 5], [0.5, 1]), "dense": ([1, 5], [0, 1])}, log=True),
        plots.bars("Means", "RR", {"fused": Estimate(0.75, 0.5, 1.0, 2)}),
        plots.histogram("Times", "seconds", [1.0, 2.0, 2.5]),
    ]
    _, path = save(REPORT, tmp_path / "new" / "reports", drawn)
    return path.read_text(encoding="utf-8")


def test_a_saved_report_loads_back_equal(tmp_path):
    path, page = save(REPORT, tmp_path / "new", [])
    assert load(path) == REPORT
    assert (path.name, page.name) == ("retrieval-farm-20250131T123000.json", "retrieval-farm-20250131T123000.html")


def test_letters_of_any_language_come_back(tmp_path):
    report = replace(REPORT, questions=(Question("q", "", "Qué es 注意力?", ("“é”",)),))
    path, page = save(report, tmp_path, [])
    assert load(path) == report
    assert "Qué es 注意力?" in page.read_text(encoding="utf-8")


def test_the_page_shows_texts_as_texts(page):
    parsed = Page(page)
    assert "script" not in parsed.tags
    assert "b" not in parsed.tags
    assert "Who lays <script>alert(1)</script> eggs?" in parsed.text
    assert "wanted: <b>Hens</b>" in parsed.text
    assert "found: Cows & pigs" in parsed.text


def test_the_page_asks_for_nothing_from_outside(page):
    parsed = Page(page)
    assert parsed.tags.count("svg") == 3
    assert [address for address in parsed.addresses if not address.startswith("#")] == []
    assert not {"link", "iframe", "object", "embed", "base"} & set(parsed.tags)
    assert "@import" not in page
    assert [place for place in re.findall(r"url\(([^)]*)\)", page) if not place.startswith("#")] == []


def test_the_page_shows_means_intervals_and_p(page):
    text = " ".join(Page(page).text.split())
    assert "2 questions" in text
    assert "RR 0.750 [0.500, 1.000] 0.500 [0.500, 0.500] p 1.0000" in text
    assert "title 0.500 [0.500, 0.500]" in text  # by kind
    assert "sentence 1.000 [1.000, 1.000]" in text


def test_each_column_of_the_kinds_stands_under_its_measure(tmp_path):
    report = replace(REPORT, totals={"fused": {"AUROC": Estimate(0.9, 0.8, 1.0, 2)}})
    path = save(report, tmp_path, [])[1]
    _, kinds = Page(path.read_text(encoding="utf-8")).text.split("By kind, fused")
    assert kinds.split()[:9] == "kind RR R@1 title 0.500 [0.500, 0.500] 0.000 [0.000,".split()


def test_the_page_shows_the_worst_first(page):
    assert page.index("0.50 · title") < page.index("1.00 · sentence")


def test_the_table_shows_the_same_as_the_page():
    assert [line.split() for line in table(REPORT)] == [
        "retrieval, farm: 2 questions".split(),
        ["fused", "dense"],
        "RR 0.750 [0.500, 1.000] 0.500 [0.500, 0.500] p 1.0000".split(),
        "R@1 0.500 [0.000, 1.000] 0.000 [0.000, 0.000] p 1.0000".split(),
    ]


def test_many_systems_stand_below_each_other_with_a_column_a_measure():
    names = [f"set {number}" for number in range(6)]
    report = replace(
        REPORT, main=("set 0", "RR"), values={name: {"RR": {"q": 0.5}, "R@1": {"q": 0.0}} for name in names}
    )
    _, head, *rows = table(report)
    assert head.split() == ["RR", "R@1"]
    assert [row[:5] for row in rows] == names
    assert rows[0].split()[2:5] == ["0.500", "[0.500,", "0.500]"]


def test_the_columns_of_the_table_stand_under_their_systems():
    assert len({len(line) for line in table(REPORT)[1:]}) == 1


def test_estimates_of_a_kind_are_over_its_questions_only():
    assert REPORT.estimates("title")["fused"]["RR"] == Estimate(0.5, 0.5, 0.5, 1)
    assert REPORT.estimates()["fused"]["RR"] == Estimate(0.75, 0.5, 1.0, 2)
    unknown = REPORT.estimates("other")["fused"]["RR"]
    assert unknown.count == 0
    assert math.isnan(unknown.mean)


def test_p_is_over_the_questions_that_both_systems_have():
    names = [f"q{number}" for number in range(5)]
    values = {"fused": {"RR": dict.fromkeys(names, 1.0)}, "dense": {"RR": dict.fromkeys(names[:4], 0.0)}}
    report = replace(REPORT, values=values)
    assert report.p_values() == {"dense": {"RR": pytest.approx(2 / 2**4)}}


def test_a_baseline_beside_the_main_system_is_not_held_to_the_limits():
    assert REPORT.under({"RR": 0.8}) == ["RR of fused is 0.7500, below 0.8."]
    assert REPORT.under({"RR": 0.75}) == []


def test_every_set_of_its_own_is_held_to_the_limits():
    report = replace(REPORT, values={"fused": {"RR": {"q": 0.5}}, "other": {"RR": {"r": 0.4}}})
    assert report.under({"RR": 0.5}) == ["RR of other is 0.4000, below 0.5."]


def test_a_limit_on_what_was_not_measured_is_missed():
    assert REPORT.under({"AUROC": 0.1}) == ["AUROC of fused is nan, below 0.1."]


def test_the_worst_are_the_twenty_with_the_least_worst_first():
    questions = tuple(Question(str(number), "", "") for number in range(30))
    values = {"fused": {"RR": {str(number): number * 7 % 30 / 30 for number in range(30)}}}
    worst = replace(REPORT, questions=questions, values=values).worst()
    assert [value for _, value in worst] == [number / 30 for number in range(20)]
    assert worst[1][0].question_id == "13"  # 13 * 7 = 91 = 1 + 3 * 30


def test_questions_without_a_value_are_not_among_the_worst():
    report = replace(REPORT, values={"fused": {"RR": {"r": 1.0}}})
    assert report.worst() == [(QUESTIONS[1], 1.0)]


def test_no_secret_among_the_options_of_a_class_is_in_a_report(settings):
    chosen = settings.changed(store_options={"client": {"api_key": "sk-a-secret", "url": "http://ann:sk-a-secret@db"}})
    assert "sk-a-secret" not in str(made_with(chosen))


def test_what_a_run_was_made_with_can_be_kept(settings):
    made = made_with(settings, index="abc")
    assert json.loads(json.dumps(made)) == made
    assert (made["index"], made["seed"], made["settings"]["home"]) == ("abc", 0, str(settings.home))
    assert re.match(r"\d", made["packages"]["ir_measures"])


@pytest.mark.parametrize(
    "data",
    [b"", b"not JSON", b"[]", b"5", b"{}", b'{"questions": []}', b'{"questions": [{"text": "?"}]}', b"\xff\xfe"],
)
def test_a_file_that_is_no_report_gets_one_line(tmp_path, data):
    path = tmp_path / "report.json"
    path.write_bytes(data)
    with pytest.raises(InputError, match="is not a report of `footnote eval`") as raised:
        load(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_a_report_of_another_shape_is_none(tmp_path):
    path, _ = save(REPORT, tmp_path, [])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"surprise": 1}))
    with pytest.raises(InputError, match=r"is not a report .*surprise"):
        load(path)


def test_a_report_that_is_not_there_gets_one_line(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read .*: check the path"):
        load(tmp_path / "none.json")


def test_a_folder_that_cannot_be_made_gets_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written .*--output"):
        save(REPORT, tmp_path / "file", [])


def test_the_same_plot_is_the_same_bytes_and_its_text_is_text():
    by_name = {"<fused>": Estimate(0.5, 0.25, 1.0, 4)}
    one, again = (plots.bars("Means", "RR & more", by_name) for _ in range(2))
    assert one == again
    assert one.svg.startswith("<svg")
    assert "&lt;fused&gt;" in one.svg
    assert "RR &amp; more" in one.svg


def test_reports_are_listed_newest_first_with_their_headlines(tmp_path):
    for name, created in (("old", "2024-12-31T23:59:59+00:00"), ("new", "2025-02-01T00:00:00+00:00")):
        save(replace(REPORT, name=name, created=created), tmp_path, [])
    _, page = save(REPORT, tmp_path, [])
    found = listed(tmp_path)
    assert [one.name for one in found] == [
        "retrieval-new-20250201T000000",
        "retrieval-farm-20250131T123000",
        "retrieval-old-20241231T235959",
    ]
    assert found[1].page == page
    assert found[1].created == REPORT.created
    assert found[1].headline == "retrieval of 2 questions, RR 0.750"


def test_other_files_and_reports_without_their_page_are_not_listed(tmp_path):
    save(REPORT, tmp_path, [])
    _, page = save(replace(REPORT, created="2025-03-01T00:00:00+00:00"), tmp_path, [])
    page.unlink()
    for name, data in {"list": b"[]", "feedback": b'{"id": "a"}', "broken": b"{", "binary": b"\xff\xfe"}.items():
        (tmp_path / f"{name}.json").write_bytes(data)
        (tmp_path / f"{name}.html").write_text("<p>A page of its own.</p>")
    (tmp_path / "notes.txt").write_text("Not JSON.")
    assert [one.name for one in listed(tmp_path)] == ["retrieval-farm-20250131T123000"]


@pytest.mark.parametrize(
    ("main", "values", "headline"),
    [
        (("fused", "RR"), {}, "retrieval of 2 questions"),
        (("fused", "AUROC"), VALUES, "retrieval of 2 questions"),
        (("fused", "seconds"), {"fused": {"seconds": {"q": 1.0, "r": 2.0, "s": 9.0}}}, "2 questions, seconds 2.000"),
    ],
    ids=["no system", "no measure", "median of times"],
)
def test_a_headline_gives_the_main_measure_if_there_is_one(tmp_path, main, values, headline):
    save(replace(REPORT, main=main, values=VALUES), tmp_path, [])
    (path,) = tmp_path.glob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"values": values}))
    assert listed(tmp_path)[0].headline.endswith(headline)


def test_a_folder_that_is_not_there_lists_no_reports(tmp_path):
    assert listed(tmp_path / "none") == []
