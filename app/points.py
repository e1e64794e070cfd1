"""Service points: where each village is served, and the places that bring their own people.

Every village has a point by default, its own. An office that names another for it (a hall moved, a
hub for several villages) assigns the village: then it is served there and nowhere else, so that its
need counts once. Schools, companies and prisons serve people of their own; those of them who live
in villages they name are taken off the need of these villages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.db import now, one_at_a_time
from app.errors import BadPoint, PointNotFound, VillageNotFound
from app.models import PointVillage, ServicePoint, Village
from geodata.crs import is_in_indonesia
from geodata.opening import Opening, opening_text, parse_opening
from geodata.points import GATHERING, point_code
from geodata.schema import POINT_KINDS, POWERS, PROGRAMMES, SIGNALS

DECIMALS = 6
VILLAGE_HALL = "village_hall"
SIGNAL = "signal"
"""What is done one at a time: moving points, and joining signal and power anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A service point that counts today.

    ``serves`` are the villages whose need is met here, or whose people are taken off it where the
    point gathers its own; ``is_default`` when the office never said anything about it;
    ``is_hub``: sessions in a village that serve its neighbours too, of a plan only (``hubs.py``).
    """

    code: str
    name: str
    kind: str
    village_code: str
    lon: float
    lat: float
    serves: tuple[str, ...]
    power: bool | None = None
    signal: str | None = None
    opens: tuple[Opening, ...] = ()
    expected: Mapping[str, int] = field(default_factory=dict)
    import_id: int | None = None
    is_default: bool = False
    is_hub: bool = False

    @property
    def gathers(self) -> bool:
        """Whether it brings its own people together, and no villager is assigned to it."""
        return self.kind not in GATHERING


def current_points(session: Session, regency: str | None = None) -> list[Point]:
    """List the points that count today, by code; those of a regency by where they lie.

    A point that serves no village and expects nobody (its villages were assigned elsewhere) is
    left out.
    """
    villages = session.exec(_villages(regency)).all()
    stored = _stored(session, regency)
    assigned = {code for point in stored if not point.gathers for code in point.serves}
    default = [_default(village) for village in villages if village.code not in assigned]
    found = [point for point in stored if point.serves or point.expected]
    return sorted([*default, *found], key=lambda point: point.code)


def village_points(session: Session, regency: str | None = None) -> dict[str, Point]:
    """Tell for each village at which point it is served."""
    points = current_points(session, regency)
    return {code: point for point in points if not point.gathers for code in point.serves}


def moved_villages(session: Session) -> dict[str, tuple[float, float]]:
    """Tell where villages are served whose point an office named: longitude, latitude."""
    named = [point for point in _stored(session, None) if not point.gathers]
    return {code: (point.lon, point.lat) for point in named for code in point.serves}


def point_row(point: Point) -> dict[str, Any]:
    """Give a point as plain JSON values."""
    return {
        "code": point.code,
        "name": point.name,
        "kind": point.kind,
        "village_code": point.village_code,
        "lon": round(point.lon, DECIMALS),
        "lat": round(point.lat, DECIMALS),
        "serves": list(point.serves),
        "power": None if point.power is None else ("yes" if point.power else "no"),
        "signal": point.signal,
        "opens": opening_text(point.opens),
        "expected": dict(point.expected),
        "is_default": point.is_default,
    }


def place_of(point: Point) -> dict[str, Any]:
    """Tell where a village is served, as properties of the village."""
    return {
        "point_code": point.code,
        "point_name": point.name,
        "point_kind": point.kind,
        "point_lon": round(point.lon, DECIMALS),
        "point_lat": round(point.lat, DECIMALS),
    }


def _villages(regency: str | None) -> Any:  # noqa: ANN401 (a select; SQLModel hides its class)
    query = select(Village).order_by(col(Village.code))
    return query if regency is None else query.where(Village.regency_code == regency)


def _stored(session: Session, regency: str | None) -> list[Point]:
    query = select(ServicePoint).join(Village).where(col(ServicePoint.is_active))
    if regency is not None:
        query = query.where(Village.regency_code == regency)
    served = _served(session)
    return [
        Point(
            code=row.code,
            name=row.name,
            kind=row.kind,
            village_code=row.village_code,
            lon=row.lon,
            lat=row.lat,
            serves=tuple(served.get(row.code, ())),
            power=None if row.power is None else row.power == "yes",
            signal=row.signal,
            opens=parse_opening(row.opens) or (),
            expected=row.expected,
            import_id=row.import_id,
        )
        for row in session.exec(query)
    ]


def _served(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in session.exec(select(PointVillage).order_by(col(PointVillage.village_code))):
        found.setdefault(row.point_code, []).append(row.village_code)
    return found


def _default(village: Village) -> Point:
    return Point(
        code=village.code, name=village.name, kind=VILLAGE_HALL, village_code=village.code,
        lon=village.lon, lat=village.lat, serves=(village.code,), is_default=True,
    )  # fmt: skip


def add_point(session: Session, values: Mapping[str, Any], *, by: str, reason: str) -> Point:
    """Add a point, or change the one of the same village and name; by a person.

    Parameters
    ----------
    values
        ``village_code, name, kind, lon, lat`` and, where there is something to say, ``serves``
        (village codes; a hall serves its own village by default), ``power`` (*yes*, *no*),
        ``signal``, ``opens``, ``expected`` (people by programme).

    Raises
    ------
    VillageNotFound, BadPoint
        When a village is not known, or a value cannot be used.
    """
    one_at_a_time(session, SIGNAL)
    village = values["village_code"]
    _require_villages(session, (village, *values.get("serves", ())))
    _check(values)
    code = point_code(village, values["kind"], values["name"])
    row = {
        "code": code,
        **{name: values[name] for name in ("village_code", "name", "kind")},
        "lon": round(values["lon"], DECIMALS),
        "lat": round(values["lat"], DECIMALS),
        "power": values.get("power"),
        "signal": values.get("signal"),
        "opens": opening_text(parse_opening(values.get("opens") or "") or ()),
        "expected": {p: n for p, n in values.get("expected", {}).items() if n},
        "is_active": True,
        "import_id": None,
        "changed_by": by,
        "reason": reason,
    }
    serves = tuple(values.get("serves", ()))
    if not serves and values["kind"] == VILLAGE_HALL:
        serves = (village,)
    store_points(session, [(row, serves)])
    _join_anew(session)
    return _point(session, code)


def move_point(
    session: Session, code: str, lon: float, lat: float, *, by: str, reason: str
) -> Point:
    """Move a point; a village's default becomes one that the office named.

    Raises
    ------
    PointNotFound, BadPoint
        When there is no such point, or the place is not in Indonesia.
    """
    one_at_a_time(session, SIGNAL)  # the first move of a village's own point makes its row
    point = _point(session, code)
    if not is_in_indonesia(lon, lat):
        raise BadPoint(name="lon, lat", value=f"{lon:g}, {lat:g}", accepted="Indonesia, degrees")
    row = session.get(ServicePoint, code)
    if row is None or not row.is_active:
        place = {"village_code": code, "name": point.name, "kind": VILLAGE_HALL}
        return add_point(session, {**place, "lon": lon, "lat": lat}, by=by, reason=reason)
    row.lon, row.lat = round(lon, DECIMALS), round(lat, DECIMALS)
    row.changed_by, row.changed_at, row.reason = by, now(), reason
    session.flush()
    _join_anew(session)
    return _point(session, code)


def retire_point(session: Session, code: str, *, by: str, reason: str) -> None:
    """Take a point out of use; villages it served go back to their own.

    Raises
    ------
    PointNotFound
        When the office named no such point: a default cannot be retired.
    """
    one_at_a_time(session, SIGNAL)
    row = session.get(ServicePoint, code)
    if row is None or not row.is_active:
        raise PointNotFound(code=code)
    row.is_active = False
    row.changed_by, row.changed_at, row.reason = by, now(), reason
    session.flush()
    _join_anew(session)


def store_points(
    session: Session, points: Iterable[tuple[Mapping[str, Any], tuple[str, ...]]]
) -> None:
    """Insert or overwrite points with the villages each serves.

    A village that a point newly serves is served there only: other points of its kind lose it.
    """
    for values, serves in points:
        code = values["code"]
        row = session.get(ServicePoint, code) or ServicePoint(**values)
        row.sqlmodel_update({**values, "changed_at": now()})
        session.add(row)
        session.flush()
        session.execute(delete(PointVillage).where(col(PointVillage.point_code) == code))
        if row.is_active and row.kind in GATHERING:
            others = select(ServicePoint.code).where(col(ServicePoint.kind).in_(GATHERING))
            session.execute(
                delete(PointVillage)
                .where(col(PointVillage.village_code).in_(serves))
                .where(col(PointVillage.point_code).in_(others))
            )
        session.add_all(PointVillage(point_code=code, village_code=v) for v in serves)
    session.flush()


def _join_anew(session: Session) -> None:
    """Ask again what signal there is: a point that moved may be in reach of another tower."""
    from app.connectivity import rejoin  # which asks this module where villages are served

    rejoin(session)


def _point(session: Session, code: str) -> Point:
    found = {point.code: point for point in current_points(session)}
    if code not in found:
        raise PointNotFound(code=code)
    return found[code]


def _require_villages(session: Session, codes: Iterable[str]) -> None:
    for code in codes:
        if session.get(Village, code) is None:
            raise VillageNotFound(code=code)


def _check(values: Mapping[str, Any]) -> None:
    """Refuse what a file would have set aside."""
    _one_of("kind", values["kind"], POINT_KINDS)
    _one_of("power", values.get("power"), (None, *POWERS))
    _one_of("signal", values.get("signal"), (None, *SIGNALS))
    for programme in values.get("expected", {}):
        _one_of("expected", programme, PROGRAMMES)
    lon, lat = values["lon"], values["lat"]
    if not is_in_indonesia(lon, lat):
        raise BadPoint(name="lon, lat", value=f"{lon:g}, {lat:g}", accepted="Indonesia, degrees")
    opens = values.get("opens") or ""
    if parse_opening(opens) is None:
        raise BadPoint(name="opens", value=opens, accepted="12345 07:30-14:00; 6 07:30-11:00")
    brings = any(values.get("expected", {}).values())
    is_served = values.get("serves") or values["kind"] == VILLAGE_HALL
    if not brings and (values["kind"] not in GATHERING or not is_served):
        raise BadPoint(name="expected", value="-", accepted="ktp_el=40, pemula=120, ...")


def _one_of(name: str, value: object, accepted: tuple[str | None, ...]) -> None:
    if value not in accepted:
        raise BadPoint(name=name, value=value, accepted=", ".join(filter(None, accepted)))
