"""Read the cells of one row and gather every fault of it, so that a person mends it once."""

from collections.abc import Iterable, Mapping
from datetime import date

from geodata.dates import exact_day
from geodata.findings import Finding
from geodata.numbers import NotNumber, NotWhole, read_count
from geodata.positions import read_position
from geodata.tables import Record, bare

YES = frozenset(("YA", "Y", "YES", "TRUE", "1", "BOLEH"))
NO = frozenset(("TIDAK", "T", "TDK", "NO", "N", "FALSE", "0", "TIDAKBOLEH"))


class RowReader:
    """One row of a list; what its methods give means nothing once ``findings`` has a refusal."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.findings: list[Finding] = []

    @property
    def is_refused(self) -> bool:
        """Whether the row is set aside."""
        return any(found.severity == "refused" for found in self.findings)

    def refuse(self, code: str, column: str | None = None, **params: object) -> None:
        """Set the row aside, for a cell or as a whole."""
        self.findings.append(
            Finding(
                code=code,
                severity="refused",
                row=self.record.row,
                column=column,
                value=self.record.text(column) if column else None,
                params=params,
            )
        )

    def text(self, column: str) -> str:
        """Read a text that must be there."""
        text = self.record.text(column)
        if not text:
            self.refuse("value-missing", column)
        return text

    def position(self) -> tuple[float, float]:
        """Read ``lon`` and ``lat``, degrees of WGS 84."""
        position = read_position(self.record)
        if isinstance(position, Finding):
            self.findings.append(position)
            return (0.0, 0.0)
        return position

    def word(self, column: str, words: Mapping[str, str], accepted: Iterable[str]) -> str | None:
        """Read a word that must be one of ``words``, compared by ``tables.bare``."""
        word = words.get(bare(self.record.cells.get(column)))
        if word is None:
            self.refuse("word-unknown", column, accepted=", ".join(accepted))
        return word

    def yes(self, column: str, *, default: bool | None = None) -> bool:
        """Read yes or no; an empty cell is the default, or a fault when there is none."""
        if default is not None and not self.record.text(column):
            return default
        word = bare(self.record.cells.get(column))
        if word not in YES | NO:
            self.refuse("word-unknown", column, accepted="ya, tidak")
        return word in YES

    def number(self, column: str, low: int, high: int, *, is_required: bool = False) -> int | None:
        """Read a whole number from ``low`` to ``high``, both included; None when it is empty."""
        try:
            value = read_count(self.record.cells.get(column)).value
        except (NotWhole, NotNumber):
            self.refuse("number-unreadable", column)
            return None
        if value is None and is_required:
            self.refuse("value-missing", column)
        elif value is not None and not low <= value <= high:
            self.refuse("number-out-of-range", column, accepted=f"{low}-{high}")
        return value

    def day(self, column: str) -> date | None:
        """Read a date; None when it is empty."""
        if not self.record.text(column):
            return None
        found = exact_day(self.record.text(column))
        if found is None:
            self.refuse("date-unreadable", column)
        return found
