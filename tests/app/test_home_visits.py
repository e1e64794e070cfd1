"""Home visits: numbers by village, what waits, and the longer session that they ride on."""

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from app.db import reading, transaction
from app.errors import BadOption, VillageNotFound
from app.home_visits import home_visit_rows, open_home_visits, set_home_visits
from app.ingest import ingest
from app.itineraries.formats import Asked, Letter, Sheet, write
from app.itineraries.team_day import itineraries
from app.itineraries.text import poster_text, text_of
from app.models import HomeVisitCount, Plan, PlanStop
from app.plan_document import stop_rows, villages_of
from app.settings import Settings
from app.viewing import View, set_view
from app.week import Week
from app.week_problem import problem_of
from routing import Blanks, check
from tests.app.conftest import ClientOf
from tests.app.planned import BARAT, HILIR, MONDAY, by_hand, document, shift_of, visit_of, week_of
from tests.app.team_week import PLAN, make_week

HERE, OTHER = "62.02.01.2001", "62.02.01.2002"
AN_HOUR_LATER = datetime(2026, 11, 30, 4, 30, tzinfo=UTC)  # 11:30 WIB; the session ends at 10:30


def say(session: Session, village: str, number: int) -> HomeVisitCount:
    return set_home_visits(session, village, number, account="siti")


@pytest.mark.parametrize("number", [0, 1000])
def test_the_newest_number_counts(seeded: Engine, number: int):
    with transaction(seeded) as session:
        say(session, HERE, 3)
        say(session, OTHER, 2)
        say(session, HERE, number)
        assert open_home_visits(session) == {OTHER: 2} | ({HERE: number} if number else {})
        assert {r["village_code"]: r["number"] for r in home_visit_rows(session, "62.02")} == {
            HERE: number, OTHER: 2,
        }  # fmt: skip
        assert home_visit_rows(session, "65.01") == []
        for wrong in (-1, 1001):
            with pytest.raises(BadOption):
                say(session, HERE, wrong)
        with pytest.raises(VillageNotFound):
            say(session, "62.02.09.2001", 1)


@pytest.fixture
def held(engine: Engine) -> Engine:
    """Plan 3 visits three people at home in 2001 on Monday."""
    with transaction(engine) as session:
        make_week(session)
        mine = (PlanStop.plan_id == PLAN, PlanStop.village_code == HERE)
        session.execute(update(PlanStop).where(*mine).values(home_visits=3, depart=AN_HOUR_LATER))
    return engine


@pytest.mark.parametrize(
    ("state", "left"),
    [("draft", 5), ("approved", 5), ("published", 2), ("in_progress", 2), ("closed", 2),
     ("cancelled", 5)],
)  # fmt: skip
def test_what_a_published_plan_holds_waits_no_more(held: Engine, state: str, left: int):
    with transaction(held) as session:
        say(session, HERE, 5)
        session.get_one(Plan, PLAN).state = state
        session.flush()
        assert open_home_visits(session) == {HERE: left}
        # The week itself is planned anew with all of them.
        assert open_home_visits(session, but_week="2026-W49") == {HERE: 5}


@pytest.mark.parametrize(("hour", "left"), [(16, 2), (17, 5)])
def test_a_number_holds_from_the_day_at_the_office_on(held: Engine, hour: int, left: int):
    """17:00 UTC on Monday is midnight of Tuesday in WIB: Monday's visits are not in the number."""
    with transaction(held) as session:
        say(session, HERE, 5).at = datetime(2026, 11, 30, hour, tzinfo=UTC)
        session.get_one(Plan, PLAN).state = "closed"
        session.flush()
        assert open_home_visits(session) == {HERE: left}


def test_stops_tell_them_to_who_may_know(held: Engine):
    with reading(held) as session:
        plan = session.get_one(Plan, PLAN)
        (stop,) = [
            s for s in stop_rows(session, plan, villages_of(session, plan), team="A")
            if s["village_code"] == HERE
        ]  # fmt: skip
        assert (stop["minutes"], stop["home_visits"], stop["home_visit_minutes"]) == (120, 3, 60)
        set_view(session, View(sees_counts=False, least=5))
        (seen,) = [
            s for s in stop_rows(session, plan, villages_of(session, plan), team="A")
            if s["village_code"] == HERE
        ]  # fmt: skip
    assert (seen["minutes"], seen["home_visits"], seen["home_visit_minutes"]) == (180, None, None)


def test_itineraries_say_them_and_posters_end_with_the_session(held: Engine):
    with reading(held) as session:
        given = itineraries(session, PLAN, "id", team="A", day=MONDAY)
    assert "+ Kunjungan rumah: 3 orang, 60 menit setelah layanan" in text_of(given)
    assert "08:30-11:30 WIB" in text_of(given)
    poster = poster_text(given)
    assert "08:30-10:30 WIB" in poster
    assert "rumah" not in poster.lower()


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize(
    "kind", [Letter.NOTICE_VILLAGE, Letter.NOTICE_DISTRICT, Letter.ATTENDANCE, Letter.MINUTES]
)
def test_papers_of_a_village_do_not_give_them_away(
    held: Engine, tmp_path: Path, kind: Letter, lang: str
):
    with reading(held) as session:
        letter = write(
            session, kind, Asked(plan_id=PLAN, lang=lang, team="A", day=MONDAY), tmp_path
        )
    with zipfile.ZipFile(io.BytesIO(letter.body)) as archive:
        text = re.sub("<[^>]+>", "", archive.read("word/document.xml").decode())
    assert "08:30" in text
    assert "10:30" in text
    assert "11:30" not in text


def test_pictures_end_with_the_session_as_texts_do(
    held: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    drawn = []

    def compile_page(*_: object, sys_inputs: dict[str, str], **__: object) -> bytes:
        drawn.extend(orjson.loads(sys_inputs["given"])["stops"])
        return b""

    monkeypatch.setattr("app.itineraries.poster.typst.compile", compile_page)
    with reading(held) as session:
        write(
            session, Sheet.POSTERS, Asked(plan_id=PLAN, lang="id", team="A", day=MONDAY), tmp_path
        )
    assert [stop["time"] for stop in drawn] == ["08:30-10:30 WIB"]


def test_over_http_and_as_a_file(
    seeded: Engine, settings: Settings, client_of: ClientOf, tmp_path: Path
):
    client = client_of(settings)
    assert client.put(f"/api/v1/villages/{HERE}/home-visits", json={"number": 4}).status_code == 204
    file = tmp_path / "rumah.csv"
    file.write_text(f"kode_desa,kunjungan_rumah\n{OTHER},2\n", encoding="utf-8")
    assert ingest(seeded, "home_visits", file, person="budi").totals["home_visits"] == 2
    items = client.get("/api/v1/home-visits", params={"regency": "62.02"}).json()["items"]
    assert [(r["village_code"], r["number"], r["waiting"], r["account"]) for r in items] == [
        (HERE, 4, 4, "uji"), (OTHER, 2, 2, "budi"),
    ]  # fmt: skip
    for wrong in (-1, 1001, "x"):
        url = f"/api/v1/villages/{HERE}/home-visits"
        assert client.put(url, json={"number": wrong}).status_code == 422


@pytest.mark.search
def test_a_session_is_longer_and_worth_more_by_them(kotim_engine: Engine):
    """By hand: 3 people x 20 minutes and 1 document each; of 9 people the first 6."""
    without = week_of(kotim_engine)
    with transaction(kotim_engine) as session:
        say(session, HILIR, 3)
        say(session, BARAT, 9)
    week = week_of(kotim_engine)
    assert week.params["home_visits"] == {HILIR: 3, BARAT: 6}
    hilir, barat = visit_of(week, HILIR), visit_of(week, BARAT)
    shift = shift_of(week, "62.02-A", MONDAY)
    options = problem_of(week).visits[hilir].options
    assert [o.duration for o in options] == [60 * (m + 60) for m in (120, 240, 360)]
    assert week.home_minutes(barat) == 120
    more = week.worth_of(hilir, shift, 120, with_kit=False) - without.worth_of(
        hilir, shift, 120, with_kit=False
    )
    assert more == pytest.approx(3.0)
    # No signal and no kit: nobody is recorded at home either.
    assert week.home_worth(barat, shift, with_kit=False) == 0
    assert week.home_recordings(barat, shift, with_kit=False) == 0
    assert week.home_worth(barat, shift, with_kit=True) == pytest.approx(6.0)


@pytest.mark.search
def test_each_takes_a_card(kotim_engine: Engine):
    """Three more cards at Hilir, whatever the length and the team."""
    before = _cards(week_of(kotim_engine, card_blanks=500), HILIR)
    with transaction(kotim_engine) as session:
        say(session, HILIR, 3)
    after = _cards(week_of(kotim_engine, card_blanks=500), HILIR)
    assert {b - a for a, b in zip(before, after, strict=True)} == {3000}


def _cards(week: Week, village: str) -> list[int]:
    (rule,) = (rule for rule in problem_of(week).rules if isinstance(rule, Blanks))
    return [n for option in rule.cards[visit_of(week, village)] for n in option]


@pytest.mark.search
def test_a_solved_plan_holds_them_and_the_checker_knows(kotim_engine: Engine):
    with transaction(kotim_engine) as session:
        say(session, HILIR, 3)
    plan_id, week, result = by_hand(kotim_engine, {("62.02-A", MONDAY): [HILIR]})
    problem = problem_of(week)
    assert check(problem, result.solution) == []
    (stop,) = [s for s in document(kotim_engine, plan_id)["stops"] if s["village_code"] == HILIR]
    assert (stop["home_visits"], stop["home_visit_minutes"]) == (3, 60)
    assert stop["factors"]["home_worth"] == pytest.approx(3.0)
    weights = {"ktp_el": 1.0, "pemula": 0.8, "akta": 0.1, "kia": 0.03, "ikd": 0.01}
    served = sum(weights[p] * n for p, n in stop["expected"].items())
    assert stop["worth"] == pytest.approx(served + 3.0, abs=0.001)
    # Without the time for them the checker calls the session too long by an hour.
    with transaction(kotim_engine) as session:
        say(session, HILIR, 0)
    bare = problem_of(week_of(kotim_engine))
    broken = [v for v in check(bare, result.solution) if v.rule == "session"]
    assert [v.amount for v in broken] == [3600]
