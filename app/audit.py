"""The log of who did what: only added to, listed, taken along as a table."""

import csv
import getpass
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from typing import Any

import orjson
from sqlalchemy import Connection, event, insert, inspect
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, col, select

from app.access import Caller
from app.areas import WHOLE_COUNTRY
from app.cells import safe_cell
from app.db import now
from app.models import AuditEntry

COMMAND = "command"
COLUMNS = ("entry_id", "at", "account", "via", "area", "action", "subject", "details")
# What one request changes is a handful of rows; of an upload its job.
MOST_CHANGES = 20
_CHANGES = "changed"
# A server is a command that runs for long; what it is asked for is recorded request by request.
_SERVING = frozenset({"serve", "worker"})
_ADDRESS = re.compile(r"([A-Za-z][\w+.-]*://)(?:[^/?#\s]*@)?([^?#\s]*)\S*")
_command: ContextVar[tuple[str, str] | None] = ContextVar("command", default=None)


def record(
    session: Session,
    action: str,
    subject: str,
    *,
    caller: Caller | None = None,
    account: str = "",
    via: str = COMMAND,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down what was done, in the transaction that does it.

    Parameters
    ----------
    action
        The operation, as the API calls it.
    subject
        What it was done to: an address of the API, or a name.
    caller
        Who did it; without one, ``account`` is who is logged in at the machine, or who tried.
    details
        Facts worth keeping; never a secret.
    """
    session.add(
        AuditEntry(
            account=caller.account if caller else account, via=caller.via if caller else via,
            area=caller.area if caller else WHOLE_COUNTRY, action=action, subject=subject[:300],
            details=dict(details or {}),
        )
    )  # fmt: skip
    session.flush()


def note(connection: Connection, action: str, subject: str, details: Mapping[str, object]) -> None:
    """Write down what a command did to a whole database, in the transaction that does it."""
    values = {"account": getpass.getuser(), "via": COMMAND, "area": WHOLE_COUNTRY, "at": now()}
    connection.execute(
        insert(AuditEntry).values(
            **values, action=action, subject=subject[:300], details=dict(details)
        )
    )


def watch(session: Session) -> None:
    """Note which rows a session adds, changes and deletes, for ``changes_of``."""
    session.info[_CHANGES] = {}


def changes_of(session: Session) -> list[str]:
    """Give what was changed as ``added plan 3``, without repeats, at most ``MOST_CHANGES``."""
    session.flush()
    return list(session.info.get(_CHANGES, {}))[:MOST_CHANGES]


@event.listens_for(OrmSession, "after_flush")
def _note(session: OrmSession, _context: UOWTransaction) -> None:
    noted = session.info.get(_CHANGES)
    if noted is None:
        return
    for word, rows in (
        ("added", session.new), ("changed", session.dirty), ("deleted", session.deleted)
    ):  # fmt: skip
        for row in rows:
            if word != "changed" or session.is_modified(row):
                noted[f"{word} {_name_of(row)}"] = None


@contextmanager
def as_command(action: str, subject: str) -> Iterator[None]:
    """Write down what transactions of a command change, each in the transaction itself.

    ``action`` is the command, ``subject`` its words. What a job of the command stores is the
    job's, as over HTTP; what a command records by itself stands alone.
    """
    # An address may have a name, a password or a key in it.
    shown = _ADDRESS.sub(r"\1\2", subject)
    token = _command.set(None if action in _SERVING else (action, shown))
    try:
        yield
    finally:
        _command.reset(token)


@event.listens_for(OrmSession, "after_begin")
def _watch_command(session: OrmSession, _transaction: object, _connection: object) -> None:
    if _command.get() is not None:
        session.info.setdefault(_CHANGES, {})


@event.listens_for(OrmSession, "before_commit")
def _record_command(session: OrmSession) -> None:
    command = _command.get()
    if command is None or not isinstance(session, Session):
        return
    changes = changes_of(session)
    is_told = any(change.startswith("added audit_entry") for change in changes)
    # A job that is followed to its end says again and again that it is alive.
    is_busy = command[0] != "jobs" and all(one.startswith("changed job ") for one in changes)
    session.info[_CHANGES] = {}
    if not is_told and not is_busy:
        details = {"changes": changes}
        record(session, *command, account=getpass.getuser(), details=details)
        session.info[_CHANGES] = {}


def _name_of(row: object) -> str:
    state = inspect(row)
    key = state.mapper.primary_key_from_instance(row)
    return f"{state.mapper.local_table.name} {'/'.join(map(str, key))}"


def entries(
    session: Session,
    *,
    since: date | None = None,
    until: date | None = None,
    account: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """List what was done, the newest first; days are UTC, both ends included."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc())
    if since is not None:
        query = query.where(AuditEntry.at >= datetime.combine(since, time.min, UTC))
    if until is not None:
        query = query.where(AuditEntry.at <= datetime.combine(until, time.max, UTC))
    if account is not None:
        query = query.where(AuditEntry.account == account)
    return [_row(entry) for entry in session.exec(query.limit(limit))]


def entries_json(rows: Iterable[dict[str, Any]]) -> bytes:
    """Write rows of ``entries`` as a JSON document with ``items``."""
    return orjson.dumps({"items": list(rows)})


def entries_csv(rows: Iterable[dict[str, Any]]) -> str:
    """Write rows of ``entries`` as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = {**row, "details": orjson.dumps(row["details"]).decode()}
        writer.writerow([safe_cell(cells[name]) for name in COLUMNS])
    return text.getvalue()


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "entry_id": entry.id,
        "at": entry.at.isoformat(),
        "account": entry.account,
        "via": entry.via,
        "area": entry.area or None,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
    }
