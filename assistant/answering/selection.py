"""Selects the few sentences of evidence that an answer uses, by score, word budget and type of question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, zip_longest

from assistant.answering.asked_about import short_name
from assistant.answering.question import Kind, QuestionType, question_type
from assistant.records import Evidence, FoundSide, Paper, RankedPaper
from assistant.text.quantities.extraction import quantities_in

PROSE_SENTENCES = 6
LIST_PAPERS = 5
COMPARISON_SENTENCES_PER_PAPER = 3
# How far below the score of the best paper another paper may be and still be used, for each type of question. In
# prose almost only the best paper is quoted: a wider margin lowers the precision of citations (evals/LOG.md).
PROSE_MARGIN, LIST_MARGIN, COMPARISON_MARGIN = 0.01, 0.6, 1.0
# What each word of a sentence costs in a list, where a short sentence leaves room for another paper, and what it costs
# that a sentence says what was known before (evals/LOG.md).
LIST_COST_PER_WORD, LIST_COST_OF_BACKGROUND = 0.02, 0.3
# How far below the best sentence of its paper a sentence may be: the answer ends where the sentences stop being about
# the question. A wider margin finds few more facts in many more words (evals/LOG.md).
SENTENCE_MARGIN = 0.9
# Says where code, data or models are: "Code is available at https://...".
_ACCESS = re.compile(
    r"""https?://|\bwww\.
    |\b(?:codes?|data|datasets?|models?|weights|checkpoints?|corpus|software|benchmark)\b[^.;]{0,60}
     \b(?:publicly|freely|openly)\s+(?:available|accessible|released)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# What may stand before the colon of a title and name no method: "Retracted: ...", "A Survey: ...".
NO_NAMES = frozenset(
    f"{article}{word}"
    for article in ("", "a ", "an ")
    for word in """retracted retraction correction corrigendum erratum reply comment editorial survey review overview
    introduction tutorial perspective opinion viewpoint""".split()
)


def select(
    request: QuestionType,
    papers: Sequence[RankedPaper],
    evidence: Sequence[Evidence],
    word_budget: int,
    sides: Sequence[FoundSide] = (),
) -> tuple[Evidence, ...]:
    """The selected evidence in at most ``word_budget`` words, but at least one sentence if there is any.

    Prose uses the best sentences of the best paper, and of papers with nearly the same score, best first. A list uses
    one sentence per paper. A comparison uses up to three sentences of as many papers as it compares, taken in turns:
    of the best paper for each of its ``sides``, if these are different papers, and at least one of each. Lists and
    comparisons are sorted by paper, and the lead of a paper counts as words. A sentence far below the best one of its
    paper is left out, except that a question that asks for a number gets the best sentence that contains one. One
    that says where to get something is left out, too, unless the question asks for that or for a number that it
    contains, or it is the best of its paper.
    """
    evidence = sorted(evidence, key=lambda item: -item.score)
    if not request.asks_for_access:
        evidence = _without_access(evidence, keep_numbers=request.asks_for_number)
    if request.kind == "prose":
        near = _near(papers, PROSE_MARGIN)
        usable = [item for item in evidence if item.paper.paper_id in near]
        relevant = _relevant(usable)
        if request.asks_for_number and not any(map(_contains_number, relevant)):
            relevant[1:1] = list(islice(filter(_contains_number, usable), 1))
        return _fitting(relevant, PROSE_SENTENCES, word_budget, "prose")
    evidence = _relevant(evidence)
    first: list[Evidence] = []
    if request.kind == "list":
        near, per_paper = _near(papers[:LIST_PAPERS], LIST_MARGIN), 1
        evidence = sorted(evidence, key=_cost_in_list)
    elif len(compared := compared_papers(sides)) > 1:
        near, per_paper = compared, COMPARISON_SENTENCES_PER_PAPER
        first = _one_of_each(compared, evidence, word_budget)
    else:
        near, per_paper = _near(papers[: request.compared], COMPARISON_MARGIN), COMPARISON_SENTENCES_PER_PAPER
    others = (item for item in _in_turns(near, evidence, per_paper) if item not in first)
    chosen = _fitting([*first, *others], len(near) * per_paper, word_budget, request.kind)
    return tuple(sorted(chosen, key=lambda item: near.index(item.paper.paper_id)))


def requested_form(question: str, sides: Iterable[FoundSide]) -> QuestionType:
    """The form of answer that a question asks for; one that implies a comparison of several papers asks for that."""
    request = question_type(question)
    if request.kind == "prose" and len(compared_papers(sides)) > 1:  # "Does cleaning or repeating matter more?"
        return replace(request, kind="comparison")
    return request


def lead_of(paper: Paper, kind: Kind) -> str:
    """What stands before the first quotation from a paper: in a list its title, in a comparison its name, if known.

    The name stands before the colon of the title; a word like "Survey" is none.
    """
    if kind == "prose":
        return ""
    name = short_name(paper) if kind == "comparison" else ""
    return paper.title if name.casefold() in NO_NAMES else name or paper.title


def compared_papers(sides: Iterable[FoundSide]) -> list[str]:
    """The ids of the best papers for the sides, each once."""
    return list(dict.fromkeys(side.paper_id for side in sides if side.paper_id))


def _cost_in_list(item: Evidence) -> float:
    of_background = LIST_COST_OF_BACKGROUND if item.role == "background" else 0.0
    return LIST_COST_PER_WORD * _word_count(item.text) + of_background - item.score


def _contains_number(item: Evidence) -> bool:
    return bool(quantities_in(item.text))


def _without_access(evidence: Iterable[Evidence], *, keep_numbers: bool) -> list[Evidence]:
    """The sentences, which come best first, without those that say where to get something and are not best of a paper.

    ``keep_numbers``: those with a number stay, too.
    """
    kept: list[Evidence] = []
    seen: set[str] = set()
    for item in evidence:
        is_best = item.paper.paper_id not in seen
        if is_best or not _ACCESS.search(item.text) or (keep_numbers and _contains_number(item)):
            kept.append(item)
        seen.add(item.paper.paper_id)
    return kept


def _relevant(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Of the sentences, which come best first, those at most ``SENTENCE_MARGIN`` below the best of their paper."""
    best: dict[str, float] = {}
    return [
        item for item in evidence if item.score >= best.setdefault(item.paper.paper_id, item.score) - SENTENCE_MARGIN
    ]


def _near(papers: Sequence[RankedPaper], margin: float) -> list[str]:
    """The ids of the papers at most ``margin`` below the best, best first."""
    return [ranked.paper.paper_id for ranked in papers if ranked.score >= papers[0].score - margin]


def _one_of_each(papers: Iterable[str], evidence: Sequence[Evidence], word_budget: int) -> list[Evidence]:
    """The best sentence of each paper; if they are too long together, shorter ones replace the longest."""
    ranked = {paper_id: [item for item in evidence if item.paper.paper_id == paper_id] for paper_id in papers}
    first = {paper_id: items[0] for paper_id, items in ranked.items() if items}
    while sum(map(_length_with_lead, first.values())) > word_budget:
        longest = max(first.values(), key=lambda item: _word_count(item.text))
        shorter = (
            item for item in ranked[longest.paper.paper_id] if _word_count(item.text) < _word_count(longest.text)
        )
        replacement = next(shorter, None)
        if replacement is None:
            break
        first[replacement.paper.paper_id] = replacement
    return [*first.values()]


def _in_turns(papers: Sequence[str], evidence: Iterable[Evidence], per_paper: int) -> Iterator[Evidence]:
    """The best sentence of each paper, then the second best of each, up to ``per_paper`` sentences."""
    by_paper: dict[str, list[Evidence]] = {paper_id: [] for paper_id in papers}
    for item in evidence:
        by_paper.get(item.paper.paper_id, []).append(item)
    for turn in islice(zip_longest(*by_paper.values()), per_paper):
        yield from (item for item in turn if item is not None)


def _length_with_lead(item: Evidence) -> int:
    return _word_count(item.text) + _word_count(lead_of(item.paper, "comparison"))


def _fitting(evidence: Iterable[Evidence], max_count: int, word_budget: int, kind: Kind) -> tuple[Evidence, ...]:
    """The first sentences that fit into the budget, each paper with its lead."""
    chosen: list[Evidence] = []
    word_count = 0
    for item in evidence:
        is_first = all(item.paper.paper_id != other.paper.paper_id for other in chosen)
        length = _word_count(item.text) + (_word_count(lead_of(item.paper, kind)) if is_first else 0)
        if len(chosen) < max_count and (not chosen or word_count + length <= word_budget):
            chosen.append(item)
            word_count += length
    return tuple(chosen)


def _word_count(text: str) -> int:
    return len(text.split())
