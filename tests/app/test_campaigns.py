"""Campaigns from the request to the document: the little regency of ``seed.py``, and Kotim."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import select

from app.campaign_console import print_campaign
from app.campaign_document import campaign_csv, campaign_document, campaign_xlsx
from app.campaign_weeks import campaign_of, load_campaign_weeks, plans_of
from app.campaigns import create_campaign, find_campaign, resume_campaign, solve_campaign
from app.db import reading, transaction
from app.errors import (
    BadOption,
    CampaignBusy,
    CampaignNotFound,
    CampaignOutdated,
    NoWorkingDay,
    VillageNotFound,
)
from app.models import CampaignWeek, Job, Team, VillageCount
from app.plan_document import plan_document
from app.planning import create_plan, solve_plan
from app.schemas.campaigns import CampaignRequest, SeasonSpan
from app.schemas.plans import PlanRequest
from app.terminal import Terminal
from routing import check
from tests.app.conftest import AppClient, slug

TODAY = date(2026, 11, 22)
ADDRESS = "/api/v1/campaigns"
WEEKS = ["2026-W49", "2026-W50", "2026-W51"]


@pytest.fixture
def office(seeded: Engine) -> Engine:
    """The little regency, with a satellite kit a team, and ten times the people."""
    with transaction(seeded) as session:
        for team in session.exec(select(Team)):
            team.satellite_kits = 1
        for count in session.exec(select(VillageCount)):
            count.wajib_ktp = (count.wajib_ktp or 0) * 10
            count.sudah_rekam = (count.sudah_rekam or 0) * 10
            count.belum_rekam = (count.belum_rekam or 0) * 10
    return seeded


def ask(engine: Engine, *, calendar_file: Path | None = None, **request: Any) -> int:
    values = {"regency": "62.02", "first_week": "2026-W49", "weeks": 3, "seconds": 0.3,
              "rounds": 0, "proofs": 0, "costs": False, "max_nights": 0}  # fmt: skip
    asked = {k: v for k, v in {**values, **request}.items() if v is not None}
    with transaction(engine) as session:
        campaign, _ = create_campaign(
            session, CampaignRequest(**asked), today=TODAY, calendar_file=calendar_file
        )
        return campaign.id or 0


def run(engine: Engine, campaign_id: int, *, steps: int | None = None) -> dict[str, Any]:
    """Plan a campaign; asked to stop once so many steps are stored."""

    def should_stop() -> bool:
        with reading(engine) as session:
            return steps is not None and find_campaign(session, campaign_id).step >= steps

    return solve_campaign(engine, campaign_id, on_progress=lambda _: None, should_stop=should_stop)


def document(engine: Engine, campaign_id: int) -> dict[str, Any]:
    with reading(engine) as session:
        return campaign_document(session, campaign_id)


def test_a_campaign_from_the_request_to_the_document(office: Engine) -> None:
    campaign_id = ask(office, rounds=1, proofs=1)
    told = run(office, campaign_id)
    found = document(office, campaign_id)
    assert (told["is_complete"], found["is_complete"]) == (True, True)
    assert [week["week"] for week in found["weeks"]] == WEEKS
    assert found["value"] == pytest.approx(
        sum(visit["worth"] for visit in found["visits"]), abs=0.1
    )
    assert found["value"] <= found["bound"]
    gap = (found["bound"] - found["value"]) / found["bound"]
    assert found["gap"] == pytest.approx(gap, abs=1e-5)
    for p, people in found["expected"].items():
        assert people == pytest.approx(sum(v["expected"][p] for v in found["visits"]), abs=0.5)
    assert found["team_weeks"] == len({(v["week"], v["team"]) for v in found["visits"]})
    numbers: dict[str, int] = {}
    for visit in found["visits"]:
        numbers[visit["point_code"]] = numbers.get(visit["point_code"], 0) + 1
        assert visit["visit_number"] == numbers[visit["point_code"]]
    assert max(numbers.values()) > 1, "three weeks with three villages come back to some"
    with reading(office) as session:
        weeks = load_campaign_weeks(session, campaign_id)
        stored = session.exec(select(CampaignWeek)).all()
    problem = campaign_of(weeks)
    for week, plan in zip(
        problem.weeks, plans_of(weeks, [(one.week, one.days) for one in stored]), strict=True
    ):
        assert plan is not None
        assert check(week.problem, plan) == []


def test_targets_speak_of_the_base_the_recorded_and_the_gap(office: Engine) -> None:
    """By hand, of 3,500 and 3,200: 2.05 % a year turn 17, nine in ten of them are recorded.

    From 2023-06-30 to Monday 2026-11-30 are 1,249 days.
    """
    campaign_id = ask(office, targets={"ktp_el": 0.95})
    run(office, campaign_id)
    target = document(office, campaign_id)["targets"][0]
    turned = 3500 * 0.0205 * 1249 / 365.25
    start = target["start"]
    assert (target["programme"], target["is_goal"]) == ("ktp_el", True)
    assert start["base"] == pytest.approx(3500 + turned, abs=0.01)
    assert start["recorded"] == pytest.approx(3200 + 0.9 * turned, abs=0.01)
    assert start["not_recorded"] == pytest.approx(300 + 0.1 * turned, abs=0.02)
    # 0.95 x 3,745.35 = 3,558.09, so 3,558 people; 3,420.82 are recorded.
    assert start["gap_to_target"] == 138
    served = 0.0
    for standing, week in zip(target["standings"], WEEKS, strict=True):
        served = standing["served"]
        assert standing["week"] == week
        assert standing["not_recorded"] == pytest.approx(
            standing["base"] - standing["recorded"], abs=0.02
        )
    assert served == pytest.approx(
        sum(v["expected"]["ktp_el"] for v in document(office, campaign_id)["visits"]), abs=0.1
    )
    assert all(bound >= s["served"] - 0.01 for bound, s in zip(
        target["bound_served"], target["standings"], strict=True
    ))  # fmt: skip


def test_a_cancelled_campaign_keeps_its_weeks_and_goes_on(office: Engine) -> None:
    campaign_id = ask(office)
    assert run(office, campaign_id, steps=1)["is_complete"] is False
    half = document(office, campaign_id)
    assert [week["is_planned"] for week in half["weeks"]] == [True, False, False]
    with reading(office) as session:
        first = session.exec(select(CampaignWeek)).one()
    assert run(office, campaign_id)["is_complete"] is True
    whole = document(office, campaign_id)
    assert all(week["is_planned"] for week in whole["weeks"])
    with reading(office) as session:
        again = session.exec(select(CampaignWeek).where(CampaignWeek.week == WEEKS[0])).one()
    assert (again.days, again.planned_at) == (first.days, first.planned_at)


def test_a_killed_campaign_shows_the_weeks_it_had(office: Engine) -> None:
    """Nothing but the steps is needed: the summary is written with each."""
    campaign_id = ask(office)

    class Killed(Exception):
        pass

    def die(progress: dict[str, Any]) -> None:
        if progress.get("step") == 3:
            raise Killed

    with pytest.raises(Killed):
        solve_campaign(office, campaign_id, on_progress=die, should_stop=lambda: False)
    found = document(office, campaign_id)
    assert [week["is_planned"] for week in found["weeks"]] == [True, True, False]
    assert (found["is_complete"], found["bound"], found["solved_at"]) == (False, None, None)
    assert found["value"] > 0


def test_on_other_data_a_campaign_begins_anew(office: Engine) -> None:
    campaign_id = ask(office)
    run(office, campaign_id)
    with transaction(office) as session:
        row = find_campaign(session, campaign_id)
        row.inputs = {"99": {"kind": "counts"}}
        before = session.exec(select(CampaignWeek)).all()[0].planned_at
    request = PlanRequest(regency="62.02", week="2026-W50", campaign=campaign_id)
    with transaction(office) as session:
        plan_id = create_plan(session, request, today=TODAY)[0].id or 0
    with pytest.raises(CampaignOutdated):
        solve_plan(office, plan_id, on_progress=lambda _: None, should_stop=lambda: False)
    run(office, campaign_id)
    with reading(office) as session:
        assert all(one.planned_at > before for one in session.exec(select(CampaignWeek)))


def test_a_week_without_working_days_is_told_and_left_out(office: Engine, tmp_path: Path) -> None:
    calendar = tmp_path / "libur.csv"
    days = [f"2026-12-{day:02d},tidak,Cuti bersama" for day in range(7, 14)]
    calendar.write_text("\n".join(["tanggal,kerja,keterangan", *days]) + "\n", encoding="utf-8")
    campaign_id = ask(office, calendar_file=calendar)
    run(office, campaign_id)
    found = document(office, campaign_id)
    idle = found["weeks"][1]
    assert "Cuti bersama" in idle["idle"]
    assert (idle["n_visits"], idle["working_days"]) == (0, 0)
    assert {visit["week"] for visit in found["visits"]} == {"2026-W49", "2026-W51"}
    with pytest.raises(NoWorkingDay):
        ask(office, calendar_file=calendar, first_week="2026-W50", weeks=1)


def test_a_week_planned_by_itself_knows_its_campaign(office: Engine) -> None:
    """The people are those that earlier weeks leave: as many are expected as in the campaign."""
    campaign_id = ask(office)
    run(office, campaign_id)
    visits = {v["village_code"]: v for v in document(office, campaign_id)["visits"]
              if v["week"] == "2026-W51"}  # fmt: skip
    with transaction(office) as session:
        request = PlanRequest(
            regency="62.02", week="2026-W51", campaign=campaign_id, seconds=0.3, costs=False,
            max_nights=0,
        )  # fmt: skip
        plan, _ = create_plan(session, request, today=TODAY)
        plan_id = plan.id or 0
    solve_plan(office, plan_id, on_progress=lambda _: None, should_stop=lambda: False)
    with reading(office) as session:
        plan_ = plan_document(session, plan_id, "en")
    assert plan_["campaign"] == {"campaign_id": campaign_id, "lost_later": 0.0}
    both = [stop for stop in plan_["stops"] if stop["village_code"] in visits]
    assert both
    for stop in both:
        other = visits[stop["village_code"]]
        if stop["minutes"] == other["minutes"]:
            assert stop["expected"]["ktp_el"] == pytest.approx(
                other["expected"]["ktp_el"], abs=0.01
            )


def test_what_cannot_be_asked_is_refused(office: Engine) -> None:
    with pytest.raises(BadOption, match="until"):
        ask(office, weeks=None, until=date(2026, 11, 29))
    assert ask(office, weeks=None, until=date(2026, 11, 30))
    with pytest.raises(BadOption, match="until"):
        ask(office, weeks=None, until=date(2027, 5, 31))
    assert ask(office, weeks=None, until=date(2027, 5, 30))
    with pytest.raises(VillageNotFound):
        ask(office, forbidden=("62.02.99.2001",))
    with pytest.raises(BadOption, match="seasons"):
        ask(office, seasons=(SeasonSpan(season="wet", first="2026-W51", last="2026-W50"),))
    with pytest.raises(ValidationError, match="not both"):
        CampaignRequest(regency="62.02", weeks=2, until=TODAY)
    with transaction(office) as session, pytest.raises(CampaignNotFound):
        resume_campaign(session, 99)
    campaign_id = ask(office)
    with transaction(office) as session, pytest.raises(CampaignBusy):
        resume_campaign(session, campaign_id)
    with transaction(office) as session, pytest.raises(BadOption, match="campaign"):
        create_plan(
            session, PlanRequest(regency="62.02", week="2027-W01", campaign=campaign_id),
            today=TODAY,
        )  # fmt: skip


def test_weeks_have_their_seasons(office: Engine) -> None:
    span = SeasonSpan(**SeasonSpan.read("wet=2026-W50..2026-W51"))
    campaign_id = ask(office, seasons=(span,))
    with reading(office) as session:
        weeks = load_campaign_weeks(session, campaign_id)
    assert [week.params["season"] for week in weeks.weeks] == ["dry", "wet", "wet"]
    assert weeks.weeks[1].travel is weeks.weeks[2].travel
    assert weeks.weeks[0].travel is not weeks.weeks[1].travel


def test_files_hold_the_visits_and_the_tables(office: Engine) -> None:
    campaign_id = ask(office)
    run(office, campaign_id)
    found = document(office, campaign_id)
    with reading(office) as session:
        rows = list(csv.DictReader(io.StringIO(campaign_csv(session, campaign_id))))
        data = campaign_xlsx(session, campaign_id, "id")
    assert [(r["week"], r["village_code"]) for r in rows] == [
        (v["week"], v["village_code"]) for v in found["visits"]
    ]
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Target", "Minggu", "Kecamatan", "Kunjungan"]
    assert [cell.value for cell in book["Kecamatan"][1]] == ["Kecamatan", *WEEKS]
    assert book["Kunjungan"].max_row == 1 + len(found["visits"])


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_terminal_shows_every_week(
    office: Engine, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign_id = ask(office, weeks=2)
    print_campaign(document(office, campaign_id), Terminal(lang=lang))
    waiting = capsys.readouterr().out
    assert str(campaign_id) in waiting
    run(office, campaign_id)
    print_campaign(document(office, campaign_id), Terminal(lang=lang))
    shown = capsys.readouterr().out
    assert all(week in shown for week in WEEKS[:2])


def test_over_http(client: AppClient, office: Engine) -> None:
    answer = client.post(ADDRESS, json={"regency": "62.02", "weeks": 2, "seconds": 1})
    assert answer.status_code == 202
    accepted = answer.json()
    assert answer.headers["Location"] == f"/api/v1/jobs/{accepted['job_id']}"
    job = client.get(answer.headers["Location"]).json()
    assert (job["kind"], job["campaign_id"]) == ("campaign", accepted["campaign_id"])
    run(office, accepted["campaign_id"])
    place = f"{ADDRESS}/{accepted['campaign_id']}"
    found = client.get(place).json()
    assert found["is_complete"]
    listed = client.get(ADDRESS, params={"regency": "62.02"}).json()["items"]
    assert [row["campaign_id"] for row in listed] == [accepted["campaign_id"]]
    assert client.get(ADDRESS, params={"regency": "65.01"}).json()["items"] == []
    for form in ("csv", "xlsx"):
        file = client.get(f"{place}/export", params={"format": form})
        assert file.status_code == 200
        assert f"campaign-{accepted['campaign_id']}.{form}" in file.headers["Content-Disposition"]
    assert slug(client.post(f"{place}/solve")) == "campaign-busy"
    with transaction(office) as session:
        session.exec(
            select(Job).where(Job.campaign_id == accepted["campaign_id"])
        ).one().state = "cancelled"
    assert client.post(f"{place}/solve").status_code == 202


def test_http_refuses_what_is_not_there(client: AppClient, office: Engine) -> None:
    assert office
    assert slug(client.get(f"{ADDRESS}/9")) == "campaign-not-found"
    assert slug(client.post(f"{ADDRESS}/9/solve")) == "campaign-not-found"
    assert slug(client.get(f"{ADDRESS}/9/export", params={"format": "csv"})) == "campaign-not-found"
    wrong = client.post(ADDRESS, json={"regency": "62.02", "weeks": 27})
    assert slug(wrong) == "validation-error"
    assert slug(client.post(ADDRESS, json={"regency": "11.01"})) == "regency-not-found"
