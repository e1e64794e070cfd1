"""Roads, rivers and links that can be reckoned by hand.

Everything lies on the equator: there one degree of longitude is 111.319491 km (the WGS 84 radius
6,378,137 m times pi / 180) and, near it, one of latitude 110.574 km.
"""

import geopandas as gpd
import pandas as pd
from shapely import LineString

EAST = 1 / 111.319491  # degrees in a kilometre
NORTH = 1 / 110.574
LON = 113.0


def at(east_km: float, north_km: float = 0.0) -> tuple[float, float]:
    """Give lon, lat so many kilometres from a point on the equator."""
    return (LON + east_km * EAST, north_km * NORTH)


def road(*places: tuple[float, ...], surface: str | None = "asphalt", **attributes) -> dict:
    """Make a road through places given as (east, north) in km."""
    return {
        "mode": "road",
        "highway": "secondary",
        "surface": surface,
        "geometry": LineString([at(*place) for place in places]),
        **attributes,
    }


def river(*places: tuple[float, ...], **attributes) -> dict:
    """Make a river through places given as (east, north) in km."""
    return {
        "mode": "river",
        "waterway": "river",
        "geometry": LineString([at(*place) for place in places]),
        **attributes,
    }


def lines(*rows: dict) -> gpd.GeoDataFrame:
    """Make a frame as ``read_network`` does."""
    empty = dict.fromkeys(("highway", "surface", "waterway", "name", "origin"))
    rows = [{**empty, "oneway": "no", **row} for row in rows]
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def links(*rows: dict) -> pd.DataFrame:
    """Make a frame as ``read_links`` does; ``start`` and ``end`` are (east, north) in km."""
    made = []
    for row in rows:
        row = {
            "from_name": "Port",
            "to_name": "Island",
            "mode": "sea_boat",
            "travel_mode": "sea",
            "minutes": 60,
            "weekdays": "1234567",
            "cost": float("nan"),
            "timetable": None,
            **row,
        }
        (row["from_lon"], row["from_lat"]) = at(*row.pop("start"))
        (row["to_lon"], row["to_lat"]) = at(*row.pop("end"))
        made.append({"minutes_back": row["minutes"], **row})
    columns = "from_name from_lon from_lat to_name to_lon to_lat mode travel_mode minutes"
    more = "minutes_back weekdays cost timetable"
    return pd.DataFrame(made, columns=[*columns.split(), *more.split()]).astype({"weekdays": str})
