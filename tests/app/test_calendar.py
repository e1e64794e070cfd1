"""Dates: weeks, zones, holidays, an office's own days."""

from datetime import date, time
from pathlib import Path

import pytest

from app.calendar import (
    OfficePattern,
    Override,
    coming_week,
    moment,
    monday_of,
    read_overrides,
    seconds,
    week_days,
    week_of,
    zone_of,
)
from app.errors import BadCalendar, BadWeek


@pytest.mark.parametrize(
    ("today", "week"),
    [
        (date(2026, 11, 22), "2026-W48"),  # a Sunday: the week begins tomorrow
        (date(2026, 11, 23), "2026-W49"),  # a Monday: its own week has begun already
        (date(2026, 12, 28), "2027-W01"),  # 4 January 2027 is a Monday, of week 1
    ],
)
def test_the_coming_week_starts_after_today(today: date, week: str):
    assert coming_week(today) == week


def test_week_and_monday_are_each_others_inverse():
    assert monday_of("2026-W49") == date(2026, 11, 30)
    assert week_of(date(2026, 12, 6)) == "2026-W49"
    assert week_of(date(2026, 12, 7)) == "2026-W50"


@pytest.mark.parametrize(
    "text", ["2026-W54", "2026-W00", "9999-W52", "2026W49", "2026-49", "20२6-W49", ""]
)
def test_what_is_no_week_is_refused(text: str):
    with pytest.raises(BadWeek, match="ISO week"):
        monday_of(text)


def test_2026_has_53_weeks():
    # 1 January 2026 is a Thursday, so the year has 53 ISO weeks.
    assert monday_of("2026-W53") == date(2026, 12, 28)


def test_holidays_of_the_joint_decree_are_days_off():
    """SKB 1497/2/5 of 2025: 24 December 2026 is cuti bersama, 25 December a public holiday."""
    days = week_days("2026-W52", OfficePattern(), {})
    assert [d.is_working for d in days] == [True, True, True, False, False, False, False]


def test_every_2026_holiday_of_the_decree_is_known():
    """The 17 public days and 8 cuti bersama of domain.md section 6."""
    decree = (
        "01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16"
        " 08-17 08-25 12-25 02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24"
    )
    for text in decree.split():
        day = date.fromisoformat(f"2026-{text}")
        known = {d.day: d for d in week_days(week_of(day), OfficePattern(), {})}
        assert not known[day].is_working, day
        assert known[day].reason, day


def test_an_office_overrides_both_pattern_and_holidays():
    overrides = {
        date(2026, 12, 24): Override(is_working=True, reason="piket"),
        date(2026, 12, 21): Override(is_working=False, reason="rapat"),
    }
    days = {d.day.day: d for d in week_days("2026-W52", OfficePattern(), overrides)}
    assert days[24].is_working
    assert (days[21].is_working, days[21].reason) == (False, "rapat")


def test_an_office_with_six_days_works_on_saturday():
    days = week_days("2026-W49", OfficePattern(working_days=frozenset(range(1, 7))), {})
    assert [d.is_working for d in days] == [True] * 6 + [False]
    assert {d.reason for d in days} == {""}  # a rest day needs no reason


def test_friday_prayer_replaces_lunch():
    pattern = OfficePattern()
    assert pattern.breaks(date(2026, 12, 3)) == ((time(12), time(13)),)
    assert pattern.breaks(date(2026, 12, 4)) == ((time(11, 30), time(13)),)


@pytest.mark.parametrize(
    ("regency", "zone", "offset"),
    [
        ("62.02", "Asia/Jakarta", "+07:00"),
        ("64.72", "Asia/Makassar", "+08:00"),
        ("65.71", "Asia/Makassar", "+08:00"),
        ("91.01", "Asia/Jayapura", "+09:00"),
    ],
)
def test_times_carry_the_offset_of_the_office(regency: str, zone: str, offset: str):
    assert zone_of(regency) == zone
    monday = date(2026, 11, 30)
    second = seconds(monday, date(2026, 12, 1), time(9, 30))
    assert second == 86_400 + 9 * 3600 + 30 * 60
    assert moment(monday, second, zone).isoformat() == f"2026-12-01T09:30:00{offset}"


def test_an_office_writes_its_own_days_in_a_file(tmp_path: Path):
    file = tmp_path / "kalender.csv"
    file.write_text(
        "tanggal,kerja,keterangan,kabupaten\n"
        "2026-12-05,ya,lembur,\n2026-12-01,tidak,hari jadi,62.02\n2026-12-02,tidak,x,62.03\n",
        encoding="utf-8",
    )
    assert read_overrides(file, "62.02") == {
        date(2026, 12, 5): Override(is_working=True, reason="lembur"),
        date(2026, 12, 1): Override(is_working=False, reason="hari jadi"),
    }
    assert read_overrides(None, "62.02") == {}


@pytest.mark.parametrize(
    ("text", "row", "value"),
    [
        ("tanggal,kerja\n2026-12-05,ya\n", 1, "tanggal, kerja"),
        ("tanggal,kerja,keterangan\n5/12/2026,ya,x\n", 2, "5/12/2026"),
        ("tanggal,kerja,keterangan\n2026-12-05,mungkin,x\n", 2, "mungkin"),
        ("tanggal,kerja,keterangan,kabupaten\n2026-12-05,ya,x,6202\n", 2, "6202"),
    ],
)
def test_a_calendar_that_cannot_be_read_names_the_place(
    tmp_path: Path, text: str, row: int, value: str
):
    file = tmp_path / "kalender.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadCalendar) as raised:
        read_overrides(file, "62.02")
    assert f"row {row}" in str(raised.value)
    assert value in str(raised.value)
