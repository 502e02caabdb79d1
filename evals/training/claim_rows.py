"""What the reader of claims is trained on, as rows: one source with several claims about it, and a verdict on each.

Five kinds, of which the last three are used in part: the claims of the verifier; yes/no questions about sentences of
abstracts; answers written from sentences; the outcomes of trials in Evidence Inference, put into sentences; summaries
of SciTLDR. Claims about other texts that are near are "not told".
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.citations import parse_draft
from assistant.answering.yes_no import statements
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.records import ShortWord
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from evals.runs.groundedness import evidence_for
from evals.training.reranker_rows import texts_of
from evals.training.verifier import FOLDER, Document, near_groups, source_of, verifier_documents, written_examples
from ingest.readers.markup.html_tags import decoded

SEED = 0
SUPPORTED, CONTRADICTED, NOT_TOLD, MIXED, NOT_SUPPORTED = range(5)
"""Verdicts, as the numbers of ``claim_reader.VERDICTS``; the last one stands for contradicted or not told."""
USED = {"claims": 1.0, "questions": 1.0, "written": 0.4, "trials": 0.35, "summaries": 0.2}
"""The share of the rows of each kind that is trained on."""
# What is wrong with a false claim, and the verdict: a name for a wider or another thing may or may not contradict.
_VERDICTS = {
    "number": CONTRADICTED, "negation": CONTRADICTED, "opposite": CONTRADICTED, "swapped": CONTRADICTED,
    "name": CONTRADICTED, "hypernym": NOT_SUPPORTED, "scope": NOT_SUPPORTED, "added": NOT_SUPPORTED,
    "other": NOT_SUPPORTED, "unreported": NOT_TOLD,
}  # fmt: skip
_QUESTION_VERDICTS = {"yes": SUPPORTED, "no": CONTRADICTED, "unclear": NOT_TOLD, "mixed": MIXED}
_NEAR, _NEAR_CLAIMS = 6, 2  # claims of the six nearest groups, of which two are drawn
_TRIAL_WORDS = range(8, 110)  # shorter texts are cells of tables, longer ones whole sections
# The statements and the questions that a trial with each label makes true, or answers with "yes".
_OUTCOMES = {
    "significantly increased": (
        "{i} significantly increased {o} compared with {c}.",
        "{o} was higher with {i} than with {c}.",
        "Compared with {c}, {i} raised {o}.",
        "{o} increased more under {i} than under {c}.",
    ),
    "significantly decreased": (
        "{i} significantly reduced {o} compared with {c}.",
        "{o} was lower with {i} than with {c}.",
        "Compared with {c}, {i} lowered {o}.",
        "There was less {o} with {i} than with {c}.",
    ),
    "no significant difference": (
        "{o} did not differ significantly between {i} and {c}.",
        "{i} and {c} gave similar {o}.",
        "{i} had no significant effect on {o} compared with {c}.",
        "No difference in {o} was found between {i} and {c}.",
    ),
}


_TRIAL_QUESTIONS = {
    "significantly increased": (
        "Does {i} increase {o} compared with {c}?",
        "Is {o} higher with {i} than with {c}?",
        "Does {i} raise {o}?",
    ),
    "significantly decreased": (
        "Does {i} reduce {o} compared with {c}?",
        "Is {o} lower with {i} than with {c}?",
        "Does {i} lower {o}?",
    ),
    "no significant difference": (
        "Is {o} similar with {i} and with {c}?",
        "Does {i} leave {o} unchanged compared with {c}?",
        "Are {i} and {c} equal in {o}?",
    ),
}
_ANY_CHANGE = ("Does {i} affect {o}?", "Does {o} differ between {i} and {c}?")  # "yes" where it rose or fell
_QUESTIONS_OF_TRIAL = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """``wrong``: where the claim differs from a supported one, as offsets; None when that is not known."""

    text: str
    verdict: int
    wrong: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    source: str
    claims: tuple[Claim, ...]
    is_held_out: bool


def load(abstracts: Sequence[Path], trials: Path, summaries: Path) -> list[Row]:
    """Raises KeyError for a document that is not in ``abstracts``."""
    chance = random.Random(SEED)
    embedding = SentenceTransformerEmbedding(PACKAGED)
    texts = _documents(abstracts)
    rows = [
        *claim_rows(abstracts),
        *_question_rows(texts),
        *_written_rows(texts, chance),
        *_trial_rows(trials, chance),
        *_summary_rows(summaries, embedding, chance),
    ]
    return [row for row in rows if row.is_held_out or chance.random() < USED[row.kind]]


def claim_rows(abstracts: Sequence[Path]) -> Iterator[Row]:
    """The claims of the verifier, and two claims about near sources for each source."""
    chance = random.Random(SEED)
    groups, documents, held_out = verifier_documents(abstracts)
    sources = [source_of(documents[group["doc"]], set(group["s"])) for group in groups]
    for group, near in zip(groups, near_groups(groups, sources, held_out, _NEAR), strict=True):
        written = list(written_examples(group, documents[group["doc"]], chance))
        claims = [
            Claim(one.claim, SUPPORTED if one.is_supported else _VERDICTS[one.kind], one.wrong) for one in written
        ]
        others = chance.sample(near, _NEAR_CLAIMS)
        claims += [Claim(chance.choice(groups[place]["true"]), NOT_TOLD) for place in others]
        yield Row("claims", written[0].source, tuple(claims), group["doc"] in held_out)


def _question_rows(texts: Mapping[str, Document]) -> Iterator[Row]:
    """Yes/no questions, and the statements that a yes and a no would make, by the sentences that decide them."""
    asked: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for line in lines_of("yes_no_questions.jsonl"):
        asked[line["doc"], _decisive(line, texts)] += _question_claims(line["q"], _QUESTION_VERDICTS[line["verdict"]])
    held_out = held_out_documents({doc for doc, _ in asked})
    for (doc, source), claims in asked.items():
        yield Row("questions", source, tuple(claims), doc in held_out)


def held_out_questions(abstracts: Sequence[Path]) -> Iterator[tuple[str, str, str, ShortWord]]:
    """Yes/no questions that are not trained on: document, question, the sentences that decide it, and the word."""
    texts = _documents(abstracts)
    lines = lines_of("yes_no_questions.jsonl")
    held_out = held_out_documents({line["doc"] for line in lines})
    for line in lines:
        if line["doc"] in held_out:
            yield line["doc"], line["q"], _decisive(line, texts), line["verdict"]


def _documents(abstracts: Sequence[Path]) -> dict[str, Document]:
    return {name: (title, sentences(text)) for name, title, text in texts_of(abstracts)}


def _decisive(line: Mapping[str, Any], texts: Mapping[str, Document]) -> str:
    """The sentences that decide a question."""
    return " ".join(texts[line["doc"]][1][number] for number in sorted(line["a"]))


def _question_claims(question: str, verdict: int) -> list[Claim]:
    found = [Claim(question, verdict)]
    if stated := statements(question):
        opposite = {SUPPORTED: CONTRADICTED, CONTRADICTED: SUPPORTED}
        found += [Claim(stated.yes, verdict), Claim(stated.no, opposite.get(verdict, verdict))]
    return found


def _written_rows(texts: Mapping[str, Document], chance: random.Random) -> Iterator[Row]:
    """Sentences of written answers with what they cite; refusals say what is not told, so they are left out."""
    found = []
    for line in lines_of("written_answers.jsonl"):
        evidence = [texts[doc][1][number] for doc, number in line["evidence"]]
        for sentence in parse_draft(line["a"], evidence) if line["answers"] else ():
            source = " ".join(evidence[number] for number in sentence.cites)
            found.append((line["evidence"][0][0], source, sentence.text))
    held_out = held_out_documents({doc for doc, _, _ in found})
    for doc, source, text in found:
        other = chance.choice(found)[2]
        yield Row("written", source, (Claim(text, SUPPORTED, ()), Claim(other, NOT_TOLD)), doc in held_out)


def _trial_rows(path: Path, chance: random.Random) -> Iterator[Row]:
    """What was measured in a trial, with the one verdict of three that its text gives."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    held_out = held_out_documents({record["pmcid"] for record in records})
    for record in records:
        source = " ".join(record["evidence"].split())
        words = source.split()
        if len(words) in _TRIAL_WORDS and sum(word.isalpha() for word in words) > len(words) / 2:
            yield Row("trials", source, tuple(_trial_claims(record, chance)), record["pmcid"] in held_out)


def _trial_claims(record: Mapping[str, str], chance: random.Random) -> Iterator[Claim]:
    """A statement of each outcome, and some of the questions about it."""
    names = {"i": "intervention", "o": "outcome", "c": "comparator"}
    parts = {short: " ".join(decoded(record[name]).split()) or "control" for short, name in names.items()}
    texts = [(chance.choice(_OUTCOMES[label]), label == record["label"]) for label in _OUTCOMES]
    asked = [(chance.choice(_TRIAL_QUESTIONS[label]), label == record["label"]) for label in _TRIAL_QUESTIONS]
    asked.append((chance.choice(_ANY_CHANGE), record["label"] != "no significant difference"))
    for text, is_true in [*texts, *chance.sample(asked, _QUESTIONS_OF_TRIAL)]:
        filled = text.format(**parts)
        yield Claim(filled[:1].upper() + filled[1:], SUPPORTED if is_true else CONTRADICTED)


def _summary_rows(path: Path, embedding: SentenceTransformerEmbedding, chance: random.Random) -> Iterator[Row]:
    """Summaries of abstracts with the sentences that are most like them, and a summary of a near abstract."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    summaries = [chance.choice(record["tldrs"]) for record in records]
    of_texts = np.array(embedding.get_text_embedding_batch([" ".join(record["sentences"]) for record in records]))
    of_summaries = np.array(embedding.get_text_embedding_batch(summaries))
    held_out = held_out_documents({record["id"] for record in records})
    for number, record in enumerate(records):
        nearest = np.argsort(-(of_summaries @ of_texts[number]))[:_NEAR]
        other = chance.choice([place for place in nearest.tolist() if place != number])
        source = " ".join(evidence_for(summaries[number], record["sentences"]))
        claims = (Claim(summaries[number], SUPPORTED, ()), Claim(summaries[other], NOT_TOLD))
        yield Row("summaries", source, claims, record["id"] in held_out)


def held_out_documents(names: set[str]) -> set[str]:
    """A tenth of the documents."""
    ordered = sorted(names)
    random.Random(1).shuffle(ordered)
    return set(ordered[: len(ordered) // 10])


def lines_of(name: str) -> list[dict[str, Any]]:
    """The records of a file of this folder's ``verifier_data``."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
