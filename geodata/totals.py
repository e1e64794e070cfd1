"""Sums of counts: of a whole import, and by district beside what the file itself prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geodata.codes import district_of, regency_of
from geodata.columns import COUNT_COLUMNS
from geodata.findings import RowLabel


@dataclass(frozen=True, slots=True)
class PrintedTotal:
    """One row of sums of a file.

    Parameters
    ----------
    scopes
        What it is the sum of: the code of a district or a regency of which the file has no other
        village, and an empty text when it is all of the file. Empty for other groups of rows.
    printed
        Digits as text, by column; what cannot be read stands as it is.
    """

    row: RowLabel
    text: str
    scopes: tuple[str, ...]
    printed: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Give the total as plain JSON values."""
        return {
            "row": self.row, "text": self.text, "scopes": list(self.scopes),
            "printed": self.printed,
        }  # fmt: skip


def totals_of(counts: pd.DataFrame) -> dict[str, int]:
    """Sum a frame of counts: each column, what is signed and what is left to look for.

    A column that says nothing of any village has no sum; that is not 0.
    """
    totals = _column_sums(counts)
    if "belum_rekam" in totals:
        totals["not_recorded"] = totals["belum_rekam"]
        totals["people_to_look_for"] = int(counts["belum_rekam"].clip(lower=0).sum())
    return totals


def _column_sums(counts: pd.DataFrame) -> dict[str, int]:
    filled = [column for column in COUNT_COLUMNS if counts[column].notna().any()]
    return {column: int(counts[column].sum()) for column in filled}


def totals_by_district(
    counts: pd.DataFrame, printed: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Sum counts by district, by regency where there are several, and all of them.

    Parameters
    ----------
    counts
        ``code``, ``district``, ``regency`` and the eight columns of counts, one row per village.
    printed
        The file's own sums, as ``PrintedTotal.to_dict`` gives them.

    Returns
    -------
    list
        In the order of the codes: ``code`` (empty for all), ``name`` (None for all), ``villages``,
        ``stored`` by column, without those that say nothing; ``printed`` by column and its ``row``,
        None where the file prints no such sum.
    """
    districts, regencies = (counts["code"].map(cut) for cut in (district_of, regency_of))
    keyed = [(districts, "district")]
    if len(set(regencies)) > 1:
        keyed.append((regencies, "regency"))
    own = {scope: total for total in reversed(printed) for scope in total["scopes"]}
    found = [
        _sums(str(key), str(group[column].iloc[0]), group, own)
        for keys, column in keyed
        for key, group in counts.groupby(keys, sort=True)
    ]
    return [*found, _sums("", None, counts, own)]


def _sums(
    code: str, name: str | None, counts: pd.DataFrame, own: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    total = own.get(code)
    return {
        "code": code,
        "name": name,
        "villages": len(counts),
        "stored": _column_sums(counts),
        "printed": total["printed"] if total else None,
        "row": total["row"] if total else None,
    }
