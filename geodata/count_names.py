"""Find the villages of rows of counts that bear a name and no code."""

from collections.abc import Iterator

import pandas as pd

from geodata.codes import regency_of
from geodata.findings import Finding, RowLabel
from geodata.names import bare_district, match_villages, normalise


def match_unnumbered(
    rows: pd.DataFrame, codes: pd.Series, villages: pd.DataFrame
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Find the villages that the rows without a code mean.

    A name counts within its district, else within the regencies of which the file certainly speaks:
    those of its codes, and those where one of its names stands in the district printed.

    Parameters
    ----------
    rows
        ``row``, ``code`` (None without one), ``name`` and ``district`` as printed.
    codes
        Dotted codes of the rows that have one, on the index of ``rows``; NA elsewhere.
    villages
        All villages known: ``code``, ``name``, ``district``, ``regency``.

    Returns
    -------
    tuple
        ``codes`` with those found by name, and the findings of ``names.match_villages``;
        ``row-duplicate`` where another row bears the code of that village, which goes before;
        ``matched-by-name`` tells how many rows were found.
    """
    is_unnumbered = rows["code"].isna()
    if not is_unnumbered.any():
        return codes, ()
    unnumbered = rows.loc[is_unnumbered, ["row", "name"]]
    unnumbered["district"] = [
        "" if pd.isna(text) else bare_district(str(text))
        for text in rows.loc[is_unnumbered, "district"]
    ]
    regencies = _witnessed(unnumbered, villages) | {regency_of(code) for code in codes.dropna()}
    is_near = villages["code"].map(regency_of).isin(regencies)
    near = villages.loc[is_near] if is_near.any() else villages
    found, findings = match_villages(unnumbered, near)
    numbered = dict(zip(codes.dropna(), rows.loc[codes.notna(), "row"], strict=True))
    is_twice = found.isin(list(numbered))
    doubled = tuple(_doubled(unnumbered.loc[is_twice], found, numbered))
    of_doubled = set(unnumbered.loc[is_twice, "row"])
    found = found.mask(is_twice)
    kept = tuple(finding for finding in findings if finding.row not in of_doubled)
    told = Finding(code="matched-by-name", severity="info", value=str(found.notna().sum()))
    return codes.where(~is_unnumbered, found), (*kept, *doubled, told)


def _witnessed(rows: pd.DataFrame, villages: pd.DataFrame) -> set[str]:
    """List the regencies that alone have a village and district of the names printed."""
    homes: dict[tuple[str, str], set[str]] = {}
    columns = (villages[column] for column in ("code", "name", "district"))
    for code, name, district in zip(*columns, strict=True):
        key = normalise(str(name)), normalise(str(district))
        homes.setdefault(key, set()).add(regency_of(code))
    printed = zip(rows["name"], rows["district"], strict=True)
    found = [homes.get((normalise(str(name)), normalise(text)), set()) for name, text in printed]
    return {regency for regencies in found if len(regencies) == 1 for regency in regencies}


def _doubled(
    rows: pd.DataFrame, found: pd.Series, numbered: dict[str, RowLabel]
) -> Iterator[Finding]:
    for index, row, name in zip(rows.index, rows["row"], rows["name"], strict=True):
        code = found[index]
        yield Finding(code="row-duplicate", severity="refused", row=row, village_code=code,
                      column="name", value=str(name),
                      params={"first_row": numbered[code]})  # fmt: skip
