"""A planner's week over HTTP, from Monday's import to Friday's recap, by several people.

On Kotawaringin Timur with the files of its office. What is asserted is counted by hand from what
this test sends: the counts it uploads, the reports of its teams. Jobs run in this process, so that
the clock, which is the only thing that is not real here, holds for them too.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from sqlalchemy import Engine

from app.jobs import lease
from app.jobs.tasks import run_task
from app.models import JobState
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, make_settings, slug

pytestmark = [pytest.mark.search, pytest.mark.slow]
REGENCY, WEEK = "62.02", "2026-W49"
MONDAY = date(2026, 11, 30)
TUESDAY, FRIDAY = MONDAY + timedelta(1), MONDAY + timedelta(4)
BEFORE = MONDAY - timedelta(7)  # when the week is planned
WISHED = "62.02.05.1008"  # its head writes a letter
NEWER = "62.02.06.2005"  # counted again
ESTIMATED = "62.02.06.2006"  # counted by its head
PUBLISHED = (308_309, 300_110)  # wajib KTP and recorded of the whole regency
BUDGET = 60_000_000
Clock = Callable[[date], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the day on which everybody works."""
    days = [BEFORE]

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(days[0].year, days[0].month, days[0].day, 7, 0, tzinfo=tz)

    monkeypatch.setattr("app.calendar.datetime", Then)

    def at(day: date) -> None:
        days[0] = day

    return at


class Office:
    """An office whose people ask over HTTP; jobs are done when they are asked for."""

    def __init__(self, engine: Engine, settings: Settings, chief: AppClient) -> None:
        self.engine, self.settings, self.chief = engine, settings, chief

    def account(self, name: str, role: str, **more: str) -> AppClient:
        """Make an account and a token, as an admin does, and give the client that has it."""
        body = {"name": name, "role": role, "area": REGENCY, **more}
        assert self.chief.post("/api/v1/accounts", json=body).status_code == 201
        made = self.chief.post("/api/v1/tokens", json={"name": "ponsel", "account": name})
        return AppClient(self.chief.app, made.json()["token"])

    def done(self, answer: Any) -> dict[str, Any]:
        """Do the job that was answered with."""
        assert answer.status_code == 202, answer.text
        owner = lease.new_owner()
        job = lease.claim(self.engine, owner, answer.json()["job_id"])
        assert job is not None
        result = run_task(self.engine, self.settings, job, lambda _: None, lambda: False)
        lease.finish(self.engine, job.id or 0, owner, JobState.SUCCEEDED, result=result)
        return result

    def upload(self, client: AppClient, kind: str, name: str, *lines: str, **data: str) -> Any:
        file = {"file": (name, "\n".join(lines).encode())}
        return self.done(client.post(f"/api/v1/imports/{kind}", files=file, data=data))


@pytest.fixture
def office(kotim_engine: Engine, tmp_path: Path, client_of: ClientOf, clock: Clock) -> Office:
    settings = make_settings(
        tmp_path / "data", database_url=kotim_engine.url.render_as_string(hide_password=False)
    )
    clock(BEFORE)
    return Office(kotim_engine, settings, client_of(settings))


def counted(kotim: Path, code: str) -> tuple[int, int]:
    """Give wajib KTP and recorded of a village as the answer key has them."""
    with (kotim / "rekap_perekaman_desa_kunci.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if code in row.values():
                return int(row["wajib_ktp"]), int(row["sudah_rekam"])
    raise LookupError(code)


def step(client: AppClient, plan_id: int, action: str, **more: Any) -> Any:
    """Take a step from the version that is there."""
    version = client.get(f"/api/v1/plans/{plan_id}/steps").json()["version"]
    body = {"action": action, "version": version, **more}
    return client.post(f"/api/v1/plans/{plan_id}/steps", json=body)


def state(client: AppClient, plan_id: int) -> str:
    return str(client.get(f"/api/v1/plans/{plan_id}").json()["state"])


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    read = docx.Document(io.BytesIO(answer.content))
    rows = [" | ".join(c.text for c in row.cells) for t in read.tables for row in t.rows]
    return "\n".join([*(p.text for p in read.paragraphs), *rows])


def test_a_planners_week(office: Office, clock: Clock, kotim: Path) -> None:
    rina, kadis = office.account("rina", "planner"), office.account("kadis", "approver")

    # Monday before: newer counts of one village, a letter, a number put right.
    wajib, recorded = counted(kotim, NEWER)
    report = office.upload(
        rina, "counts", "november.csv", "kode,desa,wajib_ktp,sudah_rekam",
        f"{NEWER},Pelangsian,{wajib + 40},{recorded + 10}", as_of="2026-10-31",
    )  # fmt: skip
    assert (report["accepted"], report["refused"]) == (1, 0)
    before = progress(rina)
    assert (before["base"], before["recorded"]) == (PUBLISHED[0] + 40, PUBLISHED[1] + 10)
    assert before["not_recorded"] == 8_199 + 30
    letter = {
        "village_code": WISHED, "number": "474.4/17/2026", "letter_date": "2026-11-18",
        "programmes": ["ktp_el", "kia"], "people": 40,
    }  # fmt: skip
    request = rina.post("/api/v1/requests", json=letter).json()
    assert request["state"] == "received"
    address = f"/api/v1/requests/{request['request_id']}"
    verify = {"action": "verify", "version": request["version"], "is_required": True}
    assert rina.post(f"{address}/steps", json=verify).json()["state"] == "verified"
    estimate = {
        "village_code": ESTIMATED, "column": "belum_rekam", "value": 77, "day": "2026-11-20",
        "reason": "dihitung kepala desa", "by": "rina", "is_estimate": True,
    }  # fmt: skip
    assert rina.post("/api/v1/corrections", json=estimate).status_code == 201

    # Who goes along, and leave; a plan with what the office has.
    office.upload(
        rina, "staff", "petugas.csv", "nama,nip,pangkat,peran,tim,cuti",
        "Siti Aminah,198503122010011004,III/b,ketua,62.02-A,",
        "Rahmat,199001012015011005,II/d,operator,62.02-A,",
    )  # fmt: skip
    asked = {
        "regency": REGENCY, "week": WEEK, "seconds": 2, "budget_rupiah": BUDGET, "max_nights": 0,
    }  # fmt: skip
    assert slug(kadis.post("/api/v1/plans", json=asked)) == "role-refused"
    answer = rina.post("/api/v1/plans", json=asked)
    office.done(answer)
    first_id = answer.json()["plan_id"]
    first = rina.get(f"/api/v1/plans/{first_id}").json()
    villages = [stop["village_code"] for stop in first["stops"]]
    assert WISHED in villages, "what was verified as required is served"
    assert first["cost_rupiah"] <= BUDGET
    assert first["violations"] == []
    assert len(villages) == len(set(villages))
    assert all(row["reason"] and row["detail"] for row in first["unserved"])

    # Proposed, approved by who may, published under numbers.
    assert step(rina, first_id, "propose").json()["state"] == "proposed"
    assert slug(step(rina, first_id, "approve")) == "role-refused"
    stale = {"action": "approve", "version": 0}
    refused = kadis.post(f"/api/v1/plans/{first_id}/steps", json=stale)
    assert (refused.status_code, slug(refused)) == (409, "plan-changed")
    assert step(kadis, first_id, "approve").json()["state"] == "approved"
    assert slug(step(rina, first_id, "publish")) == "letters-missing"
    published = step(rina, first_id, "publish", letter="800.1.11.1/49/2026").json()
    assert published["state"] == "published"
    scheduled = rina.get(address).json()
    assert (scheduled["state"], scheduled["plan_id"]) == ("scheduled", first_id)

    papers(rina, first_id, first)
    teams = {
        name: office.account(f"tim-{name[-1].lower()}", "team", team=name)
        for name in sorted({stop["team"] for stop in first["stops"]})
    }
    bundles(teams, first_id)

    # The evening before: everything is ready.
    clock(MONDAY - timedelta(1))
    one = next(stop["team"] for stop in first["stops"] if stop["day"] == str(MONDAY))
    ready = {"team": one, "day": str(MONDAY), "answers": {"weather": {"answer": "yes"}}}
    address_ready = f"/api/v1/plans/{first_id}/readiness"
    assert teams[one].post(address_ready, json=ready).status_code == 200
    go = rina.post(address_ready, json={"team": one, "day": str(MONDAY), "verdict": "go"})
    assert (go.json()["verdict"], go.json()["account"]) == ("go", "rina")

    # Tuesday morning a village calls off its session of Wednesday or later.
    clock(TUESDAY)
    later = [stop for stop in first["stops"] if stop["day"] > str(TUESDAY)]
    lost = next(stop["village_code"] for stop in later if stop["village_code"] != WISHED)
    body = {"from_day": str(TUESDAY + timedelta(1)), "cancelled": [lost], "seconds": 2}
    answer = rina.post(f"/api/v1/plans/{first_id}/replan", json=body)
    office.done(answer)
    second_id = answer.json()["plan_id"]
    second = rina.get(f"/api/v1/plans/{second_id}").json()
    assert lost not in {stop["village_code"] for stop in second["stops"]}
    assert WISHED in {stop["village_code"] for stop in second["stops"]}
    so_far = [
        {key(stop) for stop in plan["stops"] if stop["day"] <= str(TUESDAY)}
        for plan in (first, second)
    ]
    assert so_far[0] == so_far[1], "what is over, or under way, stays"
    for who, action in ((rina, "propose"), (kadis, "approve")):
        assert step(who, second_id, action).status_code == 200
    assert slug(step(rina, second_id, "publish", letter="800/50")) == "week-taken"
    taken = step(rina, second_id, "publish", letter="800/50", replaces=first_id)
    assert taken.status_code == 200
    assert (state(rina, first_id), state(rina, second_id)) == ("cancelled", taken.json()["state"])
    assert rina.get(f"/api/v1/plans/{first_id}").json()["replaced_by"] == second_id
    assert rina.get(address).json()["plan_id"] == second_id


def key(stop: dict[str, Any]) -> tuple[str, str, str, str]:
    return stop["team"], stop["day"], stop["village_code"], stop["start"]


def progress(client: AppClient) -> dict[str, Any]:
    """Give the progress of KTP-el."""
    found = client.get("/api/v1/progress", params={"area": REGENCY}).json()
    (row,) = (row for row in found["programmes"] if row["programme"] == "ktp_el")
    return row


def papers(client: AppClient, plan_id: int, plan: dict[str, Any]) -> None:
    """Letters name the number, who goes, and every village of the team."""
    address = f"/api/v1/plans/{plan_id}"
    of_a = [stop for stop in plan["stops"] if stop["team"] == "62.02-A"]
    text = words_of(client.get(f"{address}/letters/assignment-letter", params={"team": "62.02-A"}))
    assert "800.1.11.1/49/2026" in text
    assert "Siti Aminah" in text
    assert [stop["village_name"] for stop in of_a if stop["village_name"] not in text] == []
    orders = words_of(client.get(f"{address}/letters/travel-order", params={"team": "62.02-A"}))
    assert re.findall(r"^2 \| .* \| (.+) / \d+$", orders, flags=re.MULTILINE) == [
        "Siti Aminah", "Rahmat",
    ]  # fmt: skip
    notices = words_of(client.get(f"{address}/letters/notice-district"))
    districts = {stop["district"] for stop in plan["stops"]}
    assert [name for name in sorted(districts) if name not in notices] == []
    posters = client.get(f"{address}/sheets/posters", params={"day": plan["stops"][0]["day"]})
    assert posters.content[:2] == b"PK"


def bundles(teams: dict[str, AppClient], plan_id: int) -> None:
    """A team takes its own days along, and asks again for nothing."""
    for team, phone in teams.items():
        answer = phone.get(f"/api/v1/plans/{plan_id}/sheets/json")
        assert {day["team"] for day in answer.json()["days"]} == {team}
        again = {"If-None-Match": answer.headers["etag"]}
        assert phone.get(f"/api/v1/plans/{plan_id}/sheets/json", headers=again).status_code == 304
