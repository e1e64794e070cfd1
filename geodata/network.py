"""Road and river layers -> one frame of lines in the OSM vocabulary, checked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Geod

from geodata.crs import is_in_indonesia, to_storage
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
from geodata.schema import STORAGE_CRS
from geodata.speeds import TravelParams
from geodata.vectors import Layer, open_vectors

WGS84 = Geod(ellps="WGS84")
COLUMNS = (
    *("mode", "highway", "surface", "waterway", "name", "oneway", "origin"),
    *("structure", "level", "fixed_min", "geometry"),
)
_KEY_OF_LAYER = {
    **dict.fromkeys(("jalan", "roads", "road"), "highway"),
    **dict.fromkeys(("sungai", "rivers", "river"), "waterway"),
}
_ONEWAY = {
    **dict.fromkeys(("yes", "true", "1"), "yes"),
    **dict.fromkeys(("-1", "reverse"), "reverse"),
}
# Tags of access, the most specific first; the first that is stated decides.
_ACCESS = {
    "road": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "river": ("motorboat", "boat", "access"),
}
_DENIED = ("no", "private")
_STRUCTURES = {"bridge": 1, "tunnel": -1, "ford": 0}  # and the level that each is on
_LINES = ("LineString", "LinearRing", "MultiLineString")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkImport:
    """What a network file brought.

    Parameters
    ----------
    frame
        One row a line, EPSG:4326: ``mode`` (``road`` or ``river``), ``highway``, ``surface``,
        ``waterway``, ``name`` and ``origin`` (text or None), ``oneway`` (``no``, ``yes``,
        ``reverse``), ``structure`` (``bridge``, ``tunnel``, ``ford`` or None), ``level`` (0 is
        the ground; lines on different levels do not meet where they cross), ``fixed_min`` (minutes
        that a ferry takes, NaN where not stated), ``geometry`` (LineString of at least two
        different positions).
    accepted, corrected, refused
        Numbers of features of the file.
    totals
        ``roads`` and ``rivers`` (lines), ``road_km`` and ``river_km``.
    """

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    accepted: int
    corrected: int
    refused: int
    totals: Mapping[str, float]


def read_network(path: Path) -> NetworkImport:
    """Read roads and rivers from an OpenStreetMap extract (``.osm.pbf``) or from line layers.

    Of other files, every layer is read that has a column ``highway`` (roads) or ``waterway``
    (rivers); a layer of other things is passed over. Both are read with the tags of OpenStreetMap.
    A feature that fails alone is set aside with a finding; ways closed to vehicles (``access``
    ``no`` or ``private``) are left out and counted.

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
    findings: list[Finding] = []
    if is_osm(path):
        parts = [_read_extract(path, findings)]
    else:
        with open_vectors(path, max_features=MAX_LINES) as layers:
            parts = [_read_layer(layer, findings) for layer in _travel_layers(layers, path.name)]
    if not any(len(part) for part in parts) and not findings:
        raise EmptyFile(place=path.name)
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=STORAGE_CRS)
    n_features = int(frame.pop("feature").nunique())
    counts = tally(findings, n_features)
    return NetworkImport(
        frame=frame,
        findings=tuple(findings),
        accepted=counts.accepted,
        corrected=counts.corrected,
        refused=counts.refused,
        totals=_totals(frame),
    )


def line_lengths_m(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Measure lon, lat lines on the ellipsoid; one length each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    _, _, step_m = WGS84.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    lengths: npt.NDArray[np.float64] = np.zeros(len(lines))
    np.add.at(lengths, line[1:][same], step_m[same])
    return lengths


def _travel_layers(layers: Sequence[Layer], place: str) -> list[Layer]:
    """Take the layers that hold roads or rivers."""
    found = []
    for layer in layers:
        key = _KEY_OF_LAYER.get(layer.name.lower())
        if {"highway", "waterway"} & set(layer.columns):
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


def _read_layer(layer: Layer, findings: list[Finding]) -> gpd.GeoDataFrame:
    raw = layer.read()
    if not isinstance(raw, gpd.GeoDataFrame) or raw.crs is None:
        raise WrongCrs(place=layer.place, value="-")
    if (raw.geometry.notna() & ~raw.geometry.is_empty).any():
        raw, remarks = to_storage(raw, layer.place)
        findings.extend(remarks)
    raw["feature"] = [f"{layer.name}!{number}" for number in range(1, len(raw) + 1)]
    return _checked(raw, findings)


def _read_extract(path: Path, findings: list[Finding]) -> gpd.GeoDataFrame:
    found = read_osm(path)
    findings.extend(found.findings)
    if found.ways.empty:
        raise NoTravelNetwork(place=path.name, found="no way with highway, waterway or route=ferry")
    return _checked(found.ways, findings)


def _checked(raw: gpd.GeoDataFrame, findings: list[Finding]) -> gpd.GeoDataFrame:
    """Turn features into rows of single lines; ``feature`` says which feature a line was."""
    frame = gpd.GeoDataFrame(_attributes(raw), geometry=raw.geometry.force_2d(), crs=STORAGE_CRS)
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
    frame = frame.explode(ignore_index=True)
    keep = line_lengths_m(frame.geometry.to_numpy()) > 0
    return frame.loc[keep, [*COLUMNS, "feature"]].reset_index(drop=True)


def _attributes(raw: gpd.GeoDataFrame) -> dict[str, "pd.Series[Any]"]:
    """Return the columns of the contract; text is trimmed, None where empty."""
    values = {name: _text(raw, name) for name in ("highway", "surface", "waterway", "origin")}
    values = {name: column.str.lower() for name, column in values.items()}
    values["name"] = _text(raw, "name")
    values["oneway"] = _oneway(raw, values["highway"])
    is_road = values["highway"].notna()
    values["mode"] = pd.Series(np.where(is_road, "road", "river"), raw.index, dtype=object)
    values["structure"] = _structure(raw)
    texts = {
        name: column.astype(object).where(column.notna(), None) for name, column in values.items()
    }
    on = texts["structure"].map(_STRUCTURES).fillna(0)
    level = pd.to_numeric(_text(raw, "layer"), errors="coerce")
    return {
        **texts,
        "level": level.where(level.notna(), on).astype(int),
        "fixed_min": _text(raw, "duration").map(_minutes).astype(float),
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
    """Read the duration of a ferry: minutes, or hours and minutes (``1:30``); else NaN."""
    match = re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,4})(?::\d{2})?", str(text))
    return int(match[1] or 0) * 60 + int(match[2]) if match else np.nan


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


def _totals(frame: gpd.GeoDataFrame) -> dict[str, float]:
    length_km = line_lengths_m(frame.geometry.to_numpy()) / 1000
    is_road = (frame["mode"] == "road").to_numpy()
    return {
        "roads": int(is_road.sum()),
        "rivers": int((~is_road).sum()),
        "road_km": round(float(length_km[is_road].sum()), 1),
        "river_km": round(float(length_km[~is_road].sum()), 1),
    }
