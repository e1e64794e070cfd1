"""Letters of a plan: what their texts may name, and the Word documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session

from app.itineraries.letterhead import BLANK, Letterhead
from app.itineraries.markup import docx_of
from app.itineraries.reported import OffPlan, n_reported, off_plan, report_on, total_of
from app.itineraries.team_day import Itineraries, Reported, TeamDay, TeamStop
from app.itineraries.templates import render
from app.itineraries.words import (
    OUTCOMES,
    PROGRAMMES,
    clock,
    expected_text,
    kilometres,
    long_date,
    place_text,
    plain_date,
    plan_label,
    warning_text,
)
from app.results.outcomes import Outcomes
from app.staff import staff_of
from app.texts import Lang

SHORT_BLANK = "." * 10
# What an attendance list has room for: one page at least, two at most.
FEWEST_ROWS, MOST_ROWS = 20, 60
END = "---"
_ROMAN = (
    (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"),
    (1, "I"),
)  # fmt: skip
_ROLE_ORDER = ("leader", "operator", "verifier", "printer", "driver", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of staff as letters name one; dotted lines where the office has no list."""

    name: str = SHORT_BLANK
    nip: str = SHORT_BLANK
    rank: str = SHORT_BLANK
    role: str = SHORT_BLANK


class PlacedStop(NamedTuple):
    """A stop with the day it is made on."""

    day: TeamDay
    stop: TeamStop


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPaper:
    """A team's days as letters speak of them; ``number`` is that of its assignment letter."""

    name: str
    people: tuple[Person, ...]
    days: tuple[TeamDay, ...]
    stops: tuple[PlacedStop, ...]
    vehicle: str
    base: str
    km: str
    rupiah: int
    number: str

    @property
    def leader(self) -> Person:
        """Give who is named first."""
        return self.people[0]

    @property
    def first(self) -> object:
        """Give the first day."""
        return self.days[0].day

    @property
    def last(self) -> object:
        """Give the last day."""
        return self.days[-1].day

    @property
    def n_days(self) -> int:
        """Count the days out."""
        return len(self.days)

    @property
    def n_nights(self) -> int:
        """Count the nights out."""
        return sum(day.sleeps is not None for day in self.days)

    @property
    def destinations(self) -> list[str]:
        """Name the districts, in the order they are reached."""
        return list(dict.fromkeys(at.stop.district for at in self.stops))


class District(NamedTuple):
    """A district with the stops in it, by day and time."""

    name: str
    stops: list[PlacedStop]


def letter_of(
    name: str,
    given: Itineraries,
    letterhead: Letterhead,
    folder: Path,
    people: "People",
    numbers: Mapping[str, str],
    photos: "Photos | None" = None,
) -> bytes:
    """Write the letters of a kind for all that is given, one document.

    ``numbers`` are those of the assignment letters by team; dotted lines before a plan is
    published. ``photos`` are those of each team's stops, in order.

    Raises
    ------
    BadTemplate
        With the line of the office's text that cannot be filled in.
    """
    filters = {**_filters(given), "photo": lambda team, n: _photo_cell(photos, team.name, n)}
    text = render(folder, name, given.lang, _facts(given, letterhead, people, numbers), filters)
    if given.kept_by is not None:  # under every letter, whatever the office's own text says
        text = f"{text.rstrip()}\n{END}".replace(END, f"\n{plan_label(given)}\n{END}")
        text = text.removesuffix(END)
    pictures = {mark: body for own in (photos or {}).values() for mark, body in own}
    title = f"{name} {plan_label(given)}"
    return docx_of(text, title=title, made=given.solved_at, pictures=pictures)


Photos = Mapping[str, Sequence[tuple[str, bytes]]]
"""Pictures of each team, with the mark that stands for each in a letter."""


def _photo_cell(photos: Photos | None, team: str, n: int) -> str:
    """Give what stands for a team's n-th photo, counted from 1; empty: room to glue one in."""
    own = (photos or {}).get(team, ())
    return own[n - 1][0] if 1 <= n <= len(own) else ""


People = Mapping[str, tuple[Person, ...]]


def people_of(session: Session, given: Itineraries) -> dict[str, tuple[Person, ...]]:
    """Name the staff of each team who are there on a day at least, the leader first."""
    found = {}
    for team in given.teams:
        days = [day.day.isoformat() for day in given.of_team(team)]
        rows = [row for row in staff_of(session, team) if not _is_away(row["leave"], days)]
        rows.sort(key=lambda row: (_ROLE_ORDER.index(row["role"]), row["name"]))
        found[team] = tuple(
            Person(
                name=row["name"], nip=row["nip"], rank=row["rank"],
                role=_ROLES[given.lang][row["role"]],
            )
            for row in rows
        )  # fmt: skip
    return found


def _is_away(leave: list[dict[str, str]], days: list[str]) -> bool:
    return all(any(one["starts"] <= day <= one["ends"] for one in leave) for day in days)


_ROLES: dict[Lang, dict[str, str]] = {
    "id": {
        "leader": "Ketua tim", "operator": "Operator perekaman", "verifier": "Verifikator",
        "printer": "Petugas cetak", "driver": "Pengemudi", "other": "Petugas",
    },
    "en": {
        "leader": "Team leader", "operator": "Recording operator", "verifier": "Verifier",
        "printer": "Printing", "driver": "Driver", "other": "Staff",
    },
}  # fmt: skip


def _facts(
    given: Itineraries, letterhead: Letterhead, people: People, numbers: Mapping[str, str]
) -> dict[str, Any]:
    placed = [PlacedStop(day, stop) for day in given.days for stop in day.stops]
    placed.sort(key=lambda at: (at.stop.start, at.day.team))
    names = sorted({at.stop.district for at in placed})
    return {
        "office": letterhead,
        "regency": given.regency,
        "label": plan_label(given),
        "zone": given.zone_label,
        "week": given.week,
        "blank": BLANK,
        "short": SHORT_BLANK,
        "gap": "",
        "outcomes": list(OUTCOMES[given.lang].values()),
        "teams": [_team(given, team, people, numbers) for team in given.teams],
        "districts": [District(n, [a for a in placed if a.stop.district == n]) for n in names],
        "stops": placed,
    }


def _team(given: Itineraries, team: str, people: People, numbers: Mapping[str, str]) -> TeamPaper:
    days = given.of_team(team)
    nobody = tuple(Person() for _ in range(days[0].people or 1))
    return TeamPaper(
        name=team, people=people.get(team) or nobody, days=days,
        stops=tuple(PlacedStop(day, stop) for day in days for stop in day.stops),
        vehicle=vehicle_text(days[0].vehicle, given.lang), base=days[0].base,
        km=kilometres(sum(day.metres for day in days), given.lang), rupiah=given.rupiah[team],
        number=numbers.get(team, BLANK),
    )  # fmt: skip


def vehicle_text(vehicle: str, lang: Lang) -> str:
    """Name a team's vehicle, or both of them."""
    return " + ".join(_VEHICLES[lang].get(part, part) for part in vehicle.split("+"))


_VEHICLES: dict[Lang, dict[str, str]] = {
    "id": {
        "car": "Mobil dinas", "four_wheel_drive": "Mobil gardan ganda",
        "motorcycle": "Sepeda motor", "longboat": "Kelotok", "speedboat": "Perahu cepat",
    },
    "en": {
        "car": "Car", "four_wheel_drive": "Four-wheel drive", "motorcycle": "Motorcycle",
        "longboat": "Longboat", "speedboat": "Speedboat",
    },
}  # fmt: skip


def _filters(given: Itineraries) -> dict[str, Callable[..., Any]]:
    lang = given.lang
    names = PROGRAMMES[lang]

    def programme_list(stop: TeamStop) -> list[str]:
        return [names[p] for p, n in stop.expected.items() if n > 0] or list(names.values())

    def told_of(at: PlacedStop | OffPlan) -> Reported | None:
        return at.told if isinstance(at, OffPlan) else report_on(given, *at)

    return {
        "date": lambda day: plain_date(day, lang),
        "long_date": lambda day: long_date(day, lang),
        "clock": clock,
        "place": lambda stop: place_text(stop, lang),
        "expected": lambda stop: expected_text(stop, lang),
        "warning": lambda stop: warning_text(stop, lang),
        "programme_list": programme_list,
        "programmes": lambda stop: ", ".join(programme_list(stop)),
        "rows": _row_numbers,
        "rupiah": lambda n: f"Rp {n:,}".replace(",", "." if lang == "id" else ","),
        "roman": roman,
        "outcome": lambda at, name: _outcome(told_of(at), name, names),
        "remark": lambda at: told.notes if (told := told_of(at)) else "",
        "n_reported": lambda team: n_reported(given, team.name),
        "off_plan": lambda team: off_plan(given, team.name),
        "total": lambda team, name: _people(total_of(given, team.name), name, names),
    }


def _outcome(told: Reported | None, name: str, names: Mapping[str, str]) -> str:
    """Write the people with an outcome as they were reported; empty before anything was."""
    return "" if told is None else _people(told.counts, name, names)


def _people(counts: Mapping[str, Outcomes], name: str, names: Mapping[str, str]) -> str:
    told = ((names[p], getattr(counts[p], name)) for p in names if p in counts)
    return ", ".join(f"{programme} {n}" for programme, n in told if n) or "0"


def _row_numbers(stop: TeamStop) -> range:
    most = ceil(stop.most(*stop.expected))
    return range(1, min(max(most, FEWEST_ROWS), MOST_ROWS) + 1)


def roman(number: int) -> str:
    """Write a number below 400 as the columns of a visum are numbered."""
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text
