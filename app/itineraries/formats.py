"""Every format itineraries are written in, and the one way to write them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, select

from app import __version__
from app.itineraries.letterhead import Letterhead, read_letterhead
from app.itineraries.letters import People, letter_of, people_of
from app.itineraries.reported import newest_report, reported_of
from app.itineraries.team_day import (
    Itineraries,
    itineraries,
    plan_version,
    revised_at,
    solved_plan,
)
from app.itineraries.templates import FOLDER, folder_state
from app.lifecycle import letters_of
from app.models import DataImport
from app.photos import photo_ids, photos_for_letters
from app.readiness import newest_word
from app.texts import Lang
from app.viewing import view_of


class Sheet(StrEnum):
    """What itineraries can be written as without naming a person."""

    JSON = "json"
    PDF = "pdf"
    XLSX = "xlsx"
    COSTS = "costs"
    HTML = "html"
    TEXT = "text"
    POSTER = "poster"
    ICS = "ics"
    GPX = "gpx"
    KML = "kml"
    DISTRICTS = "districts"
    POSTERS = "posters"


class Letter(StrEnum):
    """Letters; the first two name the staff."""

    ASSIGNMENT = "assignment-letter"
    TRAVEL_ORDER = "travel-order"
    NOTICE_DISTRICT = "notice-district"
    NOTICE_VILLAGE = "notice-village"
    ATTENDANCE = "attendance"
    MINUTES = "minutes"
    RECAP = "recap"


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it is sent: what it is, what it is called, its bytes."""

    media_type: str
    name: str
    body: bytes


Maker = Callable[[Itineraries, Letterhead], bytes]


def _json(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.small_json import json_of

    return json_of(given)


def _pdf(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.pdf import pdf_of

    return pdf_of(given)


def _xlsx(given: Itineraries, letterhead: Letterhead) -> bytes:
    from app.itineraries.workbook import xlsx_of

    return xlsx_of(given, letterhead)


def _costs(given: Itineraries, letterhead: Letterhead) -> bytes:
    from app.itineraries.workbook import costs_of

    return costs_of(given, letterhead)


def _html(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.offline_page import html_of

    return html_of(given)


def _text(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.text import text_of

    return text_of(given).encode()


def _poster(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.text import poster_text

    return poster_text(given).encode()


def _ics(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.ics import ics_of

    return ics_of(given)


def _gpx(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.gpx import gpx_of

    return gpx_of(given)


def _kml(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.kml import kml_of

    return kml_of(given)


def _districts(given: Itineraries, _: Letterhead) -> bytes:
    from app.itineraries.district_book import districts_of

    return districts_of(given)


def _posters(given: Itineraries, letterhead: Letterhead) -> bytes:
    from app.itineraries.poster import posters_of

    return posters_of(given, letterhead)


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEETS: dict[Sheet, tuple[str, str, Maker]] = {
    Sheet.JSON: ("application/json", "json", _json),
    Sheet.PDF: ("application/pdf", "pdf", _pdf),
    Sheet.XLSX: (WORKBOOK, "xlsx", _xlsx),
    Sheet.COSTS: (WORKBOOK, "xlsx", _costs),
    Sheet.HTML: ("text/html", "html", _html),
    Sheet.TEXT: ("text/plain", "txt", _text),
    Sheet.POSTER: ("text/plain", "txt", _poster),
    Sheet.ICS: ("text/calendar", "ics", _ics),
    Sheet.GPX: ("application/gpx+xml", "gpx", _gpx),
    Sheet.KML: ("application/vnd.google-earth.kml+xml", "kml", _kml),
    Sheet.DISTRICTS: (WORKBOOK, "xlsx", _districts),
    Sheet.POSTERS: ("application/zip", "zip", _posters),
}
"""Media type, ending and maker of each; their libraries are loaded when they are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which days are wanted of a plan, in which language."""

    plan_id: int
    lang: Lang
    team: str | None = None
    day: date | None = None


def write(session: Session, kind: Sheet | Letter, asked: Asked, data_dir: Path) -> Written:
    """Write itineraries in a format.

    Raises
    ------
    PlanNotFound, PlanNotSolved, TeamNotFound, NobodyOut
        See ``itineraries``.
    BadTemplate
        When a text of the office cannot be used.
    """
    given = itineraries(session, asked.plan_id, asked.lang, team=asked.team, day=asked.day)
    if kind in WITH_RESULTS:
        given = replace(given, reported=reported_of(session, given, team=asked.team, day=asked.day))
    folder = data_dir / FOLDER
    letterhead = read_letterhead(folder, given.regency_code)
    if isinstance(kind, Letter):
        people: People = people_of(session, given) if kind in WITH_NAMES else {}
        photos = None
        if kind is Letter.RECAP:
            photos = photos_for_letters(session, data_dir, asked.plan_id, given.teams)
        numbers = letters_of(session, asked.plan_id)
        body = letter_of(kind.value, given, letterhead, folder, people, numbers, photos)
        return Written(DOCUMENT, file_name(kind, asked), body)
    media_type, _, make = SHEETS[kind]
    return Written(media_type, file_name(kind, asked), make(given, letterhead))


WITH_NAMES = frozenset({Letter.ASSIGNMENT, Letter.TRAVEL_ORDER, Letter.RECAP})
"""Letters that name the staff."""

WITH_RESULTS = frozenset({Letter.RECAP, Sheet.DISTRICTS})
"""What tells what was reported beside what was planned."""


def file_name(kind: Sheet | Letter, asked: Asked) -> str:
    """Name the file by plan, team and day."""
    ending = "docx" if isinstance(kind, Letter) else SHEETS[kind][1]
    parts = ["plan", str(asked.plan_id), asked.team, asked.day and asked.day.isoformat()]
    stem = "-".join(part for part in parts if part)
    is_told = ending == kind.value
    return f"{stem}.{ending}" if is_told else f"{stem}-{kind.value}.{ending}"


def edition(session: Session, kind: Sheet | Letter, asked: Asked, data_dir: Path) -> str:
    """Give a digest that changes whenever the file may change, without making the file.

    It rests on the solve, the imports (names of villages, lists of staff), what was said the
    evening before, the texts of the office, the reports where they are told, what the session may
    see, and the version of the program.

    Raises
    ------
    PlanNotFound, PlanNotSolved
    """
    plan = solved_plan(session, asked.plan_id, is_whole=False)
    newest = session.exec(select(func.max(DataImport.id), func.max(DataImport.created_at))).one()
    is_ours = kind in {Sheet.JSON, Sheet.PDF, Sheet.HTML, Sheet.TEXT, Sheet.ICS, Sheet.GPX}
    texts = () if is_ours else folder_state(data_dir / FOLDER)
    facts = (
        plan_version(plan),
        plan.version,
        plan.state,
        *newest,
        newest_report(session, asked.plan_id) if kind in WITH_RESULTS else None,
        newest_word(session, plan),
        revised_at(session, plan) if kind is Sheet.ICS else None,
        photo_ids(session, asked.plan_id) if kind is Letter.RECAP else None,
        texts,
        kind,
        asked,
        view_of(session),
        __version__,
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
