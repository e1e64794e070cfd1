"""As-of dates in titles and lists."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.dates import as_of_from_text, date_fault, latest_day, past_day
from geodata.errors import BadValue


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("DATA KONSOLIDASI BERSIH SEMESTER I TAHUN 2023", date(2023, 6, 30)),
        ("SEMESTER II TAHUN 2022", date(2022, 12, 31)),
        ("Semester 2 2022", date(2022, 12, 31)),
        ("rekap_semester_i_2023", date(2023, 6, 30)),
        ("SEM. II/2024", date(2024, 12, 31)),
        ("Data per 12 November 2024", date(2024, 11, 12)),
        ("keadaan 1 Pebruari 2024", date(2024, 2, 1)),
        ("31-12-2024", date(2024, 12, 31)),
        ("31/12/2024", date(2024, 12, 31)),
        ("rekap 2024-06-13", date(2024, 6, 13)),
        ("rekap_20240613", date(2024, 6, 13)),
        ("BULAN FEBRUARI 2024", date(2024, 2, 29)),
        ("SEMESTER I TAHUN 2023\nDicetak 5 Juli 2023", date(2023, 6, 30)),
        ("PER DESA per 30 Juni 2023, dicetak 5 Juli 2023", date(2023, 6, 30)),
        ("TAHUN 2024", None),
        ("REKAPITULASI PER DESA/KELURAHAN", None),
        ("31-02-2024", None),
        ("12-13-2024", None),
        ("SEMESTER I TAHUN 2023 DAN SEMESTER II TAHUN 2023", None),
        ("5 Juli 2023 dan 6 Juli 2023", None),
        ("Perda 120231231", None),
        ("", None),
    ],
)
def test_titles(text, day):
    assert as_of_from_text(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024", date(2024, 12, 31)),
        ("2023-03", date(2023, 3, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2021-03-05", date(2021, 3, 5)),
        ("5 Maret 2021", date(2021, 3, 5)),
        ("Maret 2021", date(2021, 3, 31)),
        ("unknown", None),
        ("Unknown ", None),
        ("", None),
        ("-", None),
    ],
)
def test_days_of_lists(text, day):
    assert latest_day(text) == day


@pytest.mark.parametrize("text", ["kemarin", "2023-13", "2021-02-30", "21", "1899"])
def test_a_date_that_is_none_is_refused(text):
    with pytest.raises(BadValue) as caught:
        latest_day(text)
    assert caught.value.params["value"] == text


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_in_figures_is_read_back(day):
    for text in (day.isoformat(), f"{day:%d-%m-%Y}", f"per {day:%d/%m/%Y}", f"{day:%Y%m%d}"):
        assert as_of_from_text(text) == day
        assert latest_day(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025", date(2025, 12, 31)),
        ("2026", date(2026, 11, 22)),
        ("2026-11", date(2026, 11, 22)),
        ("Semester II 2026", date(2026, 11, 22)),
        ("2026-11-23", date(2026, 11, 23)),
        ("-", None),
    ],
)
def test_a_period_that_is_not_over_ends_today(text, day):
    assert past_day(text, date(2026, 11, 22)) == day


@pytest.mark.parametrize(
    "text", ["2026-11-24", "24/11/2026", "2026-12", "Desember 2026", "2027", "Semester I 2027"]
)
def test_a_day_to_come_is_refused(text):
    with pytest.raises(BadValue):
        past_day(text, date(2026, 11, 22))
    assert date_fault(text) == "date-to-come"
    assert date_fault("besok") == "date-unreadable"
