"""Debian's Chromium, and a watch over what a page does."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "artifacts"
DESKTOP = (1440, 900)
PHONE = (390, 844)
FLAGS = (
    "--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run",
    "--disable-dev-shm-usage",
)  # fmt: skip
IDLE = "html[data-map-state=idle]"
"""What the document says of itself once all is loaded and drawn."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser of the system."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is not there: run make test, or apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


class Visit:
    """One window on a page; ``errors`` and ``hosts`` fill while it is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(f"thrown: {error}"))
        page.on("request", lambda request: self._see(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        # A breach of the Content-Security-Policy is told as an error too.
        if message.type == "error":
            self.errors.append(message.text)

    def _see(self, url: str) -> None:
        if urlsplit(url).scheme not in {"data", "blob"}:
            self.hosts.add(urlsplit(url).netloc)

    def wait_for_map(self) -> None:
        """Wait until all data are drawn; the policy forbids ``wait_for_function``."""
        self.page.wait_for_selector(IDLE, state="attached", timeout=60_000)

    def keep(self, name: str) -> None:
        """Store a screenshot for people to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")


@contextmanager
def visiting(
    browser: Browser,
    url: str,
    size: tuple[int, int] = DESKTOP,
    *,
    lang: str = "id-ID",
    cookie: tuple[str, str] | None = None,
) -> Iterator[Visit]:
    """Open a page in a fresh profile; nothing in it may fail and no other host may be asked.

    ``cookie`` is the name and value with which the browser is signed in.
    """
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale=lang)
    if cookie is not None:
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
    visit = Visit(context.new_page())
    visit.page.goto(url)
    yield visit
    context.close()
    assert visit.errors == []
    assert visit.hosts == {urlsplit(url).netloc}
