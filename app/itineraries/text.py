"""Itineraries and announcements as plain text, short enough to be read without opening."""

from app.itineraries.links import map_link
from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.words import (
    PROGRAMMES,
    WORDS,
    break_texts,
    bring_texts,
    clock,
    home_visits_text,
    kilometres,
    long_date,
    place_text,
    warning_text,
)


def text_of(given: Itineraries) -> str:
    """Write every day of the teams, one message a day; ``*bold*`` as WhatsApp writes it."""
    return "\n\n".join(day_text(given, day) for day in given.days) + "\n"


def day_text(given: Itineraries, day: TeamDay, *, links: bool = True) -> str:
    """Write one day of one team; without links it is short enough for a QR code."""
    words, zone = WORDS[given.lang], given.zone_label
    lines = [
        f"*{words['team']} {day.team}* {long_date(day.day, given.lang)}",
        f"{clock(day.departure)} {zone} {words['leave'].lower()} {day.leaves_from}",
    ]
    for stop in day.stops:
        lines += _stop_lines(given, stop, links=links)
    if not day.stops:
        lines.append(words["day-out"])
    if links and day.breaks:
        lines.append(f"{words['break']} {', '.join(break_texts(day, given))}")
    ends = words["sleeps"] if day.sleeps else words["back"]
    lines.append(f"{clock(day.arrival)} {zone} {ends.lower()} {day.ends_at}")
    if links and (bring := bring_texts(day, given.lang)):
        lines.append(f"{words['bring']}: {', '.join(bring)}")
    lines.append(f"{words['plan']} {given.plan_id}/{given.version}, "
                 f"{kilometres(day.metres, given.lang)}")  # fmt: skip
    return "\n".join(lines)


def _stop_lines(given: Itineraries, stop: TeamStop, *, links: bool) -> list[str]:
    span = f"{clock(stop.start)}-{clock(stop.depart)} {given.zone_label}"
    if not links:
        signal = f" ! {WORDS[given.lang]['no-signal'].lower()}" if stop.is_blank_spot else ""
        return [f"{span} {stop.order}. {stop.village} {stop.lat:.5f},{stop.lon:.5f}{signal}"]
    place = place_text(stop, given.lang)
    lines = [f"{span} {stop.order}. *{stop.village}* ({stop.district}), {place}"]
    if warning := warning_text(stop, given.lang):
        lines.append(f"   ! {warning}")
    if stop.home_visits:
        lines.append(f"   + {home_visits_text(stop, given.lang)}")
    return [*lines, f"   {map_link(stop)}"]


def poster_text(given: Itineraries) -> str:
    """Write what is announced in each village: one text a stop, separated by a line of dashes."""
    return "\n---\n".join(
        _poster(given, stop) for day in given.days for stop in day.stops
    )  # fmt: skip


def _poster(given: Itineraries, stop: TeamStop) -> str:
    words, names = WORDS[given.lang], PROGRAMMES[given.lang]
    served = ", ".join(names[p] for p, n in stop.expected.items() if n > 0)
    served = served or ", ".join(names.values())
    span = f"{clock(stop.start)}-{clock(stop.session_ends)} {given.zone_label}"
    return "\n".join(
        [
            f"*{words['poster-title']}*",
            f"{stop.village}, {words['district']} {stop.district}",
            f"{long_date(stop.start.date(), given.lang)}",
            span,
            f"{words['place']}: {place_text(stop, given.lang)}",
            words["poster-for"].format(programmes=served),
            words["poster-bring"],
            words["poster-free"],
            "",
        ]
    )
