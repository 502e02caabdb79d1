"""Words that judge rather than report. A claim may use one only where its evidence does, or says as much.

Collected from the words of judgement that a small model added to evidence without them
(``evals/data/sentences.jsonl``, the
half for rules) and from the adjectives that the subjectivity lexicon of Pattern (De Smedt and Daelemans, 2012) rates as
opinions, without those that describe a method or a measurement ("deep", "sparse", "large", "fast", "higher").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.stemming import stem
from assistant.text.tokens import words

# Words that stand for each other share a line, and lines that go on are indented: one of them in the evidence allows
# all. After the colon: words that judge nothing by themselves and allow those before it.
_CLASSES = """
important crucial critical essential vital key central pivotal fundamental indispensable : necessary core
    major main needed matter
significant considerable substantial notable remarkable striking dramatic drastic : large greatly
    strong strongly marked much
impressive amazing astonishing astounding incredible extraordinary phenomenal spectacular stunning
    breathtaking staggering unbelievable outstanding exceptional excellent superb splendid magnificent
    fantastic wonderful marvelous fabulous terrific tremendous brilliant
huge enormous massive gigantic immense colossal vast tiny negligible : large small hardly imperceptible
revolutionary groundbreaking breakthrough transformative unprecedented : unseen
novel innovative inventive pioneering cutting-edge : new propose introduce present develop
state-of-the-art best superior unrivalled unparalleled unmatched : outperform exceed surpass highest strongest
    lead optimal better lowest
powerful robust : strong resist resilient stable strength high highly outperform
effective efficient successful : success effect work improve reduce outperform economical cheap save cost
promising encouraging exciting : potential promise
popular famous celebrated renowned well-known prominent influential : widely common widespread established
simple elegant neat clever ingenious smart sophisticated creative : simply simplicity easy straightforward complex
valuable useful helpful beneficial invaluable worthwhile handy : help benefit use practice aid value
interesting fascinating intriguing compelling surprising surprise : interest contrary unexpected
    counter-intuitive surprisingly
good nice perfect ideal flawless wonderful : better best high optimal performance improve
terrible horrible awful dreadful disastrous devastating alarming shocking worrying : worse worst fail
    low weak
beautiful attractive amusing : beauty appeal attract
comprehensive thorough extensive in-depth rigorous detailed : systematic broad wide full complete detail many
    large-scale
reliable trustworthy dependable : reliability trust consistent stable
unique : only distinct specific special
easy effortless straightforward : simple easily simply ease
impossible hopeless useless worthless pointless : cannot not no never
"""
_AS_ADVERB = (("ically", "ic"), ("ably", "able"), ("ibly", "ible"), ("ily", "y"), ("ly", ""))


def _read(lines: str) -> dict[str, frozenset[str]]:
    """Each word of judgement to the stems of which one in the evidence allows it."""
    allowed: dict[str, frozenset[str]] = {}
    for line in filter(None, re.sub(r"\n +", " ", lines).splitlines()):
        judging, _, plain = line.partition(":")
        together = frozenset(stem(word) for word in (judging + plain).split())
        allowed |= {word: allowed.get(word, frozenset()) | together for word in judging.split()}
    return allowed


_ALLOWED = _read(_CLASSES)


def unsupported_evaluative_words(claim: str, evidence: Sequence[str]) -> list[str]:
    """The words of judgement in a claim that no text of the evidence supports, as written and in order."""
    known = {stem(part) for text in evidence for word in words(text) for part in (word, *word.split("-"))}
    allowed = ((word, _ALLOWED.get(_adjective(word))) for word in words(claim))
    return [word for word, supporting in allowed if supporting and supporting.isdisjoint(known)]


def _adjective(word: str) -> str:
    """The word of judgement behind an adverb: "remarkably" gives "remarkable". Other words stay as they are."""
    if word in _ALLOWED or word == "simply":
        return word
    for ending, instead in _AS_ADVERB:
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word
