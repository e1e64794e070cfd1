"""A picture for each session, 1080 pixels wide: to be sent, printed and put up in the village."""

import io
import zipfile
from pathlib import Path
from typing import Any

import orjson
import typst

from app.itineraries.letterhead import BLANK, Letterhead
from app.itineraries.links import map_link
from app.itineraries.pdf import qr_svg
from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.words import PROGRAMMES, WEEKDAYS, WORDS, clock, place_text, plain_date

PAGE = Path(__file__).with_name("poster.typ")
# A point of the page is a pixel of the picture.
PIXELS_PER_INCH = 72.0


def posters_of(given: Itineraries, letterhead: Letterhead) -> bytes:
    """Draw a PNG for each stop and pack them, named by day, team, order and village.

    The same itineraries give the same bytes, on any machine.
    """
    stops = [(day, stop) for day in given.days for stop in day.stops]
    inputs = {"given": orjson.dumps(_facts(given, letterhead, stops)).decode()}
    made: bytes | list[bytes] = typst.compile(
        PAGE.read_bytes(), format="png", sys_inputs=inputs, ignore_system_fonts=True,
        ppi=PIXELS_PER_INCH,
    )  # fmt: skip
    pictures = [made] if isinstance(made, bytes) else made
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        for (day, stop), picture in zip(stops, pictures, strict=True):
            # PNG is compressed already; a fixed time keeps the bytes alike.
            archive.writestr(zipfile.ZipInfo(_name(day, stop)), picture)
    return data.getvalue()


def _name(day: TeamDay, stop: TeamStop) -> str:
    parts = (day.day.isoformat(), day.team, str(stop.order), stop.village)
    text = "-".join(parts)
    return "".join(c if c.isalnum() or c in "-._ " else "_" for c in text) + ".png"


def _facts(
    given: Itineraries, letterhead: Letterhead, stops: list[tuple[TeamDay, TeamStop]]
) -> dict[str, Any]:
    words, lang = WORDS[given.lang], given.lang
    return {
        "lang": lang,
        "title": words["poster-title"],
        "office": letterhead.office or given.regency,
        "district": words["district"],
        "place": words["place"],
        "services": words["poster-services"],
        "bring": words["poster-bring"],
        "free": words["poster-free"],
        "scan": words["poster-scan"],
        "contact": ""
        if letterhead.contact == BLANK
        else words["poster-contact"].format(contact=letterhead.contact),
        "stops": [_stop(given, stop) for _, stop in stops],
    }


def _stop(given: Itineraries, stop: TeamStop) -> dict[str, Any]:
    names, on = PROGRAMMES[given.lang], stop.start.date()
    served = [names[p] for p, n in stop.expected.items() if n > 0] or list(names.values())
    return {
        "village": stop.village,
        "district": stop.district,
        "weekday": WEEKDAYS[given.lang][on.weekday()],
        "date": plain_date(on, given.lang),
        "time": f"{clock(stop.start)}-{clock(stop.session_ends)} {given.zone_label}",
        "place": place_text(stop, given.lang),
        "services": served,
        "qr": qr_svg(map_link(stop)),
    }
