from __future__ import annotations

import json

import pytest

from assistant.errors import InputError
from evals.runs.sentences import GOOD, HALVES, Labelled, load, refusal_by_rules, table

KINDS = {
    GOOD, "cut_off", "empty_frame", "judgement", "list_fragment", "no_verb", "off_question", "other_subject",
    "repeats", "restated", "self_talk", "unsupported",
}  # fmt: skip


@pytest.fixture(scope="module")
def labelled():
    return load()


def test_there_are_at_least_300_good_and_300_bad_sentences(labelled):
    good = sum(one.is_good for one in labelled)
    assert good >= 300
    assert len(labelled) - good >= 300


def test_every_sentence_has_a_known_kind_half_and_origin_and_evidence(labelled):
    for one in labelled:
        assert one.kind in KINDS, one
        assert one.half in HALVES, one
        assert one.origin in ("model", "written"), one
        assert all(one.evidence), one


def test_the_halves_share_no_question_and_no_evidence(labelled):
    rules, held_out = ([one for one in labelled if one.half == half] for half in HALVES)
    assert not {one.question for one in rules} & {one.question for one in held_out}
    assert not {text for one in rules for text in one.evidence} & {text for one in held_out for text in one.evidence}


def test_each_half_holds_a_third_or_more_of_each_kind_that_is_not_rare(labelled):
    for kind in KINDS:
        sizes = [sum(one.half == half and one.kind == kind for one in labelled) for half in HALVES]
        assert sum(sizes) < 10 or min(sizes) * 3 >= sum(sizes), (kind, sizes)


def test_the_table_counts_what_the_rules_refuse():
    bad = Labelled("rules", "no_verb", "written", "What is it?", "A title", ("Rook is a router.",), "A router.")
    good = Labelled("rules", GOOD, "written", "What is Rook?", "A title", ("Rook is a router.",), "It is a router.")
    assert refusal_by_rules(bad) == "it has no verb"
    lines = table([bad, good], None).splitlines()[1:]
    assert [line.split()[1:4] for line in lines] == [["good", "1", "0"], ["all", "bad", "1"], ["no_verb", "1", "1"]]


def test_a_line_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "sentences.jsonl"
    path.write_text(json.dumps({"half": "rules"}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sentences\.jsonl, line 1"):
        load(path)
