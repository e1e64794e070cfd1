"""Join all that is known of signal and power at the service point of each village.

Of several rows about one point the first of this order counts; all others are kept as evidence, and
those that say otherwise are listed as contradictions:

1. the newest ``observed_on``; an undated row loses against every dated one. What a team measured
   where it served (``FIELD_MEASUREMENT``) is taken for newer by ``JoinParams.measured_days``: a
   later list is no better than a measurement;
2. the most specific: a report about the village, then a raster's cell, an area, a tower's radius;
3. one that is not of low confidence;
4. the worse signal, since a team that finds none loses its day;
5. the higher confidence, the nearer tower, then the row that stands later.

Towers that are off or planned, or whose status is not known, reach nobody. Being out of reach of
every layer says nothing: no list of towers is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.contradictions import find_contradictions
from geodata.crs import to_storage
from geodata.errors import BadFrame, WrongCrs
from geodata.join_params import JoinParams
from geodata.schema import (
    POWERS,
    SIGNALS,
    STORAGE_CRS,
    TOWER_STATES,
    check_coverage,
    check_power,
    check_service_points,
    check_signals,
    check_towers,
)
from geodata.signal_words import CONFIDENCES
from geodata.towers import site_numbers

if TYPE_CHECKING:
    from geodata.coverage_layers import SignalRaster

KINDS = ("report", "raster", "area", "tower")
"""Kinds of evidence, the most specific first."""
FIELD_MEASUREMENT = "field_measurement"
"""The definition of rows that were measured on the spot."""
_LOW = CONFIDENCES.index("low")
_EVIDENCE: dict[str, Any] = {
    "evidence_id": "str",
    "code": "str",
    "kind": "str",
    "signal": "str",
    "observed_on": object,
    "source": "str",
    "definition": "str",
    "confidence": "str",
    "distance_m": float,
}
_NO_ROWS: dict[str, object] = dict.fromkeys(_EVIDENCE, ())
_POWER = ("id", "code", "power", "observed_on", "source", "confidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityJoin:
    """What is known of each village, why, and what speaks against it.

    Parameters
    ----------
    villages
        One row for each village, on its index: ``code, signal, as_of, definition, confidence,
        source, evidence_id`` (of the row that counts), ``evidence_ids`` (a tuple, that row first),
        ``share_covered`` (of its outline, by towers, areas and rasters with a signal; NaN without
        an outline or without layers), ``power`` (yes, no, unknown), ``power_as_of``, ``power_id``,
        ``power_ids``, ``n_contradictions``. Where nothing is known ``signal`` is missing, which is
        not *none*.
    evidence
        Every row that speaks of a village: ``evidence_id, code, kind, signal, observed_on, source,
        definition, confidence, distance_m, rank``; rank 1 counts. A layer stands once for each
        village that it reaches.
    contradictions
        As ``contradictions.find_contradictions`` gives them.
    unused
        ``evidence_id, kind, reason`` of rows that speak of no village: *village-unknown*,
        *tower-off*, *tower-planned*, *tower-unknown*, *tower-superseded*.
    """

    villages: pd.DataFrame = field(repr=False)
    evidence: pd.DataFrame = field(repr=False)
    contradictions: pd.DataFrame = field(repr=False)
    unused: pd.DataFrame = field(repr=False)


def join_connectivity(
    villages: pd.DataFrame,
    status_rows: pd.DataFrame | None = None,
    towers: pd.DataFrame | None = None,
    polygons: gpd.GeoDataFrame | None = None,
    rasters: "Sequence[SignalRaster]" = (),
    *,
    power_rows: pd.DataFrame | None = None,
    params: JoinParams | None = None,
) -> ConnectivityJoin:
    """Decide the signal and the power at the service point of each village.

    Parameters
    ----------
    villages
        ``code``, unique, and ``lon``, ``lat`` of the service point in degrees of WGS 84. With
        outlines (a GeoDataFrame in any CRS) also the share of each that is covered, and which
        towers stand elsewhere than told.
    status_rows, power_rows
        As ``connectivity.read_connectivity`` gives them: ``frame`` and ``power``, of several lists
        one below the other. ``id`` is any text that tells the row again.
    towers
        As ``connectivity.read_connectivity`` gives them, of several lists; of one tower (see
        ``towers.SiteNumbers``) the newest row counts.
    polygons
        As ``coverage_layers.read_coverage_areas`` gives them.
    rasters
        As ``coverage_layers.read_signal_raster`` gives them.

    Raises
    ------
    BadFrame
        When a frame breaks its contract.
    WrongCrs
        When the villages have outlines without a CRS.
    """
    params = params or JoinParams()
    check_service_points(villages)
    if isinstance(villages, gpd.GeoDataFrame) and villages.crs is None:
        raise WrongCrs(place="villages", value="-")
    towers = _numbered(towers)
    sites, unused_towers = _sites(towers, params)
    on_air = sites.loc[sites["state"] == "on_air"]
    areas = _areas(polygons)
    reports, unused_reports = _known(_reports(status_rows), villages)
    power, unused_power = _known(_power(power_rows), villages)
    evidence = _ranked(
        [
            reports,
            _from_rasters(villages, rasters),
            _from_areas(villages, areas),
            _from_towers(villages, on_air, params),
        ],
        villages,
        params,
    )
    ranked_power = _ranked_power(power, villages)
    contradictions = find_contradictions(evidence, ranked_power, towers, sites, villages)
    frame = _summary(villages, evidence, ranked_power, contradictions)
    frame["share_covered"] = _shares(villages, on_air, areas, tuple(rasters))
    return ConnectivityJoin(
        villages=frame,
        evidence=evidence.drop(columns="village").reset_index(drop=True),
        contradictions=contradictions,
        unused=pd.concat([unused_reports, unused_power, unused_towers], ignore_index=True),
    )


def _frame(columns: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(columns).astype(_EVIDENCE)[list(_EVIDENCE)]


def _reports(rows: pd.DataFrame | None) -> pd.DataFrame:
    if rows is None:
        return _frame(_NO_ROWS)
    check_signals(rows)
    return _frame(
        {
            **{name: rows[name].to_numpy() for name in (
                "code", "signal", "observed_on", "source", "definition", "confidence")},
            "evidence_id": rows["id"].to_numpy(), "kind": "report", "distance_m": np.nan,
        }
    )  # fmt: skip


def _power(rows: pd.DataFrame | None) -> pd.DataFrame:
    if rows is None:
        rows = pd.DataFrame(columns=list(_POWER)).astype("str")
    check_power(rows)
    frame = rows[list(_POWER)].rename(columns={"id": "evidence_id"})
    return frame.assign(kind="power", observed_on=rows["observed_on"].astype(object))


def _known(rows: pd.DataFrame, villages: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the rows into those about a village of the frame and those about another."""
    is_known = rows["code"].isin(villages["code"])
    return rows.loc[is_known], _unused(rows.loc[~is_known], "evidence_id", "village-unknown")


def _unused(rows: pd.DataFrame, id_column: str, reason: object) -> pd.DataFrame:
    kind = rows.get("kind", "tower")
    return pd.DataFrame({"evidence_id": rows[id_column].astype("str"), "kind": kind,
                         "reason": reason}, dtype="str")  # fmt: skip


def _numbered(towers: pd.DataFrame | None) -> pd.DataFrame:
    """Check the towers and add ``site``, equal for rows about one tower."""
    if towers is None:
        texts = dict.fromkeys(("id", "site_id", "state"), "str")
        others = ("code", "observed_on", "source", "definition", "confidence")
        numbers = dict.fromkeys(("lon", "lat", "radius_km"), "float")
        towers = pd.DataFrame(columns=[*texts, *numbers, *others]).astype(texts).astype(numbers)
    check_towers(towers)
    return towers.assign(site=site_numbers(towers))


def _sites(towers: pd.DataFrame, params: JoinParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the newest row of each tower, of equals the worse state, then the later row.

    Returns the sites, with a radius for each, and the rows that reach nobody.
    """
    states = towers["state"].map(TOWER_STATES.index).to_numpy(int)
    order = np.lexsort((-np.arange(len(towers)), states, -ordinals(towers["observed_on"])))
    newest = ~towers["site"].iloc[order].duplicated()
    is_site = np.isin(np.arange(len(towers)), order[newest.to_numpy()])
    sites = towers.loc[is_site].fillna({"radius_km": params.radius_km})
    silent = sites.loc[sites["state"] != "on_air"]
    unused = [
        _unused(silent, "id", "tower-" + silent["state"]),
        _unused(towers.loc[~is_site], "id", "tower-superseded"),
    ]
    return sites, pd.concat(unused)


def _areas(polygons: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if polygons is None:
        columns = ["id", "signal", "observed_on", "source", "definition", "confidence"]
        empty = pd.DataFrame(columns=columns).astype({"id": "str", "signal": "str"})
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=STORAGE_CRS))
    check_coverage(polygons)
    return to_storage(polygons, "polygons")[0]


def _from_towers(villages: pd.DataFrame, on_air: pd.DataFrame, params: JoinParams) -> pd.DataFrame:
    if on_air.empty:
        return _frame(_NO_ROWS)
    # Imported late, as below: it loads the libraries of maps, and most offices have lists only.
    from geodata.reach import towers_in_range

    pairs = towers_in_range(villages, on_air)
    found = _at(villages, pairs["point"], on_air, pairs["tower"], "tower")
    return found.assign(distance_m=pairs["distance_m"].to_numpy(), signal=params.tower_signal)


def _from_areas(villages: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    if areas.empty:
        return _frame(_NO_ROWS)
    from geodata.reach import areas_at

    pairs = areas_at(villages, areas.geometry)
    return _at(villages, pairs["point"], areas, pairs["area"], "area")


def _at(
    villages: pd.DataFrame, points: pd.Series, rows: pd.DataFrame, places: pd.Series, kind: str
) -> pd.DataFrame:
    """Take rows of a layer at the villages that they reach."""
    reached = rows.iloc[places.to_numpy()]
    columns = ("observed_on", "source", "definition", "confidence")
    return _frame(
        {
            **{name: reached[name].to_numpy() for name in columns},
            "code": villages["code"].to_numpy()[points.to_numpy()],
            "evidence_id": reached["id"].to_numpy(),
            "signal": reached["signal"].to_numpy() if "signal" in reached else "",
            "kind": kind, "distance_m": np.nan,
        }
    )  # fmt: skip


def _from_rasters(villages: pd.DataFrame, rasters: "Sequence[SignalRaster]") -> pd.DataFrame:
    if not rasters:
        return _frame(_NO_ROWS)
    from geodata.reach import strengths_at

    frames = []
    for raster in rasters:
        strengths = strengths_at(villages, raster)
        says = strengths >= 0
        frames.append(
            _frame(
                {
                    "evidence_id": raster.id, "code": villages["code"].to_numpy()[says],
                    "kind": "raster", "signal": np.array(SIGNALS)[strengths[says]],
                    "observed_on": raster.observed_on, "source": raster.source,
                    "definition": raster.definition, "confidence": raster.confidence,
                    "distance_m": np.nan,
                }
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def ordinals(days: pd.Series) -> npt.NDArray[np.int64]:
    """Count days from the first one; 0 for a missing day."""
    return np.array([0 if pd.isna(day) else day.toordinal() for day in days], dtype=np.int64)


def _ranked(
    frames: Sequence[pd.DataFrame], villages: pd.DataFrame, params: JoinParams
) -> pd.DataFrame:
    """Put the rows of each village in the order of this module, villages in that of the frame."""
    rows = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    confidence = rows["confidence"].map(_confidence).to_numpy(int)
    keys = (
        -np.arange(len(rows)),
        rows["distance_m"].fillna(0).to_numpy(),
        -confidence,
        rows["signal"].map(SIGNALS.index).to_numpy(int),
        confidence == _LOW,
        rows["kind"].map(KINDS.index).to_numpy(int),
    )
    is_measured = (rows["definition"] == FIELD_MEASUREMENT).to_numpy(float)
    # Half a day more, so that it also wins on the last day on which it holds.
    return _in_order(rows, keys, villages, ahead_days=is_measured * (params.measured_days + 0.5))


def _ranked_power(rows: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """Put what is said of power in the same order: newest, not of low confidence, worse, later."""
    confidence = rows["confidence"].map(_confidence).to_numpy(int)
    keys = (
        -np.arange(len(rows)),
        -confidence,
        rows["power"].map(POWERS.index).to_numpy(int),
        confidence == _LOW,
    )
    return _in_order(rows, keys, villages)


def _confidence(word: str) -> int:
    if word not in CONFIDENCES:
        raise BadFrame(place="evidence", column="confidence", accepted=", ".join(CONFIDENCES))
    return CONFIDENCES.index(word)


def _in_order(
    rows: pd.DataFrame,
    keys: tuple[npt.NDArray[np.generic], ...],
    villages: pd.DataFrame,
    ahead_days: npt.NDArray[np.floating[Any]] | float = 0.0,
) -> pd.DataFrame:
    village = pd.Index(villages["code"]).get_indexer(pd.Index(rows["code"]))
    order = np.lexsort((*keys, -ordinals(rows["observed_on"]) - ahead_days, village))
    rows = rows.assign(village=village).iloc[order].reset_index(drop=True)
    return rows.assign(rank=rows.groupby("village").cumcount() + 1)


def _summary(
    villages: pd.DataFrame,
    evidence: pd.DataFrame,
    power: pd.DataFrame,
    contradictions: pd.DataFrame,
) -> pd.DataFrame:
    frame = pd.DataFrame({"code": villages["code"].to_numpy()})
    first = evidence.loc[evidence["rank"] == 1].set_index("village")
    for column, name in (("signal", "signal"), ("observed_on", "as_of"),
                         ("definition", "definition"), ("confidence", "confidence"),
                         ("source", "source"), ("evidence_id", "evidence_id")):  # fmt: skip
        frame[name] = first[column].reindex(frame.index)
    frame["evidence_ids"] = _ids(evidence, len(frame))
    powered = power.loc[power["rank"] == 1].set_index("village")
    frame["power"] = powered["power"].reindex(frame.index).fillna("unknown")
    frame["power_as_of"] = powered["observed_on"].reindex(frame.index)
    frame["power_id"] = powered["evidence_id"].reindex(frame.index)
    frame["power_ids"] = _ids(power, len(frame))
    counted = contradictions["code"].value_counts()
    frame["n_contradictions"] = frame["code"].map(counted).fillna(0).astype(int)
    return frame.set_index(villages.index)


def _ids(rows: pd.DataFrame, n_villages: int) -> list[tuple[str, ...]]:
    """Gather the ids of each village's rows, in their order."""
    ends = np.searchsorted(rows["village"].to_numpy(int), np.arange(1, n_villages + 1))
    ids = rows["evidence_id"].tolist()
    starts = np.concatenate(([0], ends[:-1])) if n_villages else ends
    return [tuple(ids[start:end]) for start, end in zip(starts, ends, strict=True)]


def _shares(
    villages: pd.DataFrame,
    on_air: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    rasters: "tuple[SignalRaster, ...]",
) -> npt.NDArray[np.float64]:
    has_layers = len(on_air) + len(areas) + len(rasters) > 0
    if not isinstance(villages, gpd.GeoDataFrame) or not has_layers:
        return np.full(len(villages), np.nan)
    from geodata.reach import discs, shares_covered

    with_signal = areas.geometry.loc[areas["signal"] != "none"]
    shapes = pd.concat([discs(on_air), with_signal], ignore_index=True)
    return shares_covered(villages.geometry, gpd.GeoSeries(shapes, crs=STORAGE_CRS), rasters)
