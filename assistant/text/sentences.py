"""Splits text into sentences, as offsets. Pure functions, standard library only.

Not covered: languages that do not end sentences with ``.``, ``!``, ``?`` or their full-width forms; such a text is
one sentence.
"""

from __future__ import annotations

import re

# A full stop after these does not end a sentence. Lower case, without the final stop.
ABBREVIATIONS = frozenset(
    "e.g i.e cf vs etc al fig figs eq eqs sec no nos ref refs resp approx incl dr prof mr mrs ms st ca viz".split()
)
# A stop before white space; a full-width one anywhere; one whose white space was lost ("ends here.The next").
# Runs of stops are taken whole and from their start only: text that consists of stops must not take quadratic time.
_END = re.compile(
    r"""(?<![.!?。！？])[.!?。！？]++["'”’)\]]*+(?=\s|$)|[。！？]++["'”’」』）)\]]*+|(?<=[a-z][a-z])[.!?](?=[A-Z][a-z]+\s)"""
)
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")  # J, or U.S
_OPENERS = "\"'“‘([{"
_GAP = re.compile(r"\s*+")
_OPENED = re.compile(rf"[{re.escape(_OPENERS)}]*+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Offsets ``[start, end)`` of the sentences of ``text``, without surrounding white space.

    A stop ends a sentence when something other than a lower-case letter follows, and it does not belong to an
    abbreviation or an initial.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, match):
            _append_stripped(spans, text, start, match.end())
            start = match.end()
    _append_stripped(spans, text, start, len(text))
    return spans


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    stripped = text[start:end].strip()
    if stripped:
        first = text.index(stripped, start)
        spans.append((first, first + len(stripped)))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    following = _after(_GAP, text, match.end())
    if following == len(text) or not match.group().startswith("."):
        return True
    last_word = text[max(0, match.start() - 20) : match.start()].split()[-1:]
    word = last_word[0].lstrip(_OPENERS).casefold() if last_word else ""
    if word in ABBREVIATIONS or (_INITIALS.fullmatch(word) and word != "i"):
        return False
    first = _after(_OPENED, text, following)
    return not text[first : first + 1].islower()


def _after(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Where a pattern that may be of nothing ends when it begins at a place; the rest of the text is not copied."""
    match = pattern.match(text, place)
    return match.end() if match else place


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]
