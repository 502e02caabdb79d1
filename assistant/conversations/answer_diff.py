"""What differs between two answers to one question: sentences, cited papers, and whether it is answered at all.

The order of sentences counts for nothing, nor whether they are shown at once or on request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from assistant.records import Answer, Claim, Paper

_LEAST_SHARED_WORDS = 0.5  # ratio of SequenceMatcher over words, above which two sentences are versions of one
_MOST_WORDS = 400  # a longer "sentence" is not compared word by word, which would take long
Mark = Literal["same", "removed", "added"]
Identity = tuple[str, frozenset[tuple[str, str]]]
"""The text of a claim, and for each piece of its evidence the id of the paper and the words."""


@dataclass(frozen=True, slots=True)
class ChangedClaim:
    """A sentence whose words or whose evidence changed."""

    before: Claim
    after: Claim

    @property
    def has_other_words(self) -> bool:
        return self.before.text != self.after.text

    @property
    def pieces(self) -> tuple[tuple[Mark, str], ...]:
        """The words of both versions in order, in pieces that were kept, removed or added."""
        if not self.has_other_words:
            return (("same", self.after.text),)
        old, new = self.before.text.split(), self.after.text.split()
        pieces: list[tuple[Mark, str]] = []
        for kind, from_old, to_old, from_new, to_new in _matcher(old, new).get_opcodes():
            if kind == "equal":
                pieces.append(("same", " ".join(old[from_old:to_old])))
                continue
            pieces += [("removed", " ".join(old[from_old:to_old]))] * (to_old > from_old)
            pieces += [("added", " ".join(new[from_new:to_new]))] * (to_new > from_new)
        return tuple(pieces)


@dataclass(frozen=True, slots=True)
class AnswerDiff:
    """What differs between an earlier and a later answer; false if nothing does.

    ``retracted``: papers that both cite and that have been retracted since. ``declined``: whether the question was
    declined, before and after. ``short``: the short answers before and after, empty where there was none.
    """

    new_papers: tuple[Paper, ...] = ()
    lost_papers: tuple[Paper, ...] = ()
    retracted: tuple[Paper, ...] = ()
    added: tuple[Claim, ...] = ()
    removed: tuple[Claim, ...] = ()
    changed: tuple[ChangedClaim, ...] = ()
    declined: tuple[bool, bool] = (False, False)
    short: tuple[str, str] = ("", "")

    @property
    def is_now_answered(self) -> bool:
        return self.declined == (True, False)

    @property
    def is_now_declined(self) -> bool:
        return self.declined == (False, True)

    @property
    def has_other_short_answer(self) -> bool:
        return self.short[0] != self.short[1]

    def __bool__(self) -> bool:
        lists = (self.new_papers, self.lost_papers, self.retracted, self.added, self.removed, self.changed)
        return any(lists) or self.declined[0] != self.declined[1] or self.has_other_short_answer


def diff_of(before: Answer, after: Answer) -> AnswerDiff:
    """Compare two finished answers to the same question."""
    old_papers, new_papers = _cited(before), _cited(after)
    removed, added = _unmatched(before.claims, after.claims), _unmatched(after.claims, before.claims)
    pairs = _pairs(removed, added)
    return AnswerDiff(
        new_papers=tuple(paper for paper_id, paper in new_papers.items() if paper_id not in old_papers),
        lost_papers=tuple(paper for paper_id, paper in old_papers.items() if paper_id not in new_papers),
        retracted=tuple(
            paper
            for paper_id, paper in new_papers.items()
            if paper.is_retracted and paper_id in old_papers and not old_papers[paper_id].is_retracted
        ),
        added=tuple(claim for place, claim in enumerate(added) if place not in pairs.values()),
        removed=tuple(claim for place, claim in enumerate(removed) if place not in pairs),
        changed=tuple(
            ChangedClaim(removed[old], added[new]) for old, new in sorted(pairs.items(), key=lambda pair: pair[1])
        ),
        declined=(before.abstained, after.abstained),
        short=(before.short.label if before.short else "", after.short.label if after.short else ""),
    )


def _cited(answer: Answer) -> dict[str, Paper]:
    return {citation.paper.paper_id: citation.paper for citation in answer.citations}


def _identity(claim: Claim) -> Identity:
    is_quoted = claim.support == "quoted"  # how much of a sentence is shown does not count
    said = " ".join(item.text for item in claim.evidence) if is_quoted else claim.text
    return said, frozenset((item.paper.paper_id, item.text) for item in claim.evidence)


def _unmatched(claims: Sequence[Claim], others: Sequence[Claim]) -> list[Claim]:
    """The claims that are not among the others; of equal ones, as many as the others lack."""
    left = Counter(map(_identity, others))
    found = []
    for claim in claims:
        identity = _identity(claim)
        if left[identity]:
            left[identity] -= 1
        else:
            found.append(claim)
    return found


def _pairs(removed: Sequence[Claim], added: Sequence[Claim]) -> dict[int, int]:
    """Which removed and added claims are versions of one sentence, by their places; the most similar are paired first.

    Words of one paper are not a version of words of another: quotations and records are paired within a paper only.
    """
    candidates = []
    for old, before in enumerate(removed):
        for new, after in enumerate(added):
            if _may_be_versions(before, after) and (likeness := _likeness(before.text, after.text)):
                candidates.append((-likeness, old, new))
    pairs: dict[int, int] = {}
    for _, old, new in sorted(candidates):
        if old not in pairs and new not in pairs.values():
            pairs[old] = new
    return pairs


def _may_be_versions(before: Claim, after: Claim) -> bool:
    if before.support == after.support == "supported":
        return True
    papers = [{item.paper.paper_id for item in claim.evidence} for claim in (before, after)]
    return bool(papers[0] & papers[1])


def _likeness(before: str, after: str) -> float:
    """The share of words that both have in the same order, 0 if it is too small."""
    if before == after:
        return 1.0
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > _MOST_WORDS:
        return 0.0
    matcher = _matcher(old, new)
    # The first two are quick upper bounds of the last.
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _LEAST_SHARED_WORDS:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _LEAST_SHARED_WORDS else 0.0


def _matcher(before: Sequence[str], after: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, before, after, autojunk=False)
