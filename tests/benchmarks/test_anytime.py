"""The anytime picture: which figures its lines show, and where they lie."""

import argparse
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.anytime import CLAIMED, limits_of, lines_of, picture
from benchmarks.results import Key, Results, Row

OURS = Row(
    instance="kab185-t5-s1", seed=1, method="ours", cores=2, seconds=1.0, peak_mb=300,
    status="feasible", score=900.0, bound=1200.0, gap=0.25, best_known=None, version="1",
)  # fmt: skip


def key(seed: int, method: str, seconds: float) -> Key:
    return Key(instance=f"kab185-t5-s{seed}", seed=seed, method=method, cores=2, seconds=seconds)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """One seed that is proven after 4 s, one that is not; a peer with one run missing."""
    made = Results(tmp_path / "out.csv")
    other = {"instance": "kab185-t5-s2", "seed": 2}
    made.add(OURS)
    made.add(replace(OURS, seconds=4.0, status="optimal", score=1000.0, bound=1000.0, gap=0.0))
    made.add(replace(OURS, **other, score=1500.0, bound=None, gap=None))
    made.add(replace(OURS, **other, seconds=10.0, score=1900.0, bound=2000.0, gap=0.05))
    peer = {"method": "pyvrp", "status": "feasible", "bound": None, "gap": None}
    made.add(replace(OURS, **peer, score=800.0))
    made.add(replace(OURS, **other, **peer, score=1000.0))
    made.add(replace(OURS, **peer, seconds=10.0, score=950.0))
    return made


def test_a_line_is_the_median_of_what_is_missing_to_the_least_bound(results: Results):
    keys = [key(s, m, t) for m in ("ours", "pyvrp") for t in (1.0, 10.0) for s in (1, 2)]
    lines = lines_of(results, keys)
    # After 1 s 10 % and 25 % are missing, after 10 s nothing and 5 %.
    assert lines["ours"] == [(1.0, pytest.approx(0.175)), (10.0, pytest.approx(0.025))]
    assert lines["pyvrp"] == [(1.0, pytest.approx(0.35))]  # 20 % and 50 %
    assert lines[CLAIMED] == [(10.0, pytest.approx(0.025))]  # no bound of the second after 1 s


def test_lines_lie_where_the_axes_say():
    lines = {"ours": [(1.0, 0.1), (10.0, 0.01), (100.0, 0.0)], "vroom": [(1.0, 0.5)]}
    root = ET.fromstring(picture(lines, (1.0, 10.0, 100.0), "a < b"))  # noqa: S314 (our own)
    tag = "{http://www.w3.org/2000/svg}"
    ours, vroom = (
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in root.iter(f"{tag}polyline")
    )
    texts = {text.text: text for text in root.iter(f"{tag}text")}
    assert {"a < b", "10 %", "1 %", "0.1 %", "proven", "1", "10", "100"} <= texts.keys()
    ticks = [re.match(r"M64 ([\d.]+)H", path.attrib["d"]) for path in root.iter(f"{tag}path")]
    heights = [float(tick.group(1)) for tick in ticks if tick]  # 10 %, 1 %, 0.1 %, proven
    assert [y for _, y in ours] == [heights[0], heights[1], heights[3]]
    assert ours[1][0] - ours[0][0] == pytest.approx(ours[2][0] - ours[1][0], abs=0.2)
    assert vroom == [(ours[0][0], 44.0)]  # 50 % is cut at the top of the picture


def test_limits_are_at_least_two():
    assert limits_of("10,1,2.5") == (1.0, 2.5, 10.0)
    for wrong in ("", "1", "0,1", "1;2"):
        with pytest.raises(argparse.ArgumentTypeError, match="must be seconds"):
            limits_of(wrong)
