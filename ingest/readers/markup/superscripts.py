"""Writes superscripts and subscripts as plain text, by one convention in all formats.

An exponent is written ``10^6``, ``m s^-1`` or, if it is more than one number or letter, ``x^(n+1)``. A subscript is
written without a mark, ``CaCO3``, unless it is a calculation, ``w_(t+1)``, or follows a digit: ``10<sub>2</sub>``
becomes ``10_2``, because two numbers must never become one.

Not every superscript is an exponent. What precedes it decides:

- after a digit, a unit, a function, a single letter or a closing bracket it is an exponent;
- a lone sign, a charge, an ordinal, a footnote mark and the number of an isotope or of a residue are written without a
  mark: ``Ca2+``, ``1st``, ``14C``, ``Ser473``;
- numbers after a lower-case word or after punctuation refer to references or footnotes, which are not stored. They are
  left out, because joined to the word they would change it.

A reference after a digit (``2019<sup>3</sup>``) looks like an exponent and is written as one.
"""

from __future__ import annotations

import re

SUPERSCRIPT, EXPONENT, SUBSCRIPT, END = "\x01", "\x02", "\x03", "\x04"
"""Control characters that enclose a superscript or subscript while a text is being converted. ``EXPONENT`` begins a
superscript that is known to be an exponent, because its base is in the same formula."""

_MARK = re.compile(f"([{SUPERSCRIPT}{EXPONENT}{SUBSCRIPT}{END}])")
_SUPERSCRIPT_GROUP = re.compile(f"[{SUPERSCRIPT}{EXPONENT}][^{SUPERSCRIPT}{EXPONENT}{SUBSCRIPT}{END}]*{END}")
_MAXIMUM_CONTEXT = 60  # characters before a superscript that are examined: more than any unit or bracketed term has
_MAXIMUM_DEPTH = 20

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True))
_UNICODE = re.compile(rf"([{''.join(_SUPERSCRIPTS)}]+)|([{''.join(_SUBSCRIPTS)}]+)")
_PLAIN_DIGITS = str.maketrans({**_SUPERSCRIPTS, **_SUBSCRIPTS})

UNICODE_SCRIPTS = "".join((*_SUPERSCRIPTS, *_SUBSCRIPTS))

_MINUS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_ONE_NUMBER_OR_LETTER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|[^\W\d_])|∞")
_SIGNED = re.compile(r"-\s*[\w(]")
_EXPONENT = re.compile(r"[+-]?\d+(?:[./]\d+)?")
_FRACTION = re.compile(r"\d+[./]\d+")
_CHARGE = re.compile(r"(?:\d*[+-]|[+-]\d)(?:/?\d*[+-])*|\d*[•·][+-]?")
_MARKS = re.compile(r"[*†‡§¶#®©™°′″'’]+|TM|SM")
_DEGREE = re.compile(r"[oº∘○◦]")
_ORDINAL = re.compile(r"[^\W\d_]{2,}")
_REFERENCES = re.compile(r"\[?\d{1,3}(?:\s*[,;-]\s*\d{1,3})*\]?|[a-h](?:,\s*[a-h])*")
_REFERENCE_LIST = re.compile(r"\[?\d{1,3}(?:\s*[,;-]\s*\d{1,3})+\]?")
_CALCULATION = re.compile(r"[^\W\d_]\s*[-+=−]\s*\d|\d\s*[-+=−]\s*[^\W\d_]")  # t+1, but not 1-42
_WORD = re.compile(r"[^\W\d_]+$")
_TEN = re.compile(r"(?<![\d.,])10$")
_BRACKET = re.compile(r"[(\[{|][^()\[\]{}|]*[)\]}|]$")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_TIMES_TEN = re.compile(r"(?<=\d)\s?[x×]\s?(?=10\^)")
_UNITS = frozenset(
    """m cm mm km dm nm pm fm um µm μm ft in inch inches feet foot yd yards mile miles mi s ms ns ps µs μs sec min h hr
    hrs hour hours day days d week weeks month months year years yr kg g mg ng µg μg ug t K A V W J N C Pa kPa
    MPa GPa bar atm L l mL ml dL µL μL ha px pixel pixels voxel voxels Å eV keV MeV GeV TeV meV T mT rad sr deg
    degree degrees arcmin arcsec pc kpc Mpc Gpc AU au Hz kHz MHz GHz THz mol mmol µmol μmol nmol M mM lb lbs
    meter meters metre metres cell cells Jy erg dyn cal kcal kJ kW mW MW Wh kWh Bq Ci Gy Sv lm lx cd""".split()
)
_FUNCTIONS = frozenset("sin cos tan sec csc cot sinh cosh tanh exp log ln lg chi sigma eta".split())


def with_scripts_marked(text: str) -> str:
    """The text with Unicode's superscript and subscript characters as plain ones between marks."""
    return _UNICODE.sub(_marked, text)


def _marked(match: re.Match[str]) -> str:
    return (SUPERSCRIPT if match[1] else SUBSCRIPT) + match.group().translate(_PLAIN_DIGITS) + END


def without_superscripts(text: str) -> str:
    """The text without superscripts, which in names are the numbers of affiliations."""
    return _SUPERSCRIPT_GROUP.sub("", text)


def scripts_as_text(text: str) -> str:
    """The text with all marked superscripts and subscripts written by the convention of this module."""
    opened = [("", list[str]())]
    pieces = _MARK.split(text)
    for number, piece in enumerate(pieces):
        if piece == END:
            if len(opened) > 1:
                mark, inner = opened.pop()
                around, script = opened[-1][1], " ".join("".join(inner).split())
                before, after = "".join(around[-8:])[-_MAXIMUM_CONTEXT:], "".join(pieces[number + 1 : number + 3])
                if mark == SUPERSCRIPT and _belongs_to_base(before, script, after):
                    around[-1] = around[-1].rstrip()
                    before = before.rstrip()
                around.append(_script_as_text(mark, before, script, after))
        elif _MARK.fullmatch(piece):
            if len(opened) <= _MAXIMUM_DEPTH:
                opened.append((piece, []))
        elif piece:
            opened[-1][1].append(piece)
    return _TIMES_TEN.sub(" × ", "".join(piece for _, inner in opened for piece in inner))


def _script_as_text(mark: str, before: str, script: str, after: str) -> str:
    if mark == SUBSCRIPT:
        written = _subscript(before, script)
    elif mark == EXPONENT:
        written = _known_exponent(before, script)
    else:
        written = superscript_as_text(before, script, after)
    return f"{written} " if written[-1:].isdigit() and after[:1].isdigit() else written


def _belongs_to_base(before: str, script: str, after: str) -> bool:
    """Is it an exponent although white space precedes it: "10 <sup>6</sup> cells", "m s <sup>-1</sup>"?

    Others belong to what follows them: "in 10 <sup>14</sup>C samples".
    """
    base = before.rstrip()
    if base == before or after[:1].isalpha():
        return False
    plain = _MINUS.sub("-", script)
    is_of_unit = bool(_SIGNED.match(plain)) and _word_at_the_end(base) in _UNITS
    return bool(_EXPONENT.fullmatch(plain)) and (is_of_unit or bool(_TEN.search(base)))


def _subscript(before: str, script: str) -> str:
    """A subscript: unmarked, unless it would join two numbers or would read like a part of the line."""
    if _CALCULATION.search(script):
        return f"_({script.replace(' ', '')})"
    return f"_{script}" if before[-1:].isdigit() and script[:1].isdigit() else script


def superscript_as_text(before: str, script: str, after: str = "") -> str:
    """What to write for a superscript, given the text before and after it."""
    plain = _MINUS.sub("-", script)
    base = before[-1:]
    if not script or _MARKS.fullmatch(script):
        return script
    if base.isdigit():
        return _after_digit(before, plain)
    if base.isalpha():
        return _after_word(_word_at_the_end(before), plain)
    if base and base in ")]}|":
        return _after_bracket(before, plain)
    if base and base in ".,;:!?%\"'”’":
        is_isotope = base in ",;:" and after[:1].isupper()
        return "" if _REFERENCES.fullmatch(plain) and not is_isotope else plain
    return plain


def can_have_exponent(text: str) -> bool:
    """Can a superscript after this text be an exponent?"""
    base = text[-1:]
    if base.isalpha():
        word = _word_at_the_end(text)
        return len(word) == 1 or word in _UNITS or word in _FUNCTIONS
    return base.isdigit() or (base != "" and base in ")]}")


def _after_digit(before: str, script: str) -> str:
    if _DEGREE.fullmatch(script):
        return "°"
    if _ORDINAL.fullmatch(script) or not any(map(str.isalnum, script)):
        return script
    if _REFERENCE_LIST.fullmatch(script) and not _TEN.search(before):
        return ""
    return _exponent(script)


def _after_word(word: str, script: str) -> str:
    if _CHARGE.fullmatch(script) and not _SIGNED.match(script):
        return script
    if _SIGNED.match(script) or _FRACTION.fullmatch(script):
        return _exponent(script)
    if len(word) == 1 or word in _FUNCTIONS:
        return "" if _REFERENCE_LIST.fullmatch(script) else _exponent(script)
    if word in _UNITS and _EXPONENT.fullmatch(script):
        return _exponent(script)
    return "" if len(word) > 2 and word.islower() and _REFERENCES.fullmatch(script) else script


def _after_bracket(before: str, script: str) -> str:
    bracket = _BRACKET.search(before)
    is_prose = not bracket or bool(_LONG_WORD.search(bracket.group()))
    if _REFERENCES.fullmatch(script) and (is_prose or _REFERENCE_LIST.fullmatch(script)):
        return ""
    if is_prose or (_CHARGE.fullmatch(script) and not _SIGNED.match(script)):
        return script
    return _exponent(script)


def _known_exponent(before: str, script: str) -> str:
    """A superscript after its base in a formula: an exponent, unless it is a charge, a degree or a footnote mark."""
    script = _MINUS.sub("-", script)
    if before[-1:].isdigit():
        return _after_digit(before, script)
    if _CHARGE.fullmatch(script) and not _SIGNED.match(script):
        return script
    if not script or _MARKS.fullmatch(script):
        return script
    return "°" if _DEGREE.fullmatch(script) and not before[-1:].isalpha() else _exponent(script)


def _exponent(script: str) -> str:
    script = script.replace(" ", "")
    if not script or (script[0] + script[-1] == "()" and script.count("(") == 1):
        return f"^{script}" if script else ""
    script = script.removeprefix("+") if _EXPONENT.fullmatch(script) else script
    return f"^{script}" if _ONE_NUMBER_OR_LETTER.fullmatch(script) else f"^({script})"


def _word_at_the_end(text: str) -> str:
    match = _WORD.search(text)
    return match.group() if match else ""
