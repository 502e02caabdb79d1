"""Question to checked answer: the whole story on one page. Read this first.

route -> search -> read -> gate -> select -> write -> check -> repair. A question about the collection is answered from
the papers' records. For any other, evidence is chosen before anything is written, every sentence that was written is
checked against it, and what fails is replaced by the source's own words or left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.citations import DraftSentence, parse_draft
from assistant.answering.collection_answers import Route, choose_route
from assistant.answering.false_premise import false_premise_notice
from assistant.answering.foreign_language import answer_by_word_match, english_only, not_english_reason
from assistant.answering.gate import answer_probability
from assistant.answering.prompting import answer_prompt
from assistant.answering.question import Turn, checked_question, question_type, standalone_question
from assistant.answering.retrieval import Retriever
from assistant.answering.rules.all_rules import says_the_same, uninformative_reason
from assistant.answering.selection import select
from assistant.answering.verification import Verifier
from assistant.errors import Stopped
from assistant.interfaces import LanguageModel, Reranker
from assistant.records import Answer, Claim, Dropped, Evidence, Retrieval, Seconds
from assistant.settings import PACKAGED, Settings
from assistant.text.languages import foreign_language

_NO_ANSWER = "NO ANSWER"  # what the prompts ask a model to write when the evidence does not answer
_SMALL_SENTENCES = 2  # evidence given to a small model: more confuses it


@dataclass
class AnswerPipeline:
    """Answers questions over one index. ``stream`` yields growing answers, ``ask`` gives the last of them."""

    settings: Settings
    retriever: Retriever
    reranker: Reranker
    verifier: Verifier
    language_model: LanguageModel

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The finished answer. Raises QuestionError for a question that cannot be asked, ModelError, StoreError."""
        *_, finished = self.stream(question, history)
        return finished

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        stop: threading.Event | None = None,
        paper_ids: Collection[str] = (),
    ) -> Iterator[Answer]:
        """Growing answers; the last has the stage ``done``. Setting ``stop`` ends it soon, with ``stopped`` true.

        ``history`` is the conversation so far, oldest turn first; ``paper_ids`` the ids of the papers to look at, when
        not all of them. Raises as ``ask`` does.
        """
        started = time.perf_counter()
        stop = stop or threading.Event()
        question = checked_question(question)
        answer = Answer(question, model=self.language_model.label, index=self.retriever.index.label)
        yield answer
        route = choose_route(question, self.retriever.index.library, paper_ids, self.settings.answer_words)
        answer = replace(answer, notice=route.notice)
        if route.kind != "passages":
            yield self._from_records(answer, route, paper_ids, started)
            return
        if self._reads_english_only and (language := foreign_language(question)):
            answer = answer_by_word_match(answer, language, self.retriever.index, route.paper_ids)
            yield replace(answer, seconds=Seconds(total=time.perf_counter() - started))
            return
        found = self.retriever.retrieve(route.text, history, route.paper_ids)
        if self._reads_english_only:
            everything, found = found, english_only(found)
            if everything.papers and not found.papers:
                answer = replace(answer, reason=not_english_reason(everything))
        seconds = Seconds(retrieve=time.perf_counter() - started)
        read = {item.paper.paper_id for item in found.evidence}
        answer = replace(answer, stage="reading", retrieved=found.papers, papers_read=len(read), seconds=seconds)
        yield answer
        first_words = 0.0
        try:
            for grown in self._answered(answer, found, standalone_question(route.text, history), stop):
                if grown.stage == "done":
                    grown = self._concluded(grown, route, history, paper_ids)
                now = time.perf_counter() - started
                first_words = first_words or (now if _has_words(grown) else 0.0)
                answer = replace(grown, seconds=replace(grown.seconds, first_token=first_words, total=now))
                yield answer
        except Stopped:
            yield replace(answer, stage="done", draft="", stopped=True)

    def _concluded(self, answer: Answer, route: Route, history: Sequence[Turn], paper_ids: Collection[str]) -> Answer:
        """The finished answer with what else must be said: why it was declined, or that its question is mistaken."""
        if answer.abstained and route.reason:
            nearest = self.retriever.retrieve(route.text, history, paper_ids).papers
            return replace(answer, reason=route.reason, retrieved=nearest)
        evidence = [item.text for claim in answer.claims for item in claim.evidence]
        premise = false_premise_notice(answer.question, evidence)
        return replace(answer, notice=" ".join(filter(None, [answer.notice, premise])))

    def _from_records(self, answer: Answer, route: Route, paper_ids: Collection[str], started: float) -> Answer:
        """What the records say, or why they do not, with the nearest papers."""
        if route.kind == "declined":
            nearest = (
                self.retriever.retrieve(route.text, (), paper_ids).papers if route.nearest is None else route.nearest
            )
            answer = replace(answer, abstained=True, reason=route.reason, retrieved=nearest)
        else:
            answer = replace(answer, form="list", claims=route.claims, confidence=1.0)
        now = time.perf_counter() - started
        return replace(answer, stage="done", seconds=Seconds(now, now, now))

    @property
    def _reads_english_only(self) -> bool:
        """Whether other languages are closed to the models in use.

        The reader that chooses and judges sentences is always the packaged one. It is passed over only where the user
        chose both other models: an embedding that finds papers, and a large language model that can say NO ANSWER.
        """
        return self.settings.embedding == PACKAGED or self.language_model.style != "large"

    def _answered(self, answer: Answer, found: Retrieval, question: str, stop: threading.Event) -> Iterator[Answer]:
        read = self.reranker.rerank(question, found)
        answer = replace(answer, retrieved=read.papers, confidence=answer_probability(read.signals))
        if stop.is_set():
            raise Stopped("Stopped.")
        request = question_type(answer.question)
        chosen = select(request, read.papers, read.evidence, self.settings.answer_words)
        if not chosen or answer.confidence < self.settings.answer_above:
            yield replace(answer, stage="done", abstained=True)
        elif request.kind == "prose" or self.language_model.style == "large":
            yield from self._written(answer, question, chosen, stop)
        else:
            yield replace(answer, stage="done", form="list", claims=_listed(chosen))

    def _written(
        self, answer: Answer, question: str, chosen: Sequence[Evidence], stop: threading.Event
    ) -> Iterator[Answer]:
        """Let the model write from the evidence, check each sentence, and fill up with quotations."""
        offered = chosen[:_SMALL_SENTENCES] if self.language_model.style == "small" else chosen
        draft = ""
        for piece in self.language_model.write(answer_prompt(self.language_model.style, question, offered), stop):
            draft += piece
            yield replace(answer, stage="writing", draft=draft)
        answer = replace(answer, stage="checking", draft=draft)
        yield answer
        if self.language_model.style == "large" and draft.strip().startswith(_NO_ANSWER):
            yield replace(answer, stage="done", draft="", abstained=True)
            return
        claims, dropped = self._checked(draft, offered, question)
        claims = fill_with_quotations(claims, chosen, self.settings.answer_words)
        yield replace(answer, stage="done", draft="", claims=tuple(claims), dropped=tuple(dropped))

    def _checked(self, draft: str, offered: Sequence[Evidence], question: str) -> tuple[list[Claim], list[Dropped]]:
        """The sentences of a draft as claims; those without support give way to their source's own words."""
        claims: list[Claim] = []
        dropped: list[Dropped] = []
        for written in parse_draft(draft, [item.text for item in offered]):
            cited = [offered[number] for number in written.cites]
            claim, refusal = self._judged(written, cited, question)
            if refusal:
                dropped.append(refusal)
            if claim and not any(says_the_same(claim.text, other.text) for other in claims):
                claims.append(claim)
        return claims, dropped

    def _judged(
        self, written: DraftSentence, cited: Sequence[Evidence], question: str
    ) -> tuple[Claim | None, Dropped | None]:
        if not cited:
            return None, Dropped(written.text, "nothing in the evidence is about it")
        if reason := uninformative_reason(written.text, question):
            return _quote(cited[0]), Dropped(written.text, reason)
        texts = [item.text for item in cited]
        titles = " ".join(dict.fromkeys(item.paper.title for item in cited))
        verdict = self.verifier.verify(written.text, texts, titles, question)
        if verdict.supported:
            return Claim(written.text, tuple(cited), "supported", verdict.score), None
        return _quote(cited[0]), Dropped(written.text, verdict.reason)


def fill_with_quotations(claims: Sequence[Claim], chosen: Sequence[Evidence], word_budget: int) -> list[Claim]:
    """The claims, then quotations of the chosen evidence that they do not say yet, within ``word_budget`` words.

    The best quotation opens an answer that has no claim; the others follow each other as in their abstract.
    """
    quoted: list[Evidence] = []
    word_count = sum(len(claim.text.split()) for claim in claims)
    for item in chosen:
        said = [claim.text for claim in claims] + [other.text for other in quoted]
        is_said = any(says_the_same(item.text, text) for text in said)
        if not is_said and (not said or word_count + len(item.text.split()) <= word_budget):
            quoted.append(item)
            word_count += len(item.text.split())
    opening = quoted[: 0 if claims else 1]
    papers = list(dict.fromkeys(item.paper.paper_id for item in quoted))
    following = sorted(quoted[len(opening) :], key=lambda item: (papers.index(item.paper.paper_id), item.start))
    return [*claims, *map(_quote, opening), *map(_quote, following)]


def _listed(chosen: Sequence[Evidence]) -> tuple[Claim, ...]:
    """Quotations paper by paper, the first of each led by the title."""
    titled: set[str] = set()
    claims = []
    for item in chosen:
        lead = "" if item.paper.paper_id in titled else item.paper.title
        titled.add(item.paper.paper_id)
        claims.append(replace(_quote(item), lead=lead))
    return tuple(claims)


def _quote(evidence: Evidence) -> Claim:
    return Claim(evidence.text, (evidence,), "quoted", 1.0)


def _has_words(answer: Answer) -> bool:
    return bool(answer.draft or answer.claims or answer.abstained)
