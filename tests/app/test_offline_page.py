"""The page for telephones, opened by Chromium from a file, with no network."""

import json
import re
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.db import connect, reading, transaction
from app.itineraries.formats import Asked, Sheet, write
from app.main import create_app
from tests.app.browser import PHONE, chromium
from tests.app.conftest import AppClient, make_settings
from tests.app.people import let_in
from tests.app.reports import publish
from tests.app.team_week import PLAN, STOPS, make_week

pytestmark = pytest.mark.browser
OUTCOMES = {
    "served", "failed", "not_eligible", "already_had", "absent", "deceased", "moved", "not_found",
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def files(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in both languages."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copy(template, folder / "week.sqlite")
    engine = connect(f"sqlite:///{folder / 'week.sqlite'}")
    with transaction(engine) as session:
        make_week(session)
    with reading(engine) as session:
        for lang in ("id", "en"):
            asked = Asked(plan_id=PLAN, lang=lang, team=None)
            (folder / f"{lang}.html").write_bytes(write(session, Sheet.HTML, asked, folder).body)
    engine.dispose()
    return {lang: folder / f"{lang}.html" for lang in ("id", "en")}


class Phone:
    """A telephone with the file open; everything it asks for and complains of is noted."""

    def __init__(self, browser: Browser, file: Path) -> None:
        size = {"width": 360, "height": PHONE[1]}
        self.context = browser.new_context(
            viewport=size, offline=True, accept_downloads=True, timezone_id="Asia/Jakarta"
        )
        self.file, self.errors, self.asked = file, [], []
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(self.file.as_uri())
        return page

    def export(self) -> dict[str, Any]:
        with self.page.expect_download() as download:
            self.page.click("#export")
        return json.loads(Path(download.value.path()).read_text("utf-8"))


@pytest.fixture
def phone(browser: Browser, files: dict[str, Path]) -> Iterator[Phone]:
    phone = Phone(browser, files["id"])
    yield phone
    phone.context.close()
    assert phone.errors == []
    assert {url.split(":")[0] for url in phone.asked} <= {"file", "blob"}


def fill(page: Page, position: int, served: int, start: str = "08:35", end: str = "10:20") -> None:
    card = page.locator("article").nth(position)
    if card.locator("details").get_attribute("open") is None:
        card.locator("summary").click()
    card.locator("[name='ktp_el.served']").fill(str(served))
    card.locator("[name='kia.deceased']").fill("2")
    card.locator("[name=start]").fill(start)
    card.locator("[name=end]").fill(end)
    card.locator("[name=signal]").select_option("weak")
    card.locator("[name=signal_mbps]").fill("1.5")
    card.locator("[name=power]").select_option("no")
    card.locator("[name=notes]").fill("genset mati <b>")
    card.locator("button.main").click()


def test_the_page_shows_every_stop(phone: Phone) -> None:
    cards = phone.page.locator("article")
    assert cards.count() == len(STOPS)
    for n, told in enumerate(STOPS):
        text = cards.nth(n).inner_text()
        assert f"{told.start}-{told.end} WIB" in text
        assert f"{told.order}. {told.village}" in text
        assert ("TANPA SINYAL" in text) == (told.mode in {"online_satellite", "store_and_forward"})
        link = cards.nth(n).locator(".links a").first.get_attribute("href")
        assert link.startswith(f"geo:{told.lat:.6f},{told.lon:.6f}")
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 360


def test_reports_are_kept_corrected_and_exported_with_the_same_keys(phone: Phone) -> None:
    fill(phone.page, 0, 12)
    fill(phone.page, 2, 5)
    first = phone.export()
    phone.page.close()
    phone.page = phone.open()  # the telephone was off
    second = phone.export()
    assert first["records"] == second["records"]
    assert (first["format"], first["format_version"]) == ("jemput-bola-results", 1)
    one, other = first["records"]
    assert {uuid.UUID(r["key"]).version for r in (one, other)} == {4}
    assert one["key"] != other["key"]
    assert (one["team"], one["day"], one["order"], one["plan_id"]) == ("A", "2026-11-30", 1, PLAN)
    assert one["stop_id"] == "3-A-2026-11-30-1"
    assert one["counts"].keys() == {"ktp_el", "kia"}  # nothing was filled in of the others
    assert {frozenset(counts) for counts in one["counts"].values()} == {frozenset(OUTCOMES)}
    assert (one["counts"]["ktp_el"]["served"], one["counts"]["kia"]["deceased"]) == (12, 2)
    assert (one["start"], one["end"]) == ("2026-11-30T08:35:00+07:00", "2026-11-30T10:20:00+07:00")
    assert (one["signal"], one["signal_mbps"], one["power"]) == ("weak", 1.5, "no")
    assert one["notes"] == "genset mati <b>"
    assert datetime.fromisoformat(one["device_time"]).utcoffset().total_seconds() == 7 * 3600
    fill(phone.page, 0, 13)
    third = phone.export()["records"]
    assert third[:2] == first["records"]
    assert (third[2]["corrects"], third[2]["counts"]["ktp_el"]["served"]) == (one["key"], 13)


def test_an_empty_field_tells_nothing_and_a_zero_does(phone: Phone) -> None:
    card = phone.page.locator("article").nth(1)
    card.locator("summary").click()
    card.locator("[name='akta.served']").fill("0")
    card.locator("button.main").click()
    card.locator("[name='kia.served']").fill("4")
    card.locator("button.main").click()
    card.locator("[name='akta.served']").fill("")
    card.locator("[name='kia.served']").fill("")
    card.locator("button.main").click()
    told = [record["counts"] for record in phone.export()["records"]]
    assert [list(counts) for counts in told] == [["akta"], ["kia", "akta"], ["ikd"]]
    assert {n for counts in told for n in counts.get("akta", {}).values()} == {0}


def test_the_exported_file_sent_twice_counts_once(
    phone: Phone, template: Path, tmp_path: Path
) -> None:
    fill(phone.page, 0, 12)
    fill(phone.page, 2, 5)
    fill(phone.page, 0, 13)  # corrects the first
    shutil.copy(template, tmp_path / "week.sqlite")
    engine = connect(f"sqlite:///{tmp_path / 'week.sqlite'}")
    with transaction(engine) as session:
        make_week(session)
    publish(engine, PLAN)
    settings = make_settings(tmp_path, database_url=f"sqlite:///{tmp_path / 'week.sqlite'}")
    client = AppClient(create_app(settings), let_in(engine, "rina", "admin"))
    url = f"/api/v1/plans/{PLAN}/results"
    for outcome in ("accepted", "known"):
        saved = phone.export()
        with ThreadPoolExecutor(1) as aside:  # this thread has the browser's event loop
            told = aside.submit(client.post, url, json=saved).result().json()
            sums = aside.submit(client.get, f"{url}/totals").result().json()["programmes"]
        assert [row["outcome"] for row in told["records"]] == [outcome] * 3
        # 13 at the first stop, 5 at the third; fill() tells two deceased at each.
        assert (sums["ktp_el"]["served"], sums["kia"]["deceased"]) == (18, 4)
    engine.dispose()


@pytest.mark.parametrize(
    ("served", "start", "end"), [(-1, "08:00", "09:00"), (1, "09:00", "09:00"), (10_000, "", "")]
)
def test_what_cannot_be_is_not_kept(phone: Phone, served: int, start: str, end: str) -> None:
    fill(phone.page, 1, served, start, end)
    assert phone.page.locator("article").nth(1).locator(".fault").inner_text()
    assert phone.export()["records"] == []


def test_a_browser_that_keeps_nothing_says_so_and_still_exports(
    browser: Browser, files: dict[str, Path]
) -> None:
    context = browser.new_context(accept_downloads=True)
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }});"
    )
    page = context.new_page()
    page.goto(files["en"].as_uri())
    fill(page, 0, 3)
    assert "keeps nothing" in page.inner_text("#state")
    with page.expect_download() as download:
        page.click("#export")
    records = json.loads(Path(download.value.path()).read_text("utf-8"))["records"]
    assert [r["counts"]["ktp_el"]["served"] for r in records] == [3]
    context.close()


def test_the_page_is_one_small_file(files: dict[str, Path]) -> None:
    for lang, file in files.items():
        text = file.read_text("utf-8")
        assert f'<html lang="{lang}">' in text
        assert len(text) < 60_000
        assert re.findall(r'(?:src|href)="(?!#)[^"]*"', text) == []
