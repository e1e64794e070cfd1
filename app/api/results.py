"""Results: what teams report, what counts of it, what was learned from it."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.api.deps import REGENCY, PlanId, ReadDep, SessionDep
from app.api.guard import CallerDep
from app.api.problems import problems
from app.calendar import today_in
from app.errors import BodyTooLarge, PlanNotFound, RegencyNotFound
from app.results.document import ledger, plan_results, totals
from app.results.errors import BadSettlement, EntryNotFound, PlanNotCarriedOut, ResultsChanged
from app.results.ledger import take_in
from app.results.lessons import need_document, rates_document
from app.results.settle import settle
from app.schemas.results import (
    LearnedRates,
    Ledger,
    PlanResults,
    RemainingNeed,
    ResultsIn,
    ResultsOut,
    ResultTotals,
    SettlementIn,
)

router = APIRouter(prefix="/api/v1", tags=["results"])

RegencyCode = Annotated[
    str, Path(pattern=REGENCY, description="Kemendagri code of a regency.", examples=["62.02"])
]


@router.post(
    "/plans/{plan_id}/results",
    operation_id="report_results",
    summary="Report results",
    responses=problems(PlanNotFound, PlanNotCarriedOut, BodyTooLarge),
)
def report_results(
    session: SessionDep, plan_id: PlanId, caller: CallerDep, sent: ResultsIn
) -> ResultsOut:
    """Keep reports of sessions; `records` tells in the order sent what became of each.

    What is not `refused` is stored when this answers, so a telephone may forget it; sent again it
    is `known` and counts once. A team's account reports for its team. The body may be compressed
    (`Content-Encoding: gzip`). The first report puts a published plan in progress; those that come
    after it was closed are kept and marked.
    """
    return ResultsOut.model_validate(take_in(session, plan_id, sent.records, caller))


@router.get(
    "/plans/{plan_id}/results",
    operation_id="list_results",
    summary="Read what counts",
    responses=problems(PlanNotFound),
)
def list_results(session: ReadDep, plan_id: PlanId) -> PlanResults:
    """Give each session as it counts now, what contradicts it, and stops that nobody reported.

    Reports for a plan that this one replaced belong to it, also those of stops that were moved or
    dropped (`in_plan`).
    """
    return PlanResults.model_validate(plan_results(session, plan_id))


@router.get(
    "/plans/{plan_id}/results/entries",
    operation_id="list_result_entries",
    summary="Read the ledger",
    responses=problems(PlanNotFound),
)
def list_result_entries(session: ReadDep, plan_id: PlanId) -> Ledger:
    """Give every report as it came, also those that another replaced, the first received first."""
    return Ledger.model_validate(ledger(session, plan_id))


@router.get(
    "/plans/{plan_id}/results/totals",
    operation_id="read_result_totals",
    summary="Read sums",
    responses=problems(PlanNotFound),
)
def read_result_totals(session: ReadDep, plan_id: PlanId) -> ResultTotals:
    """Give people by outcome: in all, by programme, day, team and stop."""
    return ResultTotals.model_validate(totals(session, plan_id))


@router.post(
    "/plans/{plan_id}/results/settlements",
    operation_id="settle_results",
    summary="Settle a contradiction",
    responses=problems(
        PlanNotFound, PlanNotCarriedOut, EntryNotFound, ResultsChanged, BadSettlement
    ),
)
def settle_results(
    session: SessionDep, plan_id: PlanId, caller: CallerDep, asked: SettlementIn
) -> PlanResults:
    """Say which report of a session counts, or what holds instead; it is one more entry.

    `entries` are all that stand for the session; where another came meanwhile the answer is 409.
    One that comes later contradicts the decision, which counts until it is settled again.
    """
    settle(session, plan_id, asked, caller)
    return PlanResults.model_validate(plan_results(session, plan_id))


@router.get(
    "/regencies/{regency}/need",
    operation_id="read_remaining_need",
    summary="Read who is left to serve",
    responses=problems(RegencyNotFound),
)
def read_remaining_need(session: ReadDep, regency: RegencyCode) -> RemainingNeed:
    """Give by village and programme the people listed, those reported since, and those left."""
    return RemainingNeed.model_validate(need_document(session, regency, today_in(regency)))


@router.get(
    "/regencies/{regency}/rates",
    operation_id="read_learned_rates",
    summary="Read what results taught",
    responses=problems(RegencyNotFound),
)
def read_learned_rates(session: ReadDep, regency: RegencyCode) -> LearnedRates:
    """Give turnout, reachable share and minutes by district, each with what it rests on.

    `corrected` is `weight` x `observed` + (1 - `weight`) x `default`; new plans use it unless
    `results.learn` is off.
    """
    return LearnedRates.model_validate(rates_document(session, regency))
