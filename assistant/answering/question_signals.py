"""Numbers for the gate about a question and what was found: does what is asked for occur in the papers at all?"""

from __future__ import annotations

from assistant.answering.asked_about import asked_names, paper_asked_about
from assistant.answering.expected_answer import expected_answer, is_present
from assistant.answering.reasons import is_unknown
from assistant.answering.selection import compared_papers
from assistant.records import Paper, Retrieval

_PAPERS_LOOKED_AT = 3  # for an expected answer, if the question names no paper


def question_signals(question: str, found: Retrieval) -> dict[str, float]:
    """Three numbers, from the wording of the question and the papers that were found; no model is asked.

    ``missing_answer_type``: 1 if the question expects something (a licence, a count, a figure for a benchmark) that the
    abstract of the paper asked about does not contain, or the three best abstracts if no paper is named; otherwise 0.
    ``names_in_no_paper``: how many names of the question no paper mentions. ``is_comparison``: 1 if by its
    wording the question compares several papers, of which each answers only a part; otherwise 0.
    """
    papers = [ranked.paper for ranked in found.papers]
    names = asked_names(question, papers)
    return {
        "missing_answer_type": float(_lacks_expected_answer(question, names, papers)),
        "names_in_no_paper": float(sum(is_unknown(name, papers) for name in names)),
        "is_comparison": float(len(compared_papers(found.sides)) > 1),
    }


def _lacks_expected_answer(question: str, names: list[str], papers: list[Paper]) -> bool:
    expected = expected_answer(question)
    asked = paper_asked_about(names, papers)
    looked_at = [asked[1]] if asked else papers[:_PAPERS_LOOKED_AT]
    return expected is not None and not any(is_present(expected, paper.abstract) for paper in looked_at)
