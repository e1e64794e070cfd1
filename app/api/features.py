"""Map layers as GeoJSON."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from app.api.conditional import DocumentCache, respond
from app.api.deps import BBoxDep, DayQuery, PlanQuery, ReadDep, RegencyQuery, TeamQuery
from app.api.problems import problems
from app.areas import area_of
from app.errors import BadFilter, NoSolvedPlan, PlanNotFound, RegencyNotFound, TeamNotFound
from app.features import LAYERS, PLAN_LAYERS, BBox, collection, data_version, scope_of
from app.schemas.points import POINT_EXAMPLE
from app.viewing import view_of

router = APIRouter(prefix="/api/v1/features", tags=["features"])

MEDIA_TYPE = "application/geo+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a request asks of a layer."""

    bbox: BBox | None
    regency: str | None
    plan_id: int | None
    team: str | None
    day: date | None


def _filters(
    bbox: BBoxDep,
    regency: RegencyQuery = None,
    plan: PlanQuery = None,
    team: TeamQuery = None,
    day: DayQuery = None,
) -> Filters:
    return Filters(bbox=bbox, regency=regency, plan_id=plan, team=team, day=day)


FiltersDep = Annotated[Filters, Depends(_filters)]


def _answers(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[int | str, Any]:
    feature = {"type": "Feature", "id": "...", "geometry": geometry, "properties": properties}
    example = {"type": "FeatureCollection", "features": [feature]}
    content = {MEDIA_TYPE: {"schema": {"type": "object"}, "example": example}}
    etag = {"ETag": {"description": "Strong.", "schema": {"type": "string"}}}
    return {
        200: {
            "description": "A FeatureCollection (RFC 7946).",
            "content": content,
            "headers": etag,
        },
        304: {"description": "Nothing has changed since the ETag sent."},
        **problems(RegencyNotFound, PlanNotFound, TeamNotFound, NoSolvedPlan, BadFilter),
    }


_POINT = {"type": "Point", "coordinates": [112.739984, -2.365385]}
_VILLAGE = {
    "code": "62.02.01.2003",
    "name": "Palangan",
    "district": "Kota Besi",
    "regency_code": "62.02",
    "wajib_ktp": 887,
    "sudah_rekam": 860,
    "not_recorded": 27,
    "people_to_look_for": 27,
    "withheld": [],
    "counts_as_of": "2023-06-30",
    "counts_days": {"wajib_ktp": "2023-06-30", "sudah_rekam": "2023-06-30"},
    "signal": "none",
    "signal_status": "blank_spot_internet",
    "signal_kind": "report",
    "signal_on": "2021-03-05",
    "signal_source": "blankspot.csv",
    "signal_confidence": "medium",
    "is_blank_spot": True,
    "share_covered": 0.1496,
    "power": "unknown",
    "power_on": None,
    "n_contradictions": 1,
}
_BLANK_SPOT = {
    "code": "62.02.01.2003",
    "class": "none",
    "source": "blankspot.csv",
    "observed_on": "2021-03-05",
    "reports": [
        {
            "class": "none", "kind": "report", "source": "blankspot.csv",
            "observed_on": "2021-03-05", "label": "blankspot.csv:4",
        },
        {
            "class": "strong", "kind": "tower", "source": "menara_bts.csv", "observed_on": None,
            "label": "menara_bts.csv:3",
        },
    ],
}  # fmt: skip
_TOWER = {
    "site_id": "KLT00060", "class": "on_air", "radius_km": 3.5, "source": "menara_bts.csv"
}  # fmt: skip
_AREA = {"class": "weak", "status": "-110", "source": "cakupan.gpkg", "observed_on": "2025-06-30"}
_OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[112.1, -2.5], [112.2, -2.5], [112.2, -2.4], [112.1, -2.5]]],
}
_STOP = {"plan_id": 3, "team": "62.02-A", "day": "2026-11-30", "order": 1, "minutes": 120}
_ROUTE = {
    "plan_id": 3, "team": "62.02-A", "day": "2026-11-30", "order": 1, "part": 0, "mode": "road",
    "minutes": 70.0, "metres": 48200,
}  # fmt: skip
_LINE = {"type": "LineString", "coordinates": [[112.9597, -2.5196], [112.74, -2.3654]]}


@router.get(
    "/villages",
    operation_id="list_villages",
    summary="Villages with counts and connectivity",
    response_class=Response,
    responses=_answers(_VILLAGE, _POINT),
)
def get_villages(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give outlines, or points where no outline is known; `plan`, `team`, `day`: those visited.

    `withheld` names the counts that are known but not shown to whoever asks.
    `not_recorded` is wajib KTP less recorded, signed; `people_to_look_for` the same, at least 0.
    `counts_days` is the day of each number, `counts_as_of` the earliest of them: a later file
    without children leaves those of an earlier one.
    `signal` is what counts at the service point: none, weak, strong, very_strong, or unknown;
    `signal_kind` whether a report says so, a raster, an area or a tower. `share_covered` is the
    part of the outline within reach of towers and maps, null where there is none to ask.
    """
    return _layer(request, session, filters, "villages")


@router.get(
    "/blank-spots",
    operation_id="list_blank_spots",
    summary="Villages without signal, with all that speaks of them",
    response_class=Response,
    responses=_answers(_BLANK_SPOT, _POINT),
)
def get_blank_spots(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give villages without a signal; `reports` has also what was overruled, best first."""
    return _layer(request, session, filters, "blank-spots")


@router.get(
    "/towers",
    operation_id="list_towers",
    summary="Transmitters",
    response_class=Response,
    responses=_answers(_TOWER, _POINT),
)
def get_towers(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give transmitters; regency, plan, team and day go by the village their source names."""
    return _layer(request, session, filters, "towers")


@router.get(
    "/coverage",
    operation_id="list_coverage_areas",
    summary="Areas of coverage maps",
    response_class=Response,
    responses=_answers(_AREA, _OUTLINE),
)
def get_coverage(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give areas; with regency, plan, team or day those near the villages that these choose."""
    return _layer(request, session, filters, "coverage")


@router.get(
    "/points",
    operation_id="list_point_features",
    summary="Service points",
    response_class=Response,
    responses=_answers(POINT_EXAMPLE, _POINT),
)
def get_points(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give where villages are served, and schools, companies and prisons; `plan`: those visited."""
    return _layer(request, session, filters, "points")


@router.get(
    "/stops",
    operation_id="list_stops",
    summary="Stops of a plan",
    response_class=Response,
    responses=_answers(_STOP, _POINT),
)
def get_stops(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give the stops of a plan, by default of the newest solved one of the regency."""
    return _layer(request, session, filters, "stops")


@router.get(
    "/routes",
    operation_id="list_routes",
    summary="Lines travelled in a plan",
    response_class=Response,
    responses=_answers(_ROUTE, _LINE),
)
def get_routes(request: Request, session: ReadDep, filters: FiltersDep) -> Response:
    """Give lines along roads and rivers, one for each mode; the way home has the last order."""
    return _layer(request, session, filters, "routes")


def _layer(request: Request, session: Session, filters: Filters, name: str) -> Response:
    scope = scope_of(
        session,
        regency=filters.regency,
        bbox=filters.bbox,
        plan_id=filters.plan_id,
        team=filters.team,
        day=filters.day,
        needs_plan=name in PLAN_LAYERS,
    )
    cache: DocumentCache = request.app.state.documents
    key = (name, area_of(session), view_of(session), data_version(session, scope), filters)
    document = cache.get(key, lambda: collection(LAYERS[name](session, scope)))
    return respond(request, document, MEDIA_TYPE)
