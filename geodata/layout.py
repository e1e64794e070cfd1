"""How a sheet was read: where its titles, header and rows stand, and what each heading became."""

from dataclasses import dataclass
from typing import Any

from geodata.headers import Header, Heading
from geodata.tables import Sheet, is_filled


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """One sheet as it was understood; row numbers as a spreadsheet shows them.

    Parameters
    ----------
    titles
        Rows above the header that say something.
    header
        Rows of the header that say something; none when the sheet has no table and was not read.
    first_row
        The first row of data; None when the sheet was not read.
    """

    sheet: str
    titles: tuple[int, ...]
    header: tuple[int, ...]
    first_row: int | None
    headings: tuple[Heading, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give the layout as plain JSON values."""
        return {
            "sheet": self.sheet,
            "titles": list(self.titles),
            "header": list(self.header),
            "first_row": self.first_row,
            "headings": [heading._asdict() for heading in self.headings],
        }


def layout_of(sheet: Sheet, header: Header | None) -> SheetLayout:
    """Tell how a sheet was read; a sheet without a header was not."""
    if header is None:
        return SheetLayout(sheet.name, (), (), None, ())
    filled = [
        position + 1
        for position, cells in enumerate(sheet.rows[: header.first_row])
        if any(map(is_filled, cells))
    ]
    return SheetLayout(
        sheet.name,
        tuple(row for row in filled if row <= header.top),
        tuple(row for row in filled if row > header.top),
        header.first_row + 1,
        header.headings,
    )
