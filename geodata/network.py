"""Road and river layers -> one frame of lines in the OSM vocabulary, checked."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.crs import WGS84, is_in_indonesia, to_storage
from geodata.errors import (
    EmptyFile,
    MissingColumn,
    MissingFile,
    NoTravelNetwork,
    WrongCrs,
)
from geodata.findings import Finding, tally
from geodata.limits import MAX_LINES
from geodata.osm import is_osm, read_osm
from geodata.piers import Pier, is_pier_layer, layer_piers, pier_frame
from geodata.privacy import refuse_residents
from geodata.rapids import (
    FLOW_COLUMNS,
    MAX_FIXED_MIN,
    RAPIDS_COLUMNS,
    RAPIDS_POINTS,
    Rapids,
    flow_of,
    lay_rapids,
    rapids_minutes,
    unknown_flows,
    unreadable_rapids,
)
from geodata.schema import STORAGE_CRS
from geodata.speeds import FERRY, RAPIDS, TravelParams
from geodata.topology import repair_lines
from geodata.vectors import Layer, open_vectors

COLUMNS = (
    *("mode", "highway", "surface", "waterway", "name", "oneway", "origin"),
    *("structure", "level", "flow", "fixed_min", "geometry"),
)
_KEYS = frozenset(("highway", "waterway"))
_KEY_OF_LAYER = {
    **dict.fromkeys(("jalan", "roads", "road"), "highway"),
    **dict.fromkeys(("sungai", "rivers", "river"), "waterway"),
}
_ONEWAY = {
    **dict.fromkeys(("yes", "true", "1", "ya", "y", "satu arah", "searah"), "yes"),
    **dict.fromkeys(("-1", "reverse"), "reverse"),
    **dict.fromkeys(("no", "false", "0", "tidak", "n", "dua arah"), "no"),
    **dict.fromkeys(("reversible", "alternating"), "no"),  # a guard lets both ways pass in turn
}
# Tags of access, the most specific first; the first that is stated decides.
_ACCESS = {
    "road": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "river": ("motorboat", "boat", "access"),
}
_DENIED = ("no", "private")
_STRUCTURES = {"bridge": 1, "tunnel": -1, "ford": 0}  # and the level that each is on
_CLOCK = re.compile(r"(?P<h>\d{1,2}):(?P<m>[0-5]\d)(?::[0-5]\d)?")
_ISO = re.compile(r"pt(?:(?P<h>\d{1,2})h)?(?:(?P<m>\d{1,4})m)?(?:\d{1,2}s)?")
_MINUTES = re.compile(r"(?P<h>)(?P<m>\d{1,4})\s*(?:min|menit|minutes)?")
_LINES = ("LineString", "LinearRing", "MultiLineString")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkImport:
    """What a network file brought.

    Parameters
    ----------
    frame
        One row a line, EPSG:4326: ``mode`` (``road`` or ``river``), ``highway``, ``surface``,
        ``waterway``, ``name`` and ``origin`` (text or None), ``oneway`` (``no``, ``yes``,
        ``reverse``), ``structure`` (``bridge``, ``tunnel``, ``ford``, ``rapids`` or None),
        ``level`` (0 is the ground; lines on different levels do not meet where they cross),
        ``flow`` (whether a river is drawn ``down`` or ``up`` the stream, None where that is not
        certain), ``fixed_min`` (minutes that a ferry takes, or rapids beside their length; NaN
        where not stated), ``geometry`` (LineString of at least two different positions).
    piers
        ``name`` (text or None), ``lon`` and ``lat``, EPSG:4326.
    accepted, corrected, refused
        Numbers of features of the file.
    totals
        ``roads`` and ``rivers`` (lines), ``road_km`` and ``river_km``, ``piers``.
    """

    frame: gpd.GeoDataFrame
    piers: pd.DataFrame
    findings: tuple[Finding, ...]
    accepted: int
    corrected: int
    refused: int
    totals: Mapping[str, float]


def read_network(path: Path, *, flow_known: bool | None = None) -> NetworkImport:
    """Read roads and rivers from an OpenStreetMap extract (``.osm.pbf``) or from line layers.

    Of other files, every layer is read that has a column ``highway`` (roads) or ``waterway``
    (rivers), and layers of piers (``dermaga``, ``pelabuhan``); a layer of other things is passed
    over. Lines are read with the tags of OpenStreetMap.
    A feature that fails alone is set aside with a finding; ways closed to vehicles (``access``
    ``no`` or ``private``) are left out and counted. Points with ``waterway`` ``rapids`` become a
    stretch of the river beside them. Lines drawn not quite to each other are joined by the rules of
    ``topology``.

    Parameters
    ----------
    flow_known
        Whether rivers that do not state it (column ``flow`` or ``arah``) are drawn downstream. Only
        extracts of OpenStreetMap are taken to be, unless this says otherwise.

    Raises
    ------
    MissingFile, UnreadableSource, UnsupportedFormat
        When there is nothing to open; a file that ``vectors.open_vectors`` refuses for its content
        or a limit raises what that says.
    NoTravelNetwork, MissingColumn
        When no layer holds roads or rivers, or a layer named ``jalan`` or ``sungai`` does not say
        of which class its lines are.
    EmptyFile
        When the layers hold no feature.
    WrongCrs
        When a layer does not say in which system its coordinates are.
    """
    if not path.exists():
        raise MissingFile(place=path.name)
    reading = _Reading(flow_known=is_osm(path) if flow_known is None else flow_known)
    if is_osm(path):
        parts = [_read_extract(path, reading)]
    else:
        with open_vectors(path, max_features=MAX_LINES) as layers:
            parts = [_read_layer(layer, reading) for layer in _travel_layers(layers, path.name)]
    findings = reading.findings
    if not any(map(len, (*parts, reading.piers, reading.rapids, findings))):
        raise EmptyFile(place=path.name)
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=STORAGE_CRS)
    frame, repairs = repair_lines(frame)
    findings.extend(repairs)
    n_features = int(frame["feature"].nunique()) + len(reading.rapids) + len(reading.piers)
    frame = frame.drop(columns="feature")
    frame = lay_rapids(frame, reading.rapids, findings)
    n_features -= sum(finding.code == "rapids-off-river" for finding in findings)
    counts = tally(findings, n_features)
    return NetworkImport(
        frame=frame,
        piers=pier_frame(reading.piers),
        findings=tuple(findings),
        accepted=counts.accepted,
        corrected=counts.corrected,
        refused=counts.refused,
        totals={**_totals(frame), "piers": len(reading.piers)},
    )


def line_lengths_m(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Measure lon, lat lines on the ellipsoid; one length each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    _, _, step_m = WGS84.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    lengths: npt.NDArray[np.float64] = np.zeros(len(lines))
    np.add.at(lengths, line[1:][same], step_m[same])
    return lengths


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What is known while the parts of a file are read."""

    flow_known: bool
    findings: list[Finding] = field(default_factory=list)
    rapids: list[Rapids] = field(default_factory=list)
    piers: list[Pier] = field(default_factory=list)


def _travel_layers(layers: Sequence[Layer], place: str) -> list[Layer]:
    """Take the layers that hold roads, rivers or piers."""
    found = []
    for layer in layers:
        key = _KEY_OF_LAYER.get(layer.name.lower())
        if _KEYS & {column.lower() for column in layer.columns} or is_pier_layer(layer.name):
            found.append(layer)
        elif key is not None:
            raise MissingColumn(
                place=layer.place,
                column=key,
                found=", ".join(layer.columns) or "-",
                accepted=key,
            )
    if not found:
        names = ", ".join(layer.name for layer in layers)
        raise NoTravelNetwork(place=place, found=names or "-")
    return found


def _read_layer(layer: Layer, reading: _Reading) -> gpd.GeoDataFrame:
    raw = layer.read()
    if not isinstance(raw, gpd.GeoDataFrame) or raw.crs is None:
        raise WrongCrs(place=layer.place, value="-")
    if (raw.geometry.notna() & ~raw.geometry.is_empty).any():
        raw, remarks = to_storage(raw, layer.place)
        reading.findings.extend(remarks)
    attributes = raw.drop(columns=raw.geometry.name)
    refuse_residents([list(attributes.columns), *attributes.itertuples(index=False)], layer.place)
    raw["feature"] = [f"{layer.name}!{number}" for number in range(1, len(raw) + 1)]
    raw = raw.rename(columns=_lowered(raw))
    if not _KEYS & set(raw.columns):
        reading.piers.extend(layer_piers(raw, reading.findings))
        raw = raw.head(0)
    is_rapids = (raw.geom_type == "Point") & _text(raw, "waterway").str.lower().isin(RAPIDS_POINTS)
    _, minutes = rapids_minutes(_first_text(raw, RAPIDS_COLUMNS))
    reading.rapids.extend(
        Rapids(str(row), point.x, point.y, float(stated))
        for row, point, stated in zip(
            raw.loc[is_rapids, "feature"],
            raw.geometry[is_rapids],
            minutes[is_rapids],
            strict=True,
        )
    )
    return _checked(raw[~is_rapids], reading)


def _lowered(raw: gpd.GeoDataFrame) -> dict[str, str]:
    """Tell the columns written in capitals, as some programs do, where that leaves them apart."""
    shapes = raw.geometry.name
    names = {column: column.lower() for column in raw.columns if column != shapes}
    return names if len({*names.values(), shapes}) > len(names) else {}


def _read_extract(path: Path, reading: _Reading) -> gpd.GeoDataFrame:
    found = read_osm(path)
    reading.findings.extend(found.findings)
    reading.rapids.extend(found.rapids)
    reading.piers.extend(found.piers)
    if found.ways.empty:
        raise NoTravelNetwork(place=path.name, found="no way with highway, waterway or route=ferry")
    return _checked(found.ways, reading)


def _checked(raw: gpd.GeoDataFrame, reading: _Reading) -> gpd.GeoDataFrame:
    """Turn features into rows of single lines; ``feature`` says which feature a line was."""
    findings = reading.findings
    attributes = _attributes(raw, flow_known=reading.flow_known)
    frame = gpd.GeoDataFrame(attributes, geometry=raw.geometry.force_2d(), crs=STORAGE_CRS)
    frame["feature"] = raw["feature"].to_numpy()
    is_closed = _is_closed(raw, frame["mode"])
    if is_closed.any():
        findings.append(Finding(code="ways-closed", severity="info", value=str(is_closed.sum())))
        frame = frame[~is_closed]
    problems = [*_refused_shapes(frame), *_refused_classes(frame)]
    findings.extend(problems)
    refused = {finding.row for finding in problems if finding.severity == "refused"}
    frame = frame[~frame["feature"].isin(refused)]
    findings.extend(_remarks(frame))
    findings.extend(_word_remarks(raw.loc[frame.index]))
    frame = frame.explode(ignore_index=True)
    keep = line_lengths_m(frame.geometry.to_numpy()) > 0
    return frame.loc[keep, [*COLUMNS, "feature"]].reset_index(drop=True)


def _attributes(raw: gpd.GeoDataFrame, *, flow_known: bool) -> dict[str, "pd.Series[Any]"]:
    """Return the columns of the contract; text is trimmed, None where empty."""
    values = {name: _text(raw, name) for name in ("highway", "surface", "waterway", "origin")}
    values = {name: column.str.lower() for name, column in values.items()}
    values["name"] = _text(raw, "name")
    values["oneway"] = _oneway(raw, values["highway"])
    is_road = values["highway"].notna()
    values["mode"] = pd.Series(np.where(is_road, "road", "river"), raw.index, dtype=object)
    is_rapids, rapids_min = rapids_minutes(_first_text(raw, RAPIDS_COLUMNS))
    is_rapids = ~is_road & (is_rapids | (values["waterway"] == RAPIDS).fillna(value=False))
    values["structure"] = _structure(raw).mask(is_rapids, RAPIDS)
    flow = flow_of(
        _first_text(raw, FLOW_COLUMNS), values["waterway"], _text(raw, "tidal"), known=flow_known
    )
    values["flow"] = flow.mask(is_road)
    texts = {
        name: column.astype(object).where(column.notna(), None) for name, column in values.items()
    }
    on = texts["structure"].map(_STRUCTURES).fillna(0)
    level = pd.to_numeric(_text(raw, "layer"), errors="coerce")
    ferry_min = _text(raw, "duration").map(_minutes).astype(float)
    is_ferry = (values["highway"] == FERRY).fillna(value=False)
    return {
        **texts,
        "level": level.where(level.notna(), on).astype(int),
        "fixed_min": rapids_min.where(is_rapids, ferry_min.where(is_ferry)),
    }


def _oneway(raw: gpd.GeoDataFrame, highway: "pd.Series[str]") -> "pd.Series[str]":
    """Tell the direction of travel; roundabouts and motorways have one without saying so."""
    stated = _text(raw, "oneway").str.lower()
    is_ring = _text(raw, "junction").str.lower().isin(["roundabout", "circular"])
    implied = is_ring | (highway == "motorway").fillna(value=False)
    oneway = stated.map(_ONEWAY)
    oneway = oneway.where(stated.notna() | ~implied, "yes")
    return oneway.where(oneway.notna(), "no")


def _structure(raw: gpd.GeoDataFrame) -> "pd.Series[str]":
    found = pd.Series(None, raw.index, dtype="string")
    for name in _STRUCTURES:
        value = _text(raw, name).str.lower()
        found = found.mask((value.notna() & ~value.isin(["no", "false", "0"])), name)
    return found


def _minutes(text: object) -> float:
    """Read the duration of a ferry: ``25``, ``1:30``, ``PT1H30M``; else NaN."""
    words = str(text).strip().lower()
    match = _CLOCK.fullmatch(words) or _ISO.fullmatch(words) or _MINUTES.fullmatch(words)
    minutes = int(match["h"] or 0) * 60 + int(match["m"] or 0) if match else 0
    return minutes if 0 < minutes <= MAX_FIXED_MIN else np.nan


def _is_closed(raw: gpd.GeoDataFrame, mode: "pd.Series[str]") -> "pd.Series[bool]":
    closed = pd.Series(data=False, index=raw.index)
    for name, keys in _ACCESS.items():
        stated = _text(raw, keys[0])
        for key in keys[1:]:
            stated = stated.where(stated.notna(), _text(raw, key))
        closed |= (mode == name) & stated.str.lower().isin(_DENIED)
    return closed


def _text(raw: gpd.GeoDataFrame, name: str) -> "pd.Series[str]":
    if name not in raw:
        return pd.Series(None, raw.index, dtype="string")
    text: pd.Series[str] = raw[name].map(_first).astype("string").str.strip()
    return text.where(text != "")


def _first_text(raw: gpd.GeoDataFrame, names: Iterable[str]) -> "pd.Series[str]":
    """Take what the first of several columns that says something says."""
    found = pd.Series(None, raw.index, dtype="string")
    for name in names:
        found = found.where(found.notna(), _text(raw, name))
    return found


def _first(value: object) -> object:
    """Take the first of a list: tools that join pieces of a road list the classes of all."""
    return value[0] if isinstance(value, list | np.ndarray) else value


def _refused_shapes(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    shapes = frame.geometry
    bounds = shapes.bounds
    is_line = shapes.geom_type.isin(_LINES)
    missing = shapes.isna() | shapes.is_empty | (is_line & ~(shapely.length(shapes.to_numpy()) > 0))
    for row in frame.loc[missing, "feature"]:
        yield Finding(code="line-missing", severity="refused", row=row)
    for position in np.flatnonzero(~missing & ~is_line):
        yield Finding(
            code="line-not-line",
            severity="refused",
            row=frame["feature"].iloc[position],
            value=str(shapes.iloc[position].geom_type),
        )
    for position in np.flatnonzero(~missing & is_line):
        west, south, east, north = bounds.iloc[position]
        if not (is_in_indonesia(west, south) and is_in_indonesia(east, north)):
            yield Finding(
                code="coordinates-out-of-range",
                severity="refused",
                row=frame["feature"].iloc[position],
                params={"lon": f"{west:g}", "lat": f"{south:g}"},
            )


def _refused_classes(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find features without a class, and those of a class that carries neither cars nor boats."""
    params = TravelParams()
    classless = frame["highway"].isna() & frame["waterway"].isna()
    for row in frame.loc[classless, "feature"]:
        yield Finding(
            code="value-missing", severity="refused", row=row, column="highway / waterway"
        )
    for mode, column, words in (
        ("road", "highway", tuple(params.highways)),
        ("river", "waterway", params.waterways),
    ):
        unknown = (frame["mode"] == mode) & frame[column].notna() & ~frame[column].isin(words)
        for row, value in frame.loc[unknown, ["feature", column]].itertuples(index=False):
            yield Finding(
                code="word-unknown",
                severity="refused",
                row=row,
                column=column,
                value=value,
                params={"accepted": ", ".join(words)},
            )


def _remarks(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Say what was read otherwise than it stands, or assumed."""
    known = TravelParams().surfaces
    multiple = (frame.geom_type == "MultiLineString") & (
        shapely.get_num_geometries(frame.geometry) > 1
    )
    for position in np.flatnonzero(multiple):
        n_parts = shapely.get_num_geometries(frame.geometry.iloc[position])
        row = frame["feature"].iloc[position]
        yield Finding(code="line-in-parts", severity="corrected", row=row, value=str(n_parts))
    roads = frame[frame["mode"] == "road"]
    unknown = roads["surface"].notna() & ~roads["surface"].isin(tuple(known))
    for row, value in roads.loc[unknown, ["feature", "surface"]].itertuples(index=False):
        yield Finding(
            code="word-unknown",
            severity="warning",
            row=row,
            column="surface",
            value=value,
            params={"accepted": ", ".join(known)},
        )
    n_assumed = int((roads["surface"].isna() | unknown).sum())
    if n_assumed:
        yield Finding(code="surface-assumed", severity="info", value=str(n_assumed))


def _unknown_ways(stated: "pd.Series[str]") -> "pd.Series[bool]":
    words = stated.str.lower()
    return words.notna() & ~words.isin(list(_ONEWAY))


def _unreadable_durations(stated: "pd.Series[str]") -> "pd.Series[bool]":
    return stated.notna() & stated.map(_minutes).isna()


def _word_remarks(raw: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find words on the way, the stream, rapids and ferries that say nothing."""
    highway = _text(raw, "highway").str.lower()
    is_ferry = (highway == FERRY).fillna(value=False)
    for columns, unknown, accepted, is_asked in (
        (("oneway",), _unknown_ways, "yes, no, -1; ya, tidak", highway.notna()),
        (("duration",), _unreadable_durations, "25, 1:30, PT1H30M", is_ferry),
        (FLOW_COLUMNS, unknown_flows, "down, up, both; ya, tidak", highway.isna()),
        (RAPIDS_COLUMNS, unreadable_rapids, "minutes; ya, tidak", highway.isna()),
    ):
        stated = _first_text(raw, columns)
        is_unknown = unknown(stated) & is_asked
        for row, value in zip(raw["feature"][is_unknown], stated[is_unknown], strict=True):
            yield Finding(
                code="word-unknown",
                severity="warning",
                row=row,
                column=columns[0],
                value=value,
                params={"accepted": accepted},
            )


def _totals(frame: gpd.GeoDataFrame) -> dict[str, float]:
    length_km = line_lengths_m(frame.geometry.to_numpy()) / 1000
    is_road = (frame["mode"] == "road").to_numpy()
    return {
        "roads": int(is_road.sum()),
        "rivers": int((~is_road).sum()),
        "road_km": round(float(length_km[is_road].sum()), 1),
        "river_km": round(float(length_km[~is_road].sum()), 1),
    }
