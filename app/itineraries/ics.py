"""Itineraries as a calendar: an event for each stop, one for each night; the same UIDs again."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.words import (
    WORDS,
    bring_texts,
    expected_text,
    place_text,
    plan_label,
    service_text,
    travel_text,
    warning_text,
)

MAKER = "-//jemput bola//itineraries//EN"
DOMAIN = "jemput-bola"


def ics_of(given: Itineraries) -> bytes:
    """Write the days of a plan as one calendar."""
    return calendar_of([given], f"{WORDS[given.lang]['title']} {given.week}")


def calendar_of(plans: Iterable[Itineraries], name: str) -> bytes:
    """Write several plans, of different weeks, as one calendar (RFC 5545).

    The UID of a stop is made of the week, the team and the place: a plan that is solved again
    moves the events of a telephone and does not double them.
    """
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for given in plans:
        for event in _events(given):
            calendar.add_component(event)
    calendar.add_missing_timezones()
    made: bytes = calendar.to_ical()
    return made


def _events(given: Itineraries) -> Iterator[Event]:
    for team in given.teams:
        for day in given.of_team(team):
            for stop in day.stops:
                key = f"{team}-{stop.point_code}-{stop.nth}"
                yield _stop(given, day, stop, key)
            if day.sleeps is not None:
                yield _night(given, day)


def _stop(given: Itineraries, day: TeamDay, stop: TeamStop, key: str) -> Event:
    lang, words = given.lang, WORDS[given.lang]
    mark = f"[{words['no-signal']}] " if stop.is_blank_spot else ""
    event = _event(given, key, stop.start, stop.depart)
    event.add("summary", f"{mark}{stop.order}. {stop.village} ({day.team})")
    event.add("location", f"{place_text(stop, lang)}, {stop.village}, {stop.district}")
    event.add("geo", (stop.lat, stop.lon))
    told = (
        warning_text(stop, lang), service_text(stop, lang),
        travel_text(stop.travel_minutes, stop.distance_m, stop.ways, stop.travel_mode, lang),
        f"{words['expected']}: {expected_text(stop, lang)}",
        f"{words['bring']}: {', '.join(bring_texts(day, lang))}" if stop.order == 1 else "",
        f"{given.zone_label}. {plan_label(given)}",
    )  # fmt: skip
    event.add("description", "\n".join(text for text in told if text))
    return event


def _night(given: Itineraries, day: TeamDay) -> Event:
    event = _event(given, f"{day.team}-{day.day.isoformat()}-night", day.arrival, day.arrival)
    event.add("summary", f"{WORDS[given.lang]['sleeps']}: {day.ends_at} ({day.team})")
    event.add("description", plan_label(given))
    return event


def _event(given: Itineraries, key: str, starts: datetime, ends: datetime) -> Event:
    zone = ZoneInfo(given.zone)
    event = Event()
    event.add("uid", f"{given.regency_code}-{given.week}-{key}@{DOMAIN}")
    # Of two versions of an event telephones keep the one with the higher number.
    event.add("sequence", int(given.revised_at.timestamp()) - _FIRST)
    event.add("dtstamp", given.revised_at)
    event.add("last-modified", given.revised_at)
    event.add("dtstart", starts.astimezone(zone).replace(microsecond=0))
    event.add("dtend", ends.astimezone(zone).replace(microsecond=0))
    return event


_FIRST = 1_767_225_600  # 2026-01-01 00:00 UTC: keeps the number within 32 bits
