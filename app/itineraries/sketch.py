"""A small map of a day as SVG: the way, the stops by number, north and a scale; prints in grey."""

from math import cos, floor, log10, radians
from typing import NamedTuple
from xml.sax.saxutils import escape

from app.itineraries.team_day import TeamDay
from app.texts import Lang

WIDTH, MARGIN = 520.0, 34.0
LOWEST, HIGHEST = 150.0, 300.0
M_PER_DEGREE = 111_195.0  # on a sphere of 6,371 km
# The mode is told by the stroke, not by colour.
STROKES = {
    "road": 'stroke-width="3.2"',
    "river": 'stroke-width="2.6" stroke-dasharray="9 4"',
    "sea": 'stroke-width="2.6" stroke-dasharray="14 5"',
    "air": 'stroke-width="1.6" stroke-dasharray="2 6"',
    "walk": 'stroke-width="1.8" stroke-dasharray="2 3"',
}
FONT = 'font-family="Libertinus Serif"'


class Frame(NamedTuple):
    """Where the map's south-west corner lies, and how many points of paper a metre is."""

    west: float
    south: float
    shrink: float
    scale: float
    height: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Give the place on paper, from the upper left."""
        x = (lon - self.west) * M_PER_DEGREE * self.shrink * self.scale
        y = (lat - self.south) * M_PER_DEGREE * self.scale
        return MARGIN + x, self.height - MARGIN - y


def sketch(day: TeamDay, lang: Lang) -> str:
    """Draw a day; empty when it has no way and no stop."""
    places = [*day.line(), *((stop.lon, stop.lat) for stop in day.stops)]
    if not places:
        return ""
    frame = _frame([*places, (day.base_lon, day.base_lat)] if _is_home(day) else places)
    ways = [*(way for stop in day.stops for way in stop.ways), *day.last_ways]
    lines = "".join(_line(frame, way.mode, way.line) for way in ways)
    stops = "".join(_stop(frame, s.lon, s.lat, str(s.order), s.village) for s in day.stops)
    base = _base(frame, day) if _is_home(day) else ""
    lines += "".join(_night(frame, *end) for end in _nights(day))
    body = f"{lines}{base}{stops}{_scale_bar(frame)}{_north(lang)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}" '
        f'width="{WIDTH:.0f}" height="{frame.height:.0f}">{body}</svg>'
    )


def _is_home(day: TeamDay) -> bool:
    return day.slept is None or day.sleeps is None


def _frame(places: list[tuple[float, float]]) -> Frame:
    """Fit the places into the paper's width, as high as they need within limits."""
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    shrink = cos(radians((south + north) / 2))
    wide = max((east - west) * M_PER_DEGREE * shrink, 500.0)
    high = max((north - south) * M_PER_DEGREE, 500.0)
    height = min(max((WIDTH - 2 * MARGIN) * high / wide + 2 * MARGIN, LOWEST), HIGHEST)
    scale = min((WIDTH - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high)
    # What is left over lies on both sides alike.
    spare_x = ((WIDTH - 2 * MARGIN) / scale - (east - west) * M_PER_DEGREE * shrink) / 2
    spare_y = ((height - 2 * MARGIN) / scale - (north - south) * M_PER_DEGREE) / 2
    return Frame(
        west - spare_x / M_PER_DEGREE / shrink, south - spare_y / M_PER_DEGREE, shrink, scale,
        height,
    )  # fmt: skip


def _line(frame: Frame, mode: str, line: tuple[tuple[float, float], ...]) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (frame.at(*place) for place in line))
    stroke = STROKES.get(mode, STROKES["road"])
    return (
        f'<polyline points="{points}" fill="none" stroke="#555" stroke-linejoin="round" '
        f'stroke-linecap="round" {stroke}/>'
    )


def _stop(frame: Frame, lon: float, lat: float, number: str, name: str) -> str:
    x, y = frame.at(lon, lat)
    side, anchor = (-14, "end") if x > WIDTH * 0.62 else (14, "start")
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="#111" stroke="#fff" stroke-width="2"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" font-size="13" font-weight="bold" fill="#fff" '
        f'text-anchor="middle" {FONT}>{number}</text>'
        + _label(x + side, y - 9, name, anchor)
    )  # fmt: skip


def _base(frame: Frame, day: TeamDay) -> str:
    x, y = frame.at(day.base_lon, day.base_lat)
    side, anchor = (-12, "end") if x > WIDTH * 0.62 else (12, "start")
    return (
        f'<rect x="{x - 7:.1f}" y="{y - 7:.1f}" width="14" height="14" fill="#fff" stroke="#111" '
        f'stroke-width="2.5"/>' + _label(x + side, y - 7, day.base, anchor)
    )


def _nights(day: TeamDay) -> list[tuple[float, float, str]]:
    """Give where the day begins or ends away from the base, and what that place is called."""
    line = day.line()
    ends = [(day.slept, line[:1]), (day.sleeps, line[-1:])]
    return [(*at[0], sleep.name) for sleep, at in ends if sleep is not None and at]


def _night(frame: Frame, lon: float, lat: float, name: str) -> str:
    x, y = frame.at(lon, lat)
    side, anchor = (-12, "end") if x > WIDTH * 0.62 else (12, "start")
    return (
        f'<path d="M{x - 9:.1f} {y + 7:.1f}L{x:.1f} {y - 9:.1f}L{x + 9:.1f} {y + 7:.1f}Z" '
        f'fill="#fff" stroke="#111" stroke-width="2.5"/>' + _label(x + side, y + 19, name, anchor)
    )


def _label(x: float, y: float, name: str, anchor: str) -> str:
    """Write a name twice: a white edge below keeps it legible on lines."""
    text = escape(name)
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="14" text-anchor="{anchor}" {FONT}'
    edge = 'fill="#fff" stroke="#fff" stroke-width="4" stroke-linejoin="round"'
    return f'<text {where} {edge}>{text}</text><text {where} fill="#111">{text}</text>'


def _scale_bar(frame: Frame) -> str:
    """Draw a round number of kilometres, about a fifth of the width."""
    metres = WIDTH / 5 / frame.scale
    step = 10 ** floor(log10(metres))
    round_m = max(m * step for m in (1, 2, 5) if m * step <= metres)
    long = round_m * frame.scale
    text = f"{round_m / 1000:g} km" if round_m >= 1000 else f"{round_m:g} m"
    y = frame.height - 9
    return (
        f'<path d="M10 {y - 5:.1f}V{y:.1f}H{10 + long:.1f}V{y - 5:.1f}" fill="none" stroke="#111" '
        f'stroke-width="1.5"/><text x="{16 + long:.1f}" y="{y:.1f}" font-size="12" {FONT}>'
        f"{text}</text>"
    )


def _north(lang: Lang) -> str:
    letter = "U" if lang == "id" else "N"
    x = WIDTH - 18
    return (
        f'<path d="M{x} 8l6 18-6-4-6 4z" fill="#111"/><text x="{x}" y="38" font-size="12" '
        f'text-anchor="middle" {FONT}>{letter}</text>'
    )
