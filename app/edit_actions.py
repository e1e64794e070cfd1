"""Changes that a person makes to a plan by hand, taken on its days: which stop goes where.

Nothing is judged here but whether an action can be meant at all; what it breaks the checker says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from app.edit_errors import BadEdit, StopLocked
from app.open_weeks import OpenWeek
from app.plan_days import PlanDays, Row, place
from routing import HandMade, Problem, Solution, recompute
from routing.judge import timed_anyway
from routing.timing import timed

Key = tuple[str, str]
"""A team and an ISO date."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Days of a plan and the stops locked in it: ``point_code, team, day``."""

    days: PlanDays
    locked: list[Row]


def apply_actions(opened: OpenWeek, before: Edited, actions: Iterable[Mapping[str, Any]]) -> Edited:
    """Take actions one after the other.

    Raises
    ------
    BadEdit
        When an action names a team, day, place or length that is not there, or not any more.
    StopLocked
        When it would change a stop that is locked.
    """
    desk = _Desk(opened, before)
    for n, action in enumerate(actions):
        desk.take(n, action)
    return desk.edited()


class _Desk:
    """The days of a plan while they are changed."""

    def __init__(self, opened: OpenWeek, before: Edited) -> None:
        week = opened.week
        self._week, self._problem = week, opened.problem
        self._nights = before.days.nights
        self._locked = {row["point_code"]: row for row in before.locked}
        self._days: dict[Key, list[Row]] = {}
        for row in before.days.stops:
            self._days.setdefault((row["team"], row["day"]), []).append(dict(row))
        self._visits = {point.code: v for v, point in enumerate(week.points)}
        self._served_at = {
            code: point.code
            for point in week.points
            if not point.gathers and not point.is_hub
            for code in point.serves
        }
        self._shifts = {(x.team.name, x.day.isoformat()): s for s, x in enumerate(week.shifts)}
        self._n = 0
        self._actions: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "move": self._move, "swap": self._swap, "add": self._add, "drop": self._drop,
            "length": self._length, "lock": self._lock, "unlock": self._unlock,
        }  # fmt: skip

    def take(self, n: int, action: Mapping[str, Any]) -> None:
        """Take the action at a position of the request."""
        self._n = n
        self._actions[action["action"]](action)

    def edited(self) -> Edited:
        """Give the days as they are now, by team and day."""
        stops = [row for key in sorted(self._days) for row in self._days[key]]
        return Edited(PlanDays(stops, self._nights), list(self._locked.values()))

    def _move(self, action: Mapping[str, Any]) -> None:
        key, row = self._free(action["at"])
        target = self._target(action)
        self._days[key].remove(row)
        self._put(row, target, action["position"], [row["minutes"]])

    def _swap(self, action: Mapping[str, Any]) -> None:
        (one_key, one), (other_key, other) = (
            self._free(action["at"]), self._free(action["other"]),
        )  # fmt: skip
        if one is other:
            raise self._bad("other", action["other"], f"!= {action['at']}")
        i, j = self._days[one_key].index(one), self._days[other_key].index(other)
        for key in (one_key, other_key):
            self._require_open(key)
        self._days[one_key][i] = other | _place(one_key, one["with_kit"])
        self._days[other_key][j] = one | _place(other_key, other["with_kit"])

    def _add(self, action: Mapping[str, Any]) -> None:
        code = self._code(action["at"])
        if any(row["point_code"] == code for rows in self._days.values() for row in rows):
            raise self._bad("at", action["at"], "move")
        lengths = self._week.params["minutes"]
        if action["minutes"] is not None:
            lengths = [self._minutes(action["minutes"])]
        point = self._week.points[self._visits[code]]
        row = {"village_code": point.village_code, "point_code": code, "with_kit": None}
        self._put(row, self._target(action), action["position"], lengths)

    def _drop(self, action: Mapping[str, Any]) -> None:
        key, row = self._free(action["at"])
        self._days[key].remove(row)

    def _length(self, action: Mapping[str, Any]) -> None:
        _, row = self._free(action["at"])
        row["minutes"] = self._minutes(action["minutes"])

    def _lock(self, action: Mapping[str, Any]) -> None:
        key, row = self._find(action["at"])
        code = row["point_code"]
        self._locked[code] = {"point_code": code, "team": key[0], "day": key[1]}

    def _unlock(self, action: Mapping[str, Any]) -> None:
        _, row = self._find(action["at"])
        self._locked.pop(row["point_code"], None)

    # --- what an action names ------------------------------------------------------------------

    def _bad(self, field: str, value: object, accepted: object) -> BadEdit:
        return BadEdit(action=self._n + 1, field=field, value=str(value), accepted=str(accepted))

    def _code(self, at: str) -> str:
        code = at if at in self._visits else self._served_at.get(at)
        if code is None:
            raise self._bad("at", at, f"{next(iter(self._visits))}, ...")
        return code

    def _find(self, at: str) -> tuple[Key, Row]:
        code = self._code(at)
        for key, rows in self._days.items():
            for row in rows:
                if row["point_code"] == code:
                    return key, row
        raise self._bad("at", at, "add")

    def _free(self, at: str) -> tuple[Key, Row]:
        """Find a stop that may be changed."""
        key, row = self._find(at)
        if row["point_code"] in self._locked:
            raise StopLocked(action=self._n + 1, at=at, team=key[0], day=key[1])
        self._require_open(key)
        return key, row

    def _target(self, action: Mapping[str, Any]) -> Key:
        key = action["team"], str(action["day"])
        if key not in self._shifts:
            teams = sorted({team for team, _ in self._shifts})
            if key[0] not in teams:
                raise self._bad("team", key[0], ", ".join(teams))
            days = sorted(day for team, day in self._shifts if team == key[0])
            raise self._bad("day", key[1], ", ".join(days))
        self._require_open(key)
        return key

    def _require_open(self, key: Key) -> None:
        """Refuse days that are over, or lost, in a week that was planned anew."""
        outages, day = self._week.outages, date.fromisoformat(key[1])
        if outages.is_over(day):
            raise self._bad("day", key[1], f">= {outages.from_day}")
        if outages.is_absent(key[0], day):
            raise self._bad("team", key[0], f"!= {key[0]}, {key[1]}")

    def _minutes(self, minutes: int) -> int:
        lengths = self._week.params["minutes"]
        if minutes not in lengths:
            raise self._bad("minutes", minutes, ", ".join(map(str, lengths)))
        return minutes

    # --- where in a day ------------------------------------------------------------------------

    def _put(self, row: Row, key: Key, position: int | None, lengths: Sequence[int]) -> None:
        """Put a stop into a day: at a place in its order, or where the day is then best."""
        rows = self._days.setdefault(key, [])
        if position is not None and position > len(rows) + 1:
            raise self._bad("position", position, f"1-{len(rows) + 1}")
        places = range(len(rows) + 1) if position is None else [position - 1]
        kits = [rows[0]["with_kit"]] if rows else [False, True]
        if rows and row["with_kit"]:
            kits.append(True)  # the whole day takes the kit along
        options = [
            (at, row | _place(key, kit) | {"minutes": minutes})
            for at, kit, minutes in product(places, kits, lengths)
            if not kit or self._problem.shifts[self._shifts[key]].kit_pool is not None
        ]
        shift = self._shifts[key]
        # Where the team sleeps before and after that day stays as it is.
        days = place(self._week, self._problem, self.edited().days).days
        usual = HandMade(shift=shift, choices=())
        made = next((day for day in days if day.shift == shift), usual)
        at, best = max(options, key=lambda option: self._merit(made, rows, *option))
        rows.insert(at, best)
        for other in rows:
            other["with_kit"] = best["with_kit"]

    def _merit(
        self, made: HandMade, rows: Sequence[Row], at: int, row: Row
    ) -> tuple[bool, float, int, int]:
        """Tell how good a day is with one more stop: whether it can be driven, its value, hours.

        Of places as good as each other the last one: what was there before stays as it is.
        """
        lengths = self._week.params["minutes"]
        choices = tuple(
            (self._visits[one["point_code"]], lengths.index(one["minutes"]))
            for one in (*rows[:at], row, *rows[at:])
            if one["point_code"] in self._visits  # a place that is gone is told as left over
        )
        made = replace(made, choices=choices, with_kit=row["with_kit"])
        return (*_day_merit(self._problem, made), at)


def _place(key: Key, with_kit: bool) -> Row:
    return {"team": key[0], "day": key[1], "with_kit": with_kit}


def _day_merit(problem: Problem, made: HandMade) -> tuple[bool, float, int]:
    driven = timed(problem, made.shift, made.with_kit, made.choices, start=made.start, end=made.end)
    day = timed_anyway(problem, made)
    *_, value = recompute(problem, Solution(itineraries=(day,)))
    return driven is not None, value, -day.arrival
