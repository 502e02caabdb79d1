"""The data of the reader of claims is complete, and its rows have the verdicts that the data says."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest

from evals.training import claim_rows
from evals.training.claim_rows import CONTRADICTED, MIXED, NOT_TOLD, SUPPORTED
from evals.training.verifier import FOLDER

QUESTIONS = [json.loads(line) for line in (FOLDER / "yes_no_questions.jsonl").read_text().splitlines()]
ANSWERS = [json.loads(line) for line in (FOLDER / "written_answers.jsonl").read_text().splitlines()]


def test_every_yes_no_question_has_a_verdict_and_a_sentence():
    assert all(one["verdict"] in ("yes", "no", "mixed", "unclear") and one["a"] for one in QUESTIONS)
    assert len({(one["doc"], one["q"]) for one in QUESTIONS}) == len(QUESTIONS)


def test_no_verdict_makes_up_half_of_the_questions():
    assert max(Counter(one["verdict"] for one in QUESTIONS).values()) < len(QUESTIONS) / 2


def test_every_marker_of_a_written_answer_is_that_of_a_sentence():
    for one in ANSWERS:
        markers = [int(marker) for marker in re.findall(r"\[(\d+)\]", one["a"])]
        assert markers or one["a"] == "NO ANSWER", one
        assert all(1 <= marker <= len(one["evidence"]) for marker in markers), one


def test_at_least_3000_answers_are_written_of_which_a_third_say_that_something_is_missing():
    assert len(ANSWERS) >= 3000
    assert 0.28 <= sum(not one["answers"] for one in ANSWERS) / len(ANSWERS) <= 0.4


def test_no_opening_makes_up_two_in_a_hundred_of_the_answers():
    openings = Counter(" ".join(one["a"].split()[:2]) for one in ANSWERS)
    assert openings.most_common(1)[0][1] <= 0.02 * len(ANSWERS)


@pytest.mark.parametrize(
    ("label", "supported"), [("significantly increased", "raised|higher|increased"), ("no significant difference", "")]
)
def test_the_outcome_of_a_trial_supports_one_statement_and_contradicts_the_two_others(tmp_path, label, supported):
    import gzip

    path = tmp_path / "trials.jsonl.gz"
    text = "Pain was measured in all groups and was much higher in those who took the pill."
    record = {"outcome": "pain", "intervention": "the pill", "comparator": "placebo", "label": label}
    with gzip.open(path, "wt") as file:
        file.write(json.dumps({**record, "evidence": text, "pmcid": "1"}))
    chance = random.Random(0)  # noqa: S311 - not for secrets
    (row,) = claim_rows._trial_rows(path, chance)
    stated = [claim for claim in row.claims if claim.text.endswith(".")]
    assert sorted(claim.verdict for claim in stated) == [SUPPORTED, CONTRADICTED, CONTRADICTED]
    (right,) = [claim.text for claim in stated if claim.verdict == SUPPORTED]
    assert re.search(supported, right)
    assert "pill" in right
    asked = [claim for claim in row.claims if claim.text.endswith("?")]
    assert len(asked) == 2
    assert all("the pill" in claim.text.lower() for claim in asked)


def test_a_yes_no_question_comes_with_the_statement_of_a_yes_and_its_denial(monkeypatch):
    lines = [
        {"doc": "d", "a": [1], "q": "Do hens lay eggs?", "verdict": "yes"},
        {"doc": "d", "a": [1], "q": "Are hens sterile?", "verdict": "no"},
        {"doc": "d", "a": [1], "q": "Do hens lay daily?", "verdict": "mixed"},
    ]
    monkeypatch.setattr(claim_rows, "lines_of", lambda _: lines)
    (row,) = claim_rows._question_rows({"d": ("Hens", ["We watch hens.", "Hens lay eggs on most days."])})
    assert row.source == "Hens lay eggs on most days."
    assert [(claim.text, claim.verdict) for claim in row.claims] == [
        ("Do hens lay eggs?", SUPPORTED),
        ("Hens lay eggs.", SUPPORTED),
        ("Hens do not lay eggs.", CONTRADICTED),
        ("Are hens sterile?", CONTRADICTED),
        ("Hens are sterile.", CONTRADICTED),
        ("Hens are not sterile.", SUPPORTED),
        ("Do hens lay daily?", MIXED),
        ("Hens lay daily.", MIXED),
        ("Hens do not lay daily.", MIXED),
    ]


def test_every_turned_question_has_the_question_that_it_turns_and_two_words():
    lines = [json.loads(line) for line in (FOLDER / "turned_questions.jsonl").read_text().splitlines()]
    assert len({one["of"] for one in lines}) == len(lines) == 300
    assert all(one[name] in ("yes", "no", "mixed", "unclear") for one in lines for name in ("verdict", "verdict_of"))
    assert sum(one["verdict"] != one["verdict_of"] for one in lines) > 0.9 * len(lines)


def test_a_written_sentence_is_supported_by_what_it_cites_and_a_refusal_is_left_out(monkeypatch):
    lines = [
        {"evidence": [["d", 0], ["d", 1]], "a": "Hens lay eggs [1]. They sit for weeks [2].", "answers": True},
        {"evidence": [["d", 0]], "a": "The breed is not given; hens lay [1].", "answers": False},
    ]
    monkeypatch.setattr(claim_rows, "lines_of", lambda _: lines)
    texts = {"d": ("Hens", ["Hens lay eggs daily.", "They sit on eggs for three weeks."])}
    chance = random.Random(0)  # noqa: S311 - not for secrets
    rows = list(claim_rows._written_rows(texts, chance))
    assert [(row.source, row.claims[0].text, row.claims[0].verdict) for row in rows] == [
        ("Hens lay eggs daily.", "Hens lay eggs.", SUPPORTED),
        ("They sit on eggs for three weeks.", "They sit for weeks.", SUPPORTED),
    ]
    assert all(row.claims[1].verdict == NOT_TOLD for row in rows)
