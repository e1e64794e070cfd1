"""OpenStreetMap extracts (``.osm.pbf``) -> the ways that carry vehicles or boats, with their tags.

A way is kept with the tags that ``network.py`` understands; what they mean is decided there, as
for the columns of any other layer. ``maxspeed`` is left out: the speeds of the travel parameters
are averages from door to door, lower than any sign on these roads.
"""

import math
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import osmium
import shapely
from osmium.filter import KeyFilter

from geodata import limits
from geodata.errors import TooManyFeatures, UnreadableSource
from geodata.findings import Finding
from geodata.piers import PIER_TAGS, Pier
from geodata.rapids import RAPIDS_POINTS, Rapids
from geodata.schema import STORAGE_CRS
from geodata.speeds import FERRY, TravelParams

SUFFIX = ".pbf"
TAGS = (
    *("highway", "waterway", "name", "surface", "oneway", "junction", "duration"),
    *("access", "vehicle", "motor_vehicle", "motorcar", "boat", "motorboat"),
    *("bridge", "tunnel", "ford", "layer", "flow", "tidal", "rapids_minutes"),
)


_TRAVEL_KEYS = frozenset(("highway", "waterway", "route"))


class OsmExtract(NamedTuple):
    """What an extract holds for travel.

    ``ways`` has one row a way, in the order of the file: a column for each of ``TAGS`` (text or
    None), ``feature`` (``way/123``) and ``geometry``, in several parts where nodes are missing in
    between. ``rapids`` are the nodes tagged as such, ``piers`` the nodes and ways.
    """

    ways: gpd.GeoDataFrame
    rapids: list[Rapids]
    piers: list[Pier]
    findings: tuple[Finding, ...]


def is_osm(path: Path) -> bool:
    """Tell whether a file is an OpenStreetMap extract, by the end of its name."""
    return path.suffix.lower() == SUFFIX


def read_osm(path: Path) -> OsmExtract:
    """Read the roads, waterways and ferries of an extract.

    Raises
    ------
    UnreadableSource
        When the file is damaged, or of another format than its name says.
    TooManyFeatures
        When it holds more ways for vehicles and boats than are read of any file.
    """
    rows: list[dict[str, object]] = []
    rapids: list[Rapids] = []
    piers: list[Pier] = []
    n_passed_over = n_cut = 0
    for item in _items(path):
        piers.extend(_piers(item))
        if isinstance(item, osmium.osm.Node):
            if item.tags.get("waterway") in RAPIDS_POINTS:
                rapids.append(Rapids(f"node/{item.id}", item.lon, item.lat, math.nan))
            continue
        if not any(key in item.tags for key in _TRAVEL_KEYS):
            continue
        tags = {key: item.tags.get(key) for key in TAGS}
        if item.tags.get("route") == FERRY and not tags["highway"]:
            tags["highway"] = FERRY
        if not _carries(tags) or item.tags.get("area") == "yes":
            n_passed_over += 1
            continue
        runs = _runs(item)
        n_cut += sum(map(len, runs)) < len(item.nodes)
        parts = [shapely.LineString(run) for run in runs if len(run) > 1]
        rows.append({**tags, "feature": f"way/{item.id}", "geometry": _one_or_many(parts)})
        if len(rows) > limits.MAX_LINES:
            raise TooManyFeatures(place=path.name, limit=limits.MAX_LINES)
    found = [("ways-passed-over", n_passed_over), ("ways-cut", n_cut)]
    return OsmExtract(
        gpd.GeoDataFrame(rows, columns=[*TAGS, "feature", "geometry"], crs=STORAGE_CRS),
        rapids,
        piers,
        tuple(Finding(code=code, severity="info", value=str(n)) for code, n in found if n),
    )


def _items(path: Path) -> Iterator[osmium.osm.Node | osmium.osm.Way]:
    """Stream the tagged nodes and the ways; node positions are kept in memory, 16 bytes each."""
    try:
        file = osmium.io.File(str(path), "pbf")  # whatever its name
        reader = osmium.FileProcessor(file, osmium.osm.NODE | osmium.osm.WAY).with_locations(
            "sparse_mem_array"
        )
        for item in reader.with_filter(KeyFilter(*_TRAVEL_KEYS, *PIER_TAGS)):
            if isinstance(item, osmium.osm.Node | osmium.osm.Way):
                yield item
    except RuntimeError as error:  # what osmium raises for every fault of a file
        raise UnreadableSource(
            place=path.name, expected="an OpenStreetMap extract (.osm.pbf)", reason=str(error)
        ) from error


def _piers(item: osmium.osm.Node | osmium.osm.Way) -> Iterator[Pier]:
    """Read a pier, if it is one; a way lies where the middle of its nodes does."""
    if not any(item.tags.get(key) == value for key, value in PIER_TAGS.items()):
        return
    kind, at = "node", [(item.lon, item.lat)] if isinstance(item, osmium.osm.Node) else []
    if isinstance(item, osmium.osm.Way):
        kind, at = "way", [position for run in _runs(item) for position in run]
    if at:
        lon, lat = at[len(at) // 2]
        yield Pier(f"{kind}/{item.id}", item.tags.get("name"), lon, lat)


def _carries(tags: dict[str, str | None]) -> bool:
    params = TravelParams()
    return tags["highway"] in params.highways or (
        not tags["highway"] and tags["waterway"] in params.waterways
    )


def _runs(way: osmium.osm.Way) -> list[list[tuple[float, float]]]:
    """List the positions of a way, parted where nodes lie outside the extract."""
    positions = [
        (node.location.lon, node.location.lat) if node.location.valid() else None
        for node in way.nodes
    ]
    groups = groupby(positions, key=lambda position: position is not None)
    return [[p for p in group if p is not None] for is_inside, group in groups if is_inside]


def _one_or_many(parts: list[shapely.LineString]) -> shapely.Geometry:
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
