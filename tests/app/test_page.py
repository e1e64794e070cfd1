"""The page in a real browser: map, card and table say what the API says."""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from app.api.pages import DIST
from tests.app.browser import DESKTOP, PHONE, Visit, chromium, visiting
from tests.app.conftest import LiveServer, ServerOf, live_servers, make_settings
from tests.app.office import Office
from tests.app.people import session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ME = ("jemput_bola_8000", session_of())  # a server of a test keeps the default port in its name
PASSWORD = "sungai-mentaya"  # noqa: S105 (of a test)
SMALLEST_CLEAR_PX = 14


class Served(NamedTuple):
    """A planned office behind a server."""

    server: LiveServer
    office: Office
    url: str
    plan: dict[str, Any]


@pytest.fixture(scope="module")
def start() -> Iterator[ServerOf]:
    with live_servers() as start:
        yield start


@pytest.fixture(scope="module")
def served(start: ServerOf, kotim_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Kotim, planned through the command line, served."""
    if not (DIST / "index.html").is_file():
        pytest.fail("the page is not built: run make test, or npm ci && npm run build in app/web")
    office = Office(tmp_path_factory.mktemp("page"))
    shutil.copy(kotim_file, office.data_dir)
    made = office.json("plan", "--regency", "62.02", "--week", "2026-W49", "--seconds", "3")
    server = start(make_settings(office.data_dir, database_url=""))
    plan = server.client.get(f"/api/v1/plans/{made['plan_id']}").json()
    return Served(server, office, f"{server.client.base_url}/", plan)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def clock(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%H:%M}"


def facts(page: Page) -> dict[str, str]:
    """Read the card's list: names and values."""
    rows = page.locator("jb-card dl.facts > div").all()
    return {r.locator("dt").inner_text(): r.locator("dd").inner_text() for r in rows}


def stop_in_the_open(page: Page, plan: dict[str, Any]) -> tuple[dict[str, Any], float, float]:
    """Find the stop whose disc lies farthest from all others and under nothing else."""
    points = {
        stop["stop_id"]: page.evaluate("id => window.jemputBola.screenPoint(id)", stop["stop_id"])
        for stop in plan["stops"]
    }

    def clearance(stop: dict[str, Any]) -> float:
        x, y = points[stop["stop_id"]]
        under = page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.tagName", [x, y])
        if under != "CANVAS":
            return 0.0
        others = [p for other, p in points.items() if other != stop["stop_id"]]
        return float(min(((x - a) ** 2 + (y - b) ** 2) ** 0.5 for a, b in others))

    best = max(plan["stops"], key=clearance)
    assert clearance(best) > SMALLEST_CLEAR_PX, "every stop is covered by another"
    return best, *points[best["stop_id"]]


def assert_shows(page: Page, stop: dict[str, Any], *, names: tuple[str, str, str]) -> None:
    """Compare card and highlighted row with a stop of the API."""
    arrive, start, depart = names
    card = facts(page)
    assert card[arrive] == f"{clock(stop['arrive'])} WIB"
    assert card[start] == f"{clock(stop['start'])} WIB"
    assert card[depart] == f"{clock(stop['depart'])} WIB"
    assert stop["village_name"] in page.locator("jb-card h3").inner_text()
    row = page.locator("tr[aria-current=true]")
    assert row.get_attribute("data-stop-id") == stop["stop_id"]
    times = row.locator("td.time").all_inner_texts()
    assert times == [clock(stop["arrive"]), clock(stop["depart"])]


INDONESIAN = ("Tiba", "Layanan mulai", "Berangkat lagi")
ENGLISH = ("Arrives", "Service starts", "Departs")


def test_a_click_on_a_stop_shows_its_times(browser: Browser, served: Served):
    with visiting(browser, served.url, cookie=ME) as visit:
        visit.wait_for_map()
        visit.keep("kotim-desktop")
        stop, x, y = stop_in_the_open(visit.page, served.plan)
        visit.page.mouse.click(x, y)
        visit.page.wait_for_selector("jb-card article")
        visit.wait_for_map()
        assert_shows(visit.page, stop, names=INDONESIAN)
        assert visit.page.locator("tr[aria-current=true]").is_visible()
        assert f"stop={stop['stop_id']}" in visit.page.url
        visit.keep("kotim-stop")


def test_the_map_draws_what_the_api_has(browser: Browser, served: Served):
    with visiting(browser, f"{served.url}#map=7.5/-2.25/112.7", cookie=ME) as visit:
        visit.wait_for_map()
        drawn: dict[str, list[str]] = {
            layer: visit.page.evaluate(
                """([layer, name]) => [...new Set(window.jemputBola.map
                  .queryRenderedFeatures({layers: [layer]})
                  .map((feature) => String(feature.properties[name])))]""",
                [layer, name],
            )
            for layer, name in (("villages", "code"), ("blank-spots", "code"),
                                ("stops", "stop_id"), ("routes", "team"))
        }  # fmt: skip
    features = {
        layer: served.server.client.get(f"/api/v1/features/{layer}").json()["features"]
        for layer in ("villages", "blank-spots")
    }
    for layer, rows in features.items():
        assert set(drawn[layer]) == {feature["id"] for feature in rows}
    assert set(drawn["stops"]) == {stop["stop_id"] for stop in served.plan["stops"]}
    assert set(drawn["routes"]) == {stop["team"] for stop in served.plan["stops"]}


def test_the_first_view_holds_every_stop(browser: Browser, served: Served):
    for size in (DESKTOP, PHONE):
        with visiting(browser, served.url, size, cookie=ME) as visit:
            visit.wait_for_map()
            box = visit.page.locator("#map").bounding_box()
            assert box is not None
            for stop in served.plan["stops"]:
                x, y = visit.page.evaluate(
                    "id => window.jemputBola.screenPoint(id)", stop["stop_id"]
                )
                assert box["x"] < x < box["x"] + box["width"], stop["stop_id"]
                assert box["y"] < y < box["y"] + box["height"], stop["stop_id"]
                under = visit.page.evaluate(
                    "([x, y]) => document.elementFromPoint(x, y)?.closest('jb-legend') !== null",
                    [x, y],
                )
                assert not under, f"the legend covers {stop['stop_id']}"


def test_the_table_holds_the_week(browser: Browser, served: Served):
    with visiting(browser, served.url, cookie=ME) as visit:
        visit.wait_for_map()
        rows = visit.page.locator("tr[data-stop-id]")
        shown = [
            (row.get_attribute("data-stop-id"), *row.locator("td.time").all_inner_texts())
            for row in rows.all()
        ]
        in_order = sorted(served.plan["stops"], key=lambda s: (s["team"], s["day"], s["order"]))
        assert shown == [(s["stop_id"], clock(s["arrive"]), clock(s["depart"])) for s in in_order]
        team = served.plan["teams"][1]["team"]
        visit.page.select_option("#filter-team", team)
        assert rows.count() == sum(stop["team"] == team for stop in served.plan["stops"])


def test_the_page_speaks_english_when_asked(browser: Browser, served: Served):
    with visiting(browser, served.url, cookie=ME) as visit:
        visit.wait_for_map()
        assert visit.page.locator("html").get_attribute("lang") == "id"
        stop = served.plan["stops"][0]
        visit.page.locator(f"[id='stop-{stop['stop_id']}']").click()
        visit.page.locator("#lang-en").click()
        visit.wait_for_map()
        assert visit.page.locator("html").get_attribute("lang") == "en"
        assert_shows(visit.page, stop, names=ENGLISH)
        text = visit.page.locator("jb-summary").inner_text()
        assert "People to look for" in text
        assert "8,273" in text
        assert "8,199" in text
        assert "lang=en" in visit.page.url
        # The server's own sentences change with it.
        reasons = served.server.client.get(
            f"/api/v1/plans/{served.plan['plan_id']}", params={"lang": "en"}
        ).json()["unserved"]
        visit.page.locator(".unserved summary").click()
        assert reasons[0]["detail"] in visit.page.locator(".unserved").inner_text()
        visit.keep("kotim-english")


def test_the_keyboard_reaches_a_stop_and_leaves_it(browser: Browser, served: Served):
    first, second = sorted(
        served.plan["stops"], key=lambda s: (s["team"], s["day"], s["order"])
    )[:2]  # fmt: skip
    with visiting(browser, served.url, cookie=ME) as visit:
        visit.wait_for_map()
        keys = visit.page.keyboard
        keys.press("Tab")
        assert "skip" in (visit.page.locator(":focus").get_attribute("class") or "")
        keys.press("Enter")
        assert visit.page.locator(":focus").get_attribute("data-stop-id") == first["stop_id"]
        keys.press("Enter")
        assert_shows(visit.page, first, names=INDONESIAN)
        keys.press("ArrowDown")
        keys.press("Space")
        assert_shows(visit.page, second, names=INDONESIAN)
        # From the row the page can be left on by Tab: the table is no trap.
        keys.press("Tab")
        assert visit.page.locator(":focus").get_attribute("data-stop-id") != second["stop_id"]
        visit.page.locator("jb-card .close").focus()
        keys.press("Escape")
        assert visit.page.locator("jb-card article").count() == 0


def test_an_address_brings_the_same_page_back(browser: Browser, served: Served):
    stop = served.plan["stops"][-1]
    hash_ = f"#regency=62.02&plan={served.plan['plan_id']}&stop={stop['stop_id']}&lang=en"
    with visiting(browser, served.url + hash_, cookie=ME) as visit:
        visit.wait_for_map()
        assert_shows(visit.page, stop, names=ENGLISH)


def test_the_page_fits_a_phone(browser: Browser, served: Served):
    with visiting(browser, served.url, PHONE, cookie=ME) as visit:
        visit.wait_for_map()
        widths = visit.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] <= widths[1] == PHONE[0]
        visit.keep("kotim-phone")
        stop, x, y = stop_in_the_open(visit.page, served.plan)
        visit.page.mouse.click(x, y)
        visit.page.wait_for_selector("jb-card article")
        assert_shows(visit.page, stop, names=INDONESIAN)
        visit.page.locator("jb-card article").scroll_into_view_if_needed()
        visit.keep("kotim-phone-stop")


def test_the_policy_lets_nothing_out(browser: Browser, served: Served):
    """The watch sees what it must: a breach is an error, and what is asked elsewhere fails."""
    with visiting(browser, served.url, cookie=ME) as visit:
        visit.wait_for_map()
        attempt = "fetch('http://127.0.0.1:9/').then(() => 'through', () => 'stopped')"
        assert visit.page.evaluate(attempt) == "stopped"
        assert any("Content Security Policy" in error for error in visit.errors)
        visit.errors.clear()


class Guarded(NamedTuple):
    """A server on a copy of the planned office, and the link for the one account there is."""

    url: str
    link: str


@pytest.fixture
def guarded(served: Served, start: ServerOf, tmp_path: Path) -> Guarded:
    name = "jemput-bola.sqlite"
    with (
        sqlite3.connect(served.office.data_dir / name) as source,
        sqlite3.connect(tmp_path / name) as target,
    ):
        source.backup(target)
    words = ("account", "add", "siti", "--role", "planner", "--area", "62.02")
    link = Office(tmp_path).json(*words)["link"]
    server = start(make_settings(tmp_path, database_url=""))
    return Guarded(f"{server.client.base_url}/", str(link).rpartition("/")[2])


def expect_refusals(visit: Visit, at_least: int = 1) -> None:
    """Chromium tells every 401 as an error of its own; nothing else may be among them."""
    assert len(visit.errors) >= at_least
    assert all("401 (Unauthorized)" in error for error in visit.errors), visit.errors
    visit.errors.clear()


def test_a_link_and_then_a_password_lead_to_the_map(
    browser: Browser, guarded: Guarded, served: Served
):
    n_stops = len(served.plan["stops"])
    with visiting(browser, guarded.url + "#regency=62.02&lang=en") as visit:
        page = visit.page
        page.wait_for_selector("section.access")
        assert page.locator(":focus").inner_text() == "Sign in"
        assert not page.locator("jb-week").is_visible()
        assert page.locator("#regency, #plan, a.account").count() == 0
        visit.keep("locked")
        expect_refusals(visit)
        page.goto(f"{guarded.url}{guarded.link}&lang=en")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/account?lang=en")
        page.get_by_label("New password (").fill(PASSWORD)
        page.get_by_label("New password again").fill(PASSWORD)
        visit.keep("account-first")
        page.get_by_role("button", name="Save").click()
        assert page.locator("[role=status]").inner_text() == "The password is saved."
        page.get_by_role("button", name="Sign out").click()
        page.goto(guarded.url + "#regency=62.02&lang=en")
        page.locator("section.access a").click()
        expect_refusals(visit)
        page.get_by_label("Name").fill("siti")
        page.get_by_label("Password").fill(PASSWORD[:-1])
        page.keyboard.press("Enter")
        assert "wrong" in page.locator("[role=alert]").inner_text()
        visit.keep("sign-in-wrong")
        expect_refusals(visit)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("tr[data-stop-id]")
        visit.wait_for_map()
        assert "regency=62.02" in page.url
        assert page.locator("tr[data-stop-id]").count() == n_stops
        visit.keep("signed-in")
        kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert kept == [0, 0, ""]  # no script can read what signs in


def test_the_way_in_fits_a_phone(browser: Browser, guarded: Guarded):
    with visiting(browser, guarded.url, PHONE) as visit:
        visit.page.wait_for_selector("section.access")
        box = visit.page.locator("section.access").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE[1]
        visit.keep("locked-phone")
        expect_refusals(visit)
        visit.page.goto(f"{guarded.url}sign-in")
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE[0]
        visit.keep("sign-in-phone")


def test_teams_are_told_apart_by_colour(browser: Browser, served: Served):
    with visiting(browser, served.url, cookie=ME) as visit:
        visit.wait_for_map()
        swatches = visit.page.locator("section.team .swatch").all()
        colours = [s.evaluate("e => getComputedStyle(e).backgroundColor") for s in swatches]
        assert len(colours) == len(served.plan["teams"]) == 5
        assert all(a != b for a, b in pairwise(sorted(colours)))
