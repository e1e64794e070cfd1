"""Dates: weeks, zones, holidays, an office's own days."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.calendar import (
    OfficePattern,
    Override,
    coming_week,
    moment,
    monday_of,
    seconds,
    week_days,
    week_of,
    zone_of,
)
from app.db import reading
from app.errors import BadCalendar, BadWeek, NoDaylight
from app.models import Team
from app.office_days import office_days_of, read_office_days
from app.settings import Settings
from app.team_hours import duty_hours, team_days
from tests.app.conftest import ClientOf


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
    assert read_office_days(file, "62.02").office == {
        date(2026, 12, 5): Override(is_working=True, reason="lembur"),
        date(2026, 12, 1): Override(is_working=False, reason="hari jadi"),
    }
    assert read_office_days(None, "62.02").office == {}


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
        read_office_days(file, "62.02")
    assert f"row {row}" in str(raised.value)
    assert value in str(raised.value)


def written(folder: Path, *rows: str) -> Path:
    file = folder / "kalender.csv"
    head = "tanggal,sampai,kerja,keterangan,kabupaten,tim,jam_mulai,jam_selesai"
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return file


def test_days_of_teams_several_days_and_short_days(tmp_path: Path):
    file = written(
        tmp_path,
        "2026-12-01,2026-12-03,tidak,cuti,,A,,",
        "2026-12-24,,ya,piket,,,08:00,11:00",
        "2026-12-01,,ya,x,62.03,Z,,",
    )
    found = read_office_days(file, "62.02", ("A", "B"))
    leave = Override(is_working=False, reason="cuti")
    assert found.teams == {("A", date(2026, 12, n)): leave for n in (1, 2, 3)}
    assert found.office == {
        date(2026, 12, 24): Override(is_working=True, reason="piket", hours=(time(8), time(11)))
    }


def test_a_row_of_a_team_is_of_its_own_regency(seeded: Engine, tmp_path: Path):
    """A is of 62.02, Utara of 65.01; neither row names a regency."""
    file = written(tmp_path, "2026-12-01,,tidak,cuti,,A,,", "2026-12-02,,tidak,cuti,,Utara,,")
    with reading(seeded) as session:
        found = {code: office_days_of(session, file, code).teams for code in ("62.02", "65.01")}
    assert {code: list(teams) for code, teams in found.items()} == {
        "62.02": [("A", date(2026, 12, 1))], "65.01": [("Utara", date(2026, 12, 2))],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("last", "is_fine"), [("2027-12-01", True), ("2027-12-02", False), ("2026-11-30", False)]
)
def test_a_row_spans_a_year_at_most(tmp_path: Path, last: str, is_fine: bool):
    file = written(tmp_path, f"2026-12-01,{last},tidak,tutup,,,,")
    if is_fine:
        assert len(read_office_days(file, "62.02").office) == 366
    else:
        with pytest.raises(BadCalendar, match=last):
            read_office_days(file, "62.02")


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("2026-12-01,,tidak,cuti,,C,,", "'C'"),
        ("2026-12-01,,ya,x,,,08:00,", "08:00-"),
        ("2026-12-01,,ya,x,,,11:00,11:00", "11:00-11:00"),
        ("2026-12-01,,tidak,x,,,08:00,11:00", "kerja = ya"),
        ("2026-12-01,besok,tidak,x,,,,", "besok"),
        ("2026-12-01,,ya,x,,,08:00+07:00,11:00", "08:00+07:00"),
        ("2026-12-01,,ya,x,,,08:00,11:00Z", "11:00Z"),
        ("2026-12-01,,tidak,cuti,62.02,Utara,,", "'Utara'"),
    ],
)
def test_what_a_row_may_not_say(tmp_path: Path, row: str, value: str):
    with pytest.raises(BadCalendar) as raised:
        read_office_days(written(tmp_path, row), "62.02", ("A",), ("Utara",))
    assert value in str(raised.value)
    assert "row 2" in str(raised.value)


# --- Ramadan and short days --------------------------------------------------------------------

RAMADAN_HOURS = (time(8), time(14))


@pytest.mark.parametrize(
    ("day", "expected"),
    [  # 1 Ramadan 1447 was 19 February 2026, 1 Shawwal 21 March; 2027 by the package's Idul Fitri
        (date(2026, 2, 18), False), (date(2026, 2, 19), True),
        (date(2026, 3, 20), True), (date(2026, 3, 21), False),
        (date(2027, 2, 7), False), (date(2027, 2, 8), True),
        (date(2027, 3, 9), True), (date(2027, 3, 10), False),
    ],
)  # fmt: skip
def test_days_of_ramadan(day: date, expected: bool):
    pattern = OfficePattern()
    assert pattern.is_ramadan(day) is expected
    assert pattern.hours(day) == (RAMADAN_HOURS if expected else None)


def test_ramadan_ends_on_the_eve_of_each_idul_fitri_that_is_known():
    import holidays

    known = holidays.country_holidays("ID", years=range(2026, 2029), language="id")
    eves = {
        day - timedelta(days=1)
        for day, name in known.items()
        if name.startswith("Hari Raya Idul Fitri")
    }
    assert eves == {last for _, last in OfficePattern().ramadan}
    assert {(last - first).days + 1 for first, last in OfficePattern().ramadan} <= {29, 30}


def test_breaks_are_shorter_in_ramadan():
    pattern = OfficePattern()
    assert pattern.breaks(date(2026, 2, 19)) == ((time(12), time(12, 30)),)  # a Thursday
    assert pattern.breaks(date(2026, 2, 20)) == ((time(11, 30), time(12, 30)),)


def test_an_office_may_pause_in_ramadan():
    """16 and 17 February are cuti bersama and Imlek, 18 is the last day before."""
    days = week_days("2026-W08", OfficePattern(works_in_ramadan=False), {})
    off = [d for d in days if not d.is_working and d.day.isoweekday() < 6]
    assert [d.day.day for d in off] == [16, 17, 19, 20]
    assert [d.reason for d in off[2:]] == ["Ramadan", "Ramadan"]
    working = week_days("2026-W08", OfficePattern(), {})
    assert [d.hours for d in working if d.is_working] == [None, RAMADAN_HOURS, RAMADAN_HOURS]


def crew(vehicle: str = "car", hours: tuple[int, int] = (7, 16)) -> Team:
    return Team(name="A", vehicle=vehicle, starts=time(hours[0]), ends=time(hours[1]))


@pytest.mark.parametrize(
    ("vehicle", "hours", "expected"),
    [
        ("car", None, (time(7), time(16))),
        ("car", (time(8), time(14)), (time(8), time(14))),
        ("car", (time(6), time(17)), (time(7), time(16))),
        ("car", (time(8), time(15, 59)), (time(8), time(15, 59))),
        ("longboat", (time(6), time(18)), (time(7), time(16))),
        ("longboat", (time(15), time(18)), (time(15), time(16))),
    ],
)
def test_a_short_day_cuts_the_hours_of_a_team(
    vehicle: str, hours: tuple[time, time] | None, expected: tuple[time, time]
):
    assert duty_hours(crew(vehicle), OfficePattern(), hours=hours) == expected


def test_a_boat_has_no_day_in_the_dark():
    boat, pattern = crew("longboat", (4, 18)), OfficePattern()
    with pytest.raises(NoDaylight):
        duty_hours(boat, pattern, hours=(time(4), time(6, 30)))
    last = time(6, 31)
    assert duty_hours(boat, pattern, hours=(time(4), last)) == (time(6, 30), last)


def rows(week: str, spare: str = "") -> dict[str, Any]:
    """Days of one letter each from Monday, 7 December 2026 on: w worked, o off."""
    days = [
        {"day": f"2026-12-{7 + n:02}", "is_working": kind == "w", "reason": "", "hours": None}
        for n, kind in enumerate(week + spare)
    ]
    return {"days": days[:7], "spare_days": days[7:], "max_nights": 3}


def own(
    day: int, *, is_working: bool = False, hours: str | None = None, team: str = "A"
) -> dict[str, Any]:
    row = {"team": team, "day": f"2026-12-{day:02}", "is_working": is_working}
    return row | {"reason": "cuti", "hours": hours}


@pytest.mark.parametrize(
    ("team_rows", "stays_out", "expected"),
    [
        ([], False, [7, 8, 9, 10, 11]),
        ([own(9)], False, [7, 8, 10, 11]),
        ([own(9)], True, [7, 8, 10, 11, 12, 13, 14]),  # three nights after Friday the 11th
        ([own(12, is_working=True)], False, [7, 8, 9, 10, 11, 12]),
        ([own(day) for day in range(7, 12)], False, []),
        # The team begins at 7: one minute is left, or none.
        ([own(9, is_working=True, hours="05:00-07:01")], False, [7, 8, 9, 10, 11]),
        ([own(9, is_working=True, hours="05:00-07:00")], False, [7, 8, 10, 11]),
        ([own(9, team="B")], False, [7, 8, 9, 10, 11]),
    ],
)
def test_days_of_a_team(team_rows: list[dict[str, Any]], stays_out: bool, expected: list[int]):
    params = rows("wwwwwoo", "www") | {"team_days": team_rows}
    found = dict(team_days(crew(), params, OfficePattern(), stays_out=stays_out))
    assert [day.day for day in found] == expected


def test_the_hours_of_a_team_hold_against_those_of_everybody():
    params = rows("wwwwwoo") | {"team_days": [own(8, is_working=True, hours="09:00-12:00")]}
    for row in params["days"]:
        row["hours"] = "08:00-14:00"
    found = dict(team_days(crew(), params, OfficePattern(), stays_out=False))
    assert found[date(2026, 12, 7)].hours == (time(8), time(14))
    assert found[date(2026, 12, 8)].hours == (time(9), time(12))


@pytest.mark.usefixtures("seeded")
def test_a_week_is_shown_day_by_day(settings: Settings, client_of: ClientOf):
    """24 December 2026 is cuti bersama by the decree; here the office is on duty until eleven."""
    file = written(
        settings.data_dir, "2026-12-24,,ya,piket,62.02,,08:00,11:00",
        "2026-12-21,2026-12-22,tidak,cuti,62.02,A,,",
    )  # fmt: skip
    client = client_of(settings.model_copy(update={"calendar_file": file}))
    found = client.get("/api/v1/calendar", params={"regency": "62.02", "week": "2026-W52"}).json()
    days = {row["day"][-2:]: row for row in found["days"]}
    assert [day for day, row in days.items() if row["is_working"]] == ["21", "22", "23", "24"]
    assert (days["24"]["hours"], days["24"]["breaks"]) == ("08:00-11:00", ["12:00-13:00"])
    assert [row["team"] for row in days["22"]["teams"]] == ["A"]
    assert days["23"]["teams"] == []
    for query in ({"regency": "99.99"}, {"regency": "62.02", "week": "2026-W60"}):
        assert client.get("/api/v1/calendar", params=query).status_code in {404, 422}
