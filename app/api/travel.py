"""The report on travel."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from app.api.deps import REGENCY, LangDep, ReadDep, SettingsDep
from app.api.problems import problems
from app.errors import MissingInput, NoDaylight, RegencyNotFound
from app.schemas.travel import TravelReport
from app.travel import TravelMeans
from app.travel_report import travel_report

router = APIRouter(prefix="/api/v1/travel", tags=["travel"])


@router.get(
    "/check",
    operation_id="check_travel",
    summary="Check the travel of a regency",
    responses=problems(RegencyNotFound, MissingInput, NoDaylight),
)
def check_travel(
    session: ReadDep,
    settings: SettingsDep,
    lang: LangDep,
    regency: Annotated[
        str, Query(pattern=REGENCY, description="Kemendagri code.", examples=["62.02"])
    ],
    season: Annotated[
        Literal["dry", "wet", "low_water"] | None,
        Query(description="Default: the office's (travel.wet, travel.low_water)."),
    ] = None,
) -> TravelReport:
    """Report separate parts of the network, villages out of reach and why, and odd detours.

    Travel tables that no plan has made yet are made now, which may take some seconds; they are kept
    for the next plan.
    """
    means = TravelMeans.of(settings)
    found = travel_report(session, regency, lang, season=season, means=means)
    return TravelReport.model_validate(found)
