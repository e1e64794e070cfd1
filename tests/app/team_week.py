"""A plan made by hand for the tests of itineraries: a tour with a night, blank spots, breaks.

Plan 3 of week 2026-W49, times in WIB. Team A leaves Sampit on Monday with a satellite kit, serves
one village, sleeps at a listed place, serves two more on Tuesday and is back. Team B serves one
village on Monday with a weak signal, at a school. ``STOPS`` says by hand what every format has to
say.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import shapely
from sqlmodel import Session

from app.models import Plan, PlanLeg, PlanStop, Staff, StaffLeave
from tests.app.seed import MONDAY, TUESDAY, seed

PLAN = 3
SOLVED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class Told(NamedTuple):
    """A stop as it has to be told."""

    team: str
    day: date
    order: int
    village: str
    start: str
    end: str
    lon: float
    lat: float
    mode: str


V1, V2, V3 = "62.02.01.2001", "62.02.01.2002", "62.02.02.2001"
STOPS = (
    Told("A", MONDAY, 1, f"Desa {V1}", "08:30", "10:30", 112.05, -2.45, "online_satellite"),
    Told("A", TUESDAY, 1, f"Desa {V3}", "08:00", "10:00", 112.25, -2.45, "online"),
    Told("A", TUESDAY, 2, f"Desa {V2}", "10:40", "13:40", 112.15, -2.45, "store_and_forward"),
    Told("B", MONDAY, 1, f"Desa {V2}", "09:15", "11:15", 112.15, -2.44, "online_slow"),
)
NIP = "198503122010011004"
COSTS = {
    "A": {"vehicle": 1_200_000, "travel": 84_500, "per_diem": 3_600_000, "lodging": 900_000},
    "B": {"vehicle": 600_000, "travel": 41_250, "per_diem": 0, "lodging": 0},
}
"""Rupiah of the week, the sums of the days below."""


def make_week(session: Session) -> None:
    """Add the plan to the small regency of ``seed``."""
    seed(session)
    session.add(
        Plan(
            id=PLAN, regency_code="62.02", week="2026-W49", status="feasible", solved_at=SOLVED,
            params={"seconds": 1.0, "seed": 0, "minutes": [120]}, value=1.0, worth=1.0,
            cost_rupiah=6_425_750, distance_m=100_000, created_at=SOLVED, summary=_summary(),
        )
    )  # fmt: skip
    session.flush()
    for told in STOPS:
        _stop(session, told)
    for team, day, order, line in (
        ("A", MONDAY, 1, ((112.0, -2.45), (112.02, -2.46), (112.05, -2.45))),
        ("A", MONDAY, 2, ((112.05, -2.45), (112.25, -2.45))),
        ("A", TUESDAY, 2, ((112.25, -2.45), (112.15, -2.45))),
        ("A", TUESDAY, 3, ((112.15, -2.45), (112.0, -2.45))),
        ("B", MONDAY, 1, ((112.0, -2.45), (112.15, -2.44))),
        ("B", MONDAY, 2, ((112.15, -2.44), (112.0, -2.45))),
    ):
        session.add(
            PlanLeg(
                plan_id=PLAN, team=team, day=day, order=order, part=1, minutes=40.0, metres=15_000,
                mode="river" if team == "B" else "road", geometry=shapely.LineString(line),
            )
        )  # fmt: skip
    session.add(Staff(nip=NIP, name="Siti Aminah", rank="III/b", role="leader", team="A",
                      import_id=4))  # fmt: skip
    session.add(Staff(nip="198601012011012003", name="Budi", rank="II/c", role="driver", team="A",
                      import_id=4))  # fmt: skip
    session.flush()
    session.add(StaffLeave(nip="198601012011012003", starts=MONDAY, ends=TUESDAY))


def make_week_in_east(session: Session) -> None:
    """Add plan 4 of the same week in Kalimantan Utara (WITA): one stop at 08:30 there."""
    visit = {"day": MONDAY.isoformat(), "departure": 27_000, "arrival": 43_200, "with_kit": False}
    team = {"team": "Utara", "base": "Tanjung Selor", "lon": 116.0, "lat": 3.5, "vehicle": "car",
            "days": 1, "n_stops": 1, "hours": 4.0, "km": 1.0, "cost_rupiah": 0, "expected": {},
            "shifts": [visit]}  # fmt: skip
    session.add(
        Plan(id=4, regency_code="65.01", week="2026-W49", params={}, status="feasible",
             solved_at=SOLVED, summary={"teams": [team]})
    )  # fmt: skip
    session.flush()
    start = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
    session.add(
        PlanStop(
            plan_id=4, team="Utara", day=MONDAY, order=1, village_code="65.01.01.2001",
            arrive=start, start=start, depart=start + timedelta(hours=2), minutes=120,
            break_minutes=0, travel_break_minutes=0, service_mode="online", travel_mode="road",
            travel_minutes=60.0, distance_m=1, with_kit=False, worth=1.0, expected={},
        )
    )  # fmt: skip


def _stop(session: Session, told: Told) -> None:
    midnight = datetime.combine(told.day, datetime.min.time(), tzinfo=UTC) - timedelta(hours=7)
    start, end = (midnight + _span(text) for text in (told.start, told.end))
    minutes = int((end - start).total_seconds()) // 60
    pause = 60 if told.end == "13:40" else 0
    expected = {"ktp_el": 12.4, "pemula": 3.0, "kia": 0.0, "akta": 1.6, "ikd": 0.0}
    session.add(
        PlanStop(
            plan_id=PLAN, team=told.team, day=told.day, order=told.order,
            village_code=told.village.removeprefix("Desa "), lon=told.lon, lat=told.lat,
            point_code="SMA" if told.team == "B" else told.village.removeprefix("Desa "),
            point_name="SMA 1" if told.team == "B" else told.village,
            point_kind="school" if told.team == "B" else "village_hall",
            arrive=start, start=start, depart=end, minutes=minutes - pause, break_minutes=pause,
            travel_break_minutes=0, service_mode=told.mode,
            travel_mode="river" if told.team == "B" else "road", travel_minutes=40.0,
            distance_m=15_000, with_kit=told.mode == "online_satellite", worth=3.0,
            expected=expected, expected_p90={name: 2 * n for name, n in expected.items()},
        )
    )  # fmt: skip


def _span(text: str) -> timedelta:
    hours, minutes = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes)


def _summary() -> dict[str, Any]:
    hour = 3600
    shifts = {
        "A": [
            {"day": MONDAY.isoformat(), "departure": 7 * hour + 1800, "arrival": 16 * hour,
             "with_kit": True, "sleeps_code": V3, "sleeps_point": "L1",
             "sleeps_place": "Losmen Hulu", "people": 5, "kits": 1,
             "costs": {"vehicle": 600_000, "travel": 50_000, "per_diem": 1_800_000,
                       "lodging": 900_000}},
            {"day": TUESDAY.isoformat(), "departure": 32 * hour,
             "arrival": 38 * hour + 1200, "with_kit": True, "sleeps_code": None,
             "sleeps_place": None, "people": 5, "kits": 1,
             "costs": {"vehicle": 600_000, "travel": 34_500, "per_diem": 1_800_000,
                       "lodging": 0}},
        ],
        "B": [
            {"day": MONDAY.isoformat(), "departure": 8 * hour, "arrival": 12 * hour,
             "with_kit": False, "sleeps_code": None, "sleeps_place": None, "people": 4, "kits": 2,
             "costs": {"vehicle": 600_000, "travel": 41_250, "per_diem": 0, "lodging": 0}},
        ],
        "C": [],
    }  # fmt: skip
    teams = [
        {
            "team": name, "base": "Sampit", "lon": 112.0, "lat": -2.45,
            "vehicle": "longboat" if name == "B" else "car", "days": len(days),
            "n_stops": sum(told.team == name for told in STOPS), "hours": 1.0, "km": 1.0,
            "cost_rupiah": sum(COSTS[name].values()) if name in COSTS else 0,
            "nights": sum(bool(d["sleeps_code"]) for d in days), "expected": {}, "shifts": days,
        }
        for name, days in shifts.items()
    ]  # fmt: skip
    return {"teams": teams, "unserved": [], "violations": [], "warnings": [], "expected": {}}
