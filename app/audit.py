"""The log of who did what: only added to, listed, taken along as a table."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import orjson
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, col, select

from app.access import Caller
from app.areas import WHOLE_COUNTRY
from app.cells import safe_cell
from app.models import AuditEntry

COMMAND = "command"
COLUMNS = ("entry_id", "at", "account", "via", "area", "action", "subject", "details")
# What one request changes is a handful of rows; of an upload its job.
MOST_CHANGES = 20
_CHANGES = "changed"


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
