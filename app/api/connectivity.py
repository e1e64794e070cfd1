"""Signal and power: what is known, why, and what speaks against it."""

from typing import Any

from fastapi import APIRouter

from app.api.deps import LangDep, ReadDep, RegencyQuery, VillageCode
from app.api.problems import problems
from app.errors import RegencyNotFound, VillageNotFound
from app.evidence import regency_document, village_document
from app.schemas.connectivity import ConnectivityOut, VillageConnectivityOut

router = APIRouter(prefix="/api/v1", tags=["connectivity"])


@router.get(
    "/villages/{code}/connectivity",
    operation_id="read_village_connectivity",
    summary="Read what is known of a village's signal and power",
    response_model=VillageConnectivityOut,
    responses=problems(VillageNotFound),
)
def read_village(session: ReadDep, code: VillageCode, lang: LangDep) -> dict[str, Any]:
    """Give the class that counts, every row about the village, and the contradictions, in words."""
    return village_document(session, code, lang)


@router.get(
    "/connectivity",
    operation_id="read_connectivity",
    summary="Count villages by signal and power, list contradictions",
    response_model=ConnectivityOut,
    responses=problems(RegencyNotFound),
)
def read_connectivity(
    session: ReadDep, lang: LangDep, regency: RegencyQuery = None
) -> dict[str, Any]:
    """Give the villages of each class, and every pair of rows that cannot both be right."""
    return regency_document(session, regency, lang)
