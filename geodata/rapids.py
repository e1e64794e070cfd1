"""Which way rivers run, and rapids: what the attributes of a line or a point say of them."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from geodata.findings import Finding
from geodata.speeds import RAPIDS

FLOW_COLUMNS = ("flow", "arah")
RAPIDS_COLUMNS = ("rapids_minutes", "jeram", "jeram_menit")
RAPIDS_POINTS = (RAPIDS, "waterfall")
# OpenStreetMap draws these downstream; canals, fairways and tidal channels run either way.
_DRAWN_DOWNSTREAM = ("river", "stream", RAPIDS)
_FLOWS = {
    **dict.fromkeys(("ya", "yes", "true", "1", "known", "down", "downstream", "hilir"), "down"),
    **dict.fromkeys(("-1", "reverse", "up", "upstream", "hulu"), "up"),
    **dict.fromkeys(("tidak", "no", "false", "0", "both", "unknown", "tidal"), None),
    **dict.fromkeys(("dua arah", "pasang surut", "tidak diketahui"), None),
}
_YES, _NO = ("ya", "yes", "true", "ada"), ("tidak", "no", "false", "0", "tidak ada")
_UNIT = r"\s*(?:menit|min|minutes)\.?$"
MAX_FIXED_MIN = 24 * 60  # nobody stands longer before rapids, or on a ferry of a road
REACH_M = 100.0  # how far from a river rapids may be drawn
HALF_M = 25.0  # rapids given as a point are this long up and down the river
_DEGREE_M = 111_320.0


class Rapids(NamedTuple):
    """Rapids drawn as a point; ``minutes`` are NaN where not stated."""

    row: str
    lon: float
    lat: float
    minutes: float


def flow_of(
    stated: "pd.Series[str]", waterway: "pd.Series[str]", tidal: "pd.Series[str]", *, known: bool
) -> "pd.Series[str]":
    """Tell whether lines are drawn ``down`` or ``up`` the stream; missing where not certain.

    ``known`` says that lines which state nothing are drawn downstream, as in OpenStreetMap.
    """
    words = stated.str.lower()
    flow = words.map(_FLOWS).astype("string")
    if known:
        flow = flow.mask(words.isna() & waterway.isin(_DRAWN_DOWNSTREAM), "down")
    return flow.mask(tidal.str.lower().isin(_YES))


def unknown_flows(stated: "pd.Series[str]") -> "pd.Series[bool]":
    """Find the words that say nothing known of a direction."""
    words = stated.str.lower()
    return words.notna() & ~words.isin(list(_FLOWS))


def rapids_minutes(stated: "pd.Series[str]") -> tuple["pd.Series[bool]", "pd.Series[float]"]:
    """Tell which lines are rapids, and the minutes they take; NaN where not stated."""
    words = stated.str.lower()
    bare = words.str.replace(_UNIT, "", regex=True).str.replace(",", ".")
    minutes = pd.to_numeric(bare, errors="coerce").astype(float)
    minutes = minutes.where((minutes > 0) & (minutes <= MAX_FIXED_MIN))
    return words.isin(_YES) | minutes.notna(), minutes


def unreadable_rapids(stated: "pd.Series[str]") -> "pd.Series[bool]":
    """Find the words that are neither minutes nor yes or no."""
    is_rapids, _ = rapids_minutes(stated)
    return stated.notna() & ~is_rapids & ~stated.str.lower().isin(_NO)


def lay_rapids(
    frame: gpd.GeoDataFrame, points: Iterable[Rapids], findings: list[Finding]
) -> gpd.GeoDataFrame:
    """Cut the stretch of river around each point out as a line of its own, which is rapids.

    Points further than ``REACH_M`` from every river are set aside with a finding.
    """
    rivers = np.flatnonzero((frame["mode"] == "river").to_numpy())
    lines = frame.geometry.to_numpy()[rivers]
    tree = shapely.STRtree(lines)
    on_line: dict[int, list[tuple[float, Rapids]]] = {}
    for rapids in points:
        at = shapely.Point(rapids.lon, rapids.lat)
        nearest = tree.nearest(at) if len(lines) else None
        if nearest is None or lines[nearest].distance(at) * _DEGREE_M > REACH_M:
            params = {"lon": f"{rapids.lon:g}", "lat": f"{rapids.lat:g}", "metres": f"{REACH_M:g}"}
            findings.append(
                Finding(code="rapids-off-river", severity="refused", row=rapids.row, params=params)
            )
            continue
        place = float(lines[nearest].project(at))
        on_line.setdefault(int(rivers[nearest]), []).append((place, rapids))
    if not on_line:
        return frame
    rows = frame.to_dict("records")
    parts = [
        part
        for number, row in enumerate(rows)
        for part in (_cut(row, on_line[number]) if number in on_line else [row])
    ]
    columns = {
        name: pd.Series([part[name] for part in parts], dtype=dtype)
        for name, dtype in frame.dtypes.drop("geometry").items()
    }
    shapes = [part["geometry"] for part in parts]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs)[frame.columns]


def _cut(
    line: Mapping[Hashable, object], found: list[tuple[float, Rapids]]
) -> Iterator[dict[Hashable, object]]:
    """Part a line into calm water and rapids, in its order."""
    shape = line["geometry"]
    if not isinstance(shape, shapely.LineString):
        raise TypeError(f"a line of the network is {type(shape).__name__}, not LineString")
    end, done = shape.length, 0.0
    half = HALF_M / _DEGREE_M
    for place, rapids in sorted(found):
        start, stop = max(place - half, done), min(place + half, end)
        if stop <= start:  # within the rapids before
            continue
        if start > done:
            yield {**line, "geometry": substring(shape, done, start)}
        yield {
            **line,
            "geometry": substring(shape, start, stop),
            "structure": RAPIDS,
            "fixed_min": rapids.minutes,
        }
        done = stop
    if done < end:
        yield {**line, "geometry": substring(shape, done, end)}
