"""A plan that is being solved, looked at in a real browser: followed by events, or by asking.

On one database: what the other answers to the same requests is tested without a browser.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, Route
from sqlalchemy import Engine

from app.db import transaction
from app.jobs import lease
from app.jobs.defer import defer
from app.models import Job
from app.settings import Settings
from tests.app.browser import chromium, visiting
from tests.app.conftest import ServerOf
from tests.app.people import session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.search]
ME = ("jemput_bola_8000", session_of())
JOB = re.compile(r"/api/v1/jobs/\d+$")
EVENTS = re.compile(r"/api/v1/jobs/\d+/events\?lang=id$")
PLANS = re.compile(r"/api/v1/plans\?regency=62\.02$")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def solving(seeded: Engine) -> int:
    """A job that works on plan 2 until it is cancelled."""
    with transaction(seeded) as session:
        return defer(session, Job(kind="solve", plan_id=2, args={"steps": 100_000})).id or 0


def heard(page: Page) -> list[str]:
    """Collect what a page asks for from now on."""
    urls: list[str] = []

    def hear(request: Request) -> None:
        urls.append(request.url)

    page.on("request", hear)
    return urls


def n_of(pattern: re.Pattern[str], urls: list[str]) -> int:
    return sum(pattern.search(url) is not None for url in urls)


@pytest.mark.parametrize("proxy", ["passes events", "refuses events"])
def test_the_page_follows_a_job_to_its_end(
    seeded: Engine, settings: Settings, live_server_of: ServerOf, browser: Browser, solving: int,
    proxy: str,
) -> None:  # fmt: skip
    url = str(live_server_of(settings, fake_jobs=True).client.base_url)
    refuses = proxy == "refuses events"
    with visiting(browser, f"{url}/livez", cookie=ME) as visit:
        page = visit.page

        def refuse(route: Route) -> None:
            route.fulfill(status=502, body="no streams here")

        if refuses:
            page.route(EVENTS, refuse)
        urls = heard(page)
        with page.expect_request(EVENTS):
            page.goto(f"{url}/#regency=62.02&plan=2&lang=id")
        if refuses:
            with page.expect_request(JOB):
                pass  # asked for once, and now again
        else:
            page.locator("jb-notice").first.wait_for()
        visit.keep(f"solving-{proxy.split()[0]}")
        asked = n_of(JOB, urls)
        with page.expect_request(PLANS, timeout=20_000):
            lease.cancel(seeded, solving)
        assert lease.read(seeded, solving).state == "cancelled"
        assert asked == (2 if refuses else 1)
        assert refuses or n_of(JOB, urls) == 1
        assert n_of(EVENTS, urls) == 1
        # The first address has no icon, for which a browser asks; and what was refused on purpose.
        assert {error.rpartition(" status of ")[2][:3] for error in visit.errors} <= {"404", "502"}
        visit.errors.clear()
