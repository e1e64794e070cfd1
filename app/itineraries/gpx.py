"""Itineraries for GPS devices: numbered waypoints in order, and a track for each day."""

from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment, GPXWaypoint

from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.words import (
    clock,
    expected_text,
    long_date,
    plan_label,
    service_text,
    warning_text,
)


def gpx_of(given: Itineraries) -> bytes:
    """Write GPX 1.1; names tell team, day and order, as devices sort them."""
    gpx = GPX()
    gpx.creator = "jemput bola"
    gpx.name = plan_label(given)
    gpx.time = given.solved_at
    for day in given.days:
        gpx.waypoints += [_waypoint(given, day, stop) for stop in day.stops]
        gpx.tracks.append(_track(given, day))
    return gpx.to_xml(version="1.1").encode()


def _waypoint(given: Itineraries, day: TeamDay, stop: TeamStop) -> GPXWaypoint:
    span = f"{clock(stop.start)}-{clock(stop.depart)} {given.zone_label}"
    told = (
        f"{day.team}, {long_date(day.day, given.lang)}, {span}", stop.district,
        service_text(stop, given.lang), warning_text(stop, given.lang),
        expected_text(stop, given.lang),
    )  # fmt: skip
    return GPXWaypoint(
        latitude=stop.lat, longitude=stop.lon, time=stop.arrive,
        name=f"{day.day:%d}-{stop.order} {stop.village}",
        description="; ".join(text for text in told if text), symbol="Flag",
    )  # fmt: skip


def _track(given: Itineraries, day: TeamDay) -> GPXTrack:
    points = [GPXTrackPoint(latitude=lat, longitude=lon) for lon, lat in day.line()]
    track = GPXTrack(name=f"{day.team} {long_date(day.day, given.lang)}")
    track.segments.append(GPXTrackSegment(points))
    return track
