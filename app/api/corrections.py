"""Counts that planners put right or estimate."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import CorrectionId, ReadDep, RegencyQuery, SessionDep
from app.api.problems import problems
from app.corrections import correct, correction_row, correction_rows, withdraw
from app.errors import (
    BadCorrection,
    CorrectionNotFound,
    CorrectionOutdated,
    CorrectionWithdrawn,
    RegencyNotFound,
    VillageNotFound,
)
from app.schemas.corrections import CorrectionIn, CorrectionList, CorrectionOut, WithdrawalIn

router = APIRouter(prefix="/api/v1/corrections", tags=["corrections"])


@router.get(
    "",
    operation_id="list_corrections",
    summary="List corrections",
    responses=problems(RegencyNotFound, VillageNotFound),
)
def list_corrections(
    session: ReadDep,
    regency: RegencyQuery = None,
    village: Annotated[
        str | None, Query(description="Code of a village.", examples=["62.02.01.1009"])
    ] = None,
) -> CorrectionList:
    """Give what planners corrected and estimated, the newest first, with what became of it."""
    rows = correction_rows(session, regency, village)
    return CorrectionList.model_validate({"items": rows})


@router.post(
    "",
    operation_id="correct_count",
    status_code=201,
    summary="Correct or estimate a count",
    responses=problems(VillageNotFound, BadCorrection, CorrectionOutdated),
)
def correct_count(body: CorrectionIn, session: SessionDep) -> CorrectionOut:
    """Say what one count of one village is; the imported number stays beside it.

    Plans use it until it is withdrawn or a file of a later day has that number again.
    """
    row = correct(
        session, body.village_code, body.column, body.value, reason=body.reason, person=body.by,
        day=body.day, is_estimate=body.is_estimate,
    )  # fmt: skip
    return CorrectionOut.model_validate(correction_row(row))


@router.post(
    "/{correction_id}/withdrawal",
    operation_id="withdraw_correction",
    status_code=204,
    summary="Withdraw a correction",
    responses=problems(CorrectionNotFound, CorrectionWithdrawn, BadCorrection),
)
def withdraw_correction(
    correction_id: CorrectionId, body: WithdrawalIn, session: SessionDep
) -> None:
    """Take a correction back; it stays in the list, with who and why."""
    withdraw(session, correction_id, reason=body.reason, person=body.by)
