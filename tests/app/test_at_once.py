"""Two who do the same at the same moment, on PostgreSQL: the second waits, and sees the first.

SQLite has one writer; there nothing of this can happen.
"""

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, select

from app import connectivity
from app.connectivity import rejoin
from app.db import reading
from app.models import ConnectivityContradiction, ConnectivityEvidence, VillageConnectivity
from app.points import move_point
from tests.app.conftest import AppClient
from tests.app.test_queue import in_transaction, second_after

pytestmark = pytest.mark.postgresql
VILLAGE = "62.02.01.2001"
JOINED = (ConnectivityEvidence, VillageConnectivity, ConnectivityContradiction)


def kept(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in JOINED]


def test_two_joins_keep_everything_once(seeded: Engine):
    before = kept(seeded)
    assert min(before) > 0
    second_after(seeded, rejoin, lambda: in_transaction(seeded, rejoin))
    assert kept(seeded) == before


def test_two_who_first_move_a_village_s_point_both_do(seeded: Engine, client: AppClient):
    """The second holds: it came after the first, and does not find that row in its way."""

    def first(session: Session) -> None:
        move_point(session, VILLAGE, 112.06, -2.45, by="A", reason="x")

    asked = {"code": VILLAGE, "lon": 112.07, "lat": -2.45, "by": "B", "reason": "y"}
    answer = second_after(seeded, first, lambda: client.post("/api/v1/points/move", json=asked))
    assert (answer.status_code, answer.json()["lon"]) == (200, 112.07)


@pytest.mark.usefixtures("seeded")
def test_a_point_that_moves_joins_once(client: AppClient, monkeypatch: pytest.MonkeyPatch):
    joins: list[Session] = []
    monkeypatch.setattr(connectivity, "_rejoin", joins.append)
    asked = {"code": VILLAGE, "lon": 112.07, "lat": -2.45, "by": "B", "reason": "y"}
    assert client.post("/api/v1/points/move", json=asked).status_code == 200
    assert len(joins) == 1
    gone = {"code": VILLAGE, "by": "B", "reason": "z"}
    assert client.post("/api/v1/points/retire", json=gone).status_code == 204
    assert len(joins) == 2
