"""The campaign below the week, in a real browser: the panel says what the API says."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from tests.app.browser import chromium, visiting
from tests.app.conftest import ServerOf
from tests.app.people import session_of
from tests.app.test_campaigns import ADDRESS, ask, office, run

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["office"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ME = ("jemput_bola_8000", session_of())


def whole(text: str) -> int:
    """Read a number as Indonesian writes it."""
    return int(text.replace(".", ""))


def cells(row: "Locator") -> list[str]:
    return row.locator("th, td").all_inner_texts()


def test_the_panel_shows_targets_weeks_and_districts(
    office: Engine, settings: Settings, live_server_of: ServerOf
) -> None:
    run(office, ask(office))
    server = live_server_of(settings)
    campaign = server.client.get(f"{ADDRESS}/1").json()
    (target,) = (row for row in campaign["targets"] if row["programme"] == "ktp_el")
    with chromium() as browser, visiting(browser, f"{server.client.base_url}/", cookie=ME) as visit:
        panel = visit.page.locator("jb-campaign details")
        panel.wait_for()
        panel.scroll_into_view_if_needed()
        visit.keep("campaign")
        title = panel.locator("summary").inner_text()
        assert all(week in title for week in (campaign["first_week"], campaign["last_week"]))
        targets, weeks, districts = panel.locator("table").all()
        assert "Perkiraan belum rekam" in cells(targets.locator("thead tr"))
        rows = {row[0]: row for row in map(cells, targets.locator("tbody tr").all())}
        at_end = target["standings"][-1]
        assert whole(rows["KTP-el"][4]) == round(at_end["not_recorded"])
        assert whole(rows["KTP-el"][5]) == round(at_end["gap_to_target"])
        shown = {row[0]: row for row in map(cells, weeks.locator("tbody tr").all())}
        assert list(shown) == [week["week"] for week in campaign["weeks"]]
        for week in campaign["weeks"]:
            assert whole(shown[week["week"]][2]) == week["n_visits"]
        visits = [
            sum(whole(text) for text in cells(row)[1:] if text)
            for row in districts.locator("tbody tr").all()
        ]
        assert sum(visits) == len(campaign["visits"])
