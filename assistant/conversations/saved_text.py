"""Shows saved questions, and what changed in their answers, as plain text and as JSON. The page has its own templates.

Both name the kinds of changes in the same order: answered or declined, the short answer, papers, sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.conversations.answer_diff import AnswerDiff, ChangedClaim
from assistant.conversations.saved import SavedQuestion
from assistant.conversations.saved_run import SavedResult
from assistant.presentation import as_json, as_text, footnotes, opening_text
from assistant.records import Claim, Paper
from assistant.text.author_names import byline

_NO_SHORT_ANSWER = "none"


def diff_text(diff: AnswerDiff) -> str:
    """What changed, one change per line; ``+`` is new, ``-`` is gone, ``!`` needs attention."""
    return "\n".join(_lines(diff))


def outcome(diff: AnswerDiff) -> str:
    """Whether the question is answered now and was declined before, or the reverse; empty if neither."""
    if diff.is_now_answered:
        return "Answered now; declined before."
    return "Declined now; answered before." if diff.is_now_declined else ""


def short_change(diff: AnswerDiff) -> str:
    """How the short answer changed; empty if it did not."""
    before, after = (label or _NO_SHORT_ANSWER for label in diff.short)
    return f"Short answer: {after}; before: {before}." if diff.has_other_short_answer else ""


def _lines(diff: AnswerDiff) -> Iterator[str]:
    yield from filter(None, [outcome(diff), short_change(diff)])
    yield from _listed("New papers cited:", "+", map(_paper_text, diff.new_papers))
    yield from _listed("Papers no longer cited:", "-", map(_paper_text, diff.lost_papers))
    yield from _listed("Papers retracted since:", "!", map(_paper_text, diff.retracted))
    yield from _listed("Sentences added:", "+", map(_claim_text, diff.added))
    yield from _listed("Sentences removed:", "-", map(_claim_text, diff.removed))
    if diff.changed:
        yield "Sentences changed:"
    for one in diff.changed:
        yield f"  - {_claim_text(one.before)}"
        yield f"  + {_claim_text(one.after)}"


def _listed(heading: str, sign: str, texts: Iterator[str]) -> Iterator[str]:
    listed = [f"  {sign} {text}" for text in texts]
    if listed:
        yield heading
        yield from listed


def _paper_text(paper: Paper) -> str:
    cited_as = byline(paper.authors, paper.year)
    return f"{paper.title} ({cited_as})" if cited_as else paper.title


def _claim_text(claim: Claim) -> str:
    """The sentence and, in brackets, the titles of the papers that it cites, because numbers differ between answers."""
    return f"{claim.text} [{'; '.join(dict.fromkeys(item.paper.title for item in claim.evidence))}]"


def saved_text(saved: SavedQuestion) -> str:
    """The question, its answer with footnotes, and what changed."""
    parts = [saved.question]
    if saved.answer:
        parts += [as_text(saved.answer), footnotes(saved.answer)]
    else:
        parts.append("Not answered yet: run `footnote saved run`.")
    if saved.diff:
        parts.append(f"Changed since you last looked:\n{diff_text(saved.diff)}")
    return "\n\n".join(filter(None, parts))


def saved_json(saved: SavedQuestion, *, with_answer: bool = False) -> dict[str, Any]:
    """The question as JSON values; ``with_answer`` adds the whole answer, as ``footnote ask --json`` prints it."""
    values: dict[str, Any] = {
        "id": saved.saved_id,
        "question": saved.question,
        "history": [list(turn) for turn in saved.history],
        "within": list(saved.within),
        "collection": saved.collection,
        "saved": saved.saved,
        "answered": saved.answered,
        "opening": opening_text(saved.answer) if saved.answer else "",
        "diff": diff_json(saved.diff) if saved.diff else None,
    }
    return {**values, "answer": as_json(saved.answer) if saved.answer else None} if with_answer else values


def result_json(result: SavedResult) -> dict[str, Any]:
    """The question after it was asked again, and under ``problem`` why that failed; empty if it did not."""
    return {**saved_json(result.saved), "problem": result.problem}


def diff_json(diff: AnswerDiff) -> dict[str, Any]:
    return {
        "declined": {"before": diff.declined[0], "after": diff.declined[1]},
        "short": {"before": diff.short[0], "after": diff.short[1]},
        "new_papers": _papers_json(diff.new_papers),
        "lost_papers": _papers_json(diff.lost_papers),
        "retracted": _papers_json(diff.retracted),
        "added": [_claim_json(claim) for claim in diff.added],
        "removed": [_claim_json(claim) for claim in diff.removed],
        "changed": [_changed_json(one) for one in diff.changed],
    }


def _papers_json(papers: Sequence[Paper]) -> list[dict[str, Any]]:
    return [{"paper_id": paper.paper_id, "title": paper.title, "url": paper.url} for paper in papers]


def _claim_json(claim: Claim) -> dict[str, Any]:
    quotes = [{"paper_id": item.paper.paper_id, "text": item.text} for item in claim.evidence]
    return {"text": claim.text, "quotes": quotes}


def _changed_json(changed: ChangedClaim) -> dict[str, Any]:
    return {"before": _claim_json(changed.before), "after": _claim_json(changed.after)}
