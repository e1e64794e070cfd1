"""The life of a plan on the page, in a real browser: each step is in the database afterwards.

On one database: what the other answers to the same requests is tested without a browser.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.db import transaction
from app.itineraries.formats import Letter, Sheet
from app.lifecycle import letters_of, steps_of
from app.models import Plan, PlanState
from app.requests import add_request, request_document
from app.settings import Settings
from geodata.requests import RequestRow
from tests.app.browser import PHONE, chromium, visiting
from tests.app.conftest import ServerOf
from tests.app.people import let_in, session_of
from tests.app.road import CODES, best_plan, build

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.search]
COOKIE = "jemput_bola_8000"
WAY = ["rancangan", "usulan", "disetujui", "diterbitkan", "berjalan", "selesai"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def take(page: Page, step: str, after: str, **fields: str) -> None:
    """Press a step's button, fill in its form, send it, and wait for the state after it."""
    page.locator(f"#step-{step}").click()
    form = page.locator("jb-life form")
    for name, text in fields.items():
        form.get_by_label(name).fill(text)
    form.locator("button[type=submit]").click()
    page.locator(f".life [aria-current=step]:text-is('{after}')").wait_for()


def state_of(engine: Engine, plan_id: int = 1) -> str:
    with Session(engine) as session:
        return session.exec(select(Plan.state).where(Plan.id == plan_id)).one()


def test_a_plan_is_taken_from_draft_to_closed(
    seeded: Engine, settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    url = f"{live_server_of(settings).client.base_url}/#plan=1"
    with visiting(browser, url, PHONE, cookie=(COOKIE, session_of())) as visit:
        page = visit.page
        page.locator(".life .way").wait_for()
        assert page.locator(".life .way li").all_inner_texts() == WAY
        take(page, "propose", "usulan")
        take(page, "return", "rancangan", Alasan="Tim cuti hari Kamis")
        take(page, "propose", "usulan")
        take(page, "approve", "disetujui")
        page.locator("#step-publish").click()
        visit.keep("life")
        letters = page.locator("jb-life form input")
        teams = [name.removeprefix("letter ") for name in
                 letters.evaluate_all("all => all.map(one => one.name)")]  # fmt: skip
        numbers = {team: f"800.1/{n}/2026" for n, team in enumerate(teams)}
        for n, team in enumerate(teams):
            letters.nth(n).fill(numbers[team])
        page.locator("jb-life form button[type=submit]").click()
        page.locator(".life [aria-current=step]:text-is('diterbitkan')").wait_for()
        take(page, "start", "berjalan")
        take(page, "close", "selesai")
        assert page.locator(".life button").count() == 0
        assert "diterbitkan" not in page.locator("#plan").inner_text()
    with Session(seeded) as session:
        taken = [(one.action, one.reason) for one in steps_of(session, 1)]
        assert letters_of(session, 1) == numbers
    assert taken == [
        ("propose", None), ("return", "Tim cuti hari Kamis"), ("propose", None),
        ("approve", None), ("publish", None), ("start", None), ("close", None),
    ]  # fmt: skip


def test_who_was_slower_is_told_and_shown_where_the_plan_stands(
    seeded: Engine, settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    server = live_server_of(settings)
    url = f"{server.client.base_url}/#plan=1"
    with visiting(browser, url, cookie=(COOKIE, session_of())) as visit:
        page = visit.page
        page.locator("#step-propose").click()
        faster = {"action": "discard", "version": 0, "reason": "salah minggu"}
        assert server.client.post("/api/v1/plans/1/steps", json=faster).status_code == 200
        page.locator("jb-life form button[type=submit]").click()
        page.locator(".life .cancelled").wait_for()
        assert "ditolak" in page.locator(".life [role=alert]").inner_text()
        assert page.locator(".life button").count() == 0
        page.locator(".life details summary").click()
        assert "alasan: salah minggu" in page.locator(".life details").inner_text()
        assert [text for text in visit.errors if "409" not in text] == []
        visit.errors.clear()
    assert state_of(seeded) == PlanState.CANCELLED


def test_a_viewer_is_shown_the_state_and_sheets_alone(
    seeded: Engine, settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    let_in(seeded, "tamu", "viewer", "62.02")
    url = f"{live_server_of(settings).client.base_url}/#plan=1&lang=en"
    with visiting(browser, url, cookie=(COOKIE, session_of("tamu"))) as visit:
        visit.wait_for_map()
        assert "draft" in visit.page.locator("#plan").inner_text()
        assert visit.page.locator(".life").count() == 0
        assert visit.page.locator("jb-files a").count() == len(Sheet) - 1  # letters name the staff


@pytest.mark.usefixtures("seeded")
def test_files_are_those_of_the_team_and_day_chosen(
    settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    server = live_server_of(settings)
    stop = server.client.get("/api/v1/plans/1").json()["stops"][0]
    url = f"{server.client.base_url}/#plan=1&team={stop['team']}&day={stop['day']}"
    with visiting(browser, url, cookie=(COOKIE, session_of())) as visit:
        files = visit.page.locator("jb-files details")
        files.locator("summary").click()
        visit.keep("files")
        links = files.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert len(links) == len(Sheet) - 1 + len(Letter)  # JSON is for programs
        for link in links:
            assert f"team={stop['team']}" in link and f"day={stop['day']}" in link  # noqa: PT018
        with visit.page.expect_download() as download:
            files.get_by_text("Pesan WhatsApp").click()
        assert stop["village_name"] in download.value.path().read_text(encoding="utf-8")


def test_a_request_is_verified_then_refused_with_a_reason(
    seeded: Engine, settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    letter = RequestRow(
        village_code="62.02.01.2001", kind="village", number="474.4/17/2026",
        letter_date=date(2026, 11, 18), programmes=("ktp_el",), people=40, contact="Kantor Desa",
    )  # fmt: skip
    with transaction(seeded) as session:
        add_request(session, letter, account="uji")
    url = f"{live_server_of(settings).client.base_url}/#plan=1"
    with visiting(browser, url, PHONE, cookie=(COOKIE, session_of())) as visit:
        panel = visit.page.locator("jb-requests")
        panel.locator("summary").click()
        assert "474.4/17/2026" in panel.locator("li").inner_text()
        panel.locator("#request-1-verify").click()
        panel.locator(".badge:text-is('terverifikasi')").wait_for()
        panel.locator("#request-1-refuse").click()
        panel.get_by_label("Alasan").fill("Dilayani pekan lalu")
        panel.locator("form button[type=submit]").click()
        panel.locator(".badge:text-is('ditolak')").wait_for()
        visit.keep("requests")
    with Session(seeded) as session:
        steps = request_document(session, 1)["steps"]
    assert [(one["action"], one["reason"]) for one in steps] == [
        ("receive", None), ("verify", None), ("refuse", "Dilayani pekan lalu"),
    ]  # fmt: skip


@pytest.mark.usefixtures("seeded")
def test_progress_shows_the_figures_of_the_api(
    settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    server = live_server_of(settings)
    answer = server.client.get("/api/v1/progress", params={"area": "62.02"}).json()
    (ktp,) = (one for one in answer["programmes"] if one["programme"] == "ktp_el")
    with visiting(browser, f"{server.client.base_url}/#plan=1", cookie=(COOKIE, session_of())) as v:
        panel = v.page.locator("jb-progress")
        panel.locator("summary").click()
        cells = panel.locator("tr[data-programme=ktp_el] td").all_inner_texts()
        shown = [int(text.replace(".", "")) for text in (cells[0], cells[1], cells[3], cells[5])]
        assert shown == [ktp["base"], ktp["recorded"], ktp["not_recorded"], ktp["gap_to_target"]]
        assert ktp["not_recorded"] == ktp["base"] - ktp["recorded"]
        with v.page.expect_download() as download:
            panel.get_by_text("(CSV)").click()
        assert "ktp_el" in download.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.usefixtures("seeded")
def test_checks_of_the_evening_before_are_answered_on_the_page(
    settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    server = live_server_of(settings)
    published(server.client, 1)
    (first, *_) = server.client.get("/api/v1/plans/1/readiness").json()["items"]
    with visiting(browser, f"{server.client.base_url}/#plan=1", cookie=(COOKIE, session_of())) as v:
        panel = v.page.locator("jb-readiness")
        panel.locator("summary").click()
        row = panel.locator(f"tr[data-day='{first['day']}'][data-team='{first['team']}']")
        row.locator("button").click()
        panel.locator("select[name=weather]").select_option("no")
        panel.locator("input[name='note weather']").fill("sungai naik")
        panel.locator("select[name=verdict]").select_option("go")
        panel.locator("input[name=reason]").fill("lewat jalan darat")
        v.keep("readiness")
        panel.locator("form button[type=submit]").click()
        row.locator("td.go").wait_for()
        assert row.locator("td.check.no").count() == 1
    told = server.client.get("/api/v1/plans/1/readiness").json()["items"][0]
    assert (told["verdict"], told["reason"]) == ("go", "lewat jalan darat")
    weather = told["answers"]["weather"]
    assert (weather["answer"], weather["note"]) == ("no", "sungai naik")
    assert list(told["answers"]) == ["weather"]  # what nobody touched, nobody said


def published(client: httpx.Client, plan_id: int) -> None:
    for version, action in enumerate(("propose", "approve", "publish")):
        body = {"action": action, "version": version, "letter": "800/1/2026"}
        answer = client.post(f"/api/v1/plans/{plan_id}/steps", json=body)
        assert answer.status_code == 200, answer.text


def test_a_move_that_breaks_a_rule_is_kept_with_a_reason_and_undone(
    engine: Engine, settings: Settings, tmp_path: Path, live_server_of: ServerOf, browser: Browser
) -> None:
    build(engine, tmp_path)
    number = best_plan(engine, forbidden=CODES[3:])  # three villages, each with a day of its own
    server = live_server_of(settings)
    address = f"/api/v1/plans/{number}"
    stops = server.client.get(address).json()["stops"]
    moved, other = stops[0], stops[1]
    url = f"{server.client.base_url}/#plan={number}&stop={moved['stop_id']}"
    with visiting(browser, url, cookie=(COOKIE, session_of())) as visit:
        panel = visit.page.locator("jb-edit")
        panel.locator("select[name=team]").select_option(other["team"])
        panel.locator("select[name=day]").select_option(other["day"])
        panel.locator("#edit-move").click()
        panel.locator("[role=alert] li").wait_for()
        assert server.client.get(address).json()["stops"] == stops
        assert panel.locator("select[name=day]").input_value() == other["day"]
        panel.get_by_label("Alasan").fill("Dua desa berbagi balai")
        visit.keep("edit")
        panel.locator("#edit-keep").click()
        panel.locator("#edit-undo").wait_for()
        assert "Dua desa berbagi balai" in panel.inner_text()
        plan = server.client.get(address).json()
        at = {stop["village_code"]: (stop["team"], stop["day"]) for stop in plan["stops"]}
        assert at[moved["village_code"]] == (other["team"], other["day"])
        assert plan["violations"] != []
        panel.locator("#edit-undo").click()
        panel.locator("text=Dua desa berbagi balai").wait_for(state="detached")
        after = server.client.get(address).json()
        assert [(one["village_code"], one["team"], one["start"]) for one in after["stops"]] == [
            (one["village_code"], one["team"], one["start"]) for one in stops
        ]
        assert after["violations"] == []


@pytest.mark.usefixtures("seeded")
def test_results_are_uploaded_twice_and_a_contradiction_is_settled(
    settings: Settings, live_server_of: ServerOf, browser: Browser
) -> None:
    server = live_server_of(settings)
    published(server.client, 1)
    stop = server.client.get("/api/v1/plans/1").json()["stops"][0]
    first, second = (telephone_file(stop, n, served) for n, served in ((1, 12), (2, 15)))
    url = f"{server.client.base_url}/#plan=1&team={stop['team']}&day={stop['day']}"
    with visiting(browser, url, cookie=(COOKIE, session_of())) as visit:
        panel = visit.page.locator("jb-results")
        panel.locator("summary").click()
        for file, told in (
            (first, "1 laporan diterima"), (first, "1 sudah ada"), (second, "1 bertentangan"),
        ):  # fmt: skip
            panel.locator("input[type=file]").set_input_files(
                {"name": "hasil.json", "mimeType": "application/json", "buffer": file}
            )
            panel.locator(f"[role=status]:has-text('{told}')").wait_for()
        form = panel.locator("form.contradiction")
        assert "terlayani 12" in form.inner_text() and "terlayani 15" in form.inner_text()  # noqa: PT018
        visit.keep("results")
        form.get_by_label("Laporan 1", exact=True).check()
        form.get_by_label("Alasan").fill("Menurut daftar hadir")
        form.locator("button[type=submit]").click()
        form.wait_for(state="detached")
        assert panel.locator("tbody td.number").first.inner_text().startswith("12")
    totals = server.client.get("/api/v1/plans/1/results/totals").json()
    assert (totals["n_sessions"], totals["n_contested"]) == (1, 0)
    assert totals["programmes"]["ktp_el"]["served"] == 12


def telephone_file(stop: dict[str, Any], number: int, served: int) -> bytes:
    record = {
        "key": str(UUID(int=number + (4 << 76) + (2 << 62))), "corrects": None, "plan_id": 1,
        "plan_version": None, "team": stop["team"], "day": stop["day"],
        "stop_id": stop["stop_id"], "order": stop["order"],
        "village_code": stop["village_code"], "point_code": stop["point_code"],
        "counts": {"ktp_el": {"served": served}},
        "device_time": f"2026-11-30T10:0{number}:00+07:00",
    }  # fmt: skip
    document = {"format": "jemput-bola-results", "format_version": 1, "records": [record]}
    return json.dumps(document).encode()
