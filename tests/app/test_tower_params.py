"""What the office assumes of towers: a decision joins signal anew, in its own transaction."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from app.db import reading, transaction
from app.models import ConnectivityJoin, VillageConnectivity
from app.params import set_params
from app.upgrade import JOIN_RULES

SILENT = "62.02.02.2002"  # In the seed: no report; at 112.35, -2.45, the tower on air at 112.05.


@pytest.mark.parametrize(
    ("radius_km", "signal"), [(33.3, None), (33.4, "strong")], ids=["short-of-it", "reaches-it"]
)
def test_a_radius_of_the_office_joins_anew(seeded: Engine, radius_km: float, signal: str | None):
    """Nobody speaks of the last village; the tower is 0.3 degrees west of it, 33.37 km."""
    with transaction(seeded) as session:
        set_params(session, {"signal.radius_km": radius_km}, by="A", reason="a test")
    with reading(seeded) as session:
        row = session.get(VillageConnectivity, SILENT)
        assert (row.signal if row else None) == signal
        kept = session.get_one(ConnectivityJoin, 1).params
    assert kept == {"rules": JOIN_RULES, "radius_km": radius_km, "tower_signal": "strong",
                    "measured_days": 180}  # fmt: skip


def test_the_class_of_towers_is_the_offices_and_goes_back_to_the_default(seeded: Engine):
    def signal() -> str | None:
        with reading(seeded) as session:
            return session.get_one(VillageConnectivity, SILENT).signal

    values = {"signal.radius_km": 40, "signal.tower_signal": "weak"}
    with transaction(seeded) as session:
        set_params(session, values, by="A", reason="a test")
    assert signal() == "weak"
    with transaction(seeded) as session:
        set_params(session, {"signal.tower_signal": None}, by="A", reason="a test")
    assert signal() == "strong"


def test_only_what_is_assumed_of_towers_joins_anew(seeded: Engine):
    def joined_at() -> datetime:
        with reading(seeded) as session:
            return session.get_one(ConnectivityJoin, 1).joined_at

    before = joined_at()
    with transaction(seeded) as session:
        set_params(session, {"worth.turnout_first": 0.7}, by="A", reason="a test")
        set_params(session, {"signal.radius_km": 3.5}, by="A", reason="confirmed")
    assert joined_at() == before


def test_a_decision_that_is_not_kept_leaves_the_join(seeded: Engine):
    with reading(seeded) as session:
        set_params(session, {"signal.radius_km": 40}, by="A", reason="a test")
        assert session.get_one(VillageConnectivity, SILENT).signal == "strong"
        session.rollback()
    with reading(seeded) as session:
        assert session.get(VillageConnectivity, SILENT) is None
