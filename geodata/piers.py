"""Places where people change between road and water: what files say of them."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from geodata.crs import is_in_indonesia
from geodata.findings import Finding

PIER_TAGS = {"man_made": "pier", "amenity": "ferry_terminal"}
"""What OpenStreetMap calls them, by key."""
_LAYER_WORDS = frozenset(("dermaga", "pelabuhan", "pier", "piers", "port", "ports"))
_NAMES = ("name", "nama", "namobj")


class Pier(NamedTuple):
    """A pier; ``name`` is None where not stated, ``row`` is what findings call it."""

    row: str
    name: str | None
    lon: float
    lat: float


def is_pier_layer(name: str) -> bool:
    """Tell whether a layer holds piers, by a word of its name: ``dermaga``, ``ports_2017``."""
    return not _LAYER_WORDS.isdisjoint(re.split(r"[\W\d_]+", name.lower()))


def layer_piers(raw: gpd.GeoDataFrame, findings: list[Finding]) -> list[Pier]:
    """Read a layer of piers, EPSG:4326; of what is no point, the middle counts.

    Piers without a position in Indonesia are set aside with a finding. ``raw`` has a column
    ``feature`` that findings name.
    """
    titles = {column.lower(): column for column in raw.columns}
    column = next((titles[name] for name in _NAMES if name in titles), None)
    names = raw[column] if column else pd.Series(None, index=raw.index, dtype=object)
    found = []
    for row, name, shape in zip(raw["feature"], names, raw.geometry, strict=True):
        if shape is None or shape.is_empty:
            findings.append(
                Finding(code="value-missing", severity="refused", row=row, column="geometry")
            )
            continue
        middle = shape.interpolate(0.5, normalized=True) if shape.length else shape.centroid
        text = None if pd.isna(name) else str(name).strip() or None
        found.append(Pier(row, text, float(middle.x), float(middle.y)))
    return list(_in_range(found, findings))


def _in_range(piers: Iterable[Pier], findings: list[Finding]) -> Iterable[Pier]:
    for pier in piers:
        if is_in_indonesia(pier.lon, pier.lat):
            yield pier
            continue
        shown = {"lon": f"{pier.lon:g}", "lat": f"{pier.lat:g}"}
        findings.append(
            Finding(code="coordinates-out-of-range", severity="refused", row=pier.row, params=shown)
        )


def pier_frame(piers: Sequence[Pier]) -> pd.DataFrame:
    """Make a frame of piers: ``name`` (text or None), ``lon``, ``lat``."""
    return pd.DataFrame(
        {
            "name": pd.Series([pier.name for pier in piers], dtype=object),
            "lon": pd.Series([pier.lon for pier in piers], dtype=float),
            "lat": pd.Series([pier.lat for pier in piers], dtype=float),
        }
    )
