"""The dictionary of headings as offices go on writing it: taught, listed, forgotten."""

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from app.db import one_at_a_time
from app.errors import BadOption, HeadingNotFound
from app.models import LearnedHeading
from app.models.headings import EVERY_OFFICE
from geodata.headers import MEANINGS, key_of


def check_headings(given: Mapping[str, str], name: str = "map") -> None:
    """Refuse what no heading can mean.

    Raises
    ------
    BadOption
        When a meaning is none of ``MEANINGS``, or a heading has no letter; ``name`` is the option.
    """
    for text, meaning in given.items():
        if meaning not in MEANINGS or not key_of(text):
            accepted = f"HEADING={' | '.join(MEANINGS)}"
            raise BadOption(option=name, value=f"{text}={meaning}", accepted=accepted)


def learned(session: Session, regency: str = EVERY_OFFICE) -> dict[str, str]:
    """Give what headings mean in the files of an office, by key; its own go before the general."""
    rows = session.exec(
        select(LearnedHeading)
        .where(col(LearnedHeading.regency_code).in_({EVERY_OFFICE, regency}))
        .order_by(col(LearnedHeading.regency_code))
    )
    return {row.key: row.meaning for row in rows}


def teach(
    session: Session,
    given: Mapping[str, str],
    *,
    regency: str = EVERY_OFFICE,
    person: str | None = None,
) -> list[LearnedHeading]:
    """Remember what headings mean; what was known of one of them before is replaced.

    Raises
    ------
    BadOption
        See ``check_headings``; or ``regency`` is no code of one.
    """
    check_headings(given)
    if regency and not re.fullmatch(r"[0-9]{2}\.[0-9]{2}", regency):
        raise BadOption(option="regency", value=regency, accepted="62.02")
    one_at_a_time(session, "headings")
    rows = []
    for text, meaning in given.items():
        old = session.exec(
            select(LearnedHeading)
            .where(LearnedHeading.regency_code == regency)
            .where(LearnedHeading.key == key_of(text))
        ).first()
        if old is not None:
            session.delete(old)
            session.flush()
        row = LearnedHeading(
            regency_code=regency, key=key_of(text), text=text, meaning=meaning, person=person
        )
        session.add(row)
        rows.append(row)
    session.flush()
    return rows


def forget(session: Session, heading_id: int) -> LearnedHeading:
    """Remove a heading from the dictionary.

    Raises
    ------
    HeadingNotFound
        When there is no such heading.
    """
    one_at_a_time(session, "headings")
    row = session.get(LearnedHeading, heading_id)
    if row is None:
        raise HeadingNotFound(heading_id=heading_id)
    session.delete(row)
    session.flush()
    return row


def heading_rows(session: Session) -> list[dict[str, Any]]:
    """List what was taught, by office and heading."""
    rows = session.exec(
        select(LearnedHeading).order_by(col(LearnedHeading.regency_code), col(LearnedHeading.text))
    )
    return [heading_row(row) for row in rows]


def heading_row(row: LearnedHeading) -> dict[str, Any]:
    """Give a taught heading as plain JSON values."""
    return {
        "heading_id": row.id,
        "heading": row.text,
        "meaning": row.meaning,
        "regency_code": row.regency_code or None,
        "person": row.person,
        "created_at": row.created_at.isoformat(),
    }
