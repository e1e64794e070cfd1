"""GeoJSON (RFC 7946, and the ``crs`` member of the format before it) -> a frame.

Read here and not by GDAL: there any driver may claim a JSON file by some words in it, and a ``crs``
of the kind ``link`` is fetched from the network.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyproj
import pyproj.exceptions
import shapely

from geodata.errors import UnreadableSource, WrongCrs
from geodata.schema import STORAGE_CRS

_CRS84 = re.compile(
    r"(urn:ogc:def:crs:OGC:.*:|https?://www\.opengis\.net/def/crs/OGC/.*/|OGC:)CRS84h?"
)
_EPSG = re.compile(
    r"(?:EPSG:|urn:ogc:def:crs:EPSG:[^:]*:|https?://www\.opengis\.net/def/crs/EPSG/[^/]*/)(\d{4,6})",
    re.IGNORECASE,
)  # fmt: skip


def read_geojson(content: bytes, place: str) -> tuple[str | None, gpd.GeoDataFrame]:
    """Read a FeatureCollection or one Feature: the layer's name if it has one, and the features.

    A ring whose last position is not its first is closed, which leaves its area as it is. A
    geometry that is none stays in the frame as None.

    Raises
    ------
    UnreadableSource
        When it is no GeoJSON.
    WrongCrs
        When its member ``crs`` is empty or none that can be known from the file alone.
    """
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableSource(place=place, expected="GeoJSON", reason=str(error)) from error
    features = _features(document, place)
    geometry = _geometries([feature.get("geometry") for feature in features])
    properties = [feature.get("properties") or {} for feature in features]
    if not all(isinstance(row, dict) for row in properties):
        raise UnreadableSource(place=place, expected="GeoJSON", reason="properties")
    attributes = pd.DataFrame.from_records(properties, index=range(len(features)))
    # A property may be called like the column of outlines.
    attributes = attributes.rename(columns={"geometry": "geometry_"})
    frame = gpd.GeoDataFrame(attributes, geometry=geometry, crs=_crs(document, place))
    name = document.get("name")
    return (name if isinstance(name, str) and name.isprintable() else None), frame


def _features(document: object, place: str) -> list[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    found: object = None
    if isinstance(document, dict) and kind == "FeatureCollection":
        found = document.get("features")
    elif kind == "Feature":
        found = [document]
    if not isinstance(found, list) or not all(isinstance(feature, dict) for feature in found):
        raise UnreadableSource(place=place, expected="GeoJSON", reason=f"type: {kind!s:.40}")
    return found


def _crs(document: Mapping[str, Any], place: str) -> str:
    if "crs" not in document:
        return STORAGE_CRS
    try:
        name = str(document["crs"]["properties"]["name"])
    except (TypeError, KeyError):
        name = orjson.dumps(document["crs"]).decode()[:60]
    if _CRS84.fullmatch(name):
        return STORAGE_CRS
    match = _EPSG.fullmatch(name)
    if match is None:
        raise WrongCrs(place=place, value=name[:60])
    try:
        return str(pyproj.CRS.from_epsg(int(match[1])).to_string())
    except pyproj.exceptions.CRSError as error:
        raise WrongCrs(place=place, value=name[:60]) from error


def _geometries(members: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    texts = np.array([orjson.dumps(member).decode() for member in members], dtype=object)
    shapes: np.ndarray[tuple[int], np.dtype[np.object_]] = shapely.from_geojson(
        texts, on_invalid="ignore"
    )
    for at, member in enumerate(members):
        if shapes[at] is None and isinstance(member, dict):
            is_area = member.get("type") in ("Polygon", "MultiPolygon")
            coordinates = _mended(member.get("coordinates"), is_area=is_area)
            mended = orjson.dumps({**member, "coordinates": coordinates}).decode()
            shapes[at] = shapely.from_geojson(mended, on_invalid="ignore")
    return shapes


def _mended(coordinates: object, *, is_area: bool, depth: int = 5) -> object:
    """Close the rings of areas; cut positions after the height, more than three are not read."""
    if not isinstance(coordinates, list) or not coordinates or depth == 0:
        return coordinates
    if isinstance(coordinates[0], int | float):
        return coordinates[:3]
    inner = [_mended(part, is_area=is_area, depth=depth - 1) for part in coordinates]
    is_ring = all(isinstance(one, list) and one and not isinstance(one[0], list) for one in inner)
    return [*inner, inner[0]] if is_area and is_ring and inner[0] != inner[-1] else inner
