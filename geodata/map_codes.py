"""The codes of a map of villages: Kemendagri codes as printed, or BPS codes by the crosswalk."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from geodata.codes import parse_code, read_code
from geodata.crosswalk import Crosswalk
from geodata.errors import BadCode, BadCodes, DuplicateCodes
from geodata.findings import Finding
from geodata.resolve import resolve_codes

_LISTED = 10


class KnownCodes(NamedTuple):
    """What is known of codes before a map is read; both as ``resolve_codes`` wants them."""

    villages: pd.DataFrame
    crosswalk: Crosswalk


def with_codes(
    texts: pd.DataFrame, place: str, known: KnownCodes | None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the codes of a map; rows without one (remainders of the map) are set aside.

    Parameters
    ----------
    texts
        ``code``, ``name`` and ``row``, and as far as the map has them ``district``, ``regency``.
    known
        See ``boundaries.read_villages``.

    Returns
    -------
    tuple
        The rows that have a code, dotted as Kemendagri does, and the findings. A map under BPS
        codes takes the names of today from the crosswalk, where that has them.

    Raises
    ------
    BadCodes, DuplicateCodes, MixedCodeSchemes, UndecidedCodeScheme
        When the codes cannot be read for certain, or stand twice.
    """
    has_code = texts["code"].str.contains("[1-9]")
    findings = [
        Finding(code="code-missing", severity="refused", row=row, params={"name": name or "-"})
        for row, name in zip(texts.loc[~has_code, "row"], texts.loc[~has_code, "name"], strict=True)
    ]
    texts = texts.loc[has_code]
    if known is not None and _may_be_bps(texts["code"], known.crosswalk):
        codes, about = resolve_codes(texts, known.villages, known.crosswalk, place=place)
        kept = texts.assign(code=codes).loc[codes.notna()]
        if any(found.code == "code-from-bps" for found in about):
            kept = _renamed(kept, known.crosswalk)
    else:
        kept, about = _as_printed(texts, place)
    _refuse_duplicates(kept, place)
    return kept, sorted([*findings, *about], key=lambda found: int(found.row or 0))


def _renamed(texts: pd.DataFrame, crosswalk: Crosswalk) -> pd.DataFrame:
    """Give the names that belong to the new codes; what the crosswalk does not name stays."""
    told = crosswalk.frame.drop_duplicates("new_code").set_index("new_code")
    columns = {}
    for column in ("name", "district", "regency"):
        new = texts["code"].map(told[f"new_{column}"]).fillna("")
        columns[column] = new.where(new != "", texts.get(column, ""))
    return texts.assign(**columns)


def _may_be_bps(codes: pd.Series, crosswalk: Crosswalk) -> bool:
    """Tell whether the crosswalk has any of the codes, cut as BPS does or not at all."""
    bps = set(crosswalk.frame["old_code"])
    readings = (read_code(code) for code in codes)
    return any(r.digits in bps for r in readings if r.layout != "kemendagri")


def _as_printed(texts: pd.DataFrame, place: str) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Read Kemendagri codes."""
    findings: list[Finding] = []
    bad: list[str] = []
    codes: dict[int, str] = {}
    for index, printed, row in zip(texts.index, texts["code"], texts["row"], strict=True):
        try:
            codes[index] = parse_code(printed)
        except BadCode:
            bad.append(f"{row}: '{printed}'")
            continue
        if codes[index] != printed:
            findings.append(
                Finding(code="code-undotted", severity="corrected", row=row,
                        village_code=codes[index], column="code", value=printed)
            )  # fmt: skip
    if bad:
        raise BadCodes(place=place, count=len(bad), value=some(bad))
    return texts.loc[list(codes)].assign(code=pd.Series(codes, dtype="str")), tuple(findings)


def _refuse_duplicates(texts: pd.DataFrame, place: str) -> None:
    doubled = texts.loc[texts["code"].duplicated(keep=False)].groupby("code")["row"]
    listed = [f"{code} ({', '.join(map(str, rows))})" for code, rows in doubled]
    if listed:
        raise DuplicateCodes(place=place, count=len(listed), value=some(listed))


def some(texts: Sequence[str]) -> str:
    """List texts for a message, the first ten of them."""
    return ", ".join(texts[:_LISTED]) + (", ..." if len(texts) > _LISTED else "")
