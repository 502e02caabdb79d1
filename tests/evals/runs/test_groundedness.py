"""The verifier on labelled pairs: what is read, what is judged, and the measures worked out by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from assistant.answering.verification import Verifier
from assistant.errors import InputError
from assistant.interfaces import Judge
from assistant.records import Verdict
from evals.kept import Kept
from evals.runs.groundedness import (
    Judged,
    Pair,
    calibration,
    calibration_error,
    evidence_for,
    judge_all,
    measures,
    read_pairs,
)
from tests.support.fakes import OVERLAP_VERIFIER, OverlapJudge

YES = {"doc": "Hens lay eggs.", "claim": "Hens lay eggs.", "label": 1}
NO = {"doc": "Hens lay eggs.", "claim": "Cows lay eggs.", "label": 0}
FARM = (
    "Cows give milk daily. Pigs dig holes. Goats climb trees. Ducks swim well. Hens lay 2 brown eggs. Cats sleep long."
)


@dataclass(frozen=True)
class CountingVerifier(Verifier):
    """Judges as the overlap verifier does, and remembers what it was asked."""

    judge: Judge = field(default_factory=OverlapJudge)
    fingerprint: str = "overlap"
    claims: list[str] = field(default_factory=list)

    def verify(self, claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> Verdict:
        self.claims.append(claim)
        return super().verify(claim, evidence, title, question)


@pytest.fixture
def write(tmp_path):
    def write(*records, name="pairs.jsonl"):
        path = tmp_path / name
        lines = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)
        path.write_bytes(gzip.compress(lines.encode()) if name.endswith(".gz") else lines.encode())
        return path

    return write


@pytest.fixture
def judge(tmp_path):
    def judge(*claims: str, document: str = FARM) -> list[Judged]:
        pairs = [Pair(claim, document, claim, is_supported=True, is_contradicted=False) for claim in claims]
        with Kept(tmp_path / "kept.jsonl") as kept:
            return judge_all(pairs, OVERLAP_VERIFIER, kept, lambda *_: None)

    return judge


def judged(pair_id: str, score: float, *, supported: bool, accepted: bool, contradicted: bool = False) -> Judged:
    return Judged(Pair(pair_id, "doc", "claim", supported, contradicted), score, accepted, "a reason")


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.gz"])
def test_pairs_are_read_plain_or_packed(write, name):
    path = write(YES | {"id": "mine"}, NO, name=name)
    assert read_pairs(path) == [
        Pair("mine", "Hens lay eggs.", "Hens lay eggs.", is_supported=True, is_contradicted=False),
        Pair(f"{name}, line 2", "Hens lay eggs.", "Cows lay eggs.", is_supported=False, is_contradicted=False),
    ]


@pytest.mark.parametrize(
    ("more", "is_contradicted"),
    [
        ({"raw_label": "CONTRADICT"}, True),
        ({"raw_label": "contradiction"}, True),
        ({"contradicted": True}, True),
        ({"raw_label": "NOT_ENOUGH_INFO"}, False),
        ({"contradicted": False, "raw_label": None}, False),
        ({"label": 1, "contradicted": True}, False),  # the label decides
    ],
)
def test_a_pair_may_say_that_the_text_says_the_opposite(write, more, is_contradicted):
    assert read_pairs(write(YES, NO, NO | more))[2].is_contradicted == is_contradicted


@pytest.mark.parametrize(
    "line",
    [
        '{"doc": "cut sh',
        "[1]",
        "7",
        {"claim": "x", "label": 1},
        {"doc": "x", "label": 1},
        {"doc": "x", "claim": "x"},
        {"doc": ["x"], "claim": "x", "label": 1},
        {"doc": "x", "claim": None, "label": 1},
        {"doc": "x", "claim": " ", "label": 1},
        {"doc": "", "claim": "x", "label": 1},
        {"doc": "x", "claim": "x", "label": "1"},
        {"doc": "x", "claim": "x", "label": 2},
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_malformed_pair_is_named_with_file_and_line(write, line):
    with pytest.raises(InputError, match=r"^pairs\.jsonl, line 4 is not a pair of doc, claim and label \(") as raised:
        read_pairs(write(YES, NO, "", line))
    assert "\n" not in str(raised.value)


def test_an_id_that_is_there_twice_is_named(write):
    with pytest.raises(InputError, match=r"^pairs\.jsonl, line 2: id 'a' occurs twice\.$"):
        read_pairs(write(YES | {"id": "a"}, NO | {"id": "a"}))


@pytest.mark.parametrize("records", [[YES], [NO, NO]])
def test_pairs_of_one_label_tell_nothing_apart(write, records):
    with pytest.raises(InputError, match="needs pairs with both labels"):
        read_pairs(write(*records))


def test_a_sentence_of_the_text_is_supported_wherever_it_is(judge):
    (one,) = judge("Hens lay 2 brown eggs.")
    assert (one.is_accepted, one.score) == (True, 1.0)


def test_evidence_is_chosen_for_the_words_still_missing_and_keeps_its_order():
    source = ["Cows give milk.", "Hens lay eggs daily.", "Hens lay many eggs.", "Pigs dig holes."]
    assert evidence_for("Hens lay eggs while pigs dig.", source) == source[1:]
    assert evidence_for("Goats climb.", source) == source[:1]
    long = [f"Hens lay {' '.join(['very'] * 59)} many eggs.", "Pigs dig holes.", *["Hens lay eggs. " * 20] * 3]
    assert evidence_for("Hens lay eggs while pigs dig.", long)[:2] == long[:2]
    assert sum(len(sentence.split()) for sentence in evidence_for("Hens lay eggs.", long)) <= 110


def test_one_sentence_is_evidence_however_long_it_is():
    assert len(evidence_for("Hens lay eggs.", ["Hens lay eggs " * 100])) == 1


def test_a_refusal_by_a_hard_rule_lowers_the_score_and_says_why(judge):
    (one,) = judge("Hens lay 3 brown eggs.")  # four of five words are there
    assert (one.is_accepted, one.score) == (False, pytest.approx(0.4 * 0.8**2))
    assert one.reason == "the number 3 is not in the evidence"


@pytest.mark.parametrize("claim", ["Pigs dig holes. Hens lay 3 brown eggs.", "Hens lay 3 brown eggs. Pigs dig holes."])
def test_a_claim_of_two_sentences_is_as_good_as_its_weaker_one(judge, claim):
    (one,) = judge(claim)
    assert (one.is_accepted, one.reason) == (False, "the number 3 is not in the evidence")


def test_a_claim_about_an_empty_text_is_refused(judge):
    (one,) = judge("Hens lay eggs.", document="")
    assert not one.is_accepted


def test_a_run_started_again_judges_only_what_is_left(tmp_path):
    pairs = [Pair(text, FARM, text, is_supported=True, is_contradicted=False) for text in ("Ducks swim.", "Pigs dig.")]

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with Kept(tmp_path / "kept.jsonl") as kept, pytest.raises(KeyboardInterrupt):
        judge_all(pairs, OVERLAP_VERIFIER, kept, stop)
    shown = []
    verifier = CountingVerifier()
    with Kept(tmp_path / "kept.jsonl") as kept:
        found = judge_all(pairs, verifier, kept, lambda *progress: shown.append(progress))
    assert verifier.claims == ["Pigs dig."]
    assert shown == [(1, 2), (2, 2)]
    with Kept(tmp_path / "fresh.jsonl") as kept:
        assert judge_all(pairs, OVERLAP_VERIFIER, kept, lambda *_: None) == found


def test_another_verifier_judges_anew(tmp_path):
    pairs = [Pair("a", FARM, "Pigs dig.", is_supported=True, is_contradicted=False)]
    other = CountingVerifier(fingerprint="another")
    with Kept(tmp_path / "kept.jsonl") as kept:
        for verifier in (OVERLAP_VERIFIER, other, other):
            judge_all(pairs, verifier, kept, lambda *_: None)
    assert other.claims == ["Pigs dig."]


def test_measures_of_five_pairs_by_hand():
    pairs = [
        judged("a", 0.95, supported=True, accepted=True),
        judged("b", 0.85, supported=True, accepted=True),
        judged("c", 0.45, supported=True, accepted=False),
        judged("d", 0.65, supported=False, accepted=True, contradicted=True),
        judged("e", 0.15, supported=False, accepted=False, contradicted=True),
    ]
    assert measures(pairs) == pytest.approx(
        {
            "AUROC": 5 / 6,  # of the pairs of a supported and another, only c and d are in the wrong order
            "balanced accuracy": (2 / 3 + 1 / 2) / 2,
            "expected calibration error": (0.05 + 0.15 + 0.55 + 0.65 + 0.15) / 5,
            "contradicted, yet accepted": 1 / 2,
        }
    )


def test_without_contradictions_none_is_accepted_nor_refused():
    pairs = [judged("a", 0.9, supported=True, accepted=True), judged("b", 0.1, supported=False, accepted=False)]
    assert measures(pairs).keys() == {"AUROC", "balanced accuracy", "expected calibration error"}


def test_calibration_is_over_ten_bins_weighted_by_size():
    labels, scores = [True, True, False, True], [0.95, 0.97, 0.15, 0.25]
    assert list(calibration(labels, scores)) == [
        (0.25, pytest.approx(0.15), 0.0),
        (0.25, pytest.approx(0.25), 1.0),
        (0.5, pytest.approx(0.96), 1.0),
    ]
    assert calibration_error(labels, scores) == pytest.approx(0.25 * 0.15 + 0.25 * 0.75 + 0.5 * 0.04)


def test_a_score_of_one_is_in_the_last_bin_and_one_of_nought_in_the_first():
    assert list(calibration([True, False, False], [1.0, 0.92, 0.0])) == [
        (pytest.approx(1 / 3), 0.0, 0.0),
        (pytest.approx(2 / 3), pytest.approx(0.96), 0.5),
    ]


def test_scores_that_are_always_right_have_no_calibration_error():
    assert calibration_error([True, False], [1.0, 0.0]) == 0.0
