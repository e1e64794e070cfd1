"""Itineraries over HTTP and at the command line: who gets what, ETags, calendars by an address."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from app.access import Caller
from app.calendar_feeds import add_feed, feed_calendar, feed_edition, feed_plans
from app.db import reading, transaction
from app.itineraries.formats import Asked, Letter, Sheet, edition
from app.itineraries.templates import LETTERS as TEMPLATE_NAMES
from app.lifecycle import Step, take_step
from app.models import CalendarFeed, Plan, PlanState, PlanStop, Role
from app.settings import Settings
from tests.app.conftest import AppClient, slug
from tests.app.people import let_in
from tests.app.seed import MONDAY
from tests.app.team_week import NIP, PLAN, STOPS, make_week
from tests.app.test_itineraries import words_of

SHEETS, LETTERS = f"/api/v1/plans/{PLAN}/sheets", f"/api/v1/plans/{PLAN}/letters"


@pytest.fixture
def office(engine: Engine) -> Engine:
    with transaction(engine) as session:
        make_week(session)
    return engine


def client_as(client: AppClient, role: str, team: str | None = None) -> AppClient:
    return AppClient(client.app, let_in(client.app.state.engine, f"{role}-x", role, "62.02", team))


@pytest.mark.usefixtures("office")
def test_every_sheet_and_letter_is_served(client: AppClient) -> None:
    for sheet in Sheet:
        answer = client.get(f"{SHEETS}/{sheet}", params={"team": "A", "day": str(MONDAY)})
        assert (answer.status_code, bool(answer.content)) == (200, True), sheet
        disposition = answer.headers.get("content-disposition", "")
        assert disposition.startswith('attachment; filename="plan-3-A-2026-11-30') == (
            sheet is not Sheet.JSON
        )
    assert {letter.value for letter in Letter} == set(TEMPLATE_NAMES)
    answer = client.get(f"{LETTERS}/assignment-letter", params={"team": "A", "lang": "en"})
    assert NIP in words_of(answer.content)
    assert slug(client.get(f"{SHEETS}/pdf", params={"team": "C"})) == "nobody-out"
    assert slug(client.get("/api/v1/plans/2/sheets/json")) == "plan-not-solved"
    assert client.get(f"{SHEETS}/docx").status_code == 422


def test_an_etag_is_strong_and_answers_without_making_the_file(
    office: Engine, client: AppClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(f"{SHEETS}/json", headers={"Accept-Encoding": "identity"})
    etag = first.headers["etag"]
    assert etag.startswith('"')
    monkeypatch.setattr("app.itineraries.formats.itineraries", None)  # making it would fail
    again = {"If-None-Match": etag, "Accept-Encoding": "identity"}
    answer = client.get(f"{SHEETS}/json", headers=again)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    zipped = client.get(f"{SHEETS}/json").headers["etag"]
    assert zipped != etag
    assert client.get(f"{SHEETS}/json", headers={"If-None-Match": zipped}).status_code == 304
    # Other teams, days and languages are other files.
    monkeypatch.undo()
    for params in ({"team": "A"}, {"lang": "en"}, {"day": str(MONDAY)}):
        answer = client.get(f"{SHEETS}/json", params=params, headers=again)
        assert (answer.status_code, answer.headers["etag"] != etag) == (200, True)
    with transaction(office) as session:
        session.get(Plan, PLAN).state = PlanState.APPROVED
    assert client.get(f"{SHEETS}/json", headers=again).status_code == 200


def test_an_edition_is_known_from_three_rows(office: Engine) -> None:
    """Those of the plan, the newest import and the newest check: no stop, no leg for a 304."""
    asked: list[str] = []
    event.listen(office, "before_cursor_execute", lambda *call: asked.append(call[2]))
    with reading(office) as session:
        edition(session, Sheet.JSON, Asked(plan_id=PLAN, lang="id"), Path("none"))
    assert len([one for one in asked if one.startswith("SELECT")]) == 3


@pytest.mark.usefixtures("office")
def test_letters_of_another_team_are_not_for_a_team(client: AppClient) -> None:
    phone = client_as(client, "team", "A")
    own = phone.get(f"{LETTERS}/assignment-letter")
    assert own.status_code == 200
    assert "Siti Aminah" in words_of(own.content)
    assert STOPS[3].village not in words_of(phone.get(f"{LETTERS}/recap").content).replace(
        STOPS[2].village, "", 1
    )
    refused = phone.get(f"{LETTERS}/assignment-letter", params={"team": "B"})
    assert (refused.status_code, slug(refused)) == (403, "other-team")
    viewer = client_as(client, "viewer")
    assert slug(viewer.get(f"{LETTERS}/attendance")) == "role-refused"
    days = viewer.get(f"{SHEETS}/json").json()["days"]
    assert {str(stop["expected"]) for day in days for stop in day["stops"]} == {"{}"}
    book = load_workbook(io.BytesIO(viewer.get(f"{SHEETS}/xlsx").content)).worksheets[0]
    heads = [cell.value for cell in book[2]]
    column = heads.index("KTP-el")
    told = [row[column].value for row in book.iter_rows(min_row=3) if row[2].value]
    assert set(told) == {"tidak ditampilkan"}
    assert {day["team"] for day in phone.get(f"{SHEETS}/json").json()["days"]} == {"A"}


@pytest.mark.usefixtures("office")
def test_a_broken_text_of_the_office_is_told_with_its_line(
    client: AppClient, settings: Settings
) -> None:
    file = settings.data_dir / "templates" / "id" / "recap.txt"
    file.parent.mkdir(parents=True)
    file.write_text("# A\n{{ nobody }}\n", "utf-8")
    answer = client.get(f"{LETTERS}/recap", params={"lang": "id"})
    assert (answer.status_code, slug(answer)) == (422, "bad-template")
    assert "id/recap.txt, baris 2" in answer.json()["detail"]


def test_a_calendar_is_read_by_its_address_until_that_is_revoked(
    office: Engine, client: AppClient
) -> None:
    made = client.post("/api/v1/teams/A/calendar-feeds", json={"name": "Siti", "lang": "id"})
    assert made.status_code == 201
    path, feed_id = made.json()["path"], made.json()["feed_id"]
    stranger = AppClient(client.app)  # signed in as nobody
    answer = stranger.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200, "text/calendar; charset=utf-8"
    )  # fmt: skip
    # The week lies in the future of the tests' clock or within four weeks of it, or has passed.
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert len(events) in {0, 4}
    etag = answer.headers["etag"]
    assert stranger.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert path.split("/")[-1].removesuffix(".ics") not in client.get(
        "/api/v1/calendar-feeds"
    ).text  # fmt: skip
    with transaction(office) as session:
        kept = session.exec(select(CalendarFeed)).one()
        assert kept.secret_hash not in path
    phone = client_as(client, "team", "B")
    assert phone.get("/api/v1/calendar-feeds").json()["items"] == []
    assert slug(phone.delete(f"/api/v1/calendar-feeds/{feed_id}")) == "feed-not-found"
    assert slug(phone.post("/api/v1/teams/A/calendar-feeds", json={})) == "other-team"
    assert client.delete(f"/api/v1/calendar-feeds/{feed_id}").status_code == 204
    assert stranger.get(path).status_code == 404
    assert slug(client.delete(f"/api/v1/calendar-feeds/{feed_id}")) == "feed-not-found"
    assert stranger.get(path.replace("/calendar/", "/calendar/x")).status_code == 404


def test_no_event_of_a_calendar_goes_back_to_a_lower_number(office: Engine) -> None:
    """A newer draft is shown, then the older plan is published, then that one is cancelled."""
    chief = Caller(account_id=1, account="sri", role=Role.ADMIN, area="", team=None, via="token")
    with Session(office) as session:  # rolled back
        first = session.get_one(Plan, PLAN)
        first.solved_at = datetime(2026, 1, 5, tzinfo=UTC)
        newer = 9
        later = Plan(**first.model_dump(exclude={"id", "solved_at"}), id=newer,
                     solved_at=first.solved_at + timedelta(hours=3))  # fmt: skip
        session.add(later)
        session.flush()
        for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == PLAN)).all():
            session.add(PlanStop(**stop.model_dump(exclude={"id", "plan_id"}), plan_id=newer))
        feed, _ = add_feed(session, "A", name="x", lang="id", person="x")

        def shown() -> tuple[int | None, int, str]:
            session.flush()
            plans = feed_plans(session, feed, datetime(2026, 11, 23, tzinfo=UTC))
            events = Calendar.from_ical(feed_calendar(session, feed, plans)).walk("VEVENT")
            (number,) = {int(one["SEQUENCE"]) for one in events}
            return plans[0].id, number, feed_edition(session, feed, plans)

        seen = [shown()]
        for action in ("propose", "approve", "publish", "cancel"):
            asked = {"letter": "1", "reason": "x"}
            take_step(session, PLAN, Step(action=action, **asked), chief)
            seen.append(shown())
    plans, numbers, editions = zip(*seen, strict=True)
    assert plans == (newer, newer, newer, PLAN, newer)
    assert list(numbers) == sorted(numbers)
    assert len({*editions}) == len(editions)


def test_a_calendar_has_the_newest_plan_of_each_week(office: Engine) -> None:
    with transaction(office) as session:
        feed = CalendarFeed(team="A", lang="id", secret_hash="0" * 64, created_by="x")
        session.add(feed)

        def chosen(day: str) -> list[int | None]:
            return [p.id for p in feed_plans(session, feed, datetime.fromisoformat(day))]

        # Plan 1 is older, plan 2 not solved; 2026-W49 ends on 6 December.
        assert chosen("2026-11-22T00:00+07:00") == [PLAN]
        assert chosen("2027-01-03T00:00+07:00") == [PLAN]  # Sunday of the fourth week after
        assert chosen("2027-01-04T00:00+07:00") == []
        session.get(Plan, 1).state = PlanState.PUBLISHED  # before whatever is drafted beside it
        session.flush()
        assert chosen("2026-11-22T00:00+07:00") == [1]
        session.get(Plan, 1).state = PlanState.CANCELLED
        session.flush()
        assert chosen("2026-11-22T00:00+07:00") == [PLAN]
        session.get(Plan, PLAN).state = PlanState.CANCELLED
        session.flush()
        assert chosen("2026-11-22T00:00+07:00") == []
