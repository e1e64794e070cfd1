"""What an import changes: counts that moved more than people do, and counts that it leaves."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from geodata.columns import COUNT_COLUMNS, COUNT_GROUPS
from geodata.findings import Finding

CHANGE_LIMIT = 0.30
"""Part of the earlier number beyond which a change is a finding; the limit itself is none."""
SMALL_CHANGE = 20
"""People, inclusive: a change of so few is none, whatever part of a small number it is."""


def changed_counts(counts: pd.DataFrame, earlier: pd.DataFrame, day: date) -> Iterator[Finding]:
    """Compare counts with those that held before, village by village and column by column.

    A number that either of the two does not have is not compared. ``belum_rekam`` is signed: what
    it changed is measured against its size. From 0, every change of more than ``SMALL_CHANGE``
    people is a finding.

    Parameters
    ----------
    counts
        ``code``, ``row`` and the eight columns, as of ``day``.
    earlier
        ``code``, ``as_of`` and the eight columns.
    """
    both = counts.merge(earlier, on="code", suffixes=("", "_before"))
    for column in COUNT_COLUMNS:
        now, before = both[column], both[f"{column}_before"].astype("Int64")
        moved = (now - before).abs()
        is_change = (moved > SMALL_CHANGE) & (moved > CHANGE_LIMIT * before.abs())
        changed = both.loc[is_change.fillna(value=False)]
        for village in changed.to_dict("records"):
            yield Finding(
                code="count-changed",
                severity="warning",
                row=village["row"],
                village_code=village["code"],
                column=column,
                value=str(village[column]),
                params={
                    "day": day.isoformat(),
                    "before": int(village[f"{column}_before"]),
                    "before_day": village["as_of"].isoformat(),
                    "limit": round(100 * CHANGE_LIMIT),
                },
            )


def kept_counts(counts: pd.DataFrame, earlier: pd.DataFrame) -> Iterator[Finding]:
    """Tell which columns a file does not have of villages that have them from files before.

    Parameters
    ----------
    counts
        ``code`` and the eight columns.
    earlier
        ``code``, ``as_of`` and the eight columns of all files up to its day.
    """
    for group in COUNT_GROUPS:
        columns = list(group)
        without = counts.loc[counts[columns].isna().all(axis=1), "code"]
        kept = earlier.loc[earlier["code"].isin(without) & earlier[columns].notna().any(axis=1)]
        if not kept.empty:
            facts = {"n_villages": kept["code"].nunique(), "day": kept["as_of"].max().isoformat()}
            yield Finding(
                code="count-kept", severity="info", column=", ".join(columns), params=facts
            )
