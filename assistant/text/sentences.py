"""Text without models: sentences as offsets, words, numbers and names. Pure functions, standard library only.

Not covered: languages that do not end sentences with ``.``, ``!``, ``?`` or their full-width forms; such a text is
one sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# A full stop after these does not end a sentence. Lower case, without the final stop.
ABBREVIATIONS = frozenset(
    "e.g i.e cf vs etc al fig figs eq eqs sec no nos ref refs resp approx incl dr prof mr mrs ms st ca viz".split()
)
# A stop before white space; a full-width one anywhere; one whose white space was lost ("ends here.The next").
# Runs of stops are taken whole and from their start only: text of nothing else must not take for ever.
_END = re.compile(
    r"""(?<![.!?。！？])[.!?。！？]++["'”’)\]]*+(?=\s|$)|[。！？]++["'”’」』）)\]]*+|(?<=[a-z][a-z])[.!?](?=[A-Z][a-z]+\s)"""
)
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")  # J, or U.S
_OPENERS = "\"'“‘([{"
_GAP = re.compile(r"\s*+")
_OPENED = re.compile(rf"[{re.escape(_OPENERS)}]*+")

_STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but
    by can could did do does doing down during each few for from further had has have having he her here hers him his
    how i if in into is it its itself just let me more most my no nor not now of off on once only or other our ours
    out over own same she should so some such than that the their theirs them then there these they this those
    through to too under until up us very was we were what when where which while who whom why will with would you
    your yours tell give show please list find explain describe paper papers study studies abstract author authors
    work according""".split()
)
_WORD = re.compile(r"[^\W_]+(?:['’.+-][^\W_]+)*\+*")


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


def words(text: str) -> list[str]:
    """Case-folded words of ``text``; ``GPT-3.5``, ``c++`` and ``don't`` stay whole."""
    return [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]


def is_stop_word(word: str) -> bool:
    return word in _STOP_WORDS


def content_words(text: str) -> list[str]:
    """Words that carry meaning, hyphened words in their parts: ``pre-training`` gives ``pre``, ``training``."""
    found: list[str] = []
    for word in words(text):
        parts = [part for part in re.split(r"[-'.]", word) if part]
        found += [part for part in parts if part not in _STOP_WORDS and (len(part) > 1 or part.isdigit())]
    return found


def enumeration(items: Sequence[str], word: str = "and") -> str:
    """The items as one text: "A", "A and B", "A, B and C"."""
    return f" {word} ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
