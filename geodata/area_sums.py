"""Find the rows of a sheet of counts that bear the code of a district or regency: its sums."""

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from geodata.codes import read_code
from geodata.findings import RowLabel
from geodata.headers import Header
from geodata.names import bare_district, normalise, normalise_regency
from geodata.tables import Cell, Sheet, row_label, text_of

_AREA_CODE = re.compile(r"\d{2}([.\-/ ]?\d{2}([.\-/ ]?\d{2,3})?)?")
_WIDTHS = (2, 4, 6, 7)  # province, regency, district of Kemendagri, district of BPS
_SUM_WORDS = re.compile(r"(sub|grand|jumlah|jml|total|provinsi|prov)\b", re.IGNORECASE)


def area_sums(
    headers: Sequence[tuple[Sheet, Header]],
    sheets: Sequence[Sheet],
    villages: pd.DataFrame | None,
) -> dict[RowLabel, str]:
    """Find the rows that are sums by their code, wherever they stand.

    The code must begin codes of villages of the same file, and the row must name no village: it
    names nothing, a sum, or a district or regency known. What remains may be a village whose code
    was cut short.

    Parameters
    ----------
    villages
        All villages known; without them any one name beside such a code is taken for the area's.

    Returns
    -------
    dict
        The digits of the area by row.
    """
    coded = [
        (row_label(sheet, sheets, position), cells, header)
        for sheet, header in headers
        for position, cells in enumerate(sheet.rows)
        if position >= header.first_row and text_of(header.at(cells, "code"))
    ]
    areas = {
        digits[:width]
        for _, cells, header in coded
        if (digits := read_code(header.at(cells, "code")).digits)
        for width in _WIDTHS
    }
    names = None if villages is None else set(_area_names(villages))
    return {
        row: digits
        for row, cells, header in coded
        if (digits := _area_digits(header.at(cells, "code"))) in areas
        and _names_no_village(cells, header, names)
    }


def _area_digits(cell: Cell) -> str:
    text = text_of(cell)
    return re.sub(r"\D", "", text) if _AREA_CODE.fullmatch(text) else ""


def _area_names(villages: pd.DataFrame) -> Iterator[str]:
    for name in villages["district"].dropna().unique():
        yield normalise(str(name))
    for name in villages["regency"].dropna().unique():
        yield normalise_regency(str(name))[1]


def _names_no_village(cells: Sequence[Cell], header: Header, names: set[str] | None) -> bool:
    texts = [text for column in ("district", "name") if (text := text_of(header.at(cells, column)))]
    if not texts or any(_SUM_WORDS.match(text) for text in texts):
        return True
    if len(texts) > 1:
        return False
    return names is None or bool(
        {normalise(bare_district(texts[0])), normalise_regency(texts[0])[1]} & names
    )
