"""Finds the sides of a comparison, and for each side a text to search with.

A question may name its sides ("MiniLM and MiniPLM", "cats versus dogs") or only imply them ("Does cleaning the data
or repeating it matter more?"). The text for a side is the question without the other sides, so that it keeps the words
that say what is asked. Only English patterns are known.

A question that compares nothing may still need two papers ("What helps hens, and what do cows eat?"). Where it could be
split is a guess; whether two papers answer its two parts, the reranker finds out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from assistant.answering.question import QUOTED, compared_count, kind_of, names_in_question
from assistant.text.part_of_speech import tag_words

_MOST_SIDES = 4
_MOST_SPLITS = 3
_SHORTEST_PART = 2  # words
_LONGEST_PHRASE = 8  # words
# How far below the best paper for a side the second may be and still count as a paper about it.
_NEARLY_AS_GOOD = 0.1


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things that a question compares: its name in the question, and the text to search with."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, a phrase in quotation marks or a punctuation mark, and where it is in the question."""

    text: str
    start: int
    end: int
    tag: str

    @property
    def word(self) -> str:
        return self.text.casefold()

    @property
    def is_name(self) -> bool:
        """Is it spelled as a name, or a word for a paper or a method, such as "study"?"""
        is_capital = self.start > 0 and self.text[:1].isupper()
        return is_capital or self.word in _WORKS or bool(names_in_question(self.text))

    @property
    def is_thing(self) -> bool:
        return self.is_name or not self.tag.startswith(("AJ", "AV")) or self.word.endswith("ing")

    @property
    def is_inside(self) -> bool:
        """Can it be within the name of a side?"""
        return not (
            self.word in _ENDS_PHRASE or self.word in _JOINS or (self.tag in _FINITE_VERBS and not self.is_name)
        )


_Phrase = Sequence[_Piece]


@dataclass(frozen=True, slots=True)
class _Join:
    """Phrases that one word joins, and how probably they are what is compared: 0 if they are joined in passing."""

    phrases: Sequence[_Phrase]
    likelihood: int


_PIECE = re.compile(QUOTED.pattern + r"|(?<!\S)[Vv][Ss]\.(?=\s)|[^\s,.;:?!()—–]+(?:[.:][^\s,.;:?!()—–]+)*|[,.;:?!()—–]")
_BETWEEN_PARTS = re.compile(
    r"(?:\s*[,;:?—–]|\s+-)\s+(?:(?:and|or|but|while|whereas)\s+)?"
    r"|\s+(?:and|or|but|while|whereas|versus|vs\.?|v\.|than|unlike|(?:when\s+)?compared\s+(?:with|to)|as\s+opposed\s+to"
    r"|in\s+contrast\s+(?:to|with)|as\s+against|rather\s+than)\s+",
    re.IGNORECASE,
)
_VERSUS = frozenset({"versus", "vs", "vs."})
# "A differs from B", "A is better than B", "A is superior to B", "the advantage of A over B", "compare A with B"
_CONTRASTING = frozenset("from than to over with".split())
_CONTRASTS = frozenset(
    """differ differs different distinguish distinguishes separates better worse more less superior inferior compare
    compares advantage advantages disadvantage disadvantages""".split()
)
_JOINS = _VERSUS | {"and", "or"}
_WORKS = frozenset("paper study survey article approach method one".split())
_ENDS_CLAUSE = frozenset(
    """. ; : ? ! ( ) — – what which who whose how why where whether do does did is are was were has have had can could
    should would will may might must""".split()
)
_ENDS_PHRASE = _ENDS_CLAUSE | frozenset(
    """each both either between compare comparing differ differs different better worse more less respectively
    there not it they you i we be been
    after against as at before by compared during from in into on over per than that through toward towards under when
    while if""".split()
)
_LEADS_IN = frozenset("a about an at by for from how in of on that the to what when where which while with".split())
_PRONOUNS = frozenset({"one", "other", "others"})
_EXAMPLES = frozenset({"as", "like", "including"})  # "languages such as Swahili or Yoruba"
_FINITE_VERBS = frozenset("VVB VVD VVZ".split())
_CHOICE = frozenset("do does did is are was were should can could would will".split())


def sides_of(question: str) -> tuple[Side, ...]:
    """The two to four things that the question compares; none if it does not compare, or does not say what."""
    if kind_of(question) == "list":
        return ()
    pieces = _pieces(question)
    found = [_joined(pieces, place, question) for place in range(1, len(pieces) - 1)]
    best = max(found, key=lambda join: join.likelihood, default=_Join((), 0))
    if not best.likelihood:
        return ()
    before, after = question[: best.phrases[0][0].start], question[best.phrases[-1][-1].end :]
    names = [question[phrase[0].start : phrase[-1].end] for phrase in best.phrases[:_MOST_SIDES]]
    return tuple(Side(name, f"{before}{name}{after}") for name in names)


def two_parts(question: str) -> tuple[tuple[str, str], ...]:
    """At most three ways to split the question in two, the most even first; none for one that asks for a list.

    It is split at a punctuation mark or at a word like "and" or "than".
    """
    if kind_of(question) == "list":
        return ()
    splits = [(question[: between.start()], question[between.end() :]) for between in _BETWEEN_PARTS.finditer(question)]
    long_enough = [parts for parts in splits if min(len(part.split()) for part in parts) >= _SHORTEST_PART]
    return tuple(sorted(long_enough, key=lambda parts: abs(len(parts[0]) - len(parts[1])))[:_MOST_SPLITS])


def best_papers(scores: Sequence[Mapping[str, float]]) -> list[str]:
    """The id of the best paper for each side, from the scores of its papers; empty for a side without papers.

    A side whose best paper is that of another side gets its second best paper if that is nearly as good.
    """
    best = [""] * len(scores)
    for side in sorted(range(len(scores)), key=lambda side: -max(scores[side].values(), default=0.0)):
        of_side = scores[side]
        ranked = sorted(of_side, key=lambda paper_id: (-of_side[paper_id], paper_id))
        near = [one for one in ranked if of_side[one] >= of_side[ranked[0]] - _NEARLY_AS_GOOD]
        best[side] = next((one for one in near if one not in best), next(iter(near), ""))
    return best


def _pieces(question: str) -> list[_Piece]:
    tags = {token.text: token.tag for token in tag_words(question)}
    return [_Piece(match.group(), *match.span(), tags.get(match.group(), "")) for match in _PIECE.finditer(question)]


def _joined(pieces: Sequence[_Piece], place: int, question: str) -> _Join:
    """The phrases before and after the joining word at ``place``: "A or B", "A, B and C", "in A and how in B"."""
    join = pieces[place].word
    if join not in _JOINS | _CONTRASTING:
        return _Join((), 0)
    before = pieces[:place]
    if join in _CONTRASTING:
        before = [*dropwhile(lambda piece: not piece.is_inside or piece.word in _CONTRASTS, reversed(before))][::-1]
    left = [*takewhile(lambda piece: piece.is_inside and piece.word not in _CONTRASTS, reversed(before))][::-1]
    introduction = [piece.word for piece in before[: len(before) - len(left)][-1:]]
    if join in _CONTRASTING and not _CONTRASTS.intersection(
        [*introduction, *(piece.word for piece in pieces[len(before) : place])]
    ):
        return _Join((), 0)
    items = _split_at_commas(left)
    if not all(map(_is_named, items)) and len(items) + 1 != compared_count(question):
        items = items[-1:]
    items = [[*dropwhile(lambda piece: piece.word in _LEADS_IN, item[-_LONGEST_PHRASE:])] for item in items]
    phrases = [*items, _phrase_after(pieces[place + 1 :], join)]
    is_thing = any(piece.is_thing for phrase in phrases for piece in phrase)  # unlike "good or bad"
    if not is_thing or not all(any(piece.word not in _PRONOUNS for piece in phrase) for phrase in phrases):
        return _Join((), 0)
    lead_in = [piece.word for piece in pieces[place + 1 :] if piece.start < phrases[-1][0].start]
    return _Join(phrases, _likelihood(phrases, join, introduction, lead_in, question))


def _likelihood(
    phrases: Sequence[_Phrase], join: str, introduction: Sequence[str], lead_in: Sequence[str], question: str
) -> int:
    """Higher is more probable. ``introduction``: the word before the phrases; ``lead_in``: words before the last."""
    is_comparison = kind_of(question) == "comparison"
    if _EXAMPLES.intersection(introduction):
        return 0
    if join in _VERSUS:
        return 5
    if all(map(_is_named, phrases)):
        return 4
    if join in _CONTRASTING:
        return 3 if is_comparison else 0
    if set(lead_in).intersection(introduction):  # "while training or while generating"
        return 3
    if is_comparison:
        return 2
    return 1 if join == "or" and _CHOICE.intersection(introduction) and min(map(len, phrases)) > 1 else 0


def _phrase_after(pieces: Sequence[_Piece], join: str) -> _Phrase:
    """The phrase at the start of these pieces; after a "versus", it goes on to the end of the clause."""
    pieces = [*dropwhile(lambda piece: piece.word in _LEADS_IN, pieces)]
    if join in _VERSUS:
        pieces = [*takewhile(lambda piece: piece.word not in _ENDS_CLAUSE, pieces)]
        return pieces[:-1] if pieces and pieces[-1].text == "," else pieces
    phrase = pieces[:1] if pieces and pieces[0].word not in _ENDS_PHRASE else []  # whatever its tag: "recall"
    for piece in pieces[1:_LONGEST_PHRASE] if phrase else ():
        is_complete = phrase[-1].word in _WORKS and piece.word != "of"  # "study", unlike "study of sleep"
        if not piece.is_inside or piece.text == "," or is_complete:
            break
        phrase.append(piece)
    return phrase


def _is_named(phrase: _Phrase) -> bool:
    return any(piece.is_name for piece in phrase)


def _split_at_commas(pieces: Iterable[_Piece]) -> list[_Phrase]:
    items: list[list[_Piece]] = [[]]
    for piece in pieces:
        if piece.text == ",":
            items.append([])
        else:
            items[-1].append(piece)
    return [item for item in items if item] or [[]]
