"""Tell towers apart by their site id and their position."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.crs import WGS84

SAME_SITE_M = 1000
MAX_RADIUS_KM = 100


class SiteNumbers:
    """Numbers towers: one site id within a kilometre is one tower.

    Lists round the position of a tower differently, and two regions number their towers alike: in
    the national list 42 ids belong to two towers each, 38 to 510 km apart.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[float, float, int]]] = {}
        self._n = 0

    def number(self, site_id: str, lon: float, lat: float) -> int:
        """Give the number of a tower, the next free one when it is new."""
        known = self._known.setdefault(site_id, [])
        for its_lon, its_lat, number in known:
            if WGS84.inv(lon, lat, its_lon, its_lat)[2] <= SAME_SITE_M:
                return number
        known.append((lon, lat, self._n))
        self._n += 1
        return self._n - 1


def site_numbers(towers: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Give each row of ``site_id, lon, lat`` the number of its tower."""
    sites = SiteNumbers()
    rows = zip(towers["site_id"], towers["lon"], towers["lat"], strict=True)
    return np.array([sites.number(*row) for row in rows], dtype=np.int64)
