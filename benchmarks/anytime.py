"""Draw how near plans come to the optimum as time goes on, ours and those of peers.

``python -m benchmarks.anytime --peers pyvrp,vroom,ortools --csv OUT --svg docs/anytime.svg``: every
point is a run of its own with that limit, as ``benchmarks.regency`` makes it, so that each method
is asked in the same way. A line is the median over seeds of what is missing to the least bound that
was proven; the dashed one is what our plan itself claims, by the bound of its own run. A run
that ended by itself counts at every longer limit. With a full CSV nothing runs: the picture is
drawn again.
"""

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape

from benchmarks.regency import OURS, add_size, drawn, keys_of, measure_missing
from benchmarks.results import Key, Results, Row, add_arguments

LIMITS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
NAMES = {"ours": "jemput bola", "pyvrp": "PyVRP", "vroom": "VROOM", "ortools": "OR-Tools routing"}
COLOURS = {"ours": "#14506e", "pyvrp": "#b3541e", "vroom": "#5b7f2b", "ortools": "#7a4a8c"}
CLAIMED = "claimed"
WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 44, 48
LOWEST, HIGHEST = 1e-4, 0.3
"""The gap where the axis ends below, which is what counts as proven, and above."""
TICKS = (0.1, 0.01, 0.001)

Line = list[tuple[float, float]]
"""Seconds and gaps."""


def lines_of(results: Results, keys: Sequence[Key]) -> dict[str, Line]:
    """Give the median gaps by method, and as ``claimed`` those by our own bounds.

    A limit is left out where a seed has no run, or no bound.
    """
    rows = {key: row for key in keys if (row := results.find(key)) is not None}
    least = {
        name: min(bounds)
        for name in {key.instance for key in keys}
        if (bounds := [r.bound for r in results.rows if r.instance == name and r.bound])
    }

    def missing(row: Row) -> float | None:
        return 1 - row.score / least[row.instance] if row.instance in least else None

    lines = {method: _line(keys, rows, method, missing) for method in _methods(keys)}
    lines[CLAIMED] = _line(keys, rows, OURS, lambda row: row.gap)
    return {name: line for name, line in lines.items() if line}


def _methods(keys: Sequence[Key]) -> list[str]:
    return list(dict.fromkeys(key.method for key in keys))


def _line(
    keys: Sequence[Key], rows: dict[Key, Row], method: str, gap_of: Callable[[Row], float | None]
) -> Line:
    line = []
    for seconds in sorted({key.seconds for key in keys}):
        wanted = [key for key in keys if (key.method, key.seconds) == (method, seconds)]
        gaps = [gap_of(rows[key]) for key in wanted if key in rows]
        known = [gap for gap in gaps if gap is not None]
        if wanted and len(known) == len(wanted):
            line.append((seconds, median(known)))
    return line


class _Chart:
    """Places on the picture: both axes are logarithmic."""

    def __init__(self, limits: Sequence[float]) -> None:
        self.first, self.last = min(limits), max(limits)

    def x(self, seconds: float) -> float:
        span = math.log(self.last / self.first) or 1.0
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(seconds / self.first) / span

    def y(self, gap: float) -> float:
        share = math.log(min(max(gap, LOWEST), HIGHEST) / LOWEST) / math.log(HIGHEST / LOWEST)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def picture(lines: dict[str, Line], limits: Sequence[float], title: str) -> str:
    """Draw the lines as SVG."""
    chart = _Chart(limits)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#1d2327">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 22, title, size=14),
        *_axes(chart, limits),
    ]
    for name, line in lines.items():
        parts += _curve(chart, name, line)
    parts += _labels(chart, lines)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axes(chart: _Chart, limits: Sequence[float]) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for gap in (*TICKS, LOWEST):
        y = chart.y(gap)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#d5d0c8"/>')
        label = "proven" if gap == LOWEST else f"{gap:.3g}" if gap > 1 else f"{100 * gap:g} %"
        parts.append(_text(LEFT - 6, y + 4, label, anchor="end"))
    for seconds in limits:
        x = chart.x(seconds)
        parts.append(f'<path d="M{x:.1f} {bottom}v4" stroke="#545c61"/>')
        parts.append(_text(x, bottom + 18, f"{seconds:g}", anchor="middle"))
    middle = (LEFT + right) / 2
    parts.append(_text(middle, HEIGHT - 10, "seconds, on two cores", anchor="middle"))
    return parts


def _curve(chart: _Chart, name: str, line: Line) -> list[str]:
    colour = COLOURS[OURS if name == CLAIMED else name]
    points = " ".join(f"{chart.x(s):.1f},{chart.y(gap):.1f}" for s, gap in line)
    dashes = ' stroke-dasharray="5 4"' if name == CLAIMED else ""
    parts = [f'<polyline points="{points}" fill="none" stroke="{colour}" '
             f'stroke-width="2"{dashes}/>']  # fmt: skip
    if name != CLAIMED:
        parts += [
            f'<circle cx="{chart.x(s):.1f}" cy="{chart.y(gap):.1f}" r="3" fill="{colour}"/>'
            for s, gap in line
        ]
    return parts


def _labels(chart: _Chart, lines: dict[str, Line]) -> list[str]:
    """Name each line at its end, no two closer than a line of text."""
    parts: list[str] = []
    y = math.inf
    ends = sorted(((chart.y(line[-1][1]), name) for name, line in lines.items()), reverse=True)
    for end, name in ends:
        y = min(end + 4, y - 15)
        label = "as it claims itself" if name == CLAIMED else NAMES[name]
        colour = COLOURS[OURS if name == CLAIMED else name]
        parts.append(_text(WIDTH - RIGHT + 10, y, label, colour=colour))
    return parts


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, colour: str = ""
) -> str:
    fill = f' fill="{colour}"' if colour else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{fill}>'
        f"{escape(text)}</text>"
    )


def limits_of(text: str) -> tuple[float, ...]:
    """Read ``1,2,5,10``."""
    try:
        found = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        found = ()
    if len(found) < 2 or found[0] <= 0:
        raise argparse.ArgumentTypeError(f"limits {text!r}: must be seconds, as 1,2,5,10")
    return found


def main() -> None:
    """Measure what is missing, then draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add_size(parser)
    parser.add_argument("--limits", type=limits_of, default=LIMITS, help="as 1,2,5,10")
    parser.add_argument("--svg", type=Path, required=True, help="written anew")
    add_arguments(parser, seconds=None)
    asked = parser.parse_args()
    instances = drawn(asked)
    # The longest first: what ends by itself before counts at every shorter limit above its seconds.
    keys = [
        key
        for seconds in sorted(asked.limits, reverse=True)
        for key in keys_of(asked, instances, seconds)
    ]
    results = Results(asked.csv)
    measure_missing(results, keys, instances)
    lines = lines_of(results, keys)
    if not lines:
        raise SystemExit("no limit has a run with a bound of every seed: nothing to draw")
    n = len(asked.seeds)
    title = (
        f"Missing to the best possible plan: {asked.villages} villages, {asked.teams} teams, "
        f"{asked.days} days, {f'median of {n} seeds' if n > 1 else 'one seed'}"
    )
    asked.svg.write_text(picture(lines, asked.limits, title), encoding="utf-8")
    for name, line in lines.items():
        print(f"{name}: " + ", ".join(f"{s:g} s {gap:.3%}" for s, gap in line))


if __name__ == "__main__":
    main()
