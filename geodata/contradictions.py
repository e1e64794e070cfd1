"""Rows about connectivity that cannot all be right, kept and listed for a person."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.findings import Finding
from geodata.schema import SIGNALS, STORAGE_CRS

KINDS = (
    "tower-without-signal", "reports-differ", "layers-differ", "power-differs",
    "tower-status-differs", "tower-elsewhere",
)  # fmt: skip
"""Kinds of contradictions; each has its sentence in ``findings.FINDING_TEXTS``."""
COLUMNS = (
    "code", "kind", "one_id", "one_says", "one_day", "other_id", "other_says", "other_day",
    "days_apart",
)  # fmt: skip


def find_contradictions(
    evidence: pd.DataFrame,
    power: pd.DataFrame,
    towers: pd.DataFrame,
    sites: pd.DataFrame,
    villages: pd.DataFrame,
) -> pd.DataFrame:
    """List what speaks against the rows that count.

    Two classes of signal contradict each other when one is *none* and the other is not, or when
    they are two steps apart (weak and very strong); one step is how a day differs from the next.

    Parameters
    ----------
    evidence, power
        Ranked, as ``coverage.join_connectivity`` makes them.
    towers, sites
        All rows of towers, and the one of each ``site`` that counts.
    villages
        ``code``; with outlines, towers that stand in another village than told are listed.

    Returns
    -------
    pandas.DataFrame
        ``code`` of the village (missing for a tower told in none); ``kind``, one of ``KINDS``;
        ``one_id, one_says, one_day`` of the row that counts, ``other_id, other_says, other_day`` of
        the one against it; ``days_apart``, missing when a day is. For ``tower-elsewhere`` the one
        is the tower with the village it is told in, ``other_says`` the village whose outline holds
        it, and there is no ``other_id``.
    """
    found = pd.concat(
        [
            _signals(evidence),
            _power(power),
            _states(towers, sites),
            _elsewhere(sites, villages),
        ],
        ignore_index=True,
    )
    days = [
        None if pd.isna(one) or pd.isna(other) else abs((one - other).days)
        for one, other in zip(found["one_day"], found["other_day"], strict=True)
    ]
    return found.assign(days_apart=pd.array(days, dtype="Int64"))[list(COLUMNS)]


def findings_of(contradictions: pd.DataFrame) -> list[Finding]:
    """Word contradictions as findings, each a warning."""
    return [
        Finding(
            code=row["kind"],
            severity="warning",
            village_code=_or_none(row["code"]),
            params={
                "one": row["one_id"],
                "one_says": row["one_says"],
                "one_day": _day(row["one_day"]),
                "other": _or_none(row["other_id"]),
                "other_says": row["other_says"],
                "other_day": _day(row["other_day"]),
            },
        )
        for row in contradictions.to_dict("records")
    ]


def _or_none(text: Any) -> str | None:  # noqa: ANN401 (a cell of a frame)
    return None if pd.isna(text) else str(text)


def _day(day: Any) -> str:  # noqa: ANN401 (a cell of a frame)
    return "-" if pd.isna(day) else str(day)


def _against_first(rows: pd.DataFrame, says: str) -> pd.DataFrame:
    """Set beside the row that counts every other one of its village."""
    columns = {"evidence_id": "id", says: "says", "observed_on": "day", "kind": "kind"}
    kept = rows.rename(columns=columns)[["code", "rank", *columns.values()]]
    first = kept.loc[kept["rank"] == 1].drop(columns="rank")
    others = kept.loc[kept["rank"] > 1].drop(columns="rank")
    pairs = others.add_prefix("other_").merge(
        first.add_prefix("one_"), left_on="other_code", right_on="one_code"
    )
    return pairs.rename(columns={"one_code": "code"})


def _signals(evidence: pd.DataFrame) -> pd.DataFrame:
    pairs = _against_first(evidence, "signal")
    one = pairs["one_says"].map(SIGNALS.index).to_numpy(int)
    other = pairs["other_says"].map(SIGNALS.index).to_numpy(int)
    differ = ((one == 0) != (other == 0)) | (np.abs(one - other) > 1)
    kinds = pairs[["one_kind", "other_kind"]]
    is_report = (kinds == "report").sum(axis=1)
    is_tower = (kinds == "tower").any(axis=1) & (is_report == 1)
    kind = np.select([is_tower & ((one == 0) | (other == 0)), is_report == 2], KINDS[:2], KINDS[2])
    found: pd.DataFrame = pairs.assign(kind=kind).loc[differ]
    return found


def _power(power: pd.DataFrame) -> pd.DataFrame:
    pairs = _against_first(power, "power").assign(kind="power-differs")
    return pairs.loc[pairs["one_says"] != pairs["other_says"]]


def _states(towers: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """List the rows of a tower that give it another state than the row that counts."""
    others = towers.loc[~towers["id"].isin(sites["id"])]
    columns = {"id": "id", "state": "says", "observed_on": "day", "site": "site"}
    one = sites.rename(columns=columns)[["code", *columns.values()]].add_prefix("one_")
    other = others.rename(columns=columns)[list(columns.values())].add_prefix("other_")
    pairs = other.merge(one, left_on="other_site", right_on="one_site")
    pairs = pairs.rename(columns={"one_code": "code"}).assign(kind="tower-status-differs")
    return pairs.loc[pairs["one_says"] != pairs["other_says"]]


def _elsewhere(sites: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """List the towers that lie in the outline of a village and not in that of the one told."""
    if not isinstance(villages, gpd.GeoDataFrame):
        sites = sites.iloc[:0]
        outlines = gpd.GeoSeries([], crs=STORAGE_CRS)
    else:
        outlines = villages.geometry.to_crs(STORAGE_CRS)
    told = sites.loc[sites["code"].isin(villages["code"])]
    points = shapely.points(told["lon"], told["lat"])
    tower, village = shapely.STRtree(outlines.to_numpy()).query(points, predicate="intersects")
    inside = pd.DataFrame(
        {
            "code": told["code"].to_numpy()[tower],
            "one_id": told["id"].to_numpy()[tower],
            "one_day": told["observed_on"].to_numpy()[tower],
            "other_says": villages["code"].to_numpy()[village],
        }
    )
    # Outlines overlap a little: a tower that lies in the one told as well is where it should be.
    is_told = inside["code"] == inside["other_says"]
    is_right = is_told.groupby(inside["one_id"]).transform("any").to_numpy(bool)
    found = inside.loc[~is_right].drop_duplicates("one_id")
    return found.assign(kind="tower-elsewhere", one_says=found["code"])
