"""One HTML file that opens from a telephone's storage: shows itineraries and keeps reports.

It asks no server for anything. Reports are kept in the browser and exported as JSON, for
upload when there is a network; ``docs/itineraries.md`` has their format.
"""

import html
from pathlib import Path
from string import Template
from typing import Any

import orjson

from app.itineraries.links import geo_uri, map_link
from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.words import (
    OUTCOMES,
    PROGRAMMES,
    WEEKDAYS,
    WORDS,
    break_texts,
    bring_texts,
    clock,
    expected_text,
    long_date,
    notes_of,
    place_text,
    plan_label,
    travel_text,
    warning_text,
)
from app.texts import Lang

PAGE = Path(__file__).with_name("offline.html")
SCRIPT = Path(__file__).with_name("offline.js")

_WORDS: dict[Lang, dict[str, str]] = {
    "id": {
        "report": "Catat hasil", "save": "Simpan hasil", "correct": "Simpan perbaikan",
        "saved": "Tersimpan", "export": "Simpan sebagai berkas", "began": "Mulai",
        "ended": "Selesai", "signal": "Sinyal terukur", "speed": "Kecepatan (Mbps)",
        "power": "Listrik", "notes": "Catatan", "unknown": "belum dicatat",
        "no_names": "Tanpa nama, NIK, atau alamat warga.", "navigate": "Buka navigasi",
        "map": "Peta daring", "count": "{n} catatan di ponsel ini.",
        "cannot_keep": "Peramban ini tidak menyimpan: simpan sebagai berkas sebelum ditutup!",
        "fault": "Periksa isian: angka bulat 0 atau lebih, dan selesai setelah mulai.",
        "noscript": "Aktifkan JavaScript untuk membaca jadwal ini.",
    },
    "en": {
        "report": "Record results", "save": "Save results", "correct": "Save a correction",
        "saved": "Saved", "export": "Save as a file", "began": "Began",
        "ended": "Ended", "signal": "Signal measured", "speed": "Speed (Mbps)",
        "power": "Electricity", "notes": "Notes", "unknown": "not recorded",
        "no_names": "No names, NIK or addresses of residents.", "navigate": "Navigate",
        "map": "Online map", "count": "{n} reports on this telephone.",
        "cannot_keep": "This browser keeps nothing: save as a file before closing!",
        "fault": "Check what is entered: whole numbers from 0, and an end after the start.",
        "noscript": "Turn on JavaScript to read this itinerary.",
    },
}  # fmt: skip
_SIGNALS: dict[Lang, dict[str, str]] = {
    "id": {"none": "tidak ada", "weak": "lemah", "strong": "kuat", "very_strong": "sangat kuat"},
    "en": {"none": "none", "weak": "weak", "strong": "strong", "very_strong": "very strong"},
}
_POWERS: dict[Lang, dict[str, str]] = {
    "id": {"yes": "PLN menyala", "no": "tidak ada"},
    "en": {"yes": "mains", "no": "none"},
}


def html_of(given: Itineraries) -> bytes:
    """Write the page, with everything it needs inside."""
    own = _WORDS[given.lang]
    # A closing tag within the data would end the script element.
    data = orjson.dumps(_data(given)).decode().replace("<", "\\u003c")
    page = Template(PAGE.read_text(encoding="utf-8")).substitute(
        lang=given.lang, title=html.escape(_title(given)), data=data,
        script=SCRIPT.read_text(encoding="utf-8"), export=html.escape(own["export"]),
        noscript=html.escape(own["noscript"]),
    )  # fmt: skip
    return page.encode()


def _title(given: Itineraries) -> str:
    return f"{WORDS[given.lang]['title']}: {', '.join(given.teams)}"


def _data(given: Itineraries) -> dict[str, Any]:
    lang, words = given.lang, WORDS[given.lang]
    offset = given.days[0].departure.strftime("%z")
    shared = ("bring", "break", "expected")
    many = len(given.teams) > 1
    return {
        "plan_id": given.plan_id,
        "plan_version": given.version,
        "timezone_label": given.zone_label,
        "utc_offset": f"{offset[:3]}:{offset[3:]}",
        "title": _title(given),
        "label": f"{given.regency} · {words['week']} {given.week} · {plan_label(given)}",
        "results_name": f"hasil-{given.plan_id}-{'-'.join(given.teams)}.json",
        "outcomes": OUTCOMES[lang],
        "programmes": PROGRAMMES[lang],
        "signals": _SIGNALS[lang],
        "powers": _POWERS[lang],
        "words": {
            **_WORDS[lang],
            **{name: words[name] for name in shared},
            "no_signal": words["no-signal"],
            "day_out": words["day-out"],
        },
        "days": [_day(given, day, many=many) for day in given.days],
    }


def _day(given: Itineraries, day: TeamDay, *, many: bool) -> dict[str, Any]:
    lang, words, zone = given.lang, WORDS[given.lang], given.zone_label
    team = f"{day.team}: " if many else ""
    ends = words["sleeps"] if day.sleeps else words["back"]
    metres = sum(way.metres for way in day.last_ways)
    return {
        "id": f"{day.team}-{day.day.isoformat()}",
        "team": day.team,
        "day": day.day.isoformat(),
        "title": f"{team}{long_date(day.day, lang)}",
        "short": f"{team}{WEEKDAYS[lang][day.day.weekday()]} {day.day.day}",
        "bring": ", ".join(bring_texts(day, lang)) or "-",
        "breaks": ", ".join(break_texts(day, given)),
        "leaves": f"{clock(day.departure)} {zone} {words['leave']} {words['from']} "
        f"{day.leaves_from}",
        "ends": f"{clock(day.arrival)} {zone} {ends} {words['at']} {day.ends_at}",
        "home": travel_text(day.last_minutes, metres, day.last_ways, "road", lang)
        if day.last_ways else "",
        "stops": [_stop(stop, lang) for stop in day.stops],
    }  # fmt: skip


def _stop(stop: TeamStop, lang: Lang) -> dict[str, Any]:
    way = travel_text(stop.travel_minutes, stop.distance_m, stop.ways, stop.travel_mode, lang)
    return {
        "stop_id": stop.stop_id,
        "order": stop.order,
        "village_code": stop.village_code,
        "point_code": stop.point_code,
        "village": stop.village,
        "district": stop.district,
        "place": place_text(stop, lang),
        "span": f"{clock(stop.start)}-{clock(stop.depart)}",
        "way": way if stop.ways else "",
        "expected": expected_text(stop, lang),
        "notes": notes_of(stop, lang),
        "warning": warning_text(stop, lang),
        "is_blank_spot": stop.is_blank_spot,
        "geo": geo_uri(stop),
        "link": map_link(stop),
    }
