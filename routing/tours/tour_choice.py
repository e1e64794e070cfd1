"""An integer choice among days and tours, where days that are alike at home count together.

Tours tell the days of a team apart, which leaves a choice among listed columns with many orders of
the same plan. Here a tour takes as many shifts of each type as plans of days have. That bounds all
plans, and of what is chosen a second, small choice finds days that fit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from routing.columns.master import Column, Key
from routing.shift_types import ShiftTypes


class AlikeDays:
    """Columns by what they are where days alike at home count together.

    Parameters
    ----------
    types, home
        Shift types of the columns, and those of plans without tours.
    """

    def __init__(self, types: ShiftTypes, home: ShiftTypes, columns: Sequence[Column]) -> None:
        self._types, self.home = types, home
        self._members: dict[Key, list[Column]] = defaultdict(list)
        best: dict[Key, Column] = {}
        for column in columns:
            counted = self._counted(column)
            self._members[counted.key].append(column)
            before = best.get(counted.key)
            if before is None or before.merit < counted.merit:
                best[counted.key] = counted
        self.columns = list(best.values())
        """The best of those that count as one."""

    def keys_of(self, columns: Iterable[Column]) -> set[Key]:
        """Give the keys that some columns have here."""
        return {self._counted(column).key for column in columns}

    def members(self, chosen: Iterable[Column]) -> list[Column]:
        """List all columns that count as one of some of these."""
        return [column for counted in chosen for column in self._members[counted.key]]

    def _counted(self, column: Column) -> Column:
        days = sorted(self.home.type_of[self._types.types[t].first] for t in column.types)
        return replace(column, type=days[0], days=tuple(days) if column.days else ())
