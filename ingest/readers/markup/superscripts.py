"""Raised and lowered figures as plain text, by one convention for every format.

A power is written ``10^6``, ``m s^-1`` and, where the exponent is more than one figure or letter, ``x^(n+1)``. What is
lowered stays plain, ``CaCO3``, unless it is a calculation: ``w_(t+1)``. Two figures are never joined:
``10<sub>2</sub>`` is ``10_2``.

Not everything raised is a power. What stands in front decides:

- a figure, a unit, a function, a single letter or a closing bracket has a power;
- a sign alone, a charge, an ordinal, a mark and the number of an isotope or of a place stay plain: ``Ca2+``, ``1st``,
  ``14C``, ``Ser473``;
- figures behind a word in lower case, or behind a stop, are the numbers of references or footnotes. They are left out:
  joined to the word they would spoil it, and what they point to is not stored.

A reference behind a figure (``2019<sup>3</sup>``) cannot be told from a power and is written as one.
"""

from __future__ import annotations

import re

RAISED, POWER, LOWERED, END = "\x01", "\x02", "\x03", "\x04"
"""Marks around a figure in text that is being converted. ``POWER`` begins one that is known to be a power, because
its base stands in the same formula."""

_MARK = re.compile(f"([{RAISED}{POWER}{LOWERED}{END}])")
_RAISED_GROUP = re.compile(f"[{RAISED}{POWER}][^{RAISED}{POWER}{LOWERED}{END}]*{END}")
_CONTEXT = 60  # characters in front of a figure that are looked at: longer than any unit or bracket of a formula
_MAXIMUM_DEPTH = 20

_RAISED_FIGURES = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True))
_LOWERED_FIGURES = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True))
_UNICODE = re.compile(rf"([{''.join(_RAISED_FIGURES)}]+)|([{''.join(_LOWERED_FIGURES)}]+)")
_FIGURES = str.maketrans({**_RAISED_FIGURES, **_LOWERED_FIGURES})

UNICODE_FIGURES = "".join((*_RAISED_FIGURES, *_LOWERED_FIGURES))

_MINUS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_ONE_FIGURE = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|[^\W\d_])|∞")
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


def marked_figures(text: str) -> str:
    """The text with Unicode's raised and lowered figures between marks."""
    return _UNICODE.sub(_marked, text)


def _marked(match: re.Match[str]) -> str:
    return (RAISED if match[1] else LOWERED) + match.group().translate(_FIGURES) + END


def without_raised(text: str) -> str:
    """The text without what is raised, as in names, where it numbers affiliations."""
    return _RAISED_GROUP.sub("", text)


def written_out(text: str) -> str:
    """The text with what stands between marks written by the convention of this module."""
    opened = [("", list[str]())]
    pieces = _MARK.split(text)
    for number, piece in enumerate(pieces):
        if piece == END:
            if len(opened) > 1:
                mark, inner = opened.pop()
                around, figure = opened[-1][1], " ".join("".join(inner).split())
                before, after = "".join(around[-8:])[-_CONTEXT:], "".join(pieces[number + 1 : number + 3])
                if mark == RAISED and _belongs_before(before, figure, after):
                    around[-1] = around[-1].rstrip()
                    before = before.rstrip()
                around.append(_figure(mark, before, figure, after))
        elif _MARK.fullmatch(piece):
            if len(opened) <= _MAXIMUM_DEPTH:
                opened.append((piece, []))
        elif piece:
            opened[-1][1].append(piece)
    return _TIMES_TEN.sub(" × ", "".join(piece for _, inner in opened for piece in inner))


def _figure(mark: str, before: str, figure: str, after: str) -> str:
    if mark == LOWERED:
        written = _index(before, figure)
    elif mark == POWER:
        written = _power(before, figure)
    else:
        written = raised(before, figure, after)
    return f"{written} " if written[-1:].isdigit() and after[:1].isdigit() else written


def _belongs_before(before: str, figure: str, after: str) -> bool:
    """Is it a power although white space stands in front: "10 <sup>6</sup> cells", "m s <sup>-1</sup>"? Other figures
    belong to what is behind: "in 10 <sup>14</sup>C samples"."""
    base = before.rstrip()
    if base == before or after[:1].isalpha():
        return False
    plain = _MINUS.sub("-", figure)
    is_of_unit = bool(_SIGNED.match(plain)) and _word_at_the_end(base) in _UNITS
    return bool(_EXPONENT.fullmatch(plain)) and (is_of_unit or bool(_TEN.search(base)))


def _index(before: str, figure: str) -> str:
    """What stands below: plain, unless it would join two figures, or reads like a part of the line."""
    if _CALCULATION.search(figure):
        return f"_({figure.replace(' ', '')})"
    return f"_{figure}" if before[-1:].isdigit() and figure[:1].isdigit() else figure


def raised(before: str, figure: str, after: str = "") -> str:
    """What to write for a raised figure, by what stands in front of it and behind it."""
    plain = _MINUS.sub("-", figure)
    base = before[-1:]
    if not figure or _MARKS.fullmatch(figure):
        return figure
    if base.isdigit():
        return _behind_a_figure(before, plain)
    if base.isalpha():
        return _behind_a_word(_word_at_the_end(before), plain)
    if base and base in ")]}|":
        return _behind_a_bracket(before, plain)
    if base and base in ".,;:!?%\"'”’":
        is_isotope = base in ",;:" and after[:1].isupper()
        return "" if _REFERENCES.fullmatch(plain) and not is_isotope else plain
    return plain


def is_base(text: str) -> bool:
    """Could a figure behind this text be its power?"""
    base = text[-1:]
    if base.isalpha():
        word = _word_at_the_end(text)
        return len(word) == 1 or word in _UNITS or word in _FUNCTIONS
    return base.isdigit() or (base != "" and base in ")]}")


def _behind_a_figure(before: str, figure: str) -> str:
    if _DEGREE.fullmatch(figure):
        return "°"
    if _ORDINAL.fullmatch(figure) or not any(map(str.isalnum, figure)):
        return figure
    if _REFERENCE_LIST.fullmatch(figure) and not _TEN.search(before):
        return ""
    return _exponent(figure)


def _behind_a_word(word: str, figure: str) -> str:
    if _CHARGE.fullmatch(figure) and not _SIGNED.match(figure):
        return figure
    if _SIGNED.match(figure) or _FRACTION.fullmatch(figure):
        return _exponent(figure)
    if len(word) == 1 or word in _FUNCTIONS:
        return "" if _REFERENCE_LIST.fullmatch(figure) else _exponent(figure)
    if word in _UNITS and _EXPONENT.fullmatch(figure):
        return _exponent(figure)
    return "" if len(word) > 2 and word.islower() and _REFERENCES.fullmatch(figure) else figure


def _behind_a_bracket(before: str, figure: str) -> str:
    bracket = _BRACKET.search(before)
    is_prose = not bracket or bool(_LONG_WORD.search(bracket.group()))
    if _REFERENCES.fullmatch(figure) and (is_prose or _REFERENCE_LIST.fullmatch(figure)):
        return ""
    if is_prose or (_CHARGE.fullmatch(figure) and not _SIGNED.match(figure)):
        return figure
    return _exponent(figure)


def _power(before: str, figure: str) -> str:
    """What stands behind its base in a formula; a charge or a mark in a formula is one still."""
    figure = _MINUS.sub("-", figure)
    if before[-1:].isdigit():
        return _behind_a_figure(before, figure)
    if _CHARGE.fullmatch(figure) and not _SIGNED.match(figure):
        return figure
    if not figure or _MARKS.fullmatch(figure):
        return figure
    return "°" if _DEGREE.fullmatch(figure) and not before[-1:].isalpha() else _exponent(figure)


def _exponent(figure: str) -> str:
    figure = figure.replace(" ", "")
    if not figure or (figure[0] + figure[-1] == "()" and figure.count("(") == 1):
        return f"^{figure}" if figure else ""
    figure = figure.removeprefix("+") if _EXPONENT.fullmatch(figure) else figure
    return f"^{figure}" if _ONE_FIGURE.fullmatch(figure) else f"^({figure})"


def _word_at_the_end(text: str) -> str:
    match = _WORD.search(text)
    return match.group() if match else ""
