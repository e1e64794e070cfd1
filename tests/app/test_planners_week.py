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
import openpyxl
import pyogrio
import pytest
from PIL import Image
from sqlalchemy import Engine

from app.jobs import lease
from app.jobs.tasks import run_task
from app.models import JobState
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, slug

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
NUMBERS = ("800.1.11.1/49/2026", "800.1.11.1/50/2026")
UUIDS = "65afd65f-9c9a-4a27-8159-"
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
        return self.take_in(client, kind, name, "\n".join(lines).encode(), **data)

    def take_in(self, client: AppClient, kind: str, name: str, body: bytes, **data: str) -> Any:
        """Upload a file, do its import, and give the report."""
        file = {"file": (name, body)}
        return self.done(client.post(f"/api/v1/imports/{kind}", files=file, data=data))


@pytest.fixture
def office(engine: Engine, settings: Settings, client_of: ClientOf, clock: Clock) -> Office:
    clock(BEFORE)
    return Office(engine, settings, client_of(settings))


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


class PlannersWeek:
    """What the people of the office did so far; each step needs those before it."""

    def __init__(self, office: Office, clock: Clock, kotim: Path) -> None:
        self.office, self.clock, self.kotim = office, clock, kotim
        self.rina = office.account("rina", "planner")
        self.kadis = office.account("kadis", "approver")
        self.teams: dict[str, AppClient] = {}
        self.plans: list[dict[str, Any]] = []
        self.letter = ""
        self.counts: dict[tuple[str, str, str], dict[str, dict[str, int]]] = {}

    @property
    def plan(self) -> dict[str, Any]:
        """The plan that teams work by."""
        return self.plans[-1]

    def take_in_files(self) -> None:
        """Monday before: outlines and roads by the admin, the office's own files by a planner."""
        chief, rina = self.office.chief, self.rina
        lines = sum(info["features"] for info in layers(self.kotim / "jaringan.gpkg"))
        for client, kind, name, n_rows in (
            (chief, "villages", "batas_desa.gpkg", 185),
            (rina, "counts", "rekap_perekaman_desa.xlsx", 185),
            (rina, "connectivity", "blankspot.csv", 100),
            (rina, "connectivity", "sinyal_desa.csv", 185),
            (chief, "network", "jaringan.gpkg", lines),
            (rina, "teams", "tim.csv", 5),
        ):
            report = self.office.take_in(client, kind, name, (self.kotim / name).read_bytes())
            assert (report["kind"], report["accepted"] + report["refused"]) == (kind, n_rows)
        now = progress(rina)
        assert (now["base"], now["recorded"]) == PUBLISHED

    def take_in_data(self) -> None:
        """Then: newer counts of a village, a letter, an estimate, who is there."""
        wajib, recorded = counted(self.kotim, NEWER)
        report = self.office.upload(
            self.rina, "counts", "november.csv", "kode,desa,wajib_ktp,sudah_rekam",
            f"{NEWER},Pelangsian,{wajib + 40},{recorded + 10}", as_of="2026-10-31",
        )  # fmt: skip
        assert (report["accepted"], report["refused"]) == (1, 0)
        now = progress(self.rina)
        assert (now["base"], now["recorded"]) == (PUBLISHED[0] + 40, PUBLISHED[1] + 10)
        assert now["not_recorded"] == 8_199 + 30
        # 99.4 % of 308,349 are 306,498.9.
        assert now["gap_to_target"] == 306_499 - (PUBLISHED[1] + 10)
        letter = {
            "village_code": WISHED, "number": "474.4/17/2026", "letter_date": "2026-11-18",
            "programmes": ["ktp_el", "kia"], "people": 40,
        }  # fmt: skip
        request = self.rina.post("/api/v1/requests", json=letter).json()
        assert request["state"] == "received"
        self.letter = f"/api/v1/requests/{request['request_id']}"
        verify = {"action": "verify", "version": request["version"], "is_required": True}
        answer = self.rina.post(f"{self.letter}/steps", json=verify)
        assert answer.json()["state"] == "verified"
        estimate = {
            "village_code": ESTIMATED, "column": "belum_rekam", "value": 77, "day": "2026-11-20",
            "reason": "dihitung kepala desa", "by": "rina", "is_estimate": True,
        }  # fmt: skip
        assert self.rina.post("/api/v1/corrections", json=estimate).status_code == 201
        staff = self.office.upload(
            self.rina, "staff", "petugas.csv", "nama,nip,pangkat,peran,tim,cuti",
            "Siti Aminah,198503122010011004,III/b,ketua,62.02-A,",
            "Rahmat,199001012015011005,II/d,operator,62.02-A,",
        )  # fmt: skip
        assert staff["accepted"] == 2

    def make_a_plan(self) -> None:
        """Solved with the budget of the week; who approves makes none."""
        asked = {
            "regency": REGENCY, "week": WEEK, "seconds": 1, "budget_rupiah": BUDGET,
            "max_nights": 0,
        }  # fmt: skip
        assert slug(self.kadis.post("/api/v1/plans", json=asked)) == "role-refused"
        self._solved(self.rina.post("/api/v1/plans", json=asked))
        villages = [stop["village_code"] for stop in self.plan["stops"]]
        assert WISHED in villages, "what was verified as required is served"
        assert self.plan["cost_rupiah"] <= BUDGET
        assert self.plan["violations"] == []
        assert len(villages) == len(set(villages))
        assert all(row["reason"] and row["detail"] for row in self.plan["unserved"])

    def weigh_alternatives(self) -> None:
        """A cheap and a fair week beside it; a change by hand, asked, made, taken back."""
        rina, plan, address = self.rina, self.plan, self.address
        others = []
        for asked in (
            {"name": "hemat", "budget_rupiah": BUDGET // 2},
            {"name": "adil", "district_visits": 1, "district_price": 50},
        ):
            self._solved(rina.post(f"{address}/scenarios", json=asked))
            others.append(self.plans.pop())
        numbers = [one["plan_id"] for one in (plan, *others)]
        found = rina.get("/api/v1/plans/compare", params={"plan": numbers}).json()["plans"]
        assert [one["plan_id"] for one in found] == numbers
        assert [one["name"] for one in found] == [None, "hemat", "adil"]
        assert others[0]["cost_rupiah"] <= BUDGET // 2
        served = [len({stop["district"] for stop in one["stops"]}) for one in (plan, others[1])]
        assert served[1] >= served[0], "a district left out costs 50 documents"
        dropped = next(stop for stop in plan["stops"] if stop["village_code"] != WISHED)
        change = {"actions": [{"action": "drop", "at": dropped["point_code"]}], "keep": False}
        change["version"] = rina.get(address).json()["version"]
        asked = rina.post(f"{address}/edits", json=change).json()
        assert (asked["is_kept"], asked["violations"]) == (False, [])
        kept = rina.post(f"{address}/edits", json=change | {"keep": True}).json()
        assert kept["is_kept"] is True
        there = {place(stop) for stop in rina.get(address).json()["stops"]}
        assert there == {place(stop) for stop in plan["stops"]} - {place(dropped)}
        late = rina.post(f"{address}/edits", json=change)
        assert (late.status_code, slug(late)) == (409, "plan-changed")
        undone = rina.post(f"{address}/edits/undo", json={"version": kept["version"]})
        assert undone.status_code == 200
        again = rina.get(address).json()["stops"]
        assert {place(stop) for stop in again} == {place(stop) for stop in plan["stops"]}

    def _solved(self, answer: Any) -> None:
        self.office.done(answer)
        self.plans.append(self.rina.get(f"/api/v1/plans/{answer.json()['plan_id']}").json())

    def approve_and_publish(self) -> None:
        """Proposed, approved by who may, published under a number; the letter is answered."""
        rina, kadis, number = self.rina, self.kadis, self.plan["plan_id"]
        assert step(rina, number, "propose").json()["state"] == "proposed"
        assert slug(step(rina, number, "approve")) == "role-refused"
        stale = {"action": "approve", "version": 0}
        refused = kadis.post(f"/api/v1/plans/{number}/steps", json=stale)
        assert (refused.status_code, slug(refused)) == (409, "plan-changed")
        assert step(kadis, number, "approve").json()["state"] == "approved"
        assert slug(step(rina, number, "publish")) == "letters-missing"
        published = step(rina, number, "publish", letter=NUMBERS[0]).json()
        assert published["state"] == "published"
        request = rina.get(self.letter).json()
        assert (request["state"], request["plan_id"]) == ("scheduled", number)

    def hand_out(self) -> None:
        """Letters and posters go out; each team takes its own days along."""
        papers(self.rina, self.plan)
        for name in sorted({stop["team"] for stop in self.plan["stops"]}):
            self.teams[name] = self.office.account(f"tim-{name[-1].lower()}", "team", team=name)
        bundles(self.teams, self.plan["plan_id"])

    def ask_whether_to_go(self) -> None:
        """The evening before a team says that it is ready, the planner that it goes."""
        self.clock(MONDAY - timedelta(1))
        team = self.of_day(MONDAY)[0]["team"]
        address = f"/api/v1/plans/{self.plan['plan_id']}/readiness"
        ready = {"team": team, "day": str(MONDAY), "answers": {"weather": {"answer": "yes"}}}
        assert self.teams[team].post(address, json=ready).status_code == 200
        decided = ready | {"verdict": "go", "answers": {}}
        assert slug(self.teams[team].post(address, json=decided)) == "role-refused"
        go = self.rina.post(address, json=decided).json()
        assert (go["verdict"], go["account"]) == ("go", "rina")

    def of_day(self, day: date) -> list[dict[str, Any]]:
        return [stop for stop in self.plan["stops"] if stop["day"] == str(day)]

    def report(self, stops: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Let each team report stops; what is told is kept here, to be added up by hand."""
        answers = []
        for team in sorted({stop["team"] for stop in stops}):
            records = [self.told(stop) for stop in stops if stop["team"] == team]
            answer = self.send(team, records)
            assert answer["accepted"] == len(records)
            answers.append(answer)
        return answers

    def told(self, stop: dict[str, Any]) -> dict[str, Any]:
        """Make the report of a stop: the n-th one serves 3 + n."""
        n = len(self.counts)
        counts = {"ktp_el": {"served": 3 + n, "absent": 2, "deceased": n % 2, "moved": 1}}
        if stop["village_code"] == WISHED:
            counts["kia"] = {"served": 6, "failed": 1}
        self.counts[place(stop)] = counts
        return record(self.plan["plan_id"], stop, counts, f"{n + 1:012}")

    def send(self, team: str, records: list[dict[str, Any]]) -> dict[str, Any]:
        body = {"format": "jemput-bola-results", "format_version": 1, "records": records}
        answer = self.teams[team].post(f"{self.address}/results", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @property
    def address(self) -> str:
        return f"/api/v1/plans/{self.plan['plan_id']}"

    def sum(self, outcome: str, programme: str = "ktp_el") -> int:
        """Add up by hand what was reported."""
        return sum(told.get(programme, {}).get(outcome, 0) for told in self.counts.values())

    def compare_totals(self) -> dict[str, Any]:
        """The totals are what was added up by hand; give them."""
        totals = dict(self.rina.get(f"{self.address}/results/totals").json())
        told = totals["programmes"]["ktp_el"]
        names = ("served", "absent", "deceased", "moved")
        assert [told[name] for name in names] == [self.sum(name) for name in names]
        assert totals["n_sessions"] == len(self.counts)
        return totals

    def work_on_monday(self) -> None:
        """All report in the evening; one telephone sends twice, one reports for another team."""
        self.clock(MONDAY)
        stops = self.of_day(MONDAY)
        self.report(stops)
        assert state(self.rina, self.plan["plan_id"]) == "in_progress"
        again = record(self.plan["plan_id"], stops[0], self.counts[place(stops[0])], f"{1:012}")
        team = stops[0]["team"]
        ours = [stop for stop in stops if stop["team"] == team]
        assert self.send(team, [again])["known"] == 1
        foreign = next(name for name in self.teams if name != team)
        theirs = record(self.plan["plan_id"], ours[0], {"ktp_el": {"served": 99}}, "9" * 12)
        assert self.send(foreign, [theirs])["refused"] == 1
        self.compare_totals()
        self.photograph(ours[0])

    def photograph(self, stop: dict[str, Any]) -> None:
        """A team's photo is kept without its place; another team's phone cannot add one."""
        image, written, exif = Image.new("RGB", (40, 30)), io.BytesIO(), Image.Exif()
        exif.get_ifd(0x8825).update({1: "S", 2: (2.0, 30.0, 0.0)})
        image.save(written, "JPEG", exif=exif)
        form = {name: str(stop[name]) for name in ("team", "day", "order")}
        url, file = f"{self.address}/photos", {"file": ("IMG_1.jpg", written.getvalue())}
        foreign = next(name for name in self.teams if name != stop["team"])
        assert slug(self.teams[foreign].post(url, files=file, data=form)) == "other-team"
        kept = self.teams[stop["team"]].post(url, files=file, data=form)
        assert kept.status_code == 201
        again = self.rina.get(f"/api/v1/photos/{kept.json()['photo_id']}").content
        with Image.open(io.BytesIO(again)) as opened:
            assert (opened.size, dict(opened.getexif())) == ((40, 30), {})

    def call_off_on_tuesday(self) -> None:
        """A village calls off; the rest of the week is planned anew, approved, published."""
        self.clock(TUESDAY)
        rina, first = self.rina, self.plan
        later = [stop for stop in first["stops"] if stop["day"] > str(TUESDAY)]
        lost = next(stop["village_code"] for stop in later if stop["village_code"] != WISHED)
        body = {"from_day": str(TUESDAY + timedelta(1)), "cancelled": [lost], "seconds": 1}
        self._solved(rina.post(f"{self.address}/replan", json=body))
        second = self.plan
        assert lost not in {stop["village_code"] for stop in second["stops"]}
        assert WISHED in {stop["village_code"] for stop in second["stops"]}
        so_far = [
            {(*place(stop), stop["start"]) for stop in plan["stops"] if stop["day"] <= str(TUESDAY)}
            for plan in (first, second)
        ]
        assert so_far[0] == so_far[1], "what is over, or under way, stays"
        numbers = first["plan_id"], second["plan_id"]
        for who, action in ((rina, "propose"), (self.kadis, "approve")):
            assert step(who, numbers[1], action).status_code == 200
        assert slug(step(rina, numbers[1], "publish", letter=NUMBERS[1])) == "week-taken"
        taken = step(rina, numbers[1], "publish", letter=NUMBERS[1], replaces=numbers[0])
        assert taken.json()["state"] == "in_progress", "it goes on under the new plan"
        assert state(rina, numbers[0]) == "cancelled"
        assert rina.get(f"/api/v1/plans/{numbers[0]}").json()["replaced_by"] == numbers[1]
        # Where people came on Monday the request is carried out; else the new plan takes it over.
        of_monday = [stop for stop in first["stops"] if stop["day"] == str(MONDAY)]
        came = any(stop["village_code"] == WISHED for stop in of_monday)
        request = rina.get(self.letter).json()
        assert (request["state"], request["plan_id"]) == (
            ("done", numbers[0]) if came else ("scheduled", numbers[1])
        )
        self.compare_totals()  # Monday's reports belong to it

    def report_late_and_wrongly(self) -> dict[str, Any]:
        """From Friday back to Tuesday; one session told twice, one put right, one not at all."""
        self.clock(FRIDAY)
        stops = [stop for stop in self.plan["stops"] if stop["day"] > str(MONDAY)][::-1]
        silent = next(stop for stop in stops if stop["village_code"] != WISHED)
        told = [stop for stop in stops if stop is not silent]
        self.report(told)
        missing = self.rina.get(f"{self.address}/results").json()["missing"]
        assert [place(row) for row in missing] == [place(silent)]
        wrong, other = told[0], told[1]
        mended = {"ktp_el": {"served": 1, "failed": 2}}
        key = f"{UUIDS}{list(self.counts).index(place(wrong)) + 1:012}"
        correction = record(self.plan["plan_id"], wrong, mended, "7" * 12) | {"corrects": key}
        assert self.send(wrong["team"], [correction])["accepted"] == 1
        self.counts[place(wrong)] = mended
        self.compare_totals()
        self.settle(other)
        return silent

    def settle(self, stop: dict[str, Any]) -> None:
        """Two telephones tell of one session; a planner says which counts."""
        second = {"ktp_el": {"served": 50, "absent": 4}}
        sent = record(self.plan["plan_id"], stop, second, "8" * 12)
        assert self.send(stop["team"], [sent])["contradicts"] == 1
        found = self.rina.get(f"{self.address}/results").json()["contradictions"]
        (open_,) = (row for row in found if row["is_open"])
        assert place(open_) == place(stop)
        entries = self.rina.get(f"{self.address}/results/entries").json()["entries"]
        (first,) = (row for row in entries if row["entry_id"] in open_["entries"]
                    and row["key"] != sent["key"])  # fmt: skip
        word = {
            "key": f"{UUIDS}{6:012}", "entries": open_["entries"], "adopt": first["entry_id"],
            "reason": "dihitung lagi dengan daftar hadir",
        }  # fmt: skip
        phone = self.teams[stop["team"]]
        assert slug(phone.post(f"{self.address}/results/settlements", json=word)) == "role-refused"
        assert self.rina.post(f"{self.address}/results/settlements", json=word).status_code == 200
        assert self.compare_totals()["n_contested"] == 0

    def close_and_recap(self, silent: dict[str, Any]) -> None:
        """Friday: closed; what comes after is late and counts; papers and progress say the sums."""
        assert step(self.rina, self.plan["plan_id"], "close").json()["state"] == "closed"
        (answer,) = self.report([silent])
        assert [row["is_late"] for row in answer["records"]] == [True]
        self.compare_totals()
        assert self.rina.get(self.letter).json()["state"] == "done"
        book = openpyxl.load_workbook(
            io.BytesIO(self.rina.get(f"{self.address}/sheets/districts").content), data_only=True
        )
        head, *_, total = list(book.worksheets[0].iter_rows(values_only=True))[1:]
        sums = dict(zip(head, total, strict=True))
        n = len(self.counts)
        assert (sums["Layanan"], sums["Dilaporkan"]) == (len(self.plan["stops"]), n)
        assert (sums["KTP-el: terlayani"], sums["KIA: terlayani"]) == (self.sum("served"), 6)
        assert len(book.sheetnames) == 1 + len({s["district"] for s in self.plan["stops"]})
        text = words_of(self.rina.get(f"{self.address}/letters/recap", params={"team": "62.02-A"}))
        ours = [told["ktp_el"]["served"] for at, told in self.counts.items() if at[0] == "62.02-A"]
        assert (
            f"Dilaporkan {len(ours)} dari {len(ours)} tempat. Terlayani: KTP-el {sum(ours)}" in text
        )
        assert NUMBERS[1] in text
        now = progress(self.rina)
        cleared = self.sum("deceased") + self.sum("moved")
        since = now["with_reports"]
        assert (since["served"], since["cleared"]) == (self.sum("served"), cleared)
        assert since["recorded"] == PUBLISHED[1] + 10 + self.sum("served")
        assert since["base"] == PUBLISHED[0] + 40 - cleared
        assert now["recorded"] == PUBLISHED[1] + 10, "the counts stay as they were imported"
        (wished,) = (told for at, told in self.counts.items() if at[2] == WISHED)
        need = self.rina.get(f"/api/v1/regencies/{REGENCY}/need").json()["villages"]
        (row,) = (row for row in need if row["village_code"] == WISHED)
        assert row["programmes"]["ktp_el"]["served"] == wished["ktp_el"]["served"]

    def read_the_log(self) -> None:
        """Who did what stands in the log."""
        log = self.office.chief.get("/api/v1/audit", params={"limit": 500}).json()["items"]
        done = {(row["account"], row["action"]) for row in log}
        assert done >= {
            ("rina", "create_import"), ("rina", "create_plan"), ("kadis", "take_plan_step"),
            ("rina", "replan_plan"), ("tim-a", "report_results"), ("rina", "settle_results"),
        }  # fmt: skip


def test_a_planners_week(office: Office, clock: Clock, kotim: Path) -> None:
    week = PlannersWeek(office, clock, kotim)
    week.take_in_files()
    week.take_in_data()
    week.make_a_plan()
    week.weigh_alternatives()
    week.approve_and_publish()
    week.hand_out()
    week.ask_whether_to_go()
    week.work_on_monday()
    week.call_off_on_tuesday()
    silent = week.report_late_and_wrongly()
    week.close_and_recap(silent)
    week.read_the_log()


def layers(file: Path) -> list[dict[str, Any]]:
    """Say of each layer of a file what GDAL knows of it."""
    return [pyogrio.read_info(file, layer=name) for name, _ in pyogrio.list_layers(file)]


def place(row: dict[str, Any]) -> tuple[str, str, str]:
    """Name a session: who, when, where."""
    return row["team"], row["day"], row["point_code"]


def record(
    plan_id: int, stop: dict[str, Any], counts: dict[str, dict[str, int]], key: str
) -> dict[str, Any]:
    """Make a report as a telephone saves it."""
    same = ("team", "day", "stop_id", "order", "village_code", "point_code")
    return {
        "key": UUIDS + key, "corrects": None, "plan_id": plan_id, "plan_version": None,
        **{name: stop[name] for name in same}, "counts": counts, "start": stop["start"],
        "end": stop["depart"], "signal": None, "signal_mbps": None, "power": "yes", "notes": "",
        "device_time": f"{stop['day']}T15:00:00+07:00",
    }  # fmt: skip


def progress(client: AppClient) -> dict[str, Any]:
    """Give the progress of KTP-el."""
    found = client.get("/api/v1/progress", params={"area": REGENCY}).json()
    (row,) = (row for row in found["programmes"] if row["programme"] == "ktp_el")
    return row


def papers(client: AppClient, plan: dict[str, Any]) -> None:
    """Letters name the number, who goes, and every village of the team."""
    address = f"/api/v1/plans/{plan['plan_id']}"
    of_a = [stop for stop in plan["stops"] if stop["team"] == "62.02-A"]
    text = words_of(client.get(f"{address}/letters/assignment-letter", params={"team": "62.02-A"}))
    assert NUMBERS[0] in text
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
