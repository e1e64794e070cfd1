"""Backups of an office, and moving it to another database: every row, whole or not at all.

A backup is a zip archive: `manifest.json`, for each table its rows as lines of JSON, the photos
of the data folder by their hashes, and the office's own texts of letters by their names. It is the
same from SQLite and from PostgreSQL and can be restored to either; moving is the same without a
file. `docs/operations.md` says why this is not left to the tools of the databases.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, func, inspect, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

from app import __version__
from app.audit import note
from app.backup_errors import BackupThere, BadBackup, JobsLeft, NewerBackup, NotCopied, NotEmpty
from app.copying import (
    Columns,
    Row,
    Tally,
    catch_up,
    count_rows,
    layout,
    line_of,
    read_rows,
    tally,
    write_rows,
)
from app.db import first_line, head, knows, migrate_within, now, place_of, revision, unchecked
from app.durable import sync_folders
from app.errors import AppError
from app.models import UNFINISHED, Job, JobState, StopPhoto
from app.photo_files import picture_path, write_picture

FORMAT = "jemput-bola backup 1"
MANIFEST = "manifest.json"
PHOTOS, TEXTS = "photos", "texts"
BEFORE = ".before-restore"
# As `folder_state` lists them: files of the folder, and of the folders of its languages.
_TEXT = re.compile(r"(?:[\w-]+/)?[\w-]+\.(?:toml|txt)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a backup: its columns and kinds, how many rows, and their checksum."""

    columns: Columns
    n_rows: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself; ``revision`` is the migration that its tables are those of.

    ``photos`` are the hashes of the pictures that it has, ``texts`` those of the office's own texts
    by name; none in those of before there were any.
    """

    format: str
    version: str
    revision: str
    made_at: str
    tables: dict[str, Table]
    photos: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Count the rows of all tables."""
        return sum(one.n_rows for one in self.tables.values())


Rows = Callable[[str], Iterable[Row]]


def write_backup(engine: Engine, file: Path, data_dir: Path | None = None) -> Manifest:
    """Write the database as it is at this moment; others may go on using it.

    ``data_dir`` is where the photos lie that its rows speak of, and the office's own texts; None:
    without them.

    The file has its name only once it is whole and was read back.

    Raises
    ------
    BackupThere
        When there is a file of that name.
    OSError
        When it cannot be written.
    """
    if file.exists():
        raise BackupThere(file=file)
    partial = file.with_name(f"{file.name}.partial")
    try:
        with os.fdopen(_open_privately(partial), "wb") as opened:
            with _snapshot(engine) as connection:
                _write_archive(connection, opened, data_dir)
            opened.flush()
            os.fsync(opened.fileno())
        manifest = read_manifest(partial)
        partial.replace(file)
        sync_folders(file.parent)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _open_privately(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds password hashes


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Read one state of the database, whatever is written meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection


def _write_archive(connection: Connection, opened: IO[bytes], data_dir: Path | None) -> None:
    tables: dict[str, Table] = {}
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, columns in layout(SQLModel.metadata).items():
            found = Tally()
            with archive.open(_member(name), "w", force_zip64=True) as member:
                for row in read_rows(connection, name, columns):
                    line = line_of(row)
                    found.add(line)
                    member.write(line + b"\n")
            tables[name] = Table(columns=columns, n_rows=found.n_rows, checksum=found.checksum)
        photos = () if data_dir is None else tuple(_add_photos(connection, archive, data_dir))
        texts = {} if data_dir is None else dict(_add_texts(archive, data_dir))
        manifest = Manifest(
            format=FORMAT, version=__version__, revision=revision(connection) or "",
            made_at=now().isoformat(timespec="seconds"), tables=tables, photos=photos, texts=texts,
        )  # fmt: skip
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


def _add_photos(connection: Connection, archive: zipfile.ZipFile, data_dir: Path) -> Iterator[str]:
    """Add the pictures that rows speak of; one that was deleted meanwhile is not there any more."""
    kept = select(StopPhoto.sha256).where(col(StopPhoto.deleted_at).is_(None)).distinct()
    for digest in sorted(connection.scalars(kept)):
        path = picture_path(data_dir, digest)
        if path.is_file():
            # A photo is compressed already.
            archive.writestr(_photo(digest), path.read_bytes(), zipfile.ZIP_STORED)
            yield digest


def _add_texts(archive: zipfile.ZipFile, data_dir: Path) -> Iterator[tuple[str, str]]:
    """Add the texts that the office changed; give name and hash of each."""
    from app.itineraries.templates import FOLDER, folder_state  # with a library of templates

    folder = data_dir / FOLDER
    for name, *_ in folder_state(folder):
        body = (folder / name).read_bytes()
        archive.writestr(_text(name), body)
        yield name, hashlib.sha256(body).hexdigest()


def _text(name: str) -> str:
    return f"{TEXTS}/{name}"


def _photo(digest: str) -> str:
    return f"{PHOTOS}/{digest}"


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def read_manifest(file: Path) -> Manifest:
    """Read what a backup says of itself, and hold every row of it to that.

    Raises
    ------
    BadBackup
        When the file is damaged, cut short, or something else.
    """
    with _reading(file) as (archive, manifest):
        for name, table in manifest.tables.items():
            found = Tally()
            for row in _rows(archive, name):
                found.add(line_of(row))
            if (found.n_rows, found.checksum) != (table.n_rows, table.checksum):
                raise BadBackup(file=file, reason=f"{_member(name)}: checksum")
        for digest in manifest.photos:
            if hashlib.sha256(archive.read(_photo(digest))).hexdigest() != digest:
                raise BadBackup(file=file, reason=f"{_photo(digest)}: checksum")
        for name, digest in manifest.texts.items():
            if hashlib.sha256(archive.read(_text(name))).hexdigest() != digest:
                raise BadBackup(file=file, reason=f"{_text(name)}: checksum")
    return manifest


@contextmanager
def _reading(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, _manifest(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, AppError):
            raise
        raise BadBackup(file=file, reason=str(error).strip("'\"") or "zip") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    told: Any = json.loads(archive.read(MANIFEST))
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError(f"{MANIFEST} does not begin with the format {FORMAT!r}")
    tables = {k: Table(**v) for k, v in told["tables"].items()}
    strange = [name for name in told.get("texts", {}) if _TEXT.fullmatch(name) is None]
    if strange:  # a name that leads out of the folder
        raise ValueError(f"{MANIFEST}: {strange[0]!r} is no name of a text")
    return Manifest(**{**told, "tables": tables, "photos": tuple(told.get("photos", ()))})


def _rows(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    with archive.open(_member(name)) as member:
        for line in member:
            yield json.loads(line)


def restore_backup(
    engine: Engine, file: Path, data_dir: Path | None = None
) -> tuple[Manifest, int]:
    """Fill an empty database from a backup, and bring it to this version.

    Photos and texts go to ``data_dir``, None: nowhere; not before every table was compared, so
    that a restore which is refused changes no office that works there. A text that is there and
    says something else stays under another name.

    All of it is one transaction: whatever goes wrong, the database is as empty as it was. Jobs that
    waited or ran are cancelled, because their files and processes are not there. Also gives how
    many these were. The log of who did what ends with an entry of its own.

    Raises
    ------
    BadBackup, NewerBackup
        When the file cannot be restored.
    NotEmpty
        When the database holds rows.
    NotCopied
        When the database did not keep a table as the backup has it.
    """
    manifest = read_manifest(file)
    if not knows(manifest.revision):
        raise NewerBackup(file=file, version=manifest.version, here=__version__)
    with _reading(file) as (archive, _), unchecked(engine) as connection:
        _fill(connection, manifest, lambda name: _rows(archive, name))
        cancelled = connection.execute(
            update(Job).where(col(Job.state).in_(UNFINISHED)).values(
                state=JobState.CANCELLED, finished_at=now(), lease_owner=None, lease_until=None
            )
        ).rowcount  # fmt: skip
        facts = {"made_at": manifest.made_at, "rows": manifest.n_rows, "cancelled_jobs": cancelled}
        note(connection, "restore", file.name, facts)
        if data_dir is not None:
            for digest in manifest.photos:
                write_picture(picture_path(data_dir, digest), archive.read(_photo(digest)))
            for name in manifest.texts:
                _write_text(data_dir, name, archive.read(_text(name)))
    return manifest, cancelled


def _write_text(data_dir: Path, name: str, body: bytes) -> None:
    from app.itineraries.templates import FOLDER

    path = data_dir / FOLDER / name
    if path.exists():
        if path.read_bytes() == body:
            return
        path.replace(_free_name(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _free_name(path: Path) -> Path:
    """Name a file that is kept beside ``path``; what an earlier restore kept stays too."""
    place = path.with_name(f"{path.name}{BEFORE}")
    number = 2
    while place.exists():
        place = path.with_name(f"{path.name}{BEFORE}{number}")
        number += 1
    return place


def move_office(source: Engine, target: Engine) -> Manifest:
    """Copy every row to another, empty database in one transaction; the first stays as it was.

    Each table is counted and added up at both ends; after that the log of who did what there gets
    an entry of its own. What is written to the first meanwhile would be
    lost: the server is to be stopped.

    Raises
    ------
    NotEmpty, JobsLeft, NotCopied
        When it cannot be moved; then nothing was.
    """
    with _snapshot(source) as leaving, unchecked(target) as arriving:
        jobs = leaving.scalar(
            select(func.count()).select_from(Job).where(col(Job.state).in_(UNFINISHED))
        )
        if jobs:
            raise JobsLeft(jobs=jobs, place=place_of(source))
        tables = {}
        for name, columns in layout(SQLModel.metadata).items():
            found = tally(leaving, name, columns)
            tables[name] = Table(columns=columns, n_rows=found.n_rows, checksum=found.checksum)
        manifest = Manifest(
            format=FORMAT, version=__version__, revision=head(), tables=tables,
            made_at=now().isoformat(timespec="seconds"),
        )  # fmt: skip
        _fill(arriving, manifest, lambda name: read_rows(leaving, name, tables[name].columns))
        note(arriving, "move", place_of(source), {"rows": manifest.n_rows})
    return manifest


def _fill(connection: Connection, manifest: Manifest, rows: Rows) -> None:
    """Make the tables of a manifest, fill and compare them, and bring them to this version."""
    _require_empty(connection)
    if revision(connection) not in {None, manifest.revision}:
        migrate_within(connection, "base")
    migrate_within(connection, manifest.revision)
    for name, table in manifest.tables.items():
        _fill_table(connection, name, table, rows(name))
    migrate_within(connection, "head")
    catch_up(connection, SQLModel.metadata)


def _require_empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for name in layout(SQLModel.metadata):
        if name in there and (rows := count_rows(connection, name)):
            raise NotEmpty(place=place_of(connection.engine), table=name, rows=rows)


def _fill_table(connection: Connection, name: str, table: Table, rows: Iterable[Row]) -> None:
    try:
        write_rows(connection, name, table.columns, rows)
    except (DBAPIError, connection.dialect.loaded_dbapi.Error) as error:
        # COPY is the driver's own: its errors have not gone through SQLAlchemy.
        raise NotCopied(table=name, reason=first_line(error)) from error
    there = tally(connection, name, table.columns)
    if (there.n_rows, there.checksum) != (table.n_rows, table.checksum):
        reason = f"{there.n_rows} rows of {table.n_rows}; {there.checksum}, {table.checksum}"
        raise NotCopied(table=name, reason=reason)
