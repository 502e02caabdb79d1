"""Metrics: pure functions over one question and the JSON of its answer (``assistant.presentation``)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from sklearn.metrics import roc_auc_score

from assistant.answering.rules.numbers import unsupported_quantities
from assistant.text.quantities.extraction import quantities_in

FACT_WORDS = 120  # facts count in the first 120 words of an answer, so that pasting whole abstracts gains nothing
_MARKER = re.compile(r"\[\d+\]")


def fact_recall(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """Share of the facts with an alternative in the first 120 words, ignoring case."""
    opening = " ".join(_MARKER.sub("", answer).split()[:FACT_WORDS]).casefold()
    held = [any(alternative.casefold() in opening for alternative in fact) for fact in facts]
    return sum(held) / len(held)


def is_found(ranked: Sequence[str], right: Sequence[str], depth: int) -> bool:
    """Whether a right paper is among the first ``depth`` papers (success at ``depth``)."""
    return any(paper_id in right for paper_id in ranked[:depth])


def citation_precision(cited: Sequence[str], right: Sequence[str]) -> float:
    """Share of the cited papers that are right; 0 if nothing is cited."""
    return sum(paper_id in right for paper_id in cited) / len(cited) if cited else 0.0


def citation_recall(cited: Sequence[str], gold: Sequence[str]) -> float:
    """Share of the gold papers that are cited."""
    return sum(paper_id in cited for paper_id in gold) / len(gold) if gold else 1.0


def attribution(
    claims: Sequence[tuple[str, Sequence[int]]],
    sources: Mapping[int, Sequence[str]],
    supports: Callable[[str, Sequence[str]], bool],
) -> tuple[float, float]:
    """ALCE's citation recall and precision (Gao et al., 2023); ``supports`` stands in for its judge, a T5-XXL.

    Recall: share of the claims (text and markers) that their sources together support. Precision: share of the
    citations that count. A citation does not count if its claim is unsupported, or if it does not support the claim
    alone while the others do without it. Both are 0 if there is no claim or citation.
    """
    recalled: list[bool] = []
    precise: list[bool] = []
    for text, markers in claims:
        cited = {marker: list(sources.get(marker, ())) for marker in markers}
        is_supported = bool(cited) and supports(text, [source for texts in cited.values() for source in texts])
        recalled.append(is_supported)
        for marker, texts in cited.items():
            others = [source for other, listed in cited.items() if other != marker for source in listed]
            is_idle = not supports(text, texts) and bool(others) and supports(text, others)
            precise.append(is_supported and not is_idle)
    return (
        sum(recalled) / len(recalled) if recalled else 0.0,
        sum(precise) / len(precise) if precise else 0.0,
    )


def numbers_supported(claims: Sequence[tuple[str, Sequence[int]]], sources: Mapping[int, Sequence[str]]) -> float:
    """Share of the numbers in all claims (text and markers) whose value, unit and noun are in their sources.

    1 for claims without numbers.
    """
    claimed = wrong = 0
    for text, markers in claims:
        claimed += len(quantities_in(text))
        wrong += len(unsupported_quantities(text, [source for marker in markers for source in sources.get(marker, ())]))
    return 1 - wrong / claimed if claimed else 1.0


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, where a tie counts half; NaN if either is missing."""
    if not positives or not negatives:
        return math.nan
    return float(roc_auc_score([True] * len(positives) + [False] * len(negatives), [*positives, *negatives]))
