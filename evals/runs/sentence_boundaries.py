"""How well is text split into sentences? ``python -m evals.runs.sentence_boundaries`` takes a few seconds.

``sentence_boundaries.jsonl`` has one labelled abstract per line: ``starts`` are the offsets of the first letter or
digit of every sentence after the first, so that a splitter may put a quotation mark on either side. The text is given
with the label, or taken from the bundled corpus, or from a copy of SciFact (``--scifact FOLDER``; without it those
abstracts are left out). ``--also`` measures other libraries that are installed: they are not dependencies.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from assistant.text.sentences import sentence_spans
from evals.data import FOLDER
from evals.files import read_abstracts
from ingest.bundled_corpus import CORPUS
from ingest.readers import read_papers

PATH = FOLDER / "sentence_boundaries.jsonl"
SOURCES = ("bundled", "written", "scifact")
SPLITS = ("tune", "test")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")

Splitter = Callable[[str], Iterable[int]]
"""From a text to the offsets where its sentences end."""


@dataclass(frozen=True, slots=True)
class Labelled:
    name: str
    source: str
    split: str
    text: str
    starts: frozenset[int]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over some abstracts; ``whole`` is the number of abstracts with every boundary right and no other."""

    abstracts: int
    boundaries: int
    missed: int
    invented: int
    whole: int
    seconds: float

    @property
    def f1(self) -> float:
        right = self.boundaries - self.missed
        return 2 * right / (2 * right + self.missed + self.invented) if right else 0.0


def load(texts: Mapping[str, str], path: Path = PATH) -> list[Labelled]:
    """The labelled abstracts whose text is in their line or in ``texts``, by id."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(
            record["id"],
            record["source"],
            record["split"],
            record.get("text") or texts[record["id"]],
            frozenset(record["starts"]),
        )
        for record in records
        if "text" in record or record["id"] in texts
    ]


def bundled_texts() -> dict[str, str]:
    return {paper.paper_id: paper.abstract for paper in read_papers(CORPUS.read_bytes(), CORPUS.name).papers}


def starts_of(text: str, splitter: Splitter) -> set[int]:
    """The first letter or digit after each end that a splitter finds, in the form of the labels."""
    found = {_first_from(text, end) for end in splitter(text)}
    return found - {_first_from(text, 0), -1}


def score(abstracts: Iterable[Labelled], splitter: Splitter) -> Score:
    abstracts = list(abstracts)
    began = time.perf_counter()
    found = [starts_of(one.text, splitter) for one in abstracts]
    seconds = time.perf_counter() - began
    pairs = [(one.starts, starts) for one, starts in zip(abstracts, found, strict=True)]
    return Score(
        len(pairs),
        sum(len(labels) for labels, _ in pairs),
        sum(len(labels - starts) for labels, starts in pairs),
        sum(len(starts - labels) for labels, starts in pairs),
        sum(labels == starts for labels, starts in pairs),
        seconds,
    )


def errors(abstracts: Iterable[Labelled], splitter: Splitter) -> Iterator[str]:
    """One line per wrong boundary: the text around it, with the boundary as a bar."""
    for one in abstracts:
        starts = starts_of(one.text, splitter)
        for place in sorted(one.starts ^ starts):
            kind = "missed" if place in one.starts else "invented"
            yield f"{kind:8} {one.name[:24]:24} {one.text[max(0, place - 45) : place]}|{one.text[place : place + 25]}"


def _first_from(text: str, place: int) -> int:
    found = _LETTER_OR_DIGIT.search(text, place)
    return found.start() if found else -1


# Splitters


def _footnote() -> Splitter:
    return lambda text: [end for _, end in sentence_spans(text)]


def _blingfire() -> Splitter:
    library = import_module("blingfire")
    return lambda text: [end for _, end in library.text_to_sentences_and_offsets(text)[1]]


def _syntok() -> Splitter:
    library = import_module("syntok.segmenter")

    def split(text: str) -> list[int]:
        last_tokens = [sentence[-1] for paragraph in library.analyze(text) for sentence in paragraph]
        return [token.offset + len(token.value) for token in last_tokens]

    return split


def _pysbd() -> Splitter:
    segmenter = import_module("pysbd").Segmenter(language="en", clean=False)
    return lambda text: _ends(text, segmenter.segment(text))


def _sentencex() -> Splitter:
    library = import_module("sentencex")
    return lambda text: _ends(text, library.segment("en", text))


def _nupunkt() -> Splitter:
    library = import_module("nupunkt")
    return lambda text: [start + len(text[start:end].rstrip()) for start, end in library.sent_spans(text)]


def _spacy() -> Splitter:
    model = import_module("spacy").blank("en")
    model.add_pipe("sentencizer")
    return lambda text: [sentence.end_char for sentence in model(text).sents]


def _ends(text: str, sentences: Iterable[str]) -> Iterator[int]:
    """Where sentences end that a library gives as strings."""
    end = 0
    for sentence in sentences:
        stripped = sentence.strip()
        if stripped and (start := text.find(stripped, end)) >= 0:
            end = start + len(stripped)
            yield end


SPLITTERS: dict[str, Callable[[], Splitter]] = {
    "footnote": _footnote,
    "blingfire": _blingfire,
    "syntok": _syntok,
    "pysbd": _pysbd,
    "sentencex": _sentencex,
    "nupunkt": _nupunkt,
    "spacy": _spacy,
}


def table(abstracts: Iterable[Labelled], names: Iterable[str]) -> Iterator[str]:
    abstracts = list(abstracts)
    yield f"{'splitter':10} {'split':5} {'source':8} {'F1':>6} {'missed':>7} {'invented':>8} {'all right':>11}     ms"
    for name in names:
        splitter = SPLITTERS[name]()
        splitter("It is ready. It has loaded what it needs.")
        for split in SPLITS:
            for source in SOURCES:
                chosen = [one for one in abstracts if (one.split, one.source) == (split, source)]
                if chosen:
                    found = score(chosen, splitter)
                    whole, time_each = f"{found.whole} of {found.abstracts}", 1000 * found.seconds / found.abstracts
                    counts = f"{found.f1:6.4f} {found.missed:7} {found.invented:8} {whole:>11} {time_each:6.2f}"
                    yield f"{name:10} {split:5} {source:8} {counts}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.runs.sentence_boundaries", description="Measure splitters.")
    parser.add_argument("--also", nargs="+", default=[], choices=list(SPLITTERS)[1:], help="libraries to measure too")
    parser.add_argument("--scifact", type=Path, help="a folder with SciFact's corpus.jsonl.gz")
    parser.add_argument("--errors", choices=SPLITS, help="print our errors on this split")
    options = parser.parse_args(arguments)
    texts = bundled_texts()
    if options.scifact:
        rows = read_abstracts(options.scifact / "corpus.jsonl.gz")
        texts |= {name.removeprefix("scifact-"): text for name, _, text in rows}
    abstracts = load(texts)
    for line in table(abstracts, ["footnote", *options.also]):
        print(line)
    for line in errors((one for one in abstracts if one.split == options.errors), _footnote()):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
