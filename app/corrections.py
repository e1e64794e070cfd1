"""Counts that a planner puts right or estimates: entered, listed, withdrawn; never overwritten.

The imported number stays beside each. Plans use the newest that was not withdrawn, until a file of
a later day has that number again.
"""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.current import CurrentCount, current_counts
from app.errors import (
    BadCorrection,
    CorrectionNotFound,
    CorrectionOutdated,
    CorrectionWithdrawn,
    RegencyNotFound,
    VillageNotFound,
)
from app.models import CountCorrection, Village
from app.models.corrections import CORRECTION, ESTIMATE, WITHDRAWAL
from geodata.codes import regency_of
from geodata.columns import COUNT_COLUMNS
from geodata.count_rows import MAX_COUNT
from geodata.privacy import refuse_numbers

_FIELDS = (
    "village_code", "column", "kind", "value", "imported", "imported_as_of", "import_id", "day",
    "reason", "person", "created_at",
)  # fmt: skip


def correct(
    session: Session,
    village_code: str,
    column: str,
    value: int,
    *,
    reason: str,
    person: str,
    day: date,
    is_estimate: bool = False,
) -> CountCorrection:
    """Enter what one count of one village is.

    Parameters
    ----------
    value
        People; only ``belum_rekam`` may be negative.
    day
        The day the number speaks of.

    Raises
    ------
    VillageNotFound, BadCorrection
        When there is no such village or column, the number cannot be, nobody or nothing answers
        for it, or the day is to come.
    ResidentNumbers
        When the reason names a resident by a number.
    CorrectionOutdated
        When the imported number is of a later day: it would win at once.
    """
    _judge(session, village_code, column, value, reason, person, day)
    known = current_counts(session, regency_of(village_code)).get(village_code)
    imported = known.held.get(column, known.imported) if known is not None else None
    stands = None if imported is None else getattr(imported, column)
    if imported is not None and stands is not None and imported.as_of > day:
        raise CorrectionOutdated(
            village_code=village_code, column=column, day=day.isoformat(),
            as_of=imported.as_of.isoformat(), imported=stands,
        )  # fmt: skip
    row = CountCorrection(
        village_code=village_code,
        column=column,
        kind=ESTIMATE if is_estimate else CORRECTION,
        value=value,
        imported=stands,
        imported_as_of=imported.as_of if imported is not None else None,
        import_id=imported.import_id if imported is not None else None,
        day=day,
        reason=reason.strip(),
        person=person.strip(),
    )
    session.add(row)
    session.flush()
    return row


def _judge(
    session: Session,
    village_code: str,
    column: str,
    value: int,
    reason: str,
    person: str,
    day: date,
) -> None:
    if session.get(Village, village_code) is None:
        raise VillageNotFound(code=village_code)
    lowest = -MAX_COUNT if column == "belum_rekam" else 0
    latest = date.today() + timedelta(days=1)  # noqa: DTZ011 (a day of grace covers every zone)
    rules = (
        ("column", column, " | ".join(COUNT_COLUMNS), column in COUNT_COLUMNS),
        ("value", value, f"{lowest} .. {MAX_COUNT}", lowest <= value <= MAX_COUNT),
        ("day", day.isoformat(), f"<= {latest.isoformat()}", day <= latest),
    )
    for field, found, accepted, is_fine in (*rules, *_accounted(reason, person)):
        if not is_fine:
            raise BadCorrection(field=field, value=found, accepted=accepted)


def _accounted(reason: str, person: str) -> tuple[tuple[str, str, str, bool], ...]:
    refuse_numbers({"reason": reason, "by": person}, "correction")
    return tuple(
        (field, text, "1 .. 500", 1 <= len(text.strip()) <= 500)
        for field, text in (("reason", reason), ("by", person))
    )


def withdraw(session: Session, correction_id: int, *, reason: str, person: str) -> CountCorrection:
    """Take a correction back; it stays in the list, with who and why.

    Raises
    ------
    CorrectionNotFound, CorrectionWithdrawn, BadCorrection
        When there is none of that number, it was withdrawn before, or nobody answers for it.
    """
    # Held to the end: who asks at the same moment sees the withdrawal that came first.
    row = session.get(CountCorrection, correction_id, with_for_update=True)
    if row is None or row.kind == WITHDRAWAL:
        raise CorrectionNotFound(correction_id=correction_id)
    earlier = session.exec(
        select(CountCorrection).where(CountCorrection.withdraws == correction_id)
    ).first()
    if earlier is not None:
        raise CorrectionWithdrawn(
            correction_id=correction_id, day=earlier.created_at.date().isoformat(),
            person=earlier.person,
        )  # fmt: skip
    for field, text, accepted, is_fine in _accounted(reason, person):
        if not is_fine:
            raise BadCorrection(field=field, value=text, accepted=accepted)
    taken_back = CountCorrection(
        village_code=row.village_code, column=row.column, kind=WITHDRAWAL, day=row.day,
        withdraws=correction_id, reason=reason.strip(), person=person.strip(),
    )  # fmt: skip
    session.add(taken_back)
    session.flush()
    return taken_back


def correction_row(row: CountCorrection) -> dict[str, Any]:
    """Give a correction as plain JSON values."""
    values = row.model_dump(mode="json", include=set(_FIELDS))
    return {"correction_id": row.id, **{name: values[name] for name in _FIELDS}}


def correction_rows(
    session: Session, regency: str | None = None, village_code: str | None = None
) -> list[dict[str, Any]]:
    """List corrections, the newest first, each with its ``state``.

    *in_force*: plans use it; *replaced*: a later correction counts; *outdated*: a file of a later
    day does, ``outdated_by`` is that import; *withdrawn*: ``withdrawal`` tells by whom and why.

    Raises
    ------
    RegencyNotFound, VillageNotFound
        When no village of it is known.
    """
    query = select(CountCorrection, Village.name).join(Village)
    if regency is not None:
        if (
            session.exec(select(Village.code).where(Village.regency_code == regency)).first()
            is None
        ):
            raise RegencyNotFound(regency=regency, known="-")
        query = query.where(Village.regency_code == regency)
    if village_code is not None:
        if session.get(Village, village_code) is None:
            raise VillageNotFound(code=village_code)
        query = query.where(CountCorrection.village_code == village_code)
    found = session.exec(query.order_by(col(CountCorrection.id).desc())).all()
    withdrawals = {row.withdraws: row for row, _ in found if row.kind == WITHDRAWAL}
    counts = current_counts(session, regency)
    return [
        {
            **correction_row(row),
            "village_name": name,
            **_state(row, withdrawals.get(row.id), counts.get(row.village_code)),
        }
        for row, name in found
        if row.kind != WITHDRAWAL
    ]


def _state(
    row: CountCorrection, withdrawal: CountCorrection | None, count: CurrentCount | None
) -> dict[str, Any]:
    state, outdated_by = "replaced", None
    if withdrawal is not None:
        state = "withdrawn"
    elif count is not None and row in count.corrections:
        state = "in_force"
    elif count is not None and row in count.outdated:
        state, outdated_by = "outdated", count.held[row.column].import_id
    about = None
    if withdrawal is not None:
        about = withdrawal.model_dump(mode="json", include={"reason", "person", "created_at"})
    return {"state": state, "outdated_by": outdated_by, "withdrawal": about}
