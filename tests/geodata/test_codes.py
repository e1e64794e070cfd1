"""Codes: every spelling of one code, nothing read that is not certain."""

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.codes import (
    district_of,
    dotted,
    kind_of,
    parse_code,
    province_of,
    read_code,
    regency_of,
)
from geodata.errors import AmbiguousCode, BadCode

parts = st.tuples(
    st.integers(11, 96), st.integers(1, 99), st.integers(1, 99), st.integers(1000, 3999)
)


@pytest.mark.parametrize(
    "text",
    [
        "62.02.01.1009", " 62.02.01.1009 ", "6202011009", "6202011009.0", "6.202011009E9",
        "'6202011009", "6202011009,0",
        "6,202011009E+09", "6.202.011.009", "6,202,011,009",
        "62 02 01 1009", "62-02-01-1009", "62.02.01.1009\u00a0", 6202011009,
        6202011009.0,
    ],
)  # fmt: skip
def test_spellings_of_one_code(text):
    assert parse_code(text) == "62.02.01.1009"


@given(parts)
def test_dots_and_numbers_do_not_change_a_code(numbers):
    dotted = "{:02}.{:02}.{:02}.{:04}".format(*numbers)
    plain = dotted.replace(".", "")
    assert parse_code(dotted) == dotted
    assert parse_code(plain) == dotted
    assert parse_code(f"{plain}.0") == dotted
    assert parse_code(float(plain)) == dotted


@given(st.text(max_size=20))
def test_any_text_is_a_code_of_ten_digits_or_refused(text):
    try:
        groups = parse_code(text).split(".")
    except BadCode:
        groups = None
    has_ten_digits = sum(sign.isdecimal() for sign in text) == 10
    assert groups is None or (has_ten_digits and [len(g) for g in groups] == [2, 2, 2, 4])


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("62.1", "62.01 / 62.10"),
        ("62.02.1.1009", "62.02.01.1009 / 62.02.10.1009"),
        ("62.02.01.101", "62.02.01.0101 / 62.02.01.1010"),
    ],
)
def test_a_lost_zero_is_ambiguous_and_both_readings_are_told(text, readings):
    with pytest.raises(AmbiguousCode) as caught:
        parse_code(text)
    assert caught.value.params["readings"] == readings


@pytest.mark.parametrize(
    "text",
    [
        "", "KODE", "620201100", "62020110099", "6202110001", "62.02.01.4001", "62.00.01.1009",
        "62.02.00.1009", "62.02.110.011", "6.20201100E+09", "6.202E+09", "6.202011.009",
        "10.02.01.1009", "62.02.O1.1009", None, 62.02,
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_code_of_a_village(text):
    with pytest.raises(BadCode):
        parse_code(text)


def test_all_villages_of_the_country_parse_and_bps_codes_mostly_do_not(shared_data):
    path = shared_data / "reference" / "codes_indonesia_kepmendagri_2430_2025.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file) if row["level"] == "village"]
    assert len(codes) == 83_762
    assert [parse_code(code.replace(".", "")) for code in codes] == codes


def test_parts_and_kind():
    code = "62.02.17.2018"
    assert (province_of(code), regency_of(code), district_of(code)) == ("62", "62.02", "62.02.17")
    assert [kind_of(f"62.02.01.{n}001") for n in (1, 2, 3)] == ["kelurahan", "desa", "desa adat"]


def test_what_a_cell_says_before_its_scheme_is_known():
    def says(cell):
        found = read_code(cell)
        return found.digits, found.layout, found.is_number, found.is_rounded

    assert says("62.02.01.1009") == ("6202011009", "kemendagri", False, False)
    assert says("62.02.110.011") == ("6202110011", "bps", False, False)
    assert says("6202110011") == ("6202110011", None, False, False)
    assert says(6202110011.0) == ("6202110011", None, True, False)
    assert says("6202110011.0") == ("6202110011", None, True, False)
    assert says("6.202E+09") == (None, None, True, True)
    # Kemendagri gives no 0 as the seventh digit, BPS no district or village 000; 62.00 is nowhere.
    assert says("62.02.01.0009") == (None, "kemendagri", False, False)
    assert says("62.02.110.000") == (None, "bps", False, False)
    assert [says(digits)[0] for digits in ("6202110000", "6202000011", "6200110011")] == [None] * 3


def test_readings_of_a_code_that_lost_zeros_are_those_that_kemendagri_can_give():
    assert [dotted(digits) for digits in read_code("62.1.1.2001").readings] == [
        "62.01.01.2001", "62.01.10.2001", "62.10.01.2001", "62.10.10.2001",
    ]  # fmt: skip
    # 0101 is no village: its first digit would be no kind.
    assert read_code("62.02.01.101").readings == ("6202011010",)
    assert read_code("62.1").readings == ()


@given(parts, st.sampled_from([".", "-", "/", " "]))
def test_a_group_that_lost_its_zeros_keeps_the_true_code_among_its_readings(numbers, separator):
    true = "{:02}{:02}{:02}{:04}".format(*numbers)
    groups = [str(number) for number in numbers]
    assert true in {read_code(separator.join(groups)).digits, *read_code(
        separator.join(groups)).readings}  # fmt: skip
    groups[1] = f"{numbers[1]:02}".rstrip("0")
    found = read_code(separator.join(groups))
    assert true in {found.digits, *found.readings}


@given(st.one_of(st.text(max_size=16), st.floats(), st.integers(), st.booleans(), st.none()))
def test_any_cell_can_be_read_and_certain_digits_are_ten(cell):
    found = read_code(cell)
    assert found.digits is None or (len(found.digits) == 10 and found.digits.isascii())
    assert all(len(digits) == 10 for digits in found.readings)
    assert not (found.digits and found.readings)
