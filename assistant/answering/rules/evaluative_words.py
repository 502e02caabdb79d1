"""Finds evaluative words ("remarkable", "novel") in a claim that its evidence does not justify.

The list was collected from the evaluative words that a small model added to evidence without them (the half "rules"
of ``evals/data/sentences.jsonl``), and from the adjectives that the subjectivity lexicon of Pattern (De Smedt and
Daelemans, 2012) rates as opinions, without those that describe a method or a measurement ("deep", "sparse", "large",
"fast", "higher"). "Strong", "great", "poor" and "bad" are missing on purpose: true claims use them too (evals/LOG.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.stemming import stem
from assistant.text.tokens import words

# One line per group of synonyms; an indented line continues the one above. A word of the group in the evidence
# justifies all words before the colon. Words after the colon are not evaluative: they only justify those before it.
_SYNONYMS = """
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


def _parse(lines: str) -> dict[str, frozenset[str]]:
    """Each evaluative word with the stems that justify it when the evidence contains one of them."""
    justifying: dict[str, frozenset[str]] = {}
    for line in filter(None, re.sub(r"\n +", " ", lines).splitlines()):
        evaluative, _, plain = line.partition(":")
        group = frozenset(stem(word) for word in (evaluative + plain).split())
        justifying |= {word: justifying.get(word, frozenset()) | group for word in evaluative.split()}
    return justifying


_JUSTIFYING = _parse(_SYNONYMS)


def unsupported_evaluative_words(claim: str, evidence: Sequence[str]) -> list[str]:
    """The evaluative words of a claim that no text of the evidence justifies, as written and in order."""
    known = {stem(part) for text in evidence for word in words(text) for part in (word, *word.split("-"))}
    evaluative = ((word, _JUSTIFYING.get(_adjective(word))) for word in words(claim))
    return [word for word, justifying in evaluative if justifying and justifying.isdisjoint(known)]


def _adjective(word: str) -> str:
    """The adjective of an evaluative adverb: "remarkably" gives "remarkable". Other words are returned unchanged."""
    if word in _JUSTIFYING or word == "simply":
        return word
    for ending, replacement in _AS_ADVERB:
        if word.endswith(ending):
            return word.removesuffix(ending) + replacement
    return word
