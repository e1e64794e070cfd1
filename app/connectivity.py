"""The seam from rows about signal and power to what holds in each village, joined and kept.

Everything that reads connectivity reads what is kept here, so that a plan, the map and a list of
evidence never disagree. It is made again, in the same transaction, whenever rows it is made of
change: after an import of villages or connectivity, when a service point has moved, when a team
reported what it measured, and when the office changes what it assumes of towers.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy
from sqlalchemy import delete
from sqlmodel import Session, col

from app.areas import everywhere
from app.db import now, one_at_a_time
from app.models import (
    ConnectivityContradiction,
    ConnectivityEvidence,
    ConnectivityJoin,
    CoverageArea,
    CoverageRaster,
    DataImport,
    PowerReport,
    SignalReport,
    Tower,
    Village,
    VillageConnectivity,
)
from app.points import SIGNAL, moved_villages
from app.results.measured import measured_rows
from app.rows import insert_rows, none
from app.upgrade import JOIN_RULES
from geodata.join_params import JoinParams

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.coverage import ConnectivityJoin as Joined

Told = dict[str, dict[Any, Any]]
"""Every row by its id, such as ``tower:12``: its kind and its number in its own table."""

_SOURCES: dict[str, Any] = {
    "report": SignalReport,
    "power": PowerReport,
    "tower": Tower,
    "area": CoverageArea,
    "raster": CoverageRaster,
}
_PROVENANCE = ("observed_on", "source", "confidence")
_COLUMNS = {
    "report": ("village_code", "signal", "definition", *_PROVENANCE, "status", "row"),
    "power": ("village_code", "power", *_PROVENANCE, "status", "row"),
    "tower": (
        "site_id", "lon", "lat", "state", "radius_km", "village_code", "definition", *_PROVENANCE,
        "status", "row",
    ),
    "area": ("signal", "geometry", "definition", *_PROVENANCE, "status", "row"),
    "raster": ("definition", *_PROVENANCE),
}  # fmt: skip
_KINDS: dict[str, dict[str, str]] = {
    "report": {"code": "str", "signal": "str"},
    "power": {"code": "str", "power": "str"},
    "tower": {"site_id": "str", "state": "str", "lon": "float", "lat": "float",
              "radius_km": "float"},
    "area": {"signal": "str"},
    "raster": {},
}  # fmt: skip


def rejoin(session: Session) -> None:
    """Join all that counts today and keep it, in the caller's transaction.

    Of the whole country, whoever caused it: a tower knows no border. One at a time: of two, each
    would keep what the other has not seen. Who holds this lock (``SIGNAL``) waits for no other
    that is taken before a join: of a plan, of imports or of parameters.
    """
    one_at_a_time(session, SIGNAL)
    with everywhere(session):
        _rejoin(session)


def _rejoin(session: Session) -> None:
    from app.params import current_params  # loads the words of the planner, too

    for table in (ConnectivityContradiction, ConnectivityEvidence, VillageConnectivity):
        session.execute(delete(table))
    params = current_params(session).signal
    kept = {"rules": JOIN_RULES, **params.to_dict()}
    session.merge(ConnectivityJoin(joined_at=now(), params=kept))
    rows = {kind: _rows(session, kind) for kind in _SOURCES}
    measured, measured_power = measured_rows(session)
    rows["report"] = _with("report", rows["report"], measured)
    rows["power"] = _with("power", rows["power"], measured_power)
    if all(frame.empty for frame in rows.values()):
        return
    joined = _join(session, rows, params)
    told = {row["id"]: row for frame in rows.values() for row in frame.to_dict("records")}
    insert_rows(session, ConnectivityEvidence, list(_evidence(joined, told)))
    insert_rows(session, VillageConnectivity, list(_villages(joined, told)))
    insert_rows(session, ConnectivityContradiction, list(_contradictions(joined, told)))


def _join(session: Session, rows: dict[str, pd.DataFrame], params: JoinParams) -> "Joined":
    # Imported here: it loads the libraries of rasters, and most commands read only what is kept.
    import geopandas as gpd

    from geodata.coverage import join_connectivity

    has_layers = any(len(rows[kind]) for kind in ("tower", "area", "raster"))
    areas = None
    if len(rows["area"]):
        areas = gpd.GeoDataFrame(rows["area"], geometry="geometry", crs=4326)
    with ExitStack() as stack:
        rasters = [stack.enter_context(found) for found in _rasters(session, rows["raster"])]
        return join_connectivity(
            service_points(session, with_outlines=has_layers),
            rows["report"],
            rows["tower"],
            areas,
            rasters,
            power_rows=rows["power"],
            params=params,
        )


def service_points(session: Session, *, with_outlines: bool) -> "pd.DataFrame | gpd.GeoDataFrame":
    """Give ``code, lon, lat`` of where a team serves each village, and the outlines when asked."""
    names = ("code", "lon", "lat", *(("geometry",) if with_outlines else ()))
    query = sqlalchemy.select(*(getattr(Village, name) for name in names))
    found = session.execute(query.order_by(col(Village.code))).all()
    frame = pd.DataFrame.from_records([tuple(row) for row in found], columns=list(names))
    for code, (lon, lat) in moved_villages(session).items():
        frame.loc[frame["code"] == code, ["lon", "lat"]] = lon, lat
    frame = frame.astype({"code": "str", "lon": "float", "lat": "float"})
    if not with_outlines:
        return frame
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry="geometry", crs=4326)


def _rows(session: Session, kind: str) -> pd.DataFrame:
    """Give the rows of a kind that count today, as the join wants them, in the order stored."""
    table, columns = _SOURCES[kind], _COLUMNS[kind]
    wanted = [table.id, DataImport.id, DataImport.file_name]
    query = (
        sqlalchemy.select(*wanted, *(getattr(table, name) for name in columns))
        .join(DataImport, table.import_id == DataImport.id)
        .where(col(DataImport.superseded_by).is_(None))
        .order_by(table.id)
    )
    found = session.execute(query).all()
    frame = pd.DataFrame.from_records(
        [tuple(row) for row in found],
        columns=["id", "import_id", "file_name", *columns],
    ).rename(columns={"village_code": "code"})
    row = frame["row"] if "row" in frame else pd.Series(index=frame.index, dtype=object)
    return frame.assign(
        id=[f"{kind}:{number}" for number in frame["id"]],
        label=[
            name if pd.isna(place) else f"{name}:{place:.0f}"
            for name, place in zip(frame["file_name"], row, strict=True)
        ],
        observed_on=frame["observed_on"].astype(object),
    ).astype({"id": "str", **_KINDS[kind]})


def _with(kind: str, rows: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Put what teams measured below the rows of lists."""
    if measured.empty:
        return rows
    measured = measured[[name for name in rows.columns if name in measured]]
    measured = measured.astype({"id": "str", "observed_on": object, **_KINDS[kind]})
    return measured if rows.empty else pd.concat([rows, measured], ignore_index=True)


def _rasters(session: Session, rows: pd.DataFrame) -> Iterator[Any]:
    if rows.empty:
        return
    from geodata.coverage_layers import SignalRaster
    from geodata.packed_raster import unpacked

    for row in rows.to_dict("records"):
        stored = session.get_one(CoverageRaster, _number(row["id"]))
        known = SignalRaster(
            path=Path(), **{name: none(row[name]) for name in ("id", *_COLUMNS["raster"])}
        )
        yield unpacked(stored.cells, known)


def _number(evidence_id: str) -> int:
    """Give the number of a row in its own table."""
    return int(evidence_id.partition(":")[2])


def _evidence(joined: "Joined", told: Told) -> Iterator[dict[str, Any]]:
    for row in joined.evidence.to_dict("records"):
        facts = ("definition", "distance_m")
        yield {
            **_of_row(row["evidence_id"], row["rank"], row["signal"], told),
            **{name: none(row[name]) for name in facts},
            "village_code": row["code"],
        }
    for code, ids in zip(joined.villages["code"], joined.villages["power_ids"], strict=True):
        for rank, one in enumerate(ids, start=1):
            yield {
                **_of_row(one, rank, told[one]["power"], told),
                "village_code": code,
                "definition": None,
                "distance_m": None,
            }


def _of_row(evidence_id: str, rank: int, says: str, told: Told) -> dict[str, Any]:
    row = told[evidence_id]
    return {
        "rank": rank,
        "kind": evidence_id.partition(":")[0],
        "evidence_id": _number(evidence_id),
        "says": says,
        "status": none(row.get("status")),
        **{name: none(row[name]) for name in (*_PROVENANCE, "label", "import_id")},
    }


def _villages(joined: "Joined", told: Told) -> Iterator[dict[str, Any]]:
    frame = joined.villages
    columns = (
        "signal", "as_of", "source", "definition", "confidence", "share_covered", "power",
        "power_as_of", "n_contradictions",
    )  # fmt: skip
    is_known = frame["evidence_id"].notna() | frame["power_id"].notna()
    for row in frame.loc[is_known | frame["share_covered"].notna()].to_dict("records"):
        one = told.get(row["evidence_id"], {})
        mains = told.get(row["power_id"], {})
        yield {
            **{name: none(row[name]) for name in columns},
            "village_code": row["code"],
            "kind": one["id"].partition(":")[0] if one else None,
            "status": none(one.get("status")),
            "import_id": none(one.get("import_id")),
            "power_source": none(mains.get("source")),
            "power_import_id": none(mains.get("import_id")),
        }


def _contradictions(joined: "Joined", told: Told) -> Iterator[dict[str, Any]]:
    columns = ("kind", "one_says", "one_day", "other_says", "other_day", "days_apart")
    for row in joined.contradictions.to_dict("records"):
        other = told.get(row["other_id"], {})
        yield {
            **{name: none(row[name]) for name in columns},
            "village_code": none(row["code"]),
            "one": told[row["one_id"]]["label"],
            "other": other.get("label"),
        }
