"""A page of A4 for each day of a team: large type, legible in grey, every page by itself."""

import io
import re
from pathlib import Path
from typing import Any

import orjson
import segno
import typst

from app.itineraries.links import geo_uri
from app.itineraries.sketch import sketch
from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.text import day_text
from app.itineraries.words import (
    WORDS,
    break_texts,
    bring_texts,
    clock,
    duration,
    expected_text,
    long_date,
    notes_of,
    place_text,
    plan_label,
    service_text,
    travel_text,
    warning_text,
)

PAGE = Path(__file__).with_name("page.typ")
_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


def pdf_of(given: Itineraries) -> bytes:
    """Set the pages; the same itineraries give the same bytes, on any machine."""
    inputs = {"given": orjson.dumps(_pages(given)).decode()}
    # Fonts of the machine would change how it looks: the program brings its own.
    made: bytes = typst.compile(
        PAGE.read_bytes(), format="pdf", sys_inputs=inputs, ignore_system_fonts=True
    )
    return made


def _pages(given: Itineraries) -> dict[str, Any]:
    words = WORDS[given.lang]
    made = given.solved_at
    return {
        "title": f"{words['title']} {given.week}",
        "office": given.regency,
        "lang": given.lang,
        "zone": given.zone_label,
        "label": plan_label(given),
        "draft": given.state == "draft",
        "made": [made.year, made.month, made.day],
        "words": {
            **words,
            "nosignal": words["no-signal"],
            "dayout": words["day-out"],
            "scan": words["scan-day"],
        },
        "days": [_page(given, day) for day in given.days],
    }


def _page(given: Itineraries, day: TeamDay) -> dict[str, Any]:
    words, lang = WORDS[given.lang], given.lang
    drawn = sketch(day, lang)
    size = _SIZE.search(drawn)
    home = sum(way.metres for way in day.last_ways)
    return {
        "team": day.team,
        "date": long_date(day.day, lang),
        "weekly": f"{words['week']} {given.week}",
        "bring": ", ".join(bring_texts(day, lang)) or "-",
        "breaks": ", ".join(break_texts(day, given)),
        "departure": clock(day.departure),
        "leaves": f"{words['from']} {day.leaves_from}",
        "arrival": clock(day.arrival),
        "endword": words["sleeps"] if day.sleeps else words["back"],
        "ends": f"{words['at']} {day.ends_at}",
        "home": travel_text(day.last_minutes, home, day.last_ways, "road", lang)
        if day.last_ways else "",
        "stops": [_stop(given, stop) for stop in day.stops],
        "qr": qr_svg(day_text(given, day, links=False)),
        "map": drawn,
        "ratio": int(size[2]) / int(size[1]) if size else 1.0,
    }  # fmt: skip


def _stop(given: Itineraries, stop: TeamStop) -> dict[str, Any]:
    lang = given.lang
    has_way = bool(stop.ways)
    pause = stop.break_minutes
    minutes = WORDS[lang]["minutes"].format(n=stop.minutes)
    rest = WORDS[lang]["break"].lower()
    return {
        "order": str(stop.order),
        "start": clock(stop.start),
        "end": clock(stop.depart),
        "minutes": f"{minutes}, {rest} {pause}" if pause else minutes,
        "village": stop.village,
        "district": stop.district,
        "place": place_text(stop, lang),
        "expected": expected_text(stop, lang),
        "service": service_text(stop, lang),
        "notes": notes_of(stop, lang),
        "blank": stop.is_blank_spot,
        "warning": warning_text(stop, lang),
        "way": _way(stop, given) if has_way else "",
        "qr": qr_svg(geo_uri(stop)),
    }


def _way(stop: TeamStop, given: Itineraries) -> str:
    text = travel_text(
        stop.travel_minutes, stop.distance_m, stop.ways, stop.travel_mode, given.lang
    )
    if stop.travel_break_minutes >= 1:
        word = WORDS[given.lang]["break"].lower()
        text += f" · {word} {duration(stop.travel_break_minutes, given.lang)}"
    return text


def qr_svg(text: str) -> str:
    """Draw a QR code that is still read where a sixth of it is smudged."""
    data = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        data, kind="svg", border=1, xmldecl=False, svgns=True
    )
    return data.getvalue().decode()
