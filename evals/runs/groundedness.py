"""Measures how well the verifier separates supported claims from others, on labelled pairs of a text and a claim.

A pair is a JSON line of ``doc``, ``claim`` and ``label`` (1 supported, 0 not). Where ``raw_label`` says CONTRADICT, or
``contradicted`` is true, the text says the
opposite of the claim: accepting it is the worst error.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from assistant.answering.verification import Verifier
from assistant.errors import InputError
from assistant.system.progress import Progress
from assistant.text.sentences import sentences
from assistant.text.stemming import stems
from assistant.versions import code_version
from evals.files import numbered_lines
from evals.kept import Kept, key_of

_EVIDENCE_SENTENCES, _EVIDENCE_WORDS = 6, 110  # words of evidence that the verifier reads
_SHARED_AGAIN = 0.3  # weight of a word of the claim that a chosen sentence already contains
JUDGED_RIGHT = "judged right"
MEASURES = (
    "AUROC",
    "balanced accuracy",
    "expected calibration error",
    "contradicted, yet accepted",
    JUDGED_RIGHT,
)
_BINS = 10


@dataclass(frozen=True, slots=True)
class Pair:
    pair_id: str
    document: str
    claim: str
    is_supported: bool
    is_contradicted: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with the verdict of the verifier; ``score`` is 0 to 1, and 0 if a hard rule refused it."""

    pair: Pair
    score: float
    is_accepted: bool
    reason: str


def read_pairs(path: Path) -> list[Pair]:
    """Raises InputError that names the file and line of the first error."""
    pairs: dict[str, Pair] = {}
    for line, place in numbered_lines(path):
        try:
            record = json.loads(line)
            label = record["label"]
            is_text = all(isinstance(record[name], str) and record[name].strip() for name in ("doc", "claim"))
            if label not in (0, 1) or not is_text:
                raise ValueError("doc and claim must be texts, and label 0 or 1")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{place} is not a pair of doc, claim and label ({error}).") from error
        pair_id = str(record.get("id") or place)
        if pair_id in pairs:
            raise InputError(f"{place}: id {pair_id!r} occurs twice.")
        is_contradicted = not label and (
            bool(record.get("contradicted")) or "contradict" in str(record.get("raw_label", "")).casefold()
        )
        pairs[pair_id] = Pair(pair_id, record["doc"], record["claim"], bool(label), is_contradicted)
    if len({pair.is_supported for pair in pairs.values()}) < 2:
        raise InputError(f"{path} needs pairs with both labels: add some with the other label.")
    return list(pairs.values())


def judge_all(pairs: Sequence[Pair], verifier: Verifier, kept: Kept, progress: Progress) -> list[Judged]:
    """The verdict on each pair; stored verdicts are not computed again."""
    judged = []
    for number, pair in enumerate(pairs, start=1):
        key = key_of(pair.document, pair.claim, verifier.fingerprint, code_version(Path(__file__)))
        if key not in kept:
            kept[key] = _judge(pair, verifier)
        judged.append(Judged(pair, *kept[key]))
        progress(number, len(pairs))
    return judged


def measures(judged: Sequence[Judged]) -> dict[str, float]:
    """AUROC, balanced accuracy at the shipped threshold, calibration error, and contradicted claims accepted."""
    labels = np.array([one.pair.is_supported for one in judged])
    accepted = [one.is_accepted for one in judged]
    has_both = len(set(labels.tolist())) == 2
    scores = np.array([one.score for one in judged])
    found = {
        "AUROC": float(roc_auc_score(labels, scores)) if has_both else float("nan"),
        "balanced accuracy": float(balanced_accuracy_score(labels, accepted)) if has_both else float("nan"),
        "expected calibration error": calibration_error(labels, scores),
    }
    contradicted = [one.is_accepted for one in judged if one.pair.is_contradicted]
    return found | ({"contradicted, yet accepted": float(np.mean(contradicted))} if contradicted else {})


def calibration_error(labels: Sequence[bool] | np.ndarray, scores: Sequence[float] | np.ndarray) -> float:
    """Mean distance between score and share supported over ten equal bins, weighted by size (Guo et al., 2017)."""
    return sum(share * abs(said - true) for share, said, true in calibration(labels, scores))


def calibration(
    labels: Sequence[bool] | np.ndarray, scores: Sequence[float] | np.ndarray
) -> Iterator[tuple[float, float, float]]:
    """For each bin that is not empty: its share of the pairs, its mean score, and the share supported."""
    truth, said = np.asarray(labels, dtype=float), np.asarray(scores, dtype=float)
    bins = np.minimum((said * _BINS).astype(int), _BINS - 1)
    for number in np.unique(bins):
        inside = bins == number
        yield float(inside.mean()), float(said[inside].mean()), float(truth[inside].mean())


def _judge(pair: Pair, verifier: Verifier) -> tuple[float, bool, str]:
    """A claim of several sentences gets the verdict of its weakest sentence."""
    source = sentences(pair.document)
    claims = sentences(pair.claim) or [pair.claim]
    verdicts = [verifier.verify(claim, evidence_for(claim, source)) for claim in claims]
    weakest = min(verdicts, key=lambda verdict: verdict.score)  # no refused sentence scores above the threshold
    return weakest.score, weakest.supported, weakest.reason


def evidence_for(claim: str, source: Sequence[str]) -> list[str]:
    """The sentences of a text to check a claim against, in their order.

    Greedy: each next sentence contains most of the claim's words that are still missing. A word counts more, the fewer
    sentences contain it.
    """
    asked = set(stems(claim))
    held = [set(stems(sentence)) & asked for sentence in source]
    count = Counter(stem for stems_held in held for stem in stems_held)
    rarity = {stem: math.log(1 + len(source) / held_by) for stem, held_by in count.items()}

    def worth(stems_held: set[str]) -> float:
        return sum(rarity[stem] for stem in stems_held)

    chosen: list[int] = []
    words, missing = 0, asked
    while len(chosen) < min(_EVIDENCE_SENTENCES, len(source)):
        rest = [place for place in range(len(source)) if place not in chosen]
        best = max(rest, key=lambda place: worth(held[place] & missing) + _SHARED_AGAIN * worth(held[place]))
        words += len(source[best].split())
        if chosen and (words > _EVIDENCE_WORDS or not held[best]):
            break
        chosen.append(best)
        missing = missing - held[best]
    return [source[place] for place in sorted(chosen)]
