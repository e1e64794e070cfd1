"""Bring a database to this version: its tables, and what is computed from them."""

from sqlalchemy import Engine, exists
from sqlmodel import Session, select

from app.db import migrate, reading, transaction
from app.models import (
    ConnectivityJoin,
    CoverageArea,
    CoverageRaster,
    PowerReport,
    SignalReport,
    Tower,
)

# Raised when a new version would join the same rows to something else.
JOIN_RULES = 1


def prepare(engine: Engine) -> None:
    """Make the tables of this version, and join connectivity anew where its rules have changed.

    Raises
    ------
    BadDatabase
        As ``db.migrate`` does.
    """
    migrate(engine)
    with reading(engine) as session:
        if _is_joined(session):
            return
    from app.connectivity import rejoin  # loads the libraries of frames

    with transaction(engine) as session:
        rejoin(session)


def _is_joined(session: Session) -> bool:
    kept = session.get(ConnectivityJoin, 1)
    if kept is not None:
        return bool(kept.params["rules"] == JOIN_RULES)
    tables = (SignalReport, PowerReport, Tower, CoverageArea, CoverageRaster)
    return not any(session.scalar(select(exists().select_from(table))) for table in tables)
