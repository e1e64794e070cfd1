"""Itineraries as JSON of a few kilobytes, for telephones."""

from typing import Any

import orjson

from app.itineraries.team_day import Itineraries, TeamDay, TeamStop

FORMAT, FORMAT_VERSION = "jemput-bola-itinerary", 1
_STOP = (
    "stop_id", "order", "village_code", "village", "district", "point_code", "point", "lon", "lat",
    "minutes", "break_minutes", "home_visits", "home_visit_minutes", "service_mode",
    "is_blank_spot", "with_kit", "travel_mode", "travel_minutes", "distance_m", "n_rapids",
    "is_straight_line",
)  # fmt: skip


def json_of(given: Itineraries) -> bytes:
    """Write the days; fields are in ``docs/itineraries.md``."""
    return orjson.dumps(document_of(given))


def document_of(given: Itineraries) -> dict[str, Any]:
    """Give the days as plain JSON values."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "plan_id": given.plan_id,
        "plan_version": given.version,
        "state": given.state,
        "week": given.week,
        "regency_code": given.regency_code,
        "regency": given.regency,
        "timezone": given.zone,
        "timezone_label": given.zone_label,
        "days": [_day(day) for day in given.days],
    }


def _day(day: TeamDay) -> dict[str, Any]:
    return {
        "team": day.team,
        "day": day.day.isoformat(),
        "departure": day.departure.isoformat(),
        "leaves_from": day.leaves_from,
        "arrival": day.arrival.isoformat(),
        "ends_at": day.ends_at,
        "sleeps_code": day.sleeps.village_code if day.sleeps else None,
        "with_kit": day.with_kit,
        "breaks": [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in day.breaks],
        "readiness": _readiness(day),
        "stops": [_stop(stop) for stop in day.stops],
    }


def _readiness(day: TeamDay) -> dict[str, Any] | None:
    if day.readiness is None:
        return None
    return {
        "verdict": day.readiness["verdict"],
        "reason": day.readiness["reason"],
        "checks": {name: row["answer"] for name, row in day.readiness["answers"].items()},
    }


def _stop(stop: TeamStop) -> dict[str, Any]:
    return {
        **{name: getattr(stop, name) for name in _STOP},
        **{name: getattr(stop, name).isoformat() for name in ("arrive", "start", "depart")},
        "expected": {name: round(n, 1) for name, n in stop.expected.items()},
    }
