"""The data of the reader of claims is complete, and its rows have the verdicts that the data says."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest

from evals.training import claim_rows
from evals.training.claim_rows import CONTRADICTED, NOT_TOLD, SUPPORTED
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
def test_the_outcome_of_a_trial_supports_one_claim_and_contradicts_the_two_others(tmp_path, label, supported):
    import gzip

    path = tmp_path / "trials.jsonl.gz"
    text = "Pain was measured in all groups and was much higher in those who took the pill."
    record = {"outcome": "pain", "intervention": "the pill", "comparator": "placebo", "label": label}
    with gzip.open(path, "wt") as file:
        file.write(json.dumps({**record, "evidence": text, "pmcid": "1"}))
    chance = random.Random(0)  # noqa: S311 - not for secrets
    (row,) = claim_rows._trial_rows(path, chance)
    assert sorted(claim.verdict for claim in row.claims) == [SUPPORTED, CONTRADICTED, CONTRADICTED]
    (right,) = [claim.text for claim in row.claims if claim.verdict == SUPPORTED]
    assert re.search(supported, right)
    assert "pill" in right


def test_a_written_sentence_is_supported_by_what_it_cites_and_a_refusal_is_left_out(monkeypatch):
    lines = [
        {"evidence": [["d", 0], ["d", 1]], "a": "Hens lay eggs [1]. They sit for weeks [2].", "answers": True},
        {"evidence": [["d", 0]], "a": "The breed is not given; hens lay [1].", "answers": False},
    ]
    monkeypatch.setattr(claim_rows, "_lines", lambda _: lines)
    texts = {"d": ("Hens", ["Hens lay eggs daily.", "They sit on eggs for three weeks."])}
    chance = random.Random(0)  # noqa: S311 - not for secrets
    rows = list(claim_rows._written_rows(texts, chance))
    assert [(row.source, row.claims[0].text, row.claims[0].verdict) for row in rows] == [
        ("Hens lay eggs daily.", "Hens lay eggs.", SUPPORTED),
        ("They sit on eggs for three weeks.", "They sit for weeks.", SUPPORTED),
    ]
    assert all(row.claims[1].verdict == NOT_TOLD for row in rows)
