"""The seam from files to rows: ``geodata`` reads and judges, this stores, whole or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from app.current import MAPPING_COLUMNS, VILLAGE_COLUMNS, known_mappings, known_villages
from app.db import now, reading, transaction
from app.errors import AsOfInFuture, NothingAccepted, NoVillagesYet
from app.models import (
    COUNT_COLUMNS,
    CodeMapping,
    DataImport,
    Link,
    NetworkLine,
    PowerReport,
    SignalReport,
    Team,
    Tower,
    Village,
    VillageCount,
)
from app.rows import insert_rows, none, plain, upsert
from geodata.counts import read_counts, totals_of
from geodata.crosswalk import Crosswalk, read_crosswalk
from geodata.errors import UnknownCodes
from geodata.findings import Finding, summarise

Box = tuple[float, float, float, float]
"""West, south, east, north."""
BOX_SIDES = ("west", "south", "east", "north")

# A new file of lines or legs replaces an older one when their boxes share at least this part of
# the area they cover together: it is another edition of the same place, not a neighbour.
SAME_AREA = 0.5
MODE_TOTALS = ("roads", "rivers", "river", "sea", "air")
# Beyond this part of unknown codes a file is about another place or in another code list.
MAX_UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What came of a file. ``totals`` by column; ``import_id`` is None after a dry run."""

    import_id: int | None
    kind: str
    file_name: str
    as_of: date | None
    source: str
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, Any]
    findings: tuple[Finding, ...] = field(repr=False)
    dry_run: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give the outcome as plain JSON values, findings counted by code."""
        return {
            "import_id": self.import_id,
            "kind": self.kind,
            "file_name": self.file_name,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "source": self.source,
            "accepted": self.accepted,
            "corrected": self.corrected,
            "refused": self.refused,
            "totals": self.totals,
            "findings": [dict(found) for found in summarise(self.findings)],
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a reader found, and how to store it under an import's number."""

    accepted: int
    corrected: int
    refused: int
    totals: dict[str, Any]
    findings: tuple[Finding, ...]
    store: Callable[[Session, int], None]
    as_of: date | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One file to read, and what the person said about it."""

    path: Path
    as_of: date | None
    source: str
    villages: pd.DataFrame
    bps: Crosswalk | None
    changes: Crosswalk | None
    teams: Mapping[str, str]


def ingest(
    engine: Engine,
    kind: str,
    path: Path,
    *,
    as_of: date | None = None,
    source: str | None = None,
    file_name: str | None = None,
    dry_run: bool = False,
) -> ImportOutcome:
    """Read a file of ``kind`` and store it in one transaction.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    as_of
        The day the file speaks of; default: what the file says itself.
    source
        Where it comes from; default: its name.
    file_name
        The name to remember when ``path`` is a temporary copy.
    dry_run
        Read and judge, store nothing.

    Raises
    ------
    GeodataError, AppError
        When the whole file is refused; nothing was stored.
    """
    name = file_name or path.name
    _refuse_future(as_of)
    with reading(engine) as session:
        villages = known_villages(session)
        bps, changes = known_mappings(session, "bps"), known_mappings(session, "changes")
        teams = dict(session.exec(select(Team.name, Team.regency_code)).all())
    if kind in _NEEDS_VILLAGES and villages.empty:
        raise NoVillagesYet(file=name)
    read = _READERS[kind](
        _Source(
            path=path,
            as_of=as_of,
            source=source or name,
            villages=villages,
            teams=teams,
            bps=bps,
            changes=changes,
        )
    )
    _refuse_future(read.as_of)
    box = read.box or (None, None, None, None)
    row = DataImport(
        kind=kind,
        file_name=name,
        sha256=_digest(path),
        source=source or name,
        as_of=read.as_of or as_of,
        created_at=now(),
        accepted=read.accepted,
        corrected=read.corrected,
        refused=read.refused,
        totals=read.totals,
        findings=[_finding_row(found) for found in read.findings],
        west=box[0],
        south=box[1],
        east=box[2],
        north=box[3],
    )
    if not dry_run:
        if read.refused and not read.accepted:
            set_aside = [found for found in read.findings if found.severity == "refused"]
            first = f"{set_aside[0].row}, {set_aside[0].value or set_aside[0].village_code}"
            raise NothingAccepted(file=name, refused=read.refused, first=first)
        with transaction(engine) as session:
            session.add(row)
            session.flush()
            read.store(session, row.id or 0)
            _supersede(session, row)
    return ImportOutcome(
        import_id=row.id,
        kind=kind,
        file_name=name,
        as_of=row.as_of,
        source=row.source,
        accepted=row.accepted,
        corrected=row.corrected,
        refused=row.refused,
        totals=read.totals,
        findings=read.findings,
        dry_run=dry_run,
    )


def _refuse_future(as_of: date | None) -> None:
    today = date.today()  # noqa: DTZ011 (a day of grace covers every zone)
    if as_of is not None and as_of > today + timedelta(days=1):
        raise AsOfInFuture(as_of=as_of.isoformat(), today=today.isoformat())


# Each reader is imported by the one that calls it: together their libraries take a second to load,
# and a command reads one file.


def _read_villages(source: _Source) -> _Read:
    import geopandas as gpd

    from geodata.boundaries import read_villages

    found = read_villages(source.path)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        # A village without an outline has a point: a box of no size, there.
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=frame.crs)
        boxes = frame.geometry.where(frame.geometry.notna(), points).bounds
        rows = [
            {**plain(row, (*VILLAGE_COLUMNS, "lon", "lat")), "geometry": shape,
             "west": min(box[0], row["lon"]), "south": min(box[1], row["lat"]),
             "east": max(box[2], row["lon"]), "north": max(box[3], row["lat"]),
             "import_id": import_id}
            for row, shape, box in zip(
                frame.to_dict("records"), frame.geometry, boxes.itertuples(index=False), strict=True
            )
        ]  # fmt: skip
        drawn = [row for row in rows if row["geometry"] is not None]
        bare = [row for row in rows if row["geometry"] is None]
        upsert(session, Village, drawn, key="code")
        # A file that knows only the point does not wipe out the outline of an earlier one.
        upsert(session, Village, bare, key="code", keep=("geometry", *BOX_SIDES))

    return _from(found, store)


def _read_crosswalk(source: _Source) -> _Read:
    found = read_crosswalk(source.path)
    rows = [plain(row, MAPPING_COLUMNS) for row in found.frame.to_dict("records")]

    def store(session: Session, import_id: int) -> None:
        insert_rows(
            session, CodeMapping,
            [{**row, "kind": found.kind, "import_id": import_id} for row in rows],
        )  # fmt: skip

    return _Read(
        accepted=len(rows),
        corrected=0,
        refused=0,
        totals={"codes": len(rows), "renamed": found.n_renamed},
        findings=found.findings,
        store=store,
    )


def _read_counts(source: _Source) -> _Read:
    found = read_counts(
        source.path, as_of=source.as_of, villages=source.villages, crosswalk=source.bps,
        changes=source.changes,
    )  # fmt: skip
    frame, extra = _known_only(found.frame, source)

    def store(session: Session, import_id: int) -> None:
        rows = [
            {**plain(row, COUNT_COLUMNS), "village_code": row["code"], "as_of": found.as_of,
             "import_id": import_id}
            for row in frame.to_dict("records")
        ]  # fmt: skip
        insert_rows(session, VillageCount, rows)

    return replace(
        _from(found, store, set_aside=extra, as_of=found.as_of), totals=dict(totals_of(frame))
    )


def _read_connectivity(source: _Source) -> _Read:
    from geodata.connectivity import read_connectivity

    found = read_connectivity(
        source.path, villages=source.villages, as_of=source.as_of, source=source.source,
        crosswalk=source.bps, changes=source.changes,
    )  # fmt: skip
    if found.kind == "tower":
        return _from(found, lambda session, number: _store_towers(session, number, found.frame))
    signals, unknown = _known_only(found.frame, source)
    power, powerless = _known_only(found.power, source)

    def store(session: Session, import_id: int) -> None:
        common = ("status", "observed_on", "source", "confidence", "row")
        insert_rows(
            session, SignalReport, _reports(signals, import_id, (*common, "signal", "definition"))
        )
        insert_rows(session, PowerReport, _reports(power, import_id, (*common, "power")))

    told = {found.row for found in unknown}
    return _from(found, store, set_aside=[*unknown, *(f for f in powerless if f.row not in told)])


def _reports(frame: pd.DataFrame, import_id: int, columns: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {**plain(row, columns), "village_code": row["code"], "import_id": import_id}
        for row in frame.to_dict("records")
    ]


def _store_towers(session: Session, import_id: int, frame: pd.DataFrame) -> None:
    columns = (
        "site_id", "name", "status", "state", "radius_km", "lon", "lat", "source", "observed_on",
    )  # fmt: skip
    rows = [
        {**plain(row, columns), "village_code": none(row["code"]), "import_id": import_id}
        for row in frame.to_dict("records")
    ]
    insert_rows(session, Tower, rows)


def _read_network(source: _Source) -> _Read:
    from geodata.network import read_network

    found = read_network(source.path)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        boxes = frame.geometry.bounds
        columns = (
            *("mode", "highway", "surface", "waterway", "name", "oneway"),
            *("structure", "flow", "fixed_min"),
        )
        rows = [
            {**plain(row, columns), "geometry": line, "west": box[0], "south": box[1],
             "east": box[2], "north": box[3], "import_id": import_id}
            for row, line, box in zip(
                frame.to_dict("records"), frame.geometry, boxes.itertuples(index=False), strict=True
            )
        ]  # fmt: skip
        insert_rows(session, NetworkLine, rows)

    west, south, east, north = map(float, frame.total_bounds)
    return _from(found, store, box=(west, south, east, north) if len(frame) else None)


def _read_links(source: _Source) -> _Read:
    from geodata.links import DTYPES, read_links

    found = read_links(source.path)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        rows = [
            {**plain(row, DTYPES), "import_id": import_id}
            for row in frame.astype({"cost": "Int64"}).to_dict("records")
        ]
        insert_rows(session, Link, rows)

    lons = [*frame["from_lon"], *frame["to_lon"]]
    lats = [*frame["from_lat"], *frame["to_lat"]]
    box = (min(lons), min(lats), max(lons), max(lats)) if lons else None
    return _from(found, store, box=box)


def _read_teams(source: _Source) -> _Read:
    from geodata.teams import read_teams

    found = read_teams(source.path, villages=source.villages, known=source.teams)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        columns = (
            "regency_code", "base", "lon", "lat", "vehicle", "kits", "desks", "staff",
            "satellite_kits", "starts", "ends", "may_stay_overnight",
        )  # fmt: skip
        rows = [
            {**plain(row, columns), "name": row["team"], "import_id": import_id}
            for row in frame.to_dict("records")
        ]
        # The file is the whole list of a regency's teams: one that it no longer names is gone. A
        # team whose row was set aside is named: it stays as it was until the row is mended.
        gone = (
            col(Team.regency_code).in_(sorted({row["regency_code"] for row in rows})),
            col(Team.name).not_in(sorted(found.named)),
        )
        session.execute(delete(Team).where(*gone))
        upsert(session, Team, rows, key="name")

    return _from(found, store)


_READERS: dict[str, Callable[[_Source], _Read]] = {
    "villages": _read_villages,
    "crosswalk": _read_crosswalk,
    "counts": _read_counts,
    "connectivity": _read_connectivity,
    "network": _read_network,
    "links": _read_links,
    "teams": _read_teams,
}
KINDS = tuple(_READERS)
_NEEDS_VILLAGES = frozenset({"counts", "connectivity", "teams"})


def _from(
    found: Any,  # noqa: ANN401 (each reader has its own result class, all with these fields)
    store: Callable[[Session, int], None],
    *,
    set_aside: Iterable[Finding] = (),
    as_of: date | None = None,
    box: Box | None = None,
) -> _Read:
    extra = tuple(set_aside)
    return _Read(
        accepted=found.accepted - len(extra),
        corrected=found.corrected,
        refused=found.refused + len(extra),
        totals=dict(found.totals),
        findings=(*found.findings, *extra),
        store=store,
        as_of=as_of,
        box=box,
    )


def _known_only(frame: pd.DataFrame, source: _Source) -> tuple[pd.DataFrame, list[Finding]]:
    """Set rows of unknown villages aside; refuse the file when they are most of it."""
    is_known = frame["code"].isin(source.villages["code"])
    unknown = frame.loc[~is_known]
    if len(unknown) > MAX_UNKNOWN * len(frame):
        first = ", ".join(unknown["code"].head(5))
        raise UnknownCodes(place=source.path.name, count=len(unknown), value=first)
    rows = unknown["row"] if "row" in unknown else pd.Series(index=unknown.index, dtype=object)
    found = [
        Finding(code="village-unknown", severity="refused", row=none(row), village_code=code)
        for code, row in zip(unknown["code"], rows, strict=True)
    ]
    return frame.loc[is_known], found


def _supersede(session: Session, row: DataImport) -> None:
    """Mark what ``row`` replaces: the same file once more, older lines or legs of the same area.

    Rivers do not replace roads, nor planes boats: they may come in files of their own.
    """
    older = session.exec(
        select(DataImport)
        .where(DataImport.kind == row.kind)
        .where(col(DataImport.superseded_by).is_(None))
        .where(DataImport.id != row.id)
    )
    for old in older:
        is_edition = _modes(old) <= _modes(row) and _share(_box(row), _box(old)) >= SAME_AREA
        if old.sha256 == row.sha256 or is_edition:
            old.superseded_by = row.id


def _modes(row: DataImport) -> set[str]:
    """Tell what moves on the lines or legs of an import."""
    return {name for name in MODE_TOTALS if row.totals.get(name)}


def _box(row: DataImport) -> Box | None:
    if row.west is None or row.south is None or row.east is None or row.north is None:
        return None
    return (row.west, row.south, row.east, row.north)


def _share(one: Box | None, other: Box | None) -> float:
    """Tell which part of the area that two boxes cover together both of them cover."""
    if one is None or other is None:
        return 0.0
    a, b = shapely.box(*one), shapely.box(*other)
    whole = a.union(b).area
    return float(a.intersection(b).area / whole) if whole > 0 else float(a.equals(b))


def _digest(path: Path) -> str:
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    # A File Geodatabase is a folder: the names and contents of its files.
    parts = [f"{file.name} {_digest(file)}" for file in sorted(path.iterdir())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _finding_row(found: Finding) -> dict[str, Any]:
    """Give a finding as the plain values that are kept with its import."""
    return {
        "code": found.code,
        "severity": found.severity,
        "row": found.row,
        "village_code": found.village_code,
        "column": found.column,
        "value": found.value,
        "params": {key: _json(value) for key, value in found.params.items()},
    }


def _json(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
