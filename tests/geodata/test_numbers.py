"""Numbers of an office's sheet."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.numbers import (
    NotNumber,
    NotWhole,
    Reading,
    read_count,
    read_decimal,
    read_percentage,
)


@pytest.mark.parametrize(
    ("cell", "value", "rewritten"),
    [
        ("2.878.769", 2878769, True),
        ("2.878", 2878, True),
        ("2,878", 2878, True),
        ("2\u00a0878", 2878, True),
        ("-1.234", -1234, True),
        ("36,00", 36, True),
        ("1.234,00", 1234, True),
        ("36.0", 36, True),
        ("-", 0, True),
        ("\u2013", 0, True),
        ("\u221212", -12, False),
        (" 85\u00a0", 85, False),
        ("007", 7, False),
        (85.0, 85, False),
        (85, 85, False),
        ("", None, False),
        ("\u00a0", None, False),
        (None, None, False),
    ],
)
def test_counts(cell, value, rewritten):
    assert read_count(cell) == Reading(value, rewritten)


@pytest.mark.parametrize(
    ("cell", "as_decimal", "as_thousands"),
    [
        ("2.5", "2,5", "2500"),
        (2.5, "2,5", "2500"),
        (2.878, "2,878", "2878"),
        ("97,34", "97,34", "97340"),
        ("0.123", "0,123", "123"),
        ("-1,5", "-1,5", "-1500"),
        ("1.234,5", "1234,5", "1234500"),
        ("1.2345", "1,2345", "-"),
    ],
)
def test_a_fraction_is_refused_with_both_readings(cell, as_decimal, as_thousands):
    with pytest.raises(NotWhole) as caught:
        read_count(cell)
    assert (caught.value.as_decimal, caught.value.as_thousands) == (as_decimal, as_thousands)


@pytest.mark.parametrize(
    "cell",
    ["tidak ada", "12 jiwa", "1.23.456", "1.234,567.890", "12/5", "--", True, float("nan"),
     float("inf"), 1e-7, date(2024, 1, 1), "19700101 199003 1 001"],
    ids=str,
)  # fmt: skip
def test_words_and_dates_are_no_counts(cell):
    with pytest.raises(NotNumber):
        read_count(cell)


@given(st.integers(-(10**9), 10**9), st.sampled_from([".", ",", " ", "\u00a0", "'"]))
def test_grouping_never_changes_a_number(number, separator):
    assert read_count(f"{number:,}".replace(",", separator)).value == number
    assert read_count(str(number)) == Reading(number)
    assert read_count(float(number)) == Reading(number)


@given(st.text(max_size=12))
def test_any_text_is_a_whole_number_missing_or_refused(text):
    try:
        value = read_count(text).value
    except (NotWhole, NotNumber):
        return
    digits = "".join(sign for sign in text if sign.isdecimal())
    # All that is ever dropped is a fraction of zeros, or a dash that stands for none.
    assert value is None or digits == "" or int(digits) in {abs(value) * 10**n for n in range(12)}


@pytest.mark.parametrize(
    ("cell", "value"),
    [("97,34", "97.34"), ("97.34 %", "97.34"), (0.9734, "0.9734"), ("", None), ("-", None)],
)
def test_percentages(cell, value):
    assert read_percentage(cell) == (None if value is None else Decimal(value))


@pytest.mark.parametrize("cell", ["tinggi", "nan", "1.234,5", True])
def test_what_is_no_percentage(cell):
    with pytest.raises(NotNumber):
        read_percentage(cell)


def test_coordinates_with_point_or_comma():
    assert read_decimal("112,959701") == read_decimal("112.959701") == 112.959701
    assert read_decimal("") is None
    with pytest.raises(NotNumber):
        read_decimal("12%")
