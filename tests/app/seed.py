"""A regency that fits on a hand: four villages in a row along the equator's south, one elsewhere.

Villages of 62.02 are squares of 0.1 degree side by side from lon 112.0, lat -2.5 to -2.4:

    code            wajib  recorded  reports (newest first)
    62.02.01.2001     100        90  none 2024, strong 2020
    62.02.01.2002     200       210  weak 2023 (recorded > wajib)
    62.02.02.2001      50        20  none undated
    62.02.02.2002       -         -  (no report, no outline: a point)
    65.01.01.2001      80        80  very_strong 2024

A tower on air stands at 62.02.01.2001, undated; an area of 2022 with a weak signal covers the west
half of 62.02.01.2002, up to its point.

Plan 1 (2026-W49, solved): A visits 62.02.01.2001 on Monday and 62.02.02.2001 on Tuesday, B visits
62.02.01.2002 on Monday. Plan 2 is of the same week and not solved.
"""

from datetime import UTC, date, datetime, time
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import shapely
from sqlalchemy import JSON, Connection, Table, insert, select
from sqlmodel import Session, SQLModel

from app.connectivity import rejoin
from app.copying import catch_up
from app.models import (
    CoverageArea,
    DataImport,
    NetworkLine,
    Plan,
    PlanLeg,
    PlanStop,
    SignalReport,
    Team,
    Tower,
    Village,
    VillageCount,
)

KINDS = ("villages", "counts", "connectivity", "teams", "counts", "network")
MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)


Rows = list[dict[str, Any]]
_kept: dict[str, list[tuple[Table, Rows]]] = {}


def seed(session: Session) -> None:
    """Store the regency: worked out the first time on a database of a kind, then the same rows."""
    connection = session.connection()
    kind = connection.dialect.name
    if kind not in _kept:
        before = {table.name for table, _ in _rows(connection)}
        _make(session)
        # Other rows may be there, of accounts, and are nobody else's.
        _kept[kind] = [
            (table, rows) for table, rows in _rows(connection) if table.name not in before
        ]
        return
    for table, rows in _kept[kind]:
        for _, alike in groupby(rows, key=dict.keys):
            connection.execute(insert(table), list(alike))
    catch_up(connection, SimpleNamespace(sorted_tables=[table for table, _ in _kept[kind]]))


def _rows(connection: Connection) -> list[tuple[Table, Rows]]:
    """Read all tables that have rows, in an order in which they can be stored."""
    found = []
    for table in SQLModel.metadata.sorted_tables:
        query = select(table).order_by(*table.primary_key)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if rows:
            found.append((table, [_without_null(table, row) for row in rows]))
    return found


def _without_null(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Leave out documents that are not there: None would be stored as the document ``null``."""
    return {
        name: value
        for name, value in row.items()
        if value is not None or not isinstance(table.columns[name].type, JSON)
    }


def _make(session: Session) -> None:
    for number, kind in enumerate(KINDS, 1):
        session.add(
            DataImport(
                id=number, kind=kind, file_name=f"{kind}.csv", sha256="0" * 64, source=kind,
                as_of=date(2023, 6, 30), accepted=4, corrected=1, refused=0,
                totals={"rows": 4},
                findings=[{"code": "sheet-skipped", "severity": "info", "row": None,
                           "village_code": None, "column": None, "value": "Sheet2", "params": {}}],
            )
        )  # fmt: skip
    session.flush()
    superseded = session.get(DataImport, 5)  # an edition that no longer counts
    assert superseded is not None
    superseded.superseded_by = 2
    _villages(session)
    _counts_and_signals(session)
    rejoin(session)
    _teams(session)
    _road(session)
    _plans(session)
    session.flush()
    catch_up(session.connection(), SQLModel.metadata)


def _villages(session: Session) -> None:
    for n, code in enumerate(("62.02.01.2001", "62.02.01.2002", "62.02.02.2001", "62.02.02.2002")):
        west = 112.0 + n / 10
        # Clockwise on purpose: what comes out must not be.
        ring = [(west, -2.5), (west, -2.4), (west + 0.1, -2.4), (west + 0.1, -2.5), (west, -2.5)]
        _village(session, code, west, -2.5, shapely.Polygon(ring) if n < 3 else None)
    _village(session, "65.01.01.2001", 116.0, 3.5, shapely.box(116.0, 3.5, 116.1, 3.6))
    session.flush()


def _village(session: Session, code: str, west: float, south: float, outline: object) -> None:
    lon, lat = west + 0.05, south + 0.05
    box = (west, south, west + 0.1, south + 0.1) if outline is not None else (lon, lat, lon, lat)
    regency = {"62.02": "Kabupaten Kotawaringin Timur", "65.01": "Kabupaten Bulungan"}[code[:5]]
    session.add(
        Village(
            code=code, name=f"Desa {code}", kind="desa", district_code=code[:8],
            district=f"Kecamatan {code[6:8]}", regency_code=code[:5], regency=regency,
            lon=lon, lat=lat, west=box[0], south=box[1], east=box[2], north=box[3],
            geometry=outline, import_id=1,
        )
    )  # fmt: skip


def _counts_and_signals(session: Session) -> None:
    figures = {
        "62.02.01.2001": (100, 90),
        "62.02.01.2002": (200, 210),
        "62.02.02.2001": (50, 20),
        "65.01.01.2001": (80, 80),
    }
    for code, (wajib, recorded) in figures.items():
        session.add(
            VillageCount(
                import_id=2, village_code=code, as_of=date(2023, 6, 30), wajib_ktp=wajib,
                sudah_rekam=recorded, belum_rekam=wajib - recorded, usia_16_17=7,
            )
        )  # fmt: skip
    session.add(
        VillageCount(
            import_id=5, village_code="62.02.01.2001", as_of=date(2024, 1, 1), wajib_ktp=1,
            sudah_rekam=1, belum_rekam=0,
        )
    )  # fmt: skip
    reports = (
        ("62.02.01.2001", "strong", date(2020, 12, 31)),
        ("62.02.01.2001", "none", date(2024, 6, 30)),
        ("62.02.01.2002", "weak", date(2023, 12, 31)),
        ("62.02.02.2001", "none", None),
        ("65.01.01.2001", "very_strong", date(2024, 12, 31)),
    )
    for row, (code, signal, on) in enumerate(reports, start=2):
        session.add(
            SignalReport(
                import_id=3, village_code=code, signal=signal, status=f"as printed {row}",
                observed_on=on, source="podes", definition="podes", confidence="high", row=row,
            )
        )  # fmt: skip
    for number, (lon, lat, code, state) in enumerate(
        (
            (112.05, -2.45, "62.02.01.2001", "on_air"),
            (112.35, -2.45, "62.02.02.2002", "planned"),
            (116.0, 3.5, None, "on_air"),
        ),
        1,
    ):
        session.add(
            Tower(
                id=number, import_id=3, site_id=f"KLT{number}", name=f"Tower {number}",
                status=state.upper(), state=state, lon=lon, lat=lat, village_code=code,
                source="bts", confidence="low", row=number + 1,
            )
        )  # fmt: skip
    session.add(
        CoverageArea(
            id=1, import_id=3, signal="weak", status="lemah", observed_on=date(2022, 12, 31),
            geometry=shapely.box(112.1, -2.5, 112.15, -2.4), west=112.1, south=-2.5, east=112.15,
            north=-2.4, source="operator", definition="coverage_area", confidence="medium", row=1,
        )
    )  # fmt: skip


def _teams(session: Session) -> None:
    for name, code in (("A", "62.02"), ("B", "62.02"), ("C", "62.02"), ("Utara", "65.01")):
        session.add(
            Team(
                name=name, regency_code=code, base="Sampit", lon=112.0, lat=-2.45, vehicle="car",
                kits=1, staff=5, satellite_kits=0, starts=time(7, 30), ends=time(16),
                may_stay_overnight=False, import_id=4,
            )
        )  # fmt: skip


def _road(session: Session) -> None:
    line = shapely.LineString([(112.0, -2.45), (112.4, -2.45)])
    session.add(
        NetworkLine(
            import_id=6, mode="road", highway="secondary", west=112.0, south=-2.45, east=112.4,
            north=-2.45, geometry=line,
        )
    )  # fmt: skip


def _plans(session: Session) -> None:
    visits = [
        ("A", MONDAY, "62.02.01.2001"),
        ("A", TUESDAY, "62.02.02.2001"),
        ("B", MONDAY, "62.02.01.2002"),
    ]
    params = {"seconds": 1.0, "seed": 0, "minutes": [120]}
    solved = Plan(
        id=1, regency_code="62.02", week="2026-W49", params=params, status="feasible",
        stop_reason="time", value=9.5, worth=10.0, cost_rupiah=1_000_000, distance_m=40_000,
        solved_at=datetime(2026, 11, 22, 8, tzinfo=UTC), summary=_summary(visits),
        created_at=datetime(2026, 11, 22, 7, tzinfo=UTC),
    )  # fmt: skip
    session.add(solved)
    session.add(Plan(id=2, regency_code="62.02", week="2026-W49", params=params))
    session.flush()
    for team, day, code in visits:
        arrive = datetime.combine(day, time(1, 30), tzinfo=UTC)  # 08:30 WIB
        session.add(
            PlanStop(
                plan_id=1, team=team, day=day, order=1, village_code=code, arrive=arrive,
                start=arrive, depart=arrive.replace(hour=3), minutes=120, break_minutes=0,
                travel_break_minutes=0,
                service_mode="online", travel_mode="road", travel_minutes=60.0,
                distance_m=20_000, with_kit=False, worth=3.0, expected=_people(3.0),
            )
        )  # fmt: skip
        for order, ends in enumerate(((112.0, 112.05), (112.05, 112.0)), start=1):
            line = shapely.LineString([(ends[0], -2.45), (ends[1], -2.4500004)])
            session.add(
                PlanLeg(
                    plan_id=1, team=team, day=day, order=order, part=1, mode="road", minutes=60.0,
                    metres=20_000, geometry=line,
                )
            )  # fmt: skip


def _people(ktp_el: float) -> dict[str, float]:
    return {"ktp_el": ktp_el, "pemula": 0.0, "kia": 0.0, "akta": 0.0, "ikd": 0.0}


def _summary(visits: list[tuple[str, date, str]]) -> dict[str, object]:
    hour = 3600
    teams = [
        {
            "team": name, "base": "Sampit", "lon": 112.0, "lat": -2.45, "vehicle": "car",
            "days": len(days), "n_stops": len(days), "hours": 4.0 * len(days), "km": 40.0,
            "cost_rupiah": 0, "expected": _people(3.0 * len(days)),
            "shifts": [
                {
                    "day": day.isoformat(), "with_kit": False,
                    "departure": (day - MONDAY).days * 24 * hour + 7 * hour + 1800,
                    "arrival": (day - MONDAY).days * 24 * hour + 11 * hour + 1800,
                }
                for day in days
            ],
        }
        for name in ("A", "B", "C")
        for days in [[day for team, day, _ in visits if team == name]]
    ]  # fmt: skip
    return {
        "expected": _people(9.0), "hours_work": 12.0, "coverage_before": 0.9,
        "coverage_after": 0.92, "not_recorded": 30, "people_to_look_for": 40, "teams": teams,
        "unserved": [{"village_code": "62.02.02.2002", "reason": "no-need", "limit": None}],
        "violations": [], "warnings": [],
    }  # fmt: skip
