"""Straight lines on their way to those who read a plan: rows, JSON, CSV, map, terminal."""

import csv
import io
from typing import Any

import geopandas as gpd
import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from app.console import print_plan
from app.db import reading, transaction
from app.export import plan_csv
from app.features import routes, scope_of
from app.models import NetworkLine, PlanLeg, Village
from app.params.stored import set_params
from app.plan_document import plan_document
from app.terminal import Terminal
from tests.app.planned import solved

pytestmark = pytest.mark.search

WALKED_M = 250
UTM_49S = 32749


@pytest.fixture
def plan_id(kotim_engine: Engine) -> int:
    """Kotim with every second village 2 km off its road, people who walk 250 m and no more.

    Straight lines are allowed, and quick, so that some are worth their while.
    """
    with transaction(kotim_engine) as session:
        villages = session.exec(select(Village).order_by(col(Village.code))).all()
        for village in villages[::2]:
            village.lon += 0.02
        changed = {
            "travel.max_access_m": WALKED_M,
            "travel.allow_straight_line": True,
            "travel.straight_kmh": 30,
        }
        set_params(session, changed, by="Kabid", reason="a test")
    number, _, _ = solved(kotim_engine, solutions=3)
    return number


def far_from_roads(engine: Engine) -> dict[str, float]:
    """Measure, on a map in metres, how far each village is from the nearest road."""
    with reading(engine) as session:
        lines = [r.geometry for r in session.exec(select(NetworkLine)) if r.mode == "road"]
        villages = session.exec(select(Village)).all()
        points = gpd.GeoSeries.from_xy([v.lon for v in villages], [v.lat for v in villages])
        codes = [v.code for v in villages]
    roads = gpd.GeoSeries(lines, crs=4326).to_crs(UTM_49S).union_all()
    metres = points.set_crs(4326).to_crs(UTM_49S).distance(roads)
    return dict(zip(codes, metres, strict=True))


def test_a_straight_line_is_marked_wherever_a_plan_is_read(
    kotim_engine: Engine, plan_id: int, capsys: pytest.CaptureFixture[str]
):
    gap_m = far_from_roads(kotim_engine)
    with reading(kotim_engine) as session:
        document = plan_document(session, plan_id, "en")
        table = list(csv.DictReader(io.StringIO(plan_csv(session, plan_id, "en"))))
        drawn = [f["properties"] for f in routes(session, scope_of(session, plan_id=plan_id))]
        legs = session.exec(select(PlanLeg).where(PlanLeg.plan_id == plan_id)).all()
    stops = document["stops"]
    marked = [stop["is_straight_line"] for stop in stops]
    assert True in marked
    assert False in marked
    assert [row["is_straight_line"] for row in table] == [str(mark) for mark in marked]
    assert [row["off_network_m"] for row in table] == [str(s["off_network_m"]) for s in stops]
    assert_far(stops, gap_m)
    key = ("team", "day", "order")
    straight = {tuple(leg[k] for k in key) for leg in drawn if leg["is_straight_line"]}
    for stop, mark in zip(stops, marked, strict=True):
        assert (tuple(stop[k] for k in key) in {(t, str(d), o) for t, d, o in straight}) == mark
    assert all(
        leg.mode == "walk" and not leg.follows_network for leg in legs if leg.is_straight_line
    )
    assert {leg.follows_network for leg in legs if leg.mode == "road"} == {True}
    reached = {s["village_code"] for s in stops if gap_m[s["village_code"]] > WALKED_M}
    (warning,) = (w for w in document["warnings"] if w["code"] == "straight-lines")
    assert warning["count"] == len(reached)
    print_plan(document, Terminal(lang="en"))
    assert capsys.readouterr().out.count("straight line") >= marked.count(True)


def assert_far(stops: list[dict[str, Any]], gap_m: dict[str, float]) -> None:
    """Hold the marks and metres of stops against distances measured on the map."""
    last: dict[str, Any] = {}
    for stop in stops:
        same_tour = last and (last["team"], last["day"]) == (stop["team"], stop["day"])
        ends = [stop["village_code"], *([last["village_code"]] if same_tour else [])]
        far = [gap_m[code] for code in ends if gap_m[code] > WALKED_M]
        assert stop["is_straight_line"] == bool(far)
        # Paths on foot are 1.5 times the straight line where none is known; a base is on its road.
        walked = sum(gap_m[code] for code in ends if gap_m[code] <= WALKED_M)
        assert stop["off_network_m"] == pytest.approx(1.5 * sum(far) + walked, rel=0.01, abs=30)
        last = stop
