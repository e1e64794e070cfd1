"""The office's own goal comes first: what a week of Kotim is worth, with nothing changed."""

import pytest
from sqlalchemy import Engine

from app.params import default_params
from tests.app.planned import document, solved

pytestmark = pytest.mark.search


def test_most_of_a_plan_is_worth_its_recordings(kotim_engine: Engine):
    """At least 75 % of the worth is ktp_el and pemula (planning model, 1.5)."""
    plan_id, _, _ = solved(kotim_engine, solutions=5)
    plan = document(kotim_engine, plan_id)
    weight = default_params().to_dict()["worth"]["weight"]
    worth = {name: weight[name] * people for name, people in plan["expected"].items()}
    assert sum(worth.values()) == pytest.approx(plan["worth"], abs=0.1)
    assert (worth["ktp_el"] + worth["pemula"]) / sum(worth.values()) >= 0.75
    # Kotim has few ktp_el for many children: the certificates alone would not make a plan.
    assert plan["worth_p10"] < plan["worth"] < plan["worth_p90"] * 1.1
    for stop in plan["stops"]:
        factors = stop["factors"]["programmes"]
        assert sum(stop["expected"][name] * factors[name]["weight"] for name in factors) == (
            pytest.approx(stop["worth"], abs=1e-3)
        )
        for name, one in factors.items():
            come = (one["listed"] * one["reachable_share"]) * stop["factors"]["turnout"]
            assert one["arrivals"] == pytest.approx(come, abs=0.01)
            assert stop["expected"][name] <= one["arrivals"] + 1e-3
