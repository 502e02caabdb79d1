"""Numbers for the gate about a question and what was found: does what is asked for occur in the papers at all?"""

from __future__ import annotations

from assistant.answering.asked_about import asked_names, is_about, is_distinctive, paper_asked_about
from assistant.answering.expected_answer import expected_answer, is_present
from assistant.answering.reasons import is_unknown
from assistant.records import Paper, Retrieval
from assistant.text.stemming import stems
from assistant.text.tokens import content_words

_PAPERS_LOOKED_AT = 3  # for an expected answer, if the question names no paper


def question_signals(question: str, found: Retrieval) -> dict[str, float]:
    """Four numbers, from the wording of the question and the papers that were found; no model is asked.

    ``missing_answer_type``: 1 if the question expects something (a licence, a count, a figure for a benchmark) that the
    abstract of the paper asked about does not contain, or the three best abstracts if no paper is named; otherwise 0.
    ``names_in_no_paper``: how many names of the question no paper mentions. ``names_in_one_paper``: 0 if the question
    has several known names and no paper mentions all of them, otherwise 1; a comparison of several papers has 1.
    ``words_in_one_paper``: the largest share of the question's content words that a single paper contains, from 0 to 1.
    """
    papers = [ranked.paper for ranked in found.papers]
    names = asked_names(question, papers)
    unknown = [name for name in names if is_unknown(name, papers)]
    known = [name for name in names if name not in unknown and is_distinctive(name)]
    is_comparison = sum(bool(side.paper_id) for side in found.sides) > 1
    is_together = is_comparison or len(known) < 2 or any(_mentions_all(paper, known) for paper in papers)
    return {
        "missing_answer_type": float(_lacks_expected_answer(question, names, papers)),
        "names_in_no_paper": float(len(unknown)),
        "names_in_one_paper": float(is_together),
        "words_in_one_paper": max((_share(question, paper) for paper in papers), default=0.0),
    }


def _lacks_expected_answer(question: str, names: list[str], papers: list[Paper]) -> bool:
    expected = expected_answer(question)
    asked = paper_asked_about(names, papers)
    looked_at = [asked[1]] if asked else papers[:_PAPERS_LOOKED_AT]
    return expected is not None and not any(is_present(expected, paper.abstract) for paper in looked_at)


def _mentions_all(paper: Paper, names: list[str]) -> bool:
    return all(is_about(paper, [name]) for name in names)


def _share(question: str, paper: Paper) -> float:
    asked = {stem for word in content_words(question) for stem in stems(word)}
    return len(asked.intersection(stems(f"{paper.title} {paper.abstract}"))) / len(asked) if asked else 0.0
