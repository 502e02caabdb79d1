"""Classifies a question by its wording (prose, list or comparison), and resolves follow-up questions for the search.

Only English patterns are known: a question in another language is answered in prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.errors import QuestionError
from assistant.text.tokens import content_words, words

Kind = Literal["prose", "list", "comparison"]


@dataclass(frozen=True, slots=True)
class QuestionType:
    """The form of answer that a question asks for.

    ``compared``: how many things a comparison compares, 2 to 4. ``asks_for_access``: whether something can be had, and
    from where.
    """

    kind: Kind
    compared: int = 2
    asks_for_number: bool = False
    asks_for_access: bool = False


Turn = tuple[str, str]
"""One turn of a conversation: the user's question and the answer as text."""

LONGEST_QUESTION_WORDS = 2_000
_LONGEST_QUESTION_CHARACTERS = 20 * LONGEST_QUESTION_WORDS
_QUERY_WORDS = 200  # more are not searched with: the embedding model truncates its input after 256 tokens

_MANY = r"(?:papers|studies|surveys|articles|publications|abstracts|literature)"
_ONE = r"(?:paper|works?|study|survey|article|research)"
_WRITTEN = rf"(?:{_MANY}|{_ONE}|trials?|experiments|reports|reviews?|references|publication|reading)"
_OF_TOPIC = r"(?:about|on|that|which|using|for|in|with|where|of)"
_STUDIED = r"(?:studied|studies|worked|works\s+on|looked\s+(?:at|into)|examined|investigated|researched|measured)"
_LIST = re.compile(
    rf"""\b(?:which|what|list|find|(?:show|get|give)(?:\s+me)?|recommend|suggest|name)\b[^.?!]{{0,40}}\b{_MANY}\b
    |\b(?:any|are\s+there|is\s+there|list|find|show\s+me)\s+(?:[\w-]+\s+){{0,3}}{_WRITTEN}\s+{_OF_TOPIC}\b
    |\bwhich\s+(?:trials|experiments|reports|reviews|authors|researchers|teams)\b
    |^\s*{_MANY}\b|^\s*works?\s+{_OF_TOPIC}\b|\bany\s+{_MANY}\b|^\s*(?:do|does|did|has|have)\s+any\s+{_WRITTEN}\b
    |\blooking\s+for\b|\banything\s+(?:(?:in\s+)?here\s+)?(?:about|on|where|that)\b
    |\b(?:something|(?:give|show|get)\s+me\s+everything)\s+(?:about|on)\b
    |\b(?:suggest|recommend|need)\s+(?:[\w-]+\s+){{0,2}}{_WRITTEN}\s+{_OF_TOPIC}\b
    |\bwhat\s+(?:(?:work|research)\s+)?has\s+been\s+(?:done|written|published)\b
    |\bwhat\s+(?:work|research)\s+(?:is\s+there|exists)\b
    |\bwhat\s+(?:have\s+you\s+got|do\s+you\s+have)\b|\bwhich\s+(?:ones|of\s+(?:these|them))\b
    |\bwho\s+(?:has\s+|have\s+)?{_STUDIED}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_COMPARISON = re.compile(
    r"""\b(?:compare|compares|comparing|comparison|versus|vs|contrast|differ(?:s|ence|ences|ently)?)\b
    |(?<!\bmany\s)(?<!\bseveral\s)(?<!\bvarious\s)(?<!\bmultiple\s)\bdifferent\b
    |\b(?:two|both)\s+(?:papers|works|methods)\b|\beach\s+(?:of|paper|work|method|approach)\b|\band\b[^?!]*\beach\b(?!\s+other)
    |\bone\b[^?!]*\bthe\s+other\b|\bpaper\b[^?!]*\band\b[^?!]*\b(?:paper|one)\b
    |\bsimilarit(?:y|ies)\b|\bin\s+common\b|\btrade-?offs?\s+between\b|\bpros\s+and\s+cons\b|\bmerits\b
    |\b(?:distinguish(?:es)?|separates?)\b[^?!]*\bfrom\b|\b(?:dis)?advantages?\b[^?!]*\bover\b
    |\bsuperior\s+to\b|\bwhich\s+of\b[^?!]*\b(?:and|or)\b[^?!]*\b(?:better|best|more|most|less|least|worse)\b
    |\bwhich\s+(?:is|are|performs?|works?)\b[^?!:,]*[,:][^?!]*\bor\b|\bor\b[^?!]*\b(?:better|more|less|worse)\s*\?""",
    re.IGNORECASE | re.VERBOSE,
)
_VERSUS = re.compile(r"\b(?:versus|vs)\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(two|three|four)\s+(?:\w+\s+)?(?:papers|works|methods|studies|surveys|approaches)\b", re.IGNORECASE
)
_FEW_WORDS = r"[^\s,.;:?!]+(?:\s+[^\s,.;:?!]+){0,5}"
_ENUMERATED = re.compile(rf"({_FEW_WORDS}(?:,\s+(?!and\b|or\b){_FEW_WORDS}?)+?),?\s+(?:and|or)\s", re.IGNORECASE)
_MEASURED = r"""(?:percentage|percent|share|fraction|proportion|number|size|score|accuracy|rate|ratio|incidence
    |prevalence|risk|mass|weight|length|height|depth|distance|duration|half-life|age|survival|cost|price|speed(?:-?up)?
    |dose|dosage|temperature|pressure|ph|frequency|concentration|correlation|probability|mean|median|average|amount
    |throughput)"""
_NOT_IN_NOUN_PHRASE = r"(?:of|in|on|for|is|are|was|were|do|does|did|can|could|should|will)"
_NUMBER = re.compile(
    rf"""\bhow\s+(?:many|much|long|often|large|big|small|fast|far|high|old|deep|strongly|tall|heavy|wide)\b|\bby\s+how\b
    |\bwhat\s+(?:percentage|percent|share|fraction|proportion|number|size|score|accuracy|rate|%)
    |\b(?:what|which)\s+(?:(?:is|are|was|were)\s+the\s+)?(?:(?!{_NOT_IN_NOUN_PHRASE}\b)[\w-]+\s+){{0,3}}{_MEASURED}
        \s*(?:\?|$|\b(?:of|in|for|on|at|with|after|per|to|did|does|do|is|are|was|were)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_ACCESS = re.compile(
    r"""\b(?:codes?|source|github|hugging\s*face|repo(?:sitory)?|urls?|links?|(?:web\s?)?sites?|page|online|web|internet
    |download(?:s|ed|able)?|demo|implementation|licen[cs]ed?|checkpoints?|weights|availab(?:le|ility)|access(?:ible)?
    |releas(?:e|es|ed|ing)|open(?:ed)?|public(?:ly)?|publish(?:ed)?|free(?:ly)?|host(?:ed|s)?|provided?
    |shar(?:e|es|ed)|away|get|obtain|where|anywhere)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = r"[\w.-]*(?:[A-Z][\w.-]*[A-Z0-9]|\d[\w.-]*[A-Za-z])[\w.-]*"  # BERT, LLM2LLM, EntiGraph, 1.5-Pints
_NAMED = re.compile(rf"\s[A-Z]\w+|(?:^|\s){_NAME}")
_EVERY_NAME = re.compile(rf"(?<!\S)['\"“‘(]?({_NAME})")
QUOTED = re.compile(r"(?<!\w)(?:'([^'\n]{4,120})'(?!\w)|[\"“]([^\"“”\n]{4,120})[\"”]|‘([^‘’\n]{4,120})’)")
_TWO_NAMES = re.compile(rf"(?:^|\s){_NAME}\s+(?:and|or)\s+(?:the\s+)?{_NAME}")
_REFERS_TO_CONVERSATION = re.compile(
    r"""(?<![\w-])(?:this|these|those|former|latter)\b
    |\b(?:about|besides|than|of|on|with|like|is|was|does|did|do|would|why)\s+that\b|\bthat\s*[?.,;]|\bthat\s+one\b
    |\bthe\s+(?:first|second|third|last|other)\b|\bthe\s+same(?:\s+(?:one|ones|paper|method|model)\b|\W*$)
    |^\s*(?:ok\s+)?(?:and|but|so|also|then|or|how\s+so|really|which\s+one|what\s+about|how\s+about|what\s+else|more)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKS_HOW = re.compile(r"\b(?:what|which|how|why|who|whose|whom|where|when)\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"""(?:^|[:;,.?!]\s*|-\s*)(?:(?:but|and|so|or|then)\s+)?(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would
    |should|may|might|must|isn't|aren't|doesn't|don't)\s+(?!you\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_OUTCOME = re.compile(
    r"""\bwhat\s+(?:is|are|was|were)\s+the\s+(?:[\w-]+\s+)?(?:effects?|impacts?|influence|results?|outcomes?|benefits?)\b
    |\bwhat\s+happens\b|\bhow\s+(?:much|well|many)\b|\bwhich\b[^?]*\b(?:better|best|more|most|less|worse)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PRONOUN = re.compile(r"(?<![\w-])(?:it|its|they|them|their|theirs|he|she|his|her)\b", re.IGNORECASE)
_IMPERSONAL = re.compile(  # "Is it good or bad to ...?", "Does it matter whether ...?"
    r"""\b(?:is|was|be)\s+it\s+(?:(?:a|an|the|very|more|less|really|also|still|not|always|ever)\s+)*
    (?:good|bad|better|worse|best|ok|okay|possible|impossible|true|false|worth|enough|necessary|useful|useless|helpful
    |harmful|safe|unsafe|dangerous|risky|legal|illegal|ethical|fair|easy|hard|easier|harder|difficult|cheaper|expensive
    |important|wise|sensible|reasonable|normal|common|known|idea)
    (?:\s+(?:or|and)\s+\w+)?(?:\s+idea)?\s+(?:to|that|if|when|whether|\w+ing)\b
    |\b(?:do|does|did|would|will|can|could)\s+it\s+
    (?:matter|(?:(?:help|hurt|pay)|make\s+sense|make\s+a\s+difference)\s+(?:to|if|whether|when|that)
    |(?:take|cost)(?:\s+[\w-]+){0,3}\s+to)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_ITS_SUBJECT = re.compile(  # "Do agents learn from their mistakes?"
    r"""^\s*(?:(?:how|why|when|where)\s+)?(?:do|did|are|were|can|could|should|will|would|have)\s+
    (?!(?:i|you|we|they|it|he|she|the|these|those)\b)(?:[\w-]+\s+){0,2}?[\w-]{3,}s\s.*?\b(?:their|theirs|them|they)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# A question with fewer content words than the first is a follow-up, one with as many as the second is none. A pronoun
# after as many as the third stands for one of them. All 22 follow-ups of the evaluation questions are recognised, and
# few other questions are taken for follow-ups (evals/LOG.md).
_LEAST_CONTENT_WORDS, _OWN_CONTENT_WORDS, _WORDS_BEFORE_PRONOUN = 3, 9, 4
_MOST_NAMES = 8  # each is searched for separately


def checked_question(question: str) -> str:
    """The cleaned question. Raises QuestionError if it has no words, or too many words or characters."""
    question = clean(question)
    if not words(question):
        raise QuestionError("The question contains no words: type what you want to know.")
    for count, most, unit in (
        (len(question.split()), LONGEST_QUESTION_WORDS, "words"),
        (len(question), _LONGEST_QUESTION_CHARACTERS, "characters"),
    ):
        if count > most:
            raise QuestionError(f"The question has {count:,} {unit}: ask in at most {most:,} {unit}.")
    return question


def clean(text: str) -> str:
    """Text on one line, without control characters, broken surrogates and surrounding white space."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def question_type(question: str) -> QuestionType:
    return QuestionType(
        kind_of(question), compared_count(question), bool(_NUMBER.search(question)), bool(_ACCESS.search(question))
    )


def kind_of(question: str) -> Kind:
    if _LIST.search(question):
        return "list"
    return "comparison" if _COMPARISON.search(question) or _TWO_NAMES.search(question) else "prose"


def asks_for_finding(question: str) -> bool:
    """Does it ask what was found: whether something is so, or what came of it, and not how or why something is done?

    Of several sentences, the last one counts.
    """
    last = re.split(r"(?<=[.?!])\s+", question.strip())[-1]
    is_yes_or_no = _YES_OR_NO.search(last) or (last.endswith("?") and not _ASKS_HOW.search(last))
    return bool(is_yes_or_no or _OUTCOME.search(last))


def compared_count(question: str) -> int:
    """How many things a comparison compares, 2 to 4: as many as it counts, enumerates, or joins by "versus"."""
    counted = _COUNTED.search(question)
    if counted:
        return ("two", "three", "four").index(counted.group(1).casefold()) + 2
    enumerated = _ENUMERATED.search(QUOTED.sub(" Name ", question))  # commas in a title do not separate items
    commas = enumerated.group(1).count(",") if enumerated else 0
    return max(2, min(4, 1 + max(len(_VERSUS.findall(question)), commas + 1 if commas else 0)))


def names_in_question(question: str) -> list[str]:
    """The names in a question: phrases in quotation marks, and words spelled as names (BERT, Skill-It)."""
    question = _first_words(question)
    quoted = (phrase for match in QUOTED.finditer(question) for phrase in match.groups() if phrase)
    return list(dict.fromkeys([*quoted, *_EVERY_NAME.findall(question)]))[:_MOST_NAMES]


def search_queries(question: str, history: Sequence[Turn] = ()) -> list[tuple[str, float]]:
    """The texts to search with, each with its weight; the weights sum to 1.

    A question that can be understood alone is searched as it is. A follow-up question is searched with two texts of
    equal weight: the question together with the previous one, and the whole conversation, whose answers contain the
    names that "it" refers to.
    """
    if not is_follow_up(question, history):
        return [(_first_words(question), 1.0)]
    with_previous = f"{history[-1][0]} {question}"
    conversation = " ".join(f"{asked} {answered}" for asked, answered in history)
    return [(_first_words(with_previous), 0.5), (_first_words(conversation), 0.5)]


def standalone_question(question: str, history: Sequence[Turn] = ()) -> str:
    """The question, after the previous one if it is a follow-up, for a model that does not see the conversation."""
    if not is_follow_up(question, history):
        return _first_words(question)
    return _first_words(f"{history[-1][0]} {question}")


def is_follow_up(question: str, history: Sequence[Turn]) -> bool:
    """Is it a follow-up, which cannot be understood without the conversation?

    A follow-up has hardly any content words, or a pronoun that neither a name nor several content words precede.
    """
    if not history:
        return False
    count = len(content_words(question))
    if count < _LEAST_CONTENT_WORDS and not _NAMED.search(question):
        return True
    if count >= _OWN_CONTENT_WORDS:
        return False
    refers = _REFERS_TO_CONVERSATION.search(question)
    if refers and not _NAMED.search(question[: refers.start()]):
        return True
    personal = _OF_ITS_SUBJECT.sub("", _IMPERSONAL.sub("", question))
    pronoun = _PRONOUN.search(personal)
    before = personal[: pronoun.start()] if pronoun else ""
    return bool(pronoun) and not _NAMED.search(before) and len(content_words(before)) < _WORDS_BEFORE_PRONOUN


def _first_words(text: str) -> str:
    return " ".join(text.split()[:_QUERY_WORDS])
