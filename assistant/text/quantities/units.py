"""Recognises units of measurement in any spelling, and converts them to base units with the library pint.

Only units that occur in abstracts are accepted, because pint also takes "in", "at" and "as" for units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

# Units that pint does not have, or that must not be converted into each other.
_OWN = (
    ("point", re.compile(r"(?:(?:percentage|percent|%)[ -])?points?\b|pp\b", re.IGNORECASE)),
    ("%", re.compile(r"\\?%|per ?cent\b|pct\b|percentage\b", re.IGNORECASE)),
    ("times", re.compile(r"[x×](?!\w)|times\b|fold\b", re.IGNORECASE)),
    ("dollar", re.compile(r"(?:US )?dollars?\b|USD\b", re.IGNORECASE)),
    ("euro", re.compile(r"euros?\b|EUR\b|€", re.IGNORECASE)),
)
MONEY = frozenset(("dollar", "euro"))
"""Units whose rates are not converted: a price of 10 per month is not always one of 120 per year."""
_SYMBOLS = frozenset(
    """s sec secs ms µs ns ps min mins h hr hrs d wk yr kyr Myr Gyr m km cm mm µm nm Å ft g kg mg µg ng pg t L l mL ml
    dL dl µL Hz kHz MHz GHz THz W mW kW MW GW Wh kWh MWh GWh J mJ kJ MJ cal kcal eV keV MeV GeV TeV V mV kV mA K Pa kPa
    MPa GPa bar T mT N Ω pc kpc Mpc Gpc AU ha mol mmol µmol nmol pmol mM µM nM dB KB kB MB GB TB PB mmHg Bq Gy Sv mSv
    °C""".split()
)
_NAMES = re.compile(
    r"""(?:nano|micro|milli|centi|deci|hecto|kilo|mega|giga|tera|peta)?
    (?:second|minute|hour|day|week|month|year|met(?:er|re)|gram|lit(?:er|re)|hertz|watt|joule|calorie|volt|ampere|kelvin|
    pascal|tesla|newton|parsec|hectare|tonne|mole|byte|bit|decibel|inch|mile|pound|becquerel|sievert)s?|foot|feet|inches
    |light[ -]years?|degrees? celsius""".replace("\n    ", ""),
    re.IGNORECASE,
)
_FOR_PINT = {
    "°C": "degC", "degree celsius": "degC", "degrees celsius": "degC", "KB": "kB", "AU": "astronomical_unit",
    "light year": "light_year", "light years": "light_year", "dB": "decibel", "wk": "week",
}  # fmt: skip
_DAILY = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"}
_TIME = r"(?:nanosecond|microsecond|millisecond|second|minute|hour|day|week|month|year)"
_RATE = re.compile(rf"\s+(?:an?|each|every)\s+({_TIME})\b|\s+({'|'.join(_DAILY)})\b", re.IGNORECASE)
_BARE_RATE = re.compile(rf"(?:per|an?|each|every)\s+({_TIME})\b", re.IGNORECASE)
_PER = re.compile(r"\s*/\s*|\s+per\s+|-per-", re.IGNORECASE)
_ATOM = re.compile(
    rf"(?:(square|cubic)\s+)?({_NAMES.pattern}|°C|º?[A-Za-zÅΩµμ]+)(?!\w)|([A-Za-zµμ]+)(?=[\^²³⁻−-]|\s?\^)",
    re.IGNORECASE,
)
_POWER = re.compile(r"\s?\^\s?\{?([-−–]?\d)\}?|([²³])|⁻([¹²³])|[-−]([1-3])\b")


@dataclass(frozen=True, slots=True)
class Unit:
    """``name``: of the base unit, the same for minutes and hours; ``factor``: how many base units one unit is."""

    name: str = ""
    factor: float = 1.0


NONE, PERCENT, POINT, TIMES = Unit(), Unit("%"), Unit("point"), Unit("times")


def unit_at(text: str, start: int) -> tuple[Unit, int] | None:
    """The unit that begins at an offset (``%``, ``µg/L``, ``m s^-1``, ``mg a day``), and where it ends."""
    for name, pattern in _OWN:
        if match := pattern.match(text, start):
            rate = _RATE.match(text, match.end()) if name in MONEY else None
            return (
                (Unit(f"{name} / {rate[1] or _DAILY[rate[2].casefold()]}"), rate.end())
                if rate
                else (Unit(name), match.end())
            )
    expression, end = _atom(text, start)
    if not expression:
        per = _BARE_RATE.match(text, start)
        return (_in_base_units(f"1/{per[1].casefold()}"), per.end()) if per else None
    while True:
        per = _PER.match(text, end)
        below, after = _atom(text, per.end()) if per else ("", end)
        if not below:
            break
        expression, end = f"{expression} / ({below})", after
    following, after = _atom(text, end + 1) if text[end : end + 1] in (" ", "·") else ("", end)
    if "** -" in following:
        expression, end = f"{expression} * {following}", after
    elif rate := _RATE.match(text, end):
        expression, end = f"{expression} / {rate[1] or _DAILY[rate[2].casefold()]}", rate.end()
    return _in_base_units(expression), end


def _atom(text: str, start: int) -> tuple[str, int]:
    """One unit with its exponent, as pint spells it, and where it ends; an empty text if no unit begins there."""
    match = _ATOM.match(text, start)
    if not match:
        return "", start
    word = (match[2] or match[3]).replace("μ", "µ").replace("º", "°")
    is_name = _NAMES.fullmatch(word) and len(word) > 2
    if not is_name and word not in _SYMBOLS:
        return "", start
    word = " ".join(word.replace("-", " ").casefold().split()) if is_name else word
    power, end = {"square": 2, "cubic": 3}.get((match[1] or "").casefold(), 1), match.end()
    if raised := _POWER.match(text, end):
        power, end = _power(raised), raised.end()
    return f"{_FOR_PINT.get(word, word)} ** {power}", end


def _power(match: re.Match[str]) -> int:
    plain, raised, lowered, glued = match.groups()
    if plain:
        return int(plain.replace("−", "-").replace("–", "-"))
    if glued:
        return -int(glued)
    return "_¹²³".index(raised) if raised else -"_¹²³".index(lowered)


@lru_cache(maxsize=1024)
def _in_base_units(expression: str) -> Unit:
    if "degC" in expression or "decibel" in expression:
        return Unit(expression)  # not a multiple of its base unit
    measured = _registry().Quantity(1.0, expression).to_root_units()
    return Unit(str(measured.units), float(measured.magnitude))


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()
