"""One import: read, judge, store in one transaction."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlmodel import select

from app.areas import WHOLE_COUNTRY, limit
from app.connectivity import rejoin
from app.current import known_mappings, known_villages
from app.db import now, one_at_a_time, reading, transaction
from app.errors import AsOfInFuture, NothingAccepted, NoVillagesYet, UnknownOption
from app.headings import check_headings
from app.ingest.connectivity import OPTIONS as CONNECTIVITY_OPTIONS
from app.ingest.connectivity import read_connectivity
from app.ingest.counts import OPTIONS as COUNT_OPTIONS
from app.ingest.counts import read_counts
from app.ingest.crosswalk import read_crosswalk
from app.ingest.editions import supersede
from app.ingest.home_visits import read_home_visits
from app.ingest.links import read_links
from app.ingest.lodging import read_lodging
from app.ingest.network import read_network
from app.ingest.options import Option, read_as, yes_or_no
from app.ingest.points import read_points
from app.ingest.requests import read_requests
from app.ingest.source import Reading, Source
from app.ingest.staff import read_staff
from app.ingest.teams import read_teams
from app.ingest.villages import read_villages
from app.models import DataImport, Team
from app.points import SIGNAL
from geodata.errors import NetworkNotAllowed
from geodata.findings import Finding, summarise
from geodata.limits import MAX_VILLAGES
from geodata.oapif import check_address, download_collection, shown_address
from geodata.privacy import refuse_numbers


class _Kind(NamedTuple):
    """A kind of file: who reads it, whether it names villages, what may be said about it.

    ``changes_signal`` when what is known of connectivity must be joined anew.
    ``has_headings`` tells whether it can be taught what a heading means, ``has_addresses`` whether
    it may be fetched from a server of features.
    """

    read: Callable[[Source], Reading]
    needs_villages: bool = False
    options: tuple[Option, ...] = ()
    changes_signal: bool = False
    has_headings: bool = False
    has_addresses: bool = False


# A reader imports its library when it is called: together these take a second to load, and a
# command reads one file.
_KINDS: dict[str, _Kind] = {
    "villages": _Kind(read_villages, changes_signal=True, has_addresses=True),
    "crosswalk": _Kind(read_crosswalk),
    "counts": _Kind(read_counts, needs_villages=True, options=COUNT_OPTIONS, has_headings=True),
    "connectivity": _Kind(
        read_connectivity, needs_villages=True, options=CONNECTIVITY_OPTIONS, changes_signal=True
    ),
    "network": _Kind(read_network, options=(Option("flow_known", "yes | no", yes_or_no),)),
    "links": _Kind(read_links),
    "teams": _Kind(read_teams, needs_villages=True),
    "points": _Kind(read_points, needs_villages=True, changes_signal=True),
    "staff": _Kind(read_staff),
    "lodging": _Kind(read_lodging, needs_villages=True),
    "requests": _Kind(read_requests, needs_villages=True),
    "home_visits": _Kind(read_home_visits, needs_villages=True),
}
KINDS = tuple(_KINDS)


class _Said(NamedTuple):
    """What a person said about a file, and the area they answer for."""

    as_of: date | None
    source: str | None
    person: str | None
    area: str
    options: dict[str, str]
    headings: dict[str, str]
    job_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What came of a file. ``totals`` by column; ``import_id`` is None after a dry run.

    ``details`` are those of ``Reading``.
    """

    import_id: int | None
    kind: str
    file_name: str
    as_of: date | None
    source: str
    person: str | None
    options: dict[str, str]
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, Any]
    findings: tuple[Finding, ...] = field(repr=False)
    details: dict[str, Any] = field(default_factory=dict, repr=False)
    dry_run: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give the outcome as plain JSON values, findings counted by code."""
        return {
            "import_id": self.import_id,
            "kind": self.kind,
            "file_name": self.file_name,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "source": self.source,
            "person": self.person,
            "options": self.options,
            "accepted": self.accepted,
            "corrected": self.corrected,
            "refused": self.refused,
            "totals": self.totals,
            "details": self.details,
            "findings": [dict(found) for found in summarise(self.findings)],
            "dry_run": self.dry_run,
        }


def ingest(
    engine: Engine,
    kind: str,
    path: Path | str,
    *,
    as_of: date | None = None,
    source: str | None = None,
    person: str | None = None,
    options: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    file_name: str | None = None,
    dry_run: bool = False,
    allow_local: bool = False,
    area: str = WHOLE_COUNTRY,
    job_id: int | None = None,
) -> ImportOutcome:
    """Read a file of ``kind`` and store it in one transaction.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    path
        A file; of villages also the address of a collection as ``oapif.download_collection`` takes
        it.
    as_of
        The day the file speaks of; default: what the file says itself.
    source
        Where it comes from; default: its name.
    person
        Who imports it.
    options
        What else the person says about it, as written; each kind has its own.
    headings
        What headings of the file mean, of kinds that can be taught; remembered with the import.
    file_name
        The name to remember when ``path`` is a temporary copy.
    dry_run
        Read and judge, store nothing.
    allow_local
        Whether an address may lead into a private network.
    area
        What the file may speak of and change: villages elsewhere count as unknown.
    job_id
        The job that does it. When it was stored before, and its worker died before it could say so,
        nothing is stored again.

    Raises
    ------
    OutsideArea
        When it would change what lies elsewhere.
    GeodataError, AppError
        When the whole file is refused; nothing was stored.
    """
    said = _Said(as_of, source, person, area, dict(options or {}), dict(headings or {}), job_id)
    if job_id is not None and (before := _stored_by(engine, job_id)) is not None:
        return before
    values = read_options(kind, said.options, said.headings)
    _refuse_future(as_of)
    if not isinstance(path, str):
        return _ingest_file(engine, kind, path, file_name or path.name, said, values, dry_run)
    place = check_source(kind, path)
    with tempfile.TemporaryDirectory(prefix="jemput-bola-") as folder:
        file = download_collection(
            path, Path(folder), max_features=MAX_VILLAGES, allow_local=allow_local
        )
        return _ingest_file(engine, kind, file, place, said, values, dry_run)


def _ingest_file(
    engine: Engine,
    kind: str,
    path: Path,
    name: str,
    said: _Said,
    values: dict[str, object],
    dry_run: bool,
) -> ImportOutcome:
    """Read a file that is here and store it under a name."""
    refuse_numbers({"file": name, "source": said.source, "by": said.person}, kind)
    reader = _KINDS[kind]
    with reading(engine) as session:
        limit(session, said.area)
        villages = known_villages(session)
        bps, changes = known_mappings(session, "bps"), known_mappings(session, "changes")
        teams = dict(session.exec(select(Team.name, Team.regency_code)).all())
    if reader.needs_villages and villages.empty:
        raise NoVillagesYet(file=name)
    read = reader.read(
        Source(
            engine=engine,
            area=said.area,
            person=said.person,
            headings=said.headings,
            path=path,
            as_of=said.as_of,
            source=said.source or name,
            villages=villages,
            teams=teams,
            bps=bps,
            changes=changes,
            options=values,
        )
    )
    _refuse_future(read.as_of)
    box = read.box or (None, None, None, None)
    row = DataImport(
        kind=kind,
        file_name=name,
        sha256=_digest(path),
        source=said.source or name,
        person=said.person,
        area=said.area,
        job_id=said.job_id,
        options=said.options,
        as_of=read.as_of or said.as_of,
        created_at=now(),
        accepted=read.accepted,
        corrected=read.corrected,
        refused=read.refused,
        totals=read.totals,
        details=read.details,
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
            limit(session, said.area)
            one_at_a_time(session, "import")
            if reader.changes_signal:  # before its rows, which who joins meanwhile may wait for
                one_at_a_time(session, SIGNAL)
            session.add(row)
            session.flush()
            read.store(session, row.id or 0)
            supersede(session, row)
            if reader.changes_signal:
                rejoin(session)
    return _outcome(row, read.findings, dry_run=dry_run)


def _stored_by(engine: Engine, job_id: int) -> ImportOutcome | None:
    """Give what a job stored before, or None."""
    with reading(engine) as session:
        row = session.exec(select(DataImport).where(DataImport.job_id == job_id)).one_or_none()
    return None if row is None else _outcome(row, tuple(Finding(**found) for found in row.findings))


def _outcome(
    row: DataImport, findings: tuple[Finding, ...], *, dry_run: bool = False
) -> ImportOutcome:
    return ImportOutcome(
        import_id=row.id,
        kind=row.kind,
        file_name=row.file_name,
        as_of=row.as_of,
        source=row.source,
        person=row.person,
        options=row.options,
        accepted=row.accepted,
        corrected=row.corrected,
        refused=row.refused,
        totals=row.totals,
        findings=findings,
        details=row.details,
        dry_run=dry_run,
    )


def read_options(
    kind: str, given: Mapping[str, str], headings: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Read the options given for an import of ``kind``; one that was not given is absent.

    What is taught about its headings is judged as well.

    Raises
    ------
    UnknownOption, BadOption
        When the kind does not take one, or its value cannot be used.
    """
    if headings and not _KINDS[kind].has_headings:
        accepted = ", ".join(option.name for option in _KINDS[kind].options) or "-"
        raise UnknownOption(kind=kind, option="map", accepted=accepted)
    check_headings(headings or {})
    return read_as(kind, given, _KINDS[kind].options)


def check_source(kind: str, address: str) -> str:
    """Refuse an address that cannot be imported as ``kind``; give it as it may be shown.

    Raises
    ------
    NetworkNotAllowed, BadAddress
        When files of that kind are not fetched, or it is no address of a server.
    """
    place = shown_address(address)
    if not _KINDS[kind].has_addresses:
        raise NetworkNotAllowed(place=place)
    check_address(address)
    return place


def _refuse_future(as_of: date | None) -> None:
    today = date.today()  # noqa: DTZ011 (a day of grace covers every zone)
    if as_of is not None and as_of > today + timedelta(days=1):
        raise AsOfInFuture(as_of=as_of.isoformat(), today=today.isoformat())


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
