"""Pages for people: the map client's files and what each problem type means."""

import html
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.api import problems
from app.texts_id import ERRORS_ID

DIST = Path(__file__).resolve().parents[1] / "web" / "dist"
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

router = APIRouter(include_in_schema=False)


class ClientFiles(StaticFiles):
    """Files of the built map client; they may be built while the server runs."""

    def __init__(self, directory: Path, cache_control: str) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._cache_control = cache_control

    async def check_config(self) -> None:
        """Accept a folder that is not there yet: a file in it is then not found."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give the file with its caching rule."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = self._cache_control
        return response


def install(app: FastAPI, dist: Path = DIST) -> None:
    """Serve the pages of ``app``; the built client lies in ``dist``."""
    root = ClientFiles(dist, REVALIDATE)
    app.include_router(router)
    # Names of files in assets/ change with their content.
    app.mount("/assets", ClientFiles(dist / "assets", FOREVER), name="assets")

    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        if not (dist / "index.html").is_file():
            return _page("Jemput Bola", _NOT_BUILT, status=503)
        return await root.get_response("index.html", request.scope)

    @app.get("/{name}", include_in_schema=False)
    async def file(name: str, request: Request) -> Response:
        return await root.get_response(name, request.scope)


@router.get("/problems")
def list_problems() -> HTMLResponse:
    """List the problem types."""
    rows = "".join(
        f'<li><a href="/problems/{slug}">{slug}</a>: {html.escape(facts["title"])}</li>'
        for slug, facts in sorted(_known().items())
    )
    return _page("Problems", f"<ul>{rows}</ul>")


@router.get("/problems/{slug}")
def read_problem(slug: str) -> HTMLResponse:
    """Explain a problem type."""
    facts = _known().get(slug)
    if facts is None:
        raise HTTPException(404)
    parts = [f"<p>HTTP {facts['status']}</p>" if facts["status"] else ""]
    parts += [f"<p>{html.escape(text)}</p>" for text in facts["texts"] if text]
    return _page(f"{facts['title']} ({slug})", "".join(parts))


def _known() -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {
        slug: {"status": status, "title": title, "texts": [meaning]}
        for slug, (status, title, meaning) in problems.PLAIN.items()
    }
    for slug, kind in problems.error_classes().items():
        known[slug] = {
            "status": problems.status_of(kind),
            "title": problems.title_of(kind),
            "texts": [getattr(kind, "message", ""), ERRORS_ID.get(slug, "")],
        }
    return known


_NOT_BUILT = (
    "<p>Halaman peta belum dibuat. Jalankan <code>make run</code>, atau "
    "<code>npm ci &amp;&amp; npm run build</code> di <code>app/web</code>, lalu muat ulang.</p>"
    "<p>The map page has not been built. Run <code>make run</code>, or <code>npm ci &amp;&amp; "
    "npm run build</code> in <code>app/web</code>, then reload. The API answers at "
    '<a href="/api/v1/health">/api/v1</a>.</p>'
)


def _page(title: str, body: str, *, status: int = 200) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    text = f"<!doctype html><html><head>{head}</head><body><h1>{html.escape(title)}</h1>{body}"
    return HTMLResponse(text + "</body></html>", status, headers={"Cache-Control": REVALIDATE})
