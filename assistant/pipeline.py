"""Answers a question in stages, from route to checked claims. Start reading the code here.

    question
       |  choose_route          about the collection -----> answer from bibliographic records, or decline
       |  foreign_language      not in English -----------> quotations that share its words, or decline
       |  Retriever             ten papers and all their sentences, by dense vectors fused with BM25;
       |                        for a comparison, the best paper for each side too
       |  Reranker              reads each abstract, then the question, and scores every sentence
       |  Gate                  the gate: too low ---------> decline
       |  select                a few sentences, by the type of the question
       |                        list or comparison -------> quotations (unless the model is large)
       |                        packaged model -----------> quotations (unless the setting writing is on)
       |  LanguageModel         writes a draft from these sentences alone; what it had not written
       |                        when it failed is quoted
       |  parse_draft           the sentences of the draft, each with the evidence that it cites
       |  Verifier              unsupported --------------> left out
       |  fill_with_quotations  evidence that the draft does not mention yet; what goes beyond a
       |                        short answer is shown on request
       |  short_answer          "Yes", "No" or "Mixed", where the findings of a paper surely say so
    answer

Evidence is chosen before anything is written, and every sentence that the model writes is checked against it. So a
sentence without support is never shown: it is left out, and quotations of the best evidence fill the answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.calibration import PACKAGED_CALIBRATION, Calibration
from assistant.answering.citations import (
    begins_with_no_answer,
    best_matching_evidence,
    contains_no_answer,
    parse_draft,
    without_reasoning,
)
from assistant.answering.false_premise import false_premise_notice
from assistant.answering.foreign_language import answer_by_word_match, english_only, not_english_reason
from assistant.answering.gate import gate_signals
from assistant.answering.prompting import answer_prompt
from assistant.answering.question import Kind, Turn, checked_question, is_follow_up, standalone_question
from assistant.answering.quotations import fill_with_quotations, quotations_by_paper
from assistant.answering.reasons import missing_side_notice, reason_for_declining
from assistant.answering.reranking import worth_reading
from assistant.answering.retrieval import Retriever
from assistant.answering.routing import Route, choose_route
from assistant.answering.rules.aims import aim_reason
from assistant.answering.rules.empty_sentences import uninformative_reason
from assistant.answering.rules.word_overlap import says_the_same
from assistant.answering.selection import requested_form, select
from assistant.answering.short_answers import short_answer
from assistant.answering.verification import Verifier
from assistant.errors import ModelError, Stopped
from assistant.interfaces import LanguageModel, Reranker, ShortAnswerModel
from assistant.records import Answer, Claim, Dropped, Evidence, Retrieval, Seconds
from assistant.settings import PACKAGED, Settings
from assistant.text.languages import foreign_language

_QUOTED_INSTEAD = "Quotations replace what the model did not write."
_WROTE_NOTHING = "The model wrote no answer, so the papers are quoted. If it reasons first, raise answer_tokens."
# Sentences of evidence in the prompt of a small model: with four, SmolLM2 copies the wrong one (evals/LOG.md).
_SMALL_MODEL_SENTENCES = 2
_NEAREST_SENTENCES = 3  # offered when a question is declined


@dataclass
class AnswerPipeline:
    """Answers questions over one index. ``stream`` yields the answer as it grows, ``ask`` returns the finished one."""

    settings: Settings
    retriever: Retriever
    reranker: Reranker
    verifier: Verifier
    language_model: LanguageModel
    calibration: Calibration = PACKAGED_CALIBRATION
    short_answers: ShortAnswerModel | None = None

    def ask(self, question: str, history: Sequence[Turn] = (), collection: str = "") -> Answer:
        """The finished answer, from the papers of a collection if one is named.

        Raises QuestionError for an empty or too long question, InputError for an unknown collection, ModelError,
        StoreError. A language model that fails while it writes raises nothing: the answer then has a ``failure``.
        """
        *_, finished = self.stream(question, history, collection=collection)
        return finished

    def ask_completely(self, question: str, history: Sequence[Turn] = (), collection: str = "") -> Answer:
        """As ``ask``, and raises ModelError where quotations replace what the language model did not write.

        For batches and evals: such an answer would be kept, and counted, as one of the model.
        """
        answer = self.ask(question, history, collection)
        if answer.failure:
            raise ModelError(answer.failure)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        stop: threading.Event | None = None,
        paper_ids: Collection[str] = (),
        collection: str = "",
    ) -> Iterator[Answer]:
        """The answer as it grows; the last one has the stage ``done``. Raises the same errors as ``ask``.

        ``history`` is the conversation so far, oldest turn first. ``paper_ids`` limits the search to these papers, and
        ``collection`` to those of a collection. Setting ``stop`` ends the stream soon, with ``stopped`` true in the
        last answer.
        """
        question = checked_question(question)
        sources = self.retriever.index.library.source_table
        chosen = sources.chosen(paper_ids, collection)
        for answer in self._stages(question, history, stop or threading.Event(), chosen):
            if answer.stage == "done":
                cited = [citation.paper.paper_id for citation in answer.citations]
                answer = replace(answer, collections=tuple(sources.collections_of(cited).items()))
            yield replace(answer, collection=collection)

    def _stages(
        self, question: str, history: Sequence[Turn], stop: threading.Event, paper_ids: Collection[str]
    ) -> Iterator[Answer]:
        """The growing answer to a cleaned question, from these papers, or from all if there are none."""
        started = time.perf_counter()
        answer = Answer(question, model=self.language_model.label, index=self.retriever.index.label)
        yield answer
        route = choose_route(question, self.retriever.index.library, paper_ids, self.settings.answer_words)
        answer = replace(answer, notice=route.notice)
        if route.kind != "passages":
            yield self._answer_from_records(answer, route, paper_ids, started)
        elif self._reads_english_only and (language := foreign_language(question)):
            answer = answer_by_word_match(answer, language, self.retriever.index, route.paper_ids)
            yield replace(answer, seconds=Seconds(total=time.perf_counter() - started))
        else:
            yield from self._answer_from_passages(answer, route, history, stop, paper_ids, started)

    def _answer_from_records(self, answer: Answer, route: Route, paper_ids: Collection[str], started: float) -> Answer:
        """The answer that the bibliographic records give, or the reason why they give none with the nearest papers."""
        if route.kind == "declined":
            nearest = route.nearest
            if nearest is None:
                nearest = self.retriever.retrieve(route.text, (), paper_ids).papers
            answer = replace(answer, abstained=True, reason=route.reason, retrieved=nearest)
        else:
            answer = replace(answer, form="list", claims=route.claims, confidence=1.0)
        now = time.perf_counter() - started
        return replace(answer, stage="done", seconds=Seconds(now, now, now))

    def _answer_from_passages(
        self,
        answer: Answer,
        route: Route,
        history: Sequence[Turn],
        stop: threading.Event,
        paper_ids: Collection[str],
        started: float,
    ) -> Iterator[Answer]:
        """Retrieve, then yield the growing answer with its times; a stop ends it with what there is."""
        found = self.retriever.retrieve(route.text, history, route.paper_ids)
        answer = replace(answer, notice=" ".join(filter(None, [answer.notice, missing_side_notice(found.sides)])))
        if self._reads_english_only:
            in_any_language, found = found, english_only(found)
            if in_any_language.papers and not found.papers:
                answer = replace(answer, reason=not_english_reason(in_any_language))
        seconds = Seconds(retrieve=time.perf_counter() - started)
        to_read = worth_reading(requested_form(answer.question, found.sides).kind, found)
        papers_read = len({item.paper.paper_id for item in to_read.evidence})
        answer = replace(answer, stage="reading", retrieved=found.papers, papers_read=papers_read, seconds=seconds)
        yield answer
        first_text = 0.0
        try:
            for grown in self._rerank_and_answer(
                answer, found, to_read, standalone_question(route.text, history), stop
            ):
                if grown.stage == "done":
                    grown = self._with_remarks(grown, route, history, paper_ids)
                now = time.perf_counter() - started
                first_text = first_text or (now if _has_text(grown) else 0.0)
                answer = replace(grown, seconds=replace(grown.seconds, first_token=first_text, total=now))
                yield answer
        except Stopped:
            yield replace(answer, stage="done", draft="", stopped=True)

    def _with_remarks(
        self, answer: Answer, route: Route, history: Sequence[Turn], paper_ids: Collection[str]
    ) -> Answer:
        """The finished answer with the reason why it was declined, or with a notice that its question is mistaken.

        A yes/no question that needs no conversation to be understood gets its short answer.
        """
        if answer.abstained and route.reason:
            nearest = self.retriever.retrieve(route.text, history, paper_ids).papers
            return replace(answer, reason=route.reason, retrieved=nearest)
        evidence = [item.text for claim in answer.claims for item in claim.evidence]
        premise = false_premise_notice(answer.question, evidence)
        answer = replace(answer, notice=" ".join(filter(None, [answer.notice, premise])))
        if self.short_answers and answer.form == "prose" and not is_follow_up(answer.question, history):
            answer = replace(answer, short=short_answer(answer.question, answer.claims, self.short_answers))
        return answer

    @property
    def _reads_english_only(self) -> bool:
        """Whether the models in use understand English alone.

        The packaged reranker and verifier always do. They are trusted with other languages only where the user chose
        both other models: an embedding model that finds the papers, and a large language model that can write NO
        ANSWER.
        """
        can_decline = self.language_model.style == "large" and self._model_writes
        return self.settings.embedding == PACKAGED or not can_decline

    @property
    def _model_writes(self) -> bool:
        """The packaged model writes only where the user wants it: quotations are better (evals/LOG.md)."""
        return self.settings.writing == "on" or (self.settings.writing == "auto" and self.settings.model != PACKAGED)

    def _rerank_and_answer(
        self, answer: Answer, found: Retrieval, to_read: Retrieval, question: str, stop: threading.Event
    ) -> Iterator[Answer]:
        """Rerank ``to_read``, pass or fail the gate, select, and then quote or write."""
        reranked = self.reranker.rerank(question, to_read)
        confidence = self.calibration.gate.probability(gate_signals(question, found, reranked))
        answer = replace(answer, retrieved=reranked.papers, confidence=confidence)
        if stop.is_set():
            raise Stopped("Stopped.")
        request = requested_form(answer.question, reranked.sides)
        chosen = select(request, reranked.papers, reranked.evidence, self.settings.answer_words, reranked.sides)
        if not chosen or answer.confidence < self.settings.answer_above:
            yield self._declined(answer, found, reranked)
        elif self._model_writes and (request.kind == "prose" or self.language_model.style == "large"):
            for grown in self._write_and_check(answer, question, request.kind, chosen, stop):
                yield self._declined(grown, found, reranked) if grown.abstained else grown
        else:
            yield self._filled(replace(answer, stage="done"), request.kind, [], chosen)

    def _declined(self, answer: Answer, found: Retrieval, reranked: Retrieval) -> Answer:
        """The answer to a question that the papers do not answer: the reason, and the nearest sentences."""
        reason = answer.reason or reason_for_declining(
            answer.question, found, self.retriever.index.library.bibliography.is_mentioned
        )
        nearest = reranked.evidence[:_NEAREST_SENTENCES]
        return replace(answer, stage="done", draft="", abstained=True, reason=reason, nearest=nearest)

    def _write_and_check(
        self, answer: Answer, question: str, kind: Kind, chosen: Sequence[Evidence], stop: threading.Event
    ) -> Iterator[Answer]:
        """Let the model write from the evidence, check each sentence, and fill the rest with quotations."""
        offered = chosen[:_SMALL_MODEL_SENTENCES] if self.language_model.style == "small" else chosen
        is_large = self.language_model.style == "large"
        written = draft = ""
        try:
            for piece in self.language_model.write(answer_prompt(self.language_model.style, question, offered), stop):
                written += piece
                draft = without_reasoning(written)
                yield replace(answer, stage="writing", draft=draft)
        except ModelError as error:
            answer = replace(answer, failure=str(error))
        answer = replace(answer, stage="checking", draft=draft)
        yield answer
        answer = replace(answer, stage="done", draft="")
        if is_large and begins_with_no_answer(draft):
            yield replace(answer, abstained=True)
            return
        claims, dropped = self._checked_claims(draft, offered, question)
        if is_large and not claims and contains_no_answer(draft):
            yield replace(answer, abstained=True)
            return
        wrote_nothing = is_large and not draft.strip()
        notice = f"{answer.failure} {_QUOTED_INSTEAD}" if answer.failure else _WROTE_NOTHING if wrote_nothing else ""
        notice = " ".join(filter(None, [answer.notice, notice]))
        yield self._filled(replace(answer, notice=notice, dropped=tuple(dropped)), kind, claims, chosen)

    def _filled(self, answer: Answer, kind: Kind, claims: Sequence[Claim], chosen: Sequence[Evidence]) -> Answer:
        """The answer with the claims and with quotations of what they do not mention; a list has a line per paper."""
        if kind != "prose" and not claims:
            return replace(answer, form="list", claims=quotations_by_paper(chosen, kind))
        words, opening = self.settings.answer_words, self.settings.opening_words
        claims = fill_with_quotations(claims, chosen, words, opening, of_each_paper=kind == "comparison")
        return replace(answer, claims=tuple(claims))

    def _checked_claims(
        self, draft: str, offered: Sequence[Evidence], question: str
    ) -> tuple[list[Claim], list[Dropped]]:
        """The supported sentences of a draft as claims without repetitions, and the sentences that were refused.

        A sentence with the marker of other evidence gets a second check, against the evidence that fits its words.
        """
        claims: list[Claim] = []
        dropped: list[Dropped] = []
        texts = [item.text for item in offered]
        for sentence in parse_draft(draft, texts):
            checked = self._checked(sentence.text, [offered[number] for number in sentence.cites], question)
            if (
                isinstance(checked, Dropped)
                and (fitting := best_matching_evidence(sentence.text, texts)) != sentence.cites
            ):
                second = self._checked(sentence.text, [offered[number] for number in fitting], question)
                checked = second if isinstance(second, Claim) else checked
            if isinstance(checked, Dropped):
                dropped.append(checked)
            elif not any(says_the_same(checked.text, other.text) for other in claims):
                claims.append(checked)
        return claims, dropped

    def _checked(self, sentence: str, cited: Sequence[Evidence], question: str) -> Claim | Dropped:
        """The sentence as a claim if its evidence supports it, otherwise why it is refused."""
        if not cited:
            return Dropped(sentence, "no evidence is about it")
        reason = uninformative_reason(sentence, question)
        if reason := reason or aim_reason(sentence, [item.role for item in cited]):
            return Dropped(sentence, reason)
        texts = [item.text for item in cited]
        titles = " ".join(dict.fromkeys(item.paper.title for item in cited))
        verdict = self.verifier.verify(sentence, texts, titles, question)
        if verdict.supported:
            return Claim(sentence, tuple(cited), "supported", verdict.score)
        return Dropped(sentence, verdict.reason)


def _has_text(answer: Answer) -> bool:
    return bool(answer.draft or answer.claims or answer.abstained)
