"""Two who do the same at the same moment, on PostgreSQL: the second waits, and sees the first.

SQLite has one writer; there nothing of this can happen.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, inspect
from sqlmodel import Session, select

from app import connectivity, headings
from app.access import Caller
from app.connectivity import rejoin
from app.credentials import _first_link
from app.db import connect, migrate, reading, transaction
from app.headings import heading_rows, teach
from app.models import (
    Account,
    ConnectivityContradiction,
    ConnectivityEvidence,
    Plan,
    Role,
    StopPhoto,
    VillageConnectivity,
)
from app.photo_errors import TooManyPhotos
from app.photos import MOST, add_photo
from app.points import move_point
from app.settings import Settings
from tests.app.conftest import AppClient, slug
from tests.app.databases import Databases
from tests.app.seed import MONDAY
from tests.app.team_week import PLAN, make_week
from tests.app.test_photos import picture
from tests.app.test_queue import in_transaction, second_after

pytestmark = pytest.mark.postgresql
VILLAGE = "62.02.01.2001"
JOINED = (ConnectivityEvidence, VillageConnectivity, ConnectivityContradiction)


def kept(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in JOINED]


def test_two_servers_that_start_at_once_make_one_admin(engine: Engine):
    found: list[str | None] = []
    second_after(
        engine,
        lambda session: found.append(_first_link(session)),
        lambda: found.append(in_transaction(engine, _first_link)),
    )
    assert None not in found
    assert len(set(found)) == 2
    with reading(engine) as session:
        assert session.exec(select(Account.name)).all() == ["admin"]


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


# --- photos ------------------------------------------------------------------------------------

COLOURS = ("red", "blue", "green", "black", "white", "grey", "pink")


@pytest.fixture
def week(engine: Engine) -> Engine:
    """A week that teams work by."""
    with transaction(engine) as session:
        make_week(session)
        session.get_one(Plan, PLAN).state = "published"
    return engine


def send(session: Session, settings: Settings, colour: str) -> StopPhoto:
    team = Caller(account_id=1, account="hp", role=Role.TEAM, area="", team="A", via="token")
    return add_photo(
        session, settings.data_dir, PLAN, "A", MONDAY, 1, picture("PNG", colour=colour), team
    )


def n_photos(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(StopPhoto)).one()


def test_the_same_photo_sent_twice_at_once_is_kept_once(week: Engine, settings: Settings):
    def second() -> StopPhoto:
        return in_transaction(week, send, settings, "red")

    again = second_after(week, lambda session: send(session, settings, "red"), second)
    assert n_photos(week) == 1
    assert again.order == 1


def test_of_two_sixth_photos_sent_at_once_one_is_refused(week: Engine, settings: Settings):
    *five, sixth, seventh = COLOURS
    for colour in five:
        in_transaction(week, send, settings, colour)

    def second() -> bool:
        with pytest.raises(TooManyPhotos):
            in_transaction(week, send, settings, seventh)
        return True

    assert second_after(week, lambda session: send(session, settings, sixth), second)
    assert n_photos(week) == MOST == 6


# --- headings, and what no lock foresaw ----------------------------------------------------------

TAUGHT = {"heading": "belum cetak x", "meaning": "belum_rekam"}


def test_two_who_teach_the_same_heading_both_do(seeded: Engine, client: AppClient):
    def first(session: Session) -> None:
        teach(session, {TAUGHT["heading"]: "sudah_rekam"})

    answer = second_after(seeded, first, lambda: client.put("/api/v1/headings", json=TAUGHT))
    assert answer.status_code == 200
    with reading(seeded) as session:
        assert [row["meaning"] for row in heading_rows(session)] == ["belum_rekam"]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_where_nothing_is_locked_the_second_is_told_to_look(
    seeded: Engine, client: AppClient, monkeypatch: pytest.MonkeyPatch, lang: str
):
    monkeypatch.setattr(headings, "one_at_a_time", lambda *_: None)

    def first(session: Session) -> None:
        teach(session, {TAUGHT["heading"]: "sudah_rekam"})

    url = f"/api/v1/headings?lang={lang}"
    answer = second_after(seeded, first, lambda: client.put(url, json=TAUGHT))
    assert (answer.status_code, slug(answer)) == (409, "somebody-was-faster")
    assert ("lebih cepat" if lang == "id" else "was faster") in answer.json()["detail"]


# --- the tables themselves ---------------------------------------------------------------------


def test_two_who_make_the_tables_at_once_both_find_them(databases: Databases, tmp_path: Path):
    url, together = databases.new(tmp_path), Barrier(2)

    def make(_: int) -> bool:
        engine = connect(url)
        together.wait(60)
        migrate(engine)
        made = inspect(engine).has_table("alembic_version")
        engine.dispose()
        return made

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(make, range(2))) == [True, True]
    databases.give_back(url)
