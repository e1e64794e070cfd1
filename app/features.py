"""Rows to GeoJSON features (RFC 7946): WGS 84, lon lat, six decimals, right-hand rule.

A layer is a function from a session and a scope to features; their ids are stable, so that a map
client may keep what it knows of one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.current import CurrentCount, current_connectivity
from app.errors import NoSolvedPlan, PlanNotFound, RegencyNotFound, TeamNotFound
from app.figures import counts_as_seen, numbers_of, withheld_from
from app.geometry import meets_box
from app.models import (
    ConnectivityEvidence,
    ConnectivityJoin,
    CountCorrection,
    CoverageArea,
    DataImport,
    Plan,
    PlanLeg,
    PlanStop,
    ServicePoint,
    Team,
    Tower,
    Village,
    VillageConnectivity,
)
from app.models.results import MEASURED_POWER
from app.plan_document import stop_rows, villages_of
from app.points import current_points, place_of, point_row, village_points
from app.public_plan import expected_as_seen
from app.viewing import view_of
from geodata.columns import COUNT_COLUMNS

DECIMALS = 6
GRID = 10.0**-DECIMALS
BLANK_SPOT = "none"
Feature = dict[str, Any]
Row = TypeVar("Row", Village, PlanLeg)


class BBox(NamedTuple):
    """Degrees; a feature that touches the box belongs to it."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is asked of a layer; None asks for everything.

    ``plan`` is the plan meant, named or by default; team and day are those of that plan.
    """

    regency: str | None = None
    bbox: BBox | None = None
    plan: Plan | None = None
    team: str | None = None
    day: date | None = None


def scope_of(
    session: Session,
    *,
    regency: str | None = None,
    bbox: BBox | None = None,
    plan_id: int | None = None,
    team: str | None = None,
    day: date | None = None,
    needs_plan: bool = False,
) -> Scope:
    """Find the plan that a request means and check the names it uses.

    Without ``plan_id`` the newest solved plan of the regency, or of the team's, is meant; it is
    looked for only when the layer or a filter needs one.

    Raises
    ------
    RegencyNotFound, PlanNotFound, TeamNotFound, NoSolvedPlan
        When a name is not known; an empty map would hide the mistake.
    """
    if regency is not None:
        _require_regency(session, regency)
    plan = None
    if plan_id is not None:
        plan = session.get(Plan, plan_id)
        if plan is None:
            raise PlanNotFound(plan_id=plan_id)
    elif needs_plan or team is not None or day is not None:
        plan = newest_solved(session, regency or _regency_of_team(session, team))
    if plan is not None and team is not None:
        _require_team(session, plan, team)
    return Scope(regency=regency, bbox=bbox, plan=plan, team=team, day=day)


def newest_solved(session: Session, regency: str | None) -> Plan:
    """Find the newest plan that has an answer, or raise ``NoSolvedPlan``."""
    query = select(Plan).where(col(Plan.solved_at).is_not(None)).order_by(col(Plan.id).desc())
    if regency is not None:
        query = query.where(Plan.regency_code == regency)
    plan = session.exec(query.limit(1)).first()
    if plan is None:
        raise NoSolvedPlan(regency=regency or "*")
    return plan


def data_version(session: Session, scope: Scope) -> tuple[object, ...]:
    """Give what changes whenever the features of a scope may have changed."""
    newest = session.exec(
        select(  # type: ignore[call-overload]  # more columns than its overloads know
            func.max(DataImport.id),
            func.max(DataImport.created_at),
            select(ConnectivityJoin.joined_at).scalar_subquery(),
            select(func.max(CountCorrection.id)).scalar_subquery(),
            select(func.max(ServicePoint.changed_at)).scalar_subquery(),
        )
    ).one()
    solved = "" if scope.plan is None else f"{scope.plan.id} {scope.plan.solved_at}"
    return (*newest, solved)


def villages(session: Session, scope: Scope) -> list[Feature]:
    """Give villages with counts and connectivity; with a plan, only those it visits."""
    signals = current_connectivity(session, scope.regency)
    counts = counts_as_seen(session, scope.regency)
    view = view_of(session)
    withheld = withheld_from(view, numbers_of(counts))
    rows = _villages(session, scope)
    at = village_points(session, scope.regency)
    return [
        _feature(
            row.code,
            outline,
            {
                **_village_properties(
                    row,
                    counts.get(row.code),
                    None if view.sees_counts else withheld.of(row.code),
                    signals,
                ),
                **place_of(at[row.code]),
            },
        )
        for row, outline in zip(rows, _outlines(rows), strict=True)
    ]


def blank_spots(session: Session, scope: Scope) -> list[Feature]:
    """Give the villages without a signal, as the join decides, with all that speaks of them."""
    found = current_connectivity(session, scope.regency)
    blank = {code: row for code, row in found.items() if row.signal == BLANK_SPOT}
    reports: dict[str, list[ConnectivityEvidence]] = {}
    without = select(VillageConnectivity.village_code).where(
        VillageConnectivity.signal == BLANK_SPOT
    )
    evidence = (
        select(ConnectivityEvidence)
        .where(col(ConnectivityEvidence.kind).not_in(("power", MEASURED_POWER)))
        .where(col(ConnectivityEvidence.village_code).in_(without))
    )
    for one in session.exec(evidence.order_by(col(ConnectivityEvidence.rank))):
        reports.setdefault(one.village_code, []).append(one)
    rows = [row for row in _villages(session, scope) if row.code in blank]
    return [
        _feature(row.code, outline, _blank_spot_properties(row, blank[row.code], reports[row.code]))
        for row, outline in zip(rows, _outlines(rows), strict=True)
    ]


def _outlines(rows: Sequence[Village]) -> list[orjson.Fragment]:
    return encode_geometries([row.geometry or shapely.Point(row.lon, row.lat) for row in rows])


def towers(session: Session, scope: Scope) -> list[Feature]:
    """Give transmitters; regency and plan select by the village that their source names."""
    query = (
        select(Tower)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .order_by(col(Tower.site_id), col(Tower.id))
    )
    if scope.regency is not None:
        query = query.where(
            col(Tower.village_code).startswith(scope.regency + ".", autoescape=True)
        )
    if scope.plan is not None:
        query = query.where(col(Tower.village_code).in_(_visited(session, scope)))
    rows = [row for row in session.exec(query) if _holds(scope.bbox, row.lon, row.lat)]
    points = encode_geometries([shapely.Point(row.lon, row.lat) for row in rows])
    return [
        _feature(f"tower-{row.id}", point, _tower_properties(row))
        for row, point in zip(rows, points, strict=True)
    ]


def coverage(session: Session, scope: Scope) -> list[Feature]:
    """Give areas of coverage maps; regency and plan select those near its villages."""
    query = (
        select(CoverageArea)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .order_by(col(CoverageArea.id))
    )
    boxes = [scope.bbox] if scope.bbox else []
    if scope.regency is not None or scope.plan is not None:
        boxes.append(_box_of(_villages(session, scope)))
    for box in boxes:
        query = query.where(meets_box(CoverageArea, *box))
    rows = [row for row in session.exec(query) if _touches(row.geometry, scope.bbox)]
    shapes = encode_geometries([row.geometry for row in rows])
    return [
        _feature(f"area-{row.id}", shape, _area_properties(row))
        for row, shape in zip(rows, shapes, strict=True)
    ]


def stops(session: Session, scope: Scope) -> list[Feature]:
    """Give the stops of a plan, in the order of team, day and stop."""
    plan = scope.plan
    if plan is None or scope.regency not in {None, plan.regency_code}:
        return []
    places = villages_of(session, plan)
    rows = [
        row
        for row in stop_rows(session, plan, places, team=scope.team, day=scope.day)
        if _holds(scope.bbox, row["lon"], row["lat"])
    ]
    points = encode_geometries([shapely.Point(row["lon"], row["lat"]) for row in rows])
    return [
        _feature(row["stop_id"], point, {"plan_id": plan.id, **row})
        for row, point in zip(rows, points, strict=True)
    ]


def routes(session: Session, scope: Scope) -> list[Feature]:
    """Give the lines travelled, one feature for each stretch by one mode."""
    plan = scope.plan
    if plan is None or scope.regency not in {None, plan.regency_code}:
        return []
    query = select(PlanLeg).where(PlanLeg.plan_id == plan.id)
    if scope.team is not None:
        query = query.where(PlanLeg.team == scope.team)
    if scope.day is not None:
        query = query.where(PlanLeg.day == scope.day)
    order = (col(PlanLeg.team), col(PlanLeg.day), col(PlanLeg.order), col(PlanLeg.part))
    legs = _touching(session.exec(query.order_by(*order)).all(), scope.bbox)
    lines = encode_geometries([leg.geometry for leg in legs])
    return [
        _feature(
            f"{leg.plan_id}-{leg.team}-{leg.day.isoformat()}-{leg.order}-{leg.part}",
            line,
            leg.model_dump(exclude={"id", "geometry"}),
        )
        for leg, line in zip(legs, lines, strict=True)
    ]


def points(session: Session, scope: Scope) -> list[Feature]:
    """Give service points; with a plan, only those it visits."""
    visited = None if scope.plan is None else set(session.exec(_stops(scope, PlanStop.point_code)))
    rows = [
        point
        for point in current_points(session, scope.regency)
        if (visited is None or point.code in visited) and _holds(scope.bbox, point.lon, point.lat)
    ]
    view = view_of(session)
    shapes = encode_geometries([shapely.Point(row.lon, row.lat) for row in rows])
    return [
        _feature(
            f"point-{row.code}",
            shape,
            point_row(row) | {"expected": expected_as_seen(row.expected, view)},
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]


LAYERS: dict[str, Callable[[Session, Scope], list[Feature]]] = {
    "villages": villages,
    "blank-spots": blank_spots,
    "towers": towers,
    "points": points,
    "coverage": coverage,
    "stops": stops,
    "routes": routes,
}
PLAN_LAYERS = frozenset({"stops", "routes"})
"""Layers that show nothing without a plan."""


def collection(features: Sequence[Feature]) -> bytes:
    """Encode features as a GeoJSON document."""
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def plan_geojson(session: Session, plan_id: int) -> bytes:
    """Encode a plan's stops and routes as one GeoJSON document, or raise ``PlanNotFound``."""
    scope = scope_of(session, plan_id=plan_id)
    return collection([*stops(session, scope), *routes(session, scope)])


def encode_geometries(geometries: Sequence[BaseGeometry]) -> list[orjson.Fragment]:
    """Write geometries as GeoJSON: six decimals, valid on that grid, right-hand rule."""
    given = np.array(geometries, dtype=object)
    is_area = shapely.get_dimensions(given) == 2
    areas = shapely.set_precision(given[is_area], GRID)
    # An islet smaller than the grid would vanish: it keeps its corners, each rounded by itself.
    vanished = shapely.is_empty(areas)
    areas[vanished] = shapely.set_precision(given[is_area][vanished], GRID, mode="pointwise")
    rounded = given.copy()
    rounded[is_area] = shapely.orient_polygons(areas)
    others = shapely.set_precision(given[~is_area], GRID, mode="pointwise")
    rounded[~is_area] = shapely.remove_repeated_points(others)
    # A multiple of the grid may carry a tail in its 15th digit.
    tidy = shapely.transform(rounded, lambda xy: np.round(xy, DECIMALS))
    # Corners that rounding made one: a line keeps at least two positions all the same.
    is_line = shapely.get_dimensions(given) == 1
    tidy[is_line] = shapely.remove_repeated_points(tidy[is_line])
    return [orjson.Fragment(text) for text in shapely.to_geojson(tidy)]


def _feature(feature_id: str, geometry: orjson.Fragment, properties: Feature) -> Feature:
    return {"type": "Feature", "id": feature_id, "geometry": geometry, "properties": properties}


def _village_properties(
    row: Village,
    count: CurrentCount | None,
    withheld: set[str] | None,
    signals: dict[str, VillageConnectivity],
) -> Feature:
    """Give what is known of a village; ``withheld`` None: whoever asks sees every count."""
    known = signals.get(row.code)
    hidden = withheld or set()
    figures = {n: None if n in hidden else getattr(count, n, None) for n in COUNT_COLUMNS}
    not_recorded = figures.pop("belum_rekam")
    corrections = count.corrections if count is not None and withheld is None else ()
    days = count.days if count is not None else {}
    return {
        **_place(row),
        **figures,
        "corrections": [
            row.model_dump(include={"column", "imported", "value", "kind", "day", "reason"})
            for row in corrections
        ],
        "not_recorded": not_recorded,
        "people_to_look_for": None if not_recorded is None else max(0, not_recorded),
        "withheld": sorted(hidden),
        "counts_as_of": min(days.values(), default=None),
        "counts_days": days,
        **_connectivity_properties(known),
    }


def _connectivity_properties(known: VillageConnectivity | None) -> Feature:
    signal, share = (known.signal, known.share_covered) if known else (None, None)
    return {
        "signal": signal or "unknown",
        "signal_status": known and known.status,
        "signal_kind": known and known.kind,
        "signal_on": known and known.as_of,
        "signal_source": known and known.source,
        "signal_confidence": known and known.confidence,
        "is_blank_spot": signal == BLANK_SPOT,
        "share_covered": share and round(share, 4),
        "power": known.power if known else "unknown",
        "power_on": known and known.power_as_of,
        "n_contradictions": known.n_contradictions if known else 0,
    }


def _blank_spot_properties(
    row: Village, known: VillageConnectivity, reports: list[ConnectivityEvidence]
) -> Feature:
    return {
        **_place(row),
        "class": known.signal,
        "status": known.status,
        "source": known.source,
        "observed_on": known.as_of,
        "n_contradictions": known.n_contradictions,
        "reports": [
            {
                "class": report.says,
                "kind": report.kind,
                "status": report.status,
                "source": report.source,
                "observed_on": report.observed_on,
                "confidence": report.confidence,
                "import_id": report.import_id,
                "label": report.label,
            }
            for report in reports
        ],
    }


def _place(row: Village) -> Feature:
    return {
        "code": row.code,
        "name": row.name,
        "district": row.district,
        "regency_code": row.regency_code,
        "lon": round(row.lon, 6),
        "lat": round(row.lat, 6),
    }


def _tower_properties(row: Tower) -> Feature:
    return {
        "site_id": row.site_id,
        "name": row.name,
        "class": row.state,
        "status": row.status,
        "radius_km": row.radius_km,
        "village_code": row.village_code,
        "source": row.source,
        "observed_on": row.observed_on,
        "confidence": row.confidence,
    }


def _area_properties(row: CoverageArea) -> Feature:
    return {
        "class": row.signal,
        "status": row.status,
        "source": row.source,
        "observed_on": row.observed_on,
        "confidence": row.confidence,
        "import_id": row.import_id,
        "row": row.row,
    }


def _villages(session: Session, scope: Scope) -> list[Village]:
    query = select(Village).order_by(col(Village.code))
    if scope.regency is not None:
        query = query.where(Village.regency_code == scope.regency)
    if scope.plan is not None:
        query = query.where(col(Village.code).in_(_visited(session, scope)))
    if scope.bbox is not None:
        query = query.where(meets_box(Village, *scope.bbox))
    return _touching(session.exec(query).all(), scope.bbox)


def _touching(rows: Sequence[Row], bbox: BBox | None) -> list[Row]:
    """Keep what touches the box itself and not only its own box."""
    return [row for row in rows if row.geometry is None or _touches(row.geometry, bbox)]


def _touches(geometry: BaseGeometry, bbox: BBox | None) -> bool:
    return bbox is None or bool(shapely.box(*bbox).intersects(geometry))


def _box_of(villages: Sequence[Village]) -> BBox:
    """Give the box around villages; around none, one that nothing touches."""
    return BBox(
        min((row.west for row in villages), default=1.0),
        min((row.south for row in villages), default=1.0),
        max((row.east for row in villages), default=-1.0),
        max((row.north for row in villages), default=-1.0),
    )


def _holds(bbox: BBox | None, lon: float, lat: float) -> bool:
    if bbox is None:
        return True
    return bbox.west <= lon <= bbox.east and bbox.south <= lat <= bbox.north


def _visited(session: Session, scope: Scope) -> set[str]:
    """Name the villages that a plan serves, at their own point or at another."""
    found = set(session.exec(_stops(scope, PlanStop.village_code)))
    return found.union(*session.exec(_stops(scope, PlanStop.serves)))


def _stops(scope: Scope, column: Any) -> SelectOfScalar[Any]:  # noqa: ANN401 (SQLModel types a column as its value)
    """Select a column of the stops of a scope's plan."""
    query = select(column).where(PlanStop.plan_id == (scope.plan and scope.plan.id))
    if scope.team is not None:
        query = query.where(PlanStop.team == scope.team)
    if scope.day is not None:
        query = query.where(PlanStop.day == scope.day)
    return query


def _require_regency(session: Session, regency: str) -> None:
    known = session.exec(select(Village.regency_code).distinct()).all()
    if regency not in known:
        raise RegencyNotFound(regency=regency, known=", ".join(sorted(known)) or "-")


def _regency_of_team(session: Session, team: str | None) -> str | None:
    if team is None:
        return None
    row = session.get(Team, team)
    if row is None:
        known = session.exec(select(Team.name).order_by(col(Team.name))).all()
        raise TeamNotFound(team=team, known=", ".join(known) or "-")
    return row.regency_code


def _require_team(session: Session, plan: Plan, team: str) -> None:
    planned = select(PlanStop.team).where(PlanStop.plan_id == plan.id).distinct()
    names = {*session.exec(planned), *(row["team"] for row in plan.summary.get("teams", ()))}
    known = {name for name in names if view_of(session).sees_team(name)}
    if team not in known:
        raise TeamNotFound(team=team, known=", ".join(sorted(known)) or "-")
