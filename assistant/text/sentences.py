"""Splits text into sentences, as offsets. Pure functions, standard library only.

A stop ends a sentence unless what is before or after it says otherwise: an abbreviation, an initial, an enclosing
bracket or quotation, a lower-case letter. Measured on labelled abstracts by ``evals/runs/sentence_boundaries.py``.

Not covered: languages that do not end sentences with ``.``, ``!``, ``?`` or their full-width forms; such a text is
one sentence.
"""

from __future__ import annotations

import re

from assistant.text.tokens import is_function_word

# Abbreviations are without the final stop, in lower case unless their spelling matters.
_NEVER_LAST = frozenset("e.g i.e cf vs resp approx incl excl ca viz esp av".split())
_OFTEN_LAST = frozenset({"al", "etc"})
_BEFORE_NUMBERS = frozenset(
    """no nos fig figs eq eqs sec secs sect ref refs vol vols pp app tab ch jan feb mar apr jun jul aug sep sept oct nov
    dec""".split()
)
_BEFORE_NAMES = frozenset(  # titles, companies, and the words of journals' names; "ms." is a unit
    """Dr Prof Mr Mrs Ms St Inc Ltd Corp Co Univ Proc Natl Acad Sci Phys Rev Lett Biol Chem Biochem Biophys Nat Am Soc
    Med Engl Res Commun Arch Suppl""".split()
)
_FIRST_WORDS = frozenset(  # words that start sentences and hardly ever names; function words do too
    """additionally although among both consequently conclusion conclusions conversely despite finally furthermore
    however interestingly like many methods moreover most one overall recently results several similarly since
    surprisingly therefore though thus together two unlike using within""".split()
)
_HEADINGS = frozenset(
    """aim aims background conclusion conclusions design discussion findings importance interpretation interventions
    introduction methods objective objectives participants patients purpose rationale results setting
    settings""".split()
)
# A stop before white space; a full-width one anywhere; one whose white space was lost ("ends here.The next").
# Runs of stops are taken whole and from their start only: text that consists of stops must not take quadratic time.
_STOP = re.compile(
    r"""(?<![.!?。！？])[.!?。！？]++["'”’)\]]*+(?:\s["”])?(?=\s|$)|[。！？]++["'”’」』）)\]]*+
    |(?<=[a-z][a-z])[.!?](?=[A-Z][a-z]+\s)""",
    re.VERBOSE,
)
_ENCLOSED = re.compile(r'\([^()]{1,300}\)|\[[^][]{1,300}\]|“[^“”]{1,300}”|(?<!\w)"[^"]{1,300}"(?!\w)')
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")  # J, or U.S
_UNIT = re.compile(r"\d\s?[a-zµμ]$")  # 5 h
_OPENING_MARKS = "\"'“‘([{"
_SAID_CHARACTERS = 30  # before a stop, which decide: more than the longest heading or abbreviation
_NEXT_WORD = re.compile(rf"\s*+(?P<marks>[{re.escape(_OPENING_MARKS)}]*+)(?P<word>(?:[^\W\d_]\.|[^\s,;:.!?)\]])*+)")
_NAME_IN_LOWER_CASE = re.compile(r"[^\W\d_][\w-]*?[A-Z\d]|[α-ω]")  # mRNA, p53, c-Myc


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Offsets ``[start, end)`` of the sentences of ``text``, without surrounding white space.

    The number of a list ("1.") and the heading of a section ("Results.") belong to the sentence that follows, and a
    passage in brackets or quotation marks to the sentence around it.
    """
    is_enclosed = _enclosed_places(text)
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        if not is_enclosed[stop.end()] and _ends_sentence(text, start, stop):
            _append_stripped(spans, text, start, stop.end())
            start = stop.end()
    _append_stripped(spans, text, start, len(text))
    return spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _enclosed_places(text: str) -> bytearray:
    """For each offset up to the length of the text: 1 within short brackets or quotation marks, else 0."""
    places = bytearray(len(text) + 1)
    for found in _ENCLOSED.finditer(text):
        places[found.start() + 1 : found.end()] = b"\1" * (found.end() - found.start() - 1)
    return places


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    stripped = text[start:end].strip()
    if stripped:
        first = text.index(stripped, start)
        spans.append((first, first + len(stripped)))


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    """Does a stop end the sentence that begins at ``start``?"""
    following = _NEXT_WORD.match(text, stop.end())
    marks, word = following.group("marks", "word") if following else ("", "")
    if not (marks or word) or stop.group()[0] in "。！？":
        return True
    is_lower_case = word[:1].islower()
    if stop.group()[0] in "!?":
        return not is_lower_case
    said = text[max(start, stop.start() - _SAID_CHARACTERS) : stop.start()]
    if stop.start() - start < _SAID_CHARACTERS and _is_label(said):
        return False
    before = (said.split() or [""])[-1].lstrip(_OPENING_MARKS)
    if before.casefold() in _NEVER_LAST:
        return False
    if before.casefold() in _OFTEN_LAST:
        return word[:1].isupper() and not marks
    if before.casefold() in _BEFORE_NUMBERS and not before.isupper():  # "NO." is nitric oxide
        return word[:1].isupper() and len(word.rstrip(".")) > 1 and not marks
    if before in _BEFORE_NAMES:
        return _is_first_word(word)
    if _INITIALS.fullmatch(before) and before != "I":
        return _is_first_word(word) or (bool(_UNIT.search(said[-4:])) and not is_lower_case)
    return not is_lower_case or bool(_NAME_IN_LOWER_CASE.match(word))


def _is_label(said: str) -> bool:
    """Is all that a sentence says so far the number of a list or the heading of a section?"""
    label = said.strip().lstrip(_OPENING_MARKS)
    return label.isdigit() or label.casefold() in _HEADINGS


def _is_first_word(word: str) -> bool:
    """Is it a word that starts sentences and hardly ever names? "A." is an initial."""
    folded = word.casefold()
    return word[:1].isupper() and (is_function_word(folded) or folded in _FIRST_WORDS)
