"""The villages that the rows of an office's list name: by code, or by name and district."""

from collections.abc import Sequence

import pandas as pd

from geodata.crosswalk import Crosswalk
from geodata.findings import Finding
from geodata.names import bare_district, match_villages
from geodata.resolve import resolve_codes
from geodata.tables import Record

COLUMNS = {
    "code": ("kode_desa", "kode", "kode_wilayah"),
    "village": ("desa", "nama_desa", "kelurahan", "desa/kelurahan", "kampung"),
    "district": ("kecamatan", "nama_kecamatan"),
}
"""Headings of the columns that name a village."""


def find_villages(
    records: Sequence[Record],
    villages: pd.DataFrame,
    crosswalk: Crosswalk | None,
    changes: Crosswalk | None,
    *,
    place: str,
) -> tuple[list[str | None], list[Finding]]:
    """Find the village of each row by its code, else by its names; None with a finding.

    Parameters
    ----------
    records
        Rows read with ``COLUMNS`` among their columns.
    villages
        All villages known: ``code``, ``name``, ``district``, ``regency``.
    crosswalk, changes
        As ``resolve.resolve_codes`` takes them.
    place
        The file, for errors.

    Raises
    ------
    GeodataError
        When the codes are of no certain list.
    """
    printed = pd.DataFrame(
        [
            {"row": r.row, "code": r.cells.get("code"), "name": r.text("village"),
             "district": bare_district(r.text("district"))}
            for r in records
        ],
        dtype=object,
    )  # fmt: skip
    codes, coded = resolve_codes(printed, villages, crosswalk, changes, place=place)
    findings: list[Finding] = list(coded)
    unnamed = printed.loc[[not record.text("code") for record in records]]
    by_name, matched = match_villages(unnamed, villages)
    findings += matched
    known = set(villages["code"])
    found: list[str | None] = []
    for at, record in enumerate(records):
        given = codes.iloc[at] if record.text("code") else by_name.get(at)
        code = None if pd.isna(given) else str(given)
        if code is not None and code not in known:
            findings.append(
                Finding(
                    code="village-unknown", severity="refused", row=record.row, village_code=code
                )
            )
            code = None
        found.append(code)
    return found, findings
