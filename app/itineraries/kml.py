"""Itineraries for Google Earth and map apps: a folder a team, in it a folder a day."""

from xml.etree import ElementTree as ET

from app.itineraries.team_day import Itineraries, TeamDay, TeamStop
from app.itineraries.words import (
    clock,
    expected_text,
    long_date,
    plan_label,
    service_text,
    travel_text,
    warning_text,
)

NAMESPACE = "http://www.opengis.net/kml/2.2"


def kml_of(given: Itineraries) -> bytes:
    """Write KML 2.2: points with times and what is known of them, and the ways as lines."""
    root = ET.Element("kml", xmlns=NAMESPACE)
    document = _named(root, "Document", plan_label(given))
    style = ET.SubElement(document, "Style", id="way")
    line = ET.SubElement(style, "LineStyle")
    _add(line, "color", "ff5a2d00")  # aabbggrr
    _add(line, "width", "4")
    for team in given.teams:
        folder = _named(document, "Folder", team)
        for day in given.of_team(team):
            _day(folder, given, day)
    ET.indent(root, " ")
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _day(folder: ET.Element, given: Itineraries, day: TeamDay) -> None:
    inner = _named(folder, "Folder", long_date(day.day, given.lang))
    for stop in day.stops:
        _stop(inner, given, stop)
    if len(day.line()) > 1:
        mark = _named(inner, "Placemark", f"{day.team} {day.day.isoformat()}")
        _add(mark, "styleUrl", "#way")
        line = ET.SubElement(mark, "LineString")
        _add(line, "tessellate", "1")
        _add(line, "coordinates", " ".join(f"{lon},{lat}" for lon, lat in day.line()))


def _stop(folder: ET.Element, given: Itineraries, stop: TeamStop) -> None:
    lang = given.lang
    mark = _named(folder, "Placemark", f"{stop.order}. {stop.village}")
    told = (
        f"{clock(stop.start)}-{clock(stop.depart)} {given.zone_label}", stop.district,
        service_text(stop, lang), warning_text(stop, lang), expected_text(stop, lang),
        travel_text(stop.travel_minutes, stop.distance_m, stop.ways, stop.travel_mode, lang),
    )  # fmt: skip
    _add(mark, "description", "\n".join(text for text in told if text))
    span = ET.SubElement(mark, "TimeSpan")
    _add(span, "begin", stop.start.isoformat())
    _add(span, "end", stop.depart.isoformat())
    data = ET.SubElement(mark, "ExtendedData")
    for name in ("stop_id", "village_code", "point_code", "service_mode"):
        _add(ET.SubElement(data, "Data", name=name), "value", str(getattr(stop, name)))
    _add(ET.SubElement(mark, "Point"), "coordinates", f"{stop.lon},{stop.lat}")


def _named(parent: ET.Element, tag: str, name: str) -> ET.Element:
    made = ET.SubElement(parent, tag)
    _add(made, "name", name)
    return made


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
