"""``footnote eval`` as a person meets it, without a model: exit codes, messages of one line, written reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import app
from assistant.records import Paper
from evals.benchmarks.beir import Benchmark
from evals.commands import _finish, _limits
from evals.kept import Kept
from evals.questions import EvalQuestion
from evals.reports.presentation import answer_plots, answer_report, retrieval_plots, retrieval_report
from evals.reports.report import Question, Report, load, save
from evals.runs.answers import MEASURES, FootnoteAnswerer, run
from evals.runs.retrieval import RetrievalRun
from tests.support.papers import ingest

BENCHMARK = Benchmark(
    "farm",
    (Paper("h", "Hens", "They lay eggs."), Paper("c", "", "Cows give milk."), Paper("p", "Pigs", "They dig.")),
    {"eggs": "Who lays eggs?", "milk": "Who gives milk?"},
    {"eggs": {"h": 1, "p": 0}, "milk": {"c": 1}},
)
RIGHT_FIRST = {"eggs": {"h": 2.0, "c": 1.0}, "milk": {"c": 2.0}}
MILK_SECOND = {"eggs": {"h": 2.0, "c": 1.0}, "milk": {"h": 2.0, "c": 1.0}}
RUN = RetrievalRun(BENCHMARK, "f00d", {"dense": RIGHT_FIRST, "BM25": {"eggs": {}, "milk": {}}, "fused": MILK_SECOND})

PAIRS = """{"doc": "Hens lay eggs.", "claim": "Hens lay.", "label": 1}
{"doc": "Hens lay eggs.", "claim": "Hens fly.", "label": 0}
"""


def finish(settings, tmp_path: Path, *limits: str) -> int:
    arguments = ["eval", "retrieval", "--output", str(tmp_path / "out")]
    for limit in limits:
        arguments += ["--fail-under", limit]
    options = app._parser().parse_args(arguments)
    report = retrieval_report(RUN, settings)
    wanted = _limits(options.fail_under, [*report.estimates()["fused"]])
    return _finish(report, retrieval_plots(report), options, settings, wanted)


def one_line(capsys) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("footnote: ")
    return line


def test_a_run_is_scored_for_every_system(settings):
    report = retrieval_report(RUN, settings)
    assert {system: measures["RR"] for system, measures in report.values.items()} == {
        "dense": {"eggs": 1.0, "milk": 1.0},
        "BM25": {"eggs": 0.0, "milk": 0.0},
        "fused": {"eggs": 1.0, "milk": 0.5},
    }
    assert report.main == ("fused", "nDCG@10")
    assert (report.made_with["index"], report.made_with["papers"]) == ("f00d", "3")


def test_each_question_shows_what_was_wanted_and_what_was_found(settings):
    eggs, milk = retrieval_report(RUN, settings).questions
    assert eggs.details == ("wanted: Hens", "found: Hens", "found: Cows give milk.")
    assert milk == Question("milk", "", "Who gives milk?", ("wanted: Cows give milk.", "found: Hens", eggs.details[2]))


def test_a_finished_run_prints_its_table_and_writes_both_files(settings, tmp_path, capsys):
    assert finish(settings, tmp_path) == 0
    captured = capsys.readouterr()
    assert "farm: 2 questions" in captured.out
    assert "0.750 [0.500, 1.000]" in captured.out
    data, page = sorted((tmp_path / "out").iterdir(), key=lambda path: path.suffix, reverse=True)
    assert captured.err == f"Written: {data} and {page.name}\n"
    assert load(data).values["fused"]["RR"] == {"eggs": 1.0, "milk": 0.5}
    assert page.read_text(encoding="utf-8").count("<svg") == 2


@pytest.mark.parametrize(
    ("limits", "under"),
    [
        (["RR=0.75"], []),  # fused: (1 + 1/2) / 2
        (["RR=0.76"], ["footnote: RR of fused is 0.7500, below 0.76."]),
        (["RR=0.8", "R@1=0.5", "R@5=1.1"], ["RR of fused is 0.7500, below 0.8.", "R@5 of fused is 1.0000, below 1.1."]),
    ],
)
def test_fail_under_exits_with_1_and_says_which_measure(settings, tmp_path, capsys, limits, under):
    assert finish(settings, tmp_path, *limits) == (1 if under else 0)
    _, *lines = capsys.readouterr().err.splitlines()
    assert [line for line, said in zip(lines, under, strict=True) if said not in line] == []


@pytest.mark.parametrize("limit", ["MAP=0.5", "RR", "0.5=RR", ""])
def test_an_unknown_measure_is_one_line_before_anything_runs(limit, tmp_path, capsys):
    assert app.main(["eval", "retrieval", "--fail-under", limit, "--home", str(tmp_path)]) == 1
    said = f"--fail-under {limit} is not MEASURE=VALUE with one of nDCG@10, R@1, R@5, R@10, R@100, RR."
    assert said in one_line(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["", "half", "nan", "inf"])
def test_a_limit_that_is_no_number_is_one_line_before_anything_runs(value, tmp_path, capsys):
    assert app.main(["eval", "retrieval", "--fail-under", f"RR={value}", "--home", str(tmp_path)]) == 1
    assert f"--fail-under RR={value} does not end in a number, such as RR=0.6." in one_line(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_benchmark_is_one_line(tmp_path, capsys):
    assert app.main(["eval", "retrieval", str(tmp_path / "none"), "--home", str(tmp_path)]) == 1
    assert "none has no corpus.jsonl: give a folder in BEIR form" in one_line(capsys)


def test_a_folder_and_own_are_one_too_many(tmp_path, capsys):
    assert app.main(["eval", "retrieval", str(tmp_path), "--own", "--home", str(tmp_path)]) == 1
    assert "Give a folder or --own, not both." in one_line(capsys)


def test_own_papers_must_be_indexed_first(tmp_path, capsys):
    assert app.main(["eval", "retrieval", "--own", "--home", str(tmp_path)]) == 1
    assert "run `footnote ingest PATH..." in one_line(capsys)


def test_one_own_paper_is_too_few(settings, tmp_path, capsys):
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"title": "Hens", "abstract": "They lay eggs."}))
    ingest([path], settings)
    assert app.main(["eval", "retrieval", "--own", "--home", str(settings.home)]) == 1
    assert "ingest at least two" in one_line(capsys)


def test_compare_prints_what_changed(tmp_path, capsys):
    paths = []
    for number, value in enumerate((0.25, 1.0)):
        values = {"fused": {"RR": {"eggs": 1.0, "milk": value}}}
        questions = (Question("eggs", "", "Eggs?"), Question("milk", "", "Milk?"))
        report = Report("retrieval", "farm", f"2025-01-0{number + 1}", ("fused", "RR"), questions, values)
        paths.append(str(save(report, tmp_path, [])[0]))
    assert app.main(["eval", "compare", *paths, "--home", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    line, *changed = captured.out.splitlines()
    assert line.split()[:6] == ["fused", "RR", "0.6250", "->", "1.0000", "+0.3750"]
    assert changed == ["1 questions changed by RR of fused.", "  +0.750  milk: Milk?"]


def test_compare_names_a_file_that_is_no_report(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_text("my notes")
    assert app.main(["eval", "compare", str(path), str(path), "--home", str(tmp_path)]) == 1
    assert f"{path} is not a report of `footnote eval`" in one_line(capsys)


@pytest.mark.parametrize("name", ["retrieval", "answers", "groundedness", "compare"])
def test_every_run_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as exit_:
        app.main(["eval", name, "--help"])
    assert exit_.value.code == 0
    assert f"eval {name}" in capsys.readouterr().out


def test_questions_that_cannot_be_read_are_one_line_before_a_model_loads(tmp_path, capsys):
    path = tmp_path / "mine.jsonl"
    for content, said in (("", "is empty: nothing to score."), ('{"id": "a"}', "mine.jsonl, line 1: KeyError('kind')")):
        path.write_text(content)
        assert app.main(["eval", "answers", "--questions", str(path), "--home", str(tmp_path / "home")]) == 1
        assert said in one_line(capsys)
    path.unlink()
    assert app.main(["eval", "answers", "--questions", str(path), "--home", str(tmp_path / "home")]) == 1
    assert f"{path} cannot be read" in one_line(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--split", "dev"], ["--baseline", "none"]])
def test_a_choice_that_is_none_says_which_there_are(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        app.main(["eval", "answers", *arguments])
    assert exit_.value.code == 2
    assert "choose from" in capsys.readouterr().err


def test_pairs_that_cannot_be_read_are_one_line_before_a_model_loads(tmp_path, capsys):
    path = tmp_path / "pairs.jsonl"
    one = PAIRS.splitlines()[0]
    for content, said in (("{}", "pairs.jsonl, line 1 is not a pair"), (one, "pairs with both labels")):
        path.write_text(content)
        assert app.main(["eval", "groundedness", str(path), "--home", str(tmp_path / "home")]) == 1
        assert said in one_line(capsys)


def test_two_sets_of_one_name_are_refused_for_one_would_be_lost(tmp_path, capsys):
    paths = [tmp_path / folder / "pairs.jsonl" for folder in ("farm", "zoo")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(PAIRS)
    assert app.main(["eval", "groundedness", *map(str, paths), "--home", str(tmp_path / "home")]) == 1
    assert "Two of the files have the same name" in one_line(capsys)


@pytest.mark.parametrize(
    ("limit", "code"), [("facts in 120 words=1", 0), ("AUROC of confidence=1", 0), ("words=1000", 1)]
)
def test_answers_are_printed_written_and_held_to_their_limits(make_assistant, tmp_path, capsys, limit, code):
    assistant = make_assistant([""])
    (paper_id,) = [
        paper.paper_id for paper in assistant.retriever.index.library.all_papers() if "Pile" in paper.abstract
    ]
    questions = [
        EvalQuestion("cost", "numeric", "By how much does sparse training reduce the cost?", (), (paper_id,), (),
                     (("2.5x",),), (), "tune"),
        EvalQuestion("city", "unanswerable", "Which city hosted the olympic games?", (), (), (), (), (), "tune"),
    ]  # fmt: skip
    with Kept(tmp_path / "kept.jsonl") as kept:
        scored = {"footnote": run(FootnoteAnswerer(assistant), questions, kept, lambda *_: None)}
    report = answer_report(scored, "tune", assistant.settings, assistant)
    options = app._parser().parse_args(["eval", "answers", "--output", str(tmp_path / "out"), "--fail-under", limit])
    limits = _limits(options.fail_under, MEASURES)
    assert report.estimates()["footnote"].keys() <= set(MEASURES)
    assert _finish(report, answer_plots(report, scored), options, assistant.settings, limits) == code
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "answers, tune: 2 questions"
    (line,) = [line for line in printed if line.startswith("unanswerable declined")]
    assert line.split()[2:] == ["1.000", "[1.000,", "1.000]"]
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".json", ".html"}
