"""Villages that a new map names or places otherwise than they were: a doubt about its codes."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from geodata.crosswalk import is_other_name
from geodata.findings import Finding

FAR_KM = 30.0
"""Between the points before and after, inclusive: a redrawn outline moves its point by less."""
_KM_PER_DEGREE = 111.2


def changed_villages(villages: pd.DataFrame, before: pd.DataFrame) -> Iterator[Finding]:
    """Compare a map of villages with those known, by code.

    Parameters
    ----------
    villages, before
        ``code``, ``name``, ``lon`` and ``lat`` in degrees.
    """
    columns = ["code", "name", "lon", "lat"]
    # Of no village known the columns have no kind of their own.
    known = before[columns].astype({"lon": "float64", "lat": "float64"})
    both = villages[columns].merge(known, on="code", suffixes=("", "_before"))
    east = (both["lon"] - both["lon_before"]) * np.cos(np.radians(both["lat"]))
    both["km"] = _KM_PER_DEGREE * np.hypot(east, both["lat"] - both["lat_before"])
    other = both.loc[(both["name"] != both["name_before"]) | (both["km"] > FAR_KM)]
    for village in other.to_dict("records"):
        name, earlier = str(village["name"]), str(village["name_before"])
        if village["km"] > FAR_KM or is_other_name(earlier, name):
            facts = {"name": earlier, "km": round(village["km"])}
            yield Finding(code="village-changed", severity="warning", column="name", value=name,
                          village_code=village["code"], params=facts)  # fmt: skip
