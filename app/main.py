"""The web application: middleware, routers, error handlers and jobs put together."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette_compress import CompressMiddleware

from app import __version__
from app.api import (
    accounts,
    audit,
    calendar,
    calendar_feeds,
    campaigns,
    changes,
    connectivity,
    corrections,
    document,
    edits,
    features,
    figures,
    headings,
    health,
    home_visits,
    imports,
    itineraries,
    job_events,
    jobs,
    lifecycle,
    lodging,
    metrics,
    pages,
    params,
    photos,
    plans,
    points,
    problems,
    progress,
    readiness,
    records,
    requests,
    results,
    scenarios,
    sign_in,
    targets,
    teams,
    travel,
    villages,
)
from app.api.allowance import Allowances
from app.api.conditional import DocumentCache
from app.api.guard import BodyLimit, Door, Head, SecurityHeaders, guard, usable
from app.api.metrics import Measured, Requests
from app.api.request_log import Numbered
from app.api.turns import Turns
from app.api.unzip import Unzip
from app.db import connect
from app.jobs.runner import runner_of_server
from app.jobs.schedule import Clock
from app.open_weeks import OpenWeeks
from app.settings import Settings
from app.upgrade import prepare

DESCRIPTION = """Plans the weekly field visits of civil-registration offices.

Coordinates are longitude, latitude in WGS 84. Times carry the office's offset. Errors are problem
documents (RFC 9457). Texts are Indonesian or English, by `lang` or `Accept-Language`. Every
request but for health wants `Authorization: Bearer TOKEN`, or a browser that is signed in. What an
account may do follows from its role; what lies outside its area is as if it were not there.
"""


# Told to clients only: Door asks for the token before any body is read.
BEARER = HTTPBearer(auto_error=False, description="A token of an account.")


def _operations() -> APIRouter:
    """Put the operations together; what anybody may ask stands outside the guard."""
    whole = APIRouter(dependencies=[Depends(usable)])
    whole.include_router(health.router)
    whole.include_router(health.probes)
    for part in (
        imports, headings, corrections, teams, scenarios, plans, itineraries, calendar_feeds,
        changes, edits, records, lifecycle, results, campaigns, params, points, lodging, travel,
        requests, jobs, job_events, features, figures, connectivity, villages, accounts, audit,
        metrics, targets, progress, readiness, home_visits, photos, calendar,
    ):  # fmt: skip
        whole.include_router(part.router, dependencies=[Security(BEARER), Depends(guard)])
    whole.include_router(calendar_feeds.public)
    return whole


# Once for every application of a process: working out what each operation takes is half a second.
OPERATIONS = _operations()


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application; without settings they are read from the environment.

    Starting it brings the database to this version and begins to work on jobs.
    """
    settings = settings or Settings()
    engine = connect(settings.url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(prepare, engine)
        # Started here, in the thread that lasts as long as the server: children die with it.
        runner, clock = runner_of_server(engine, settings), Clock(engine, settings)
        runner.start()
        clock.start()
        try:
            yield
        finally:
            await run_in_threadpool(clock.stop)
            await run_in_threadpool(runner.stop)
            engine.dispose()

    app = FastAPI(
        title="Jemput Bola",
        summary="Weekly field visits of civil-registration offices",
        description=DESCRIPTION,
        version=__version__,
        openapi_url=None,  # served by health.py, to who is signed in
        lifespan=lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.settings, app.state.engine = settings, engine
    app.state.documents, app.state.allowances = DocumentCache(), Allowances()
    app.state.requests, app.state.weeks = Requests(), OpenWeeks()
    app.state.streams = Counter[str]()
    problems.install(app)
    app.router.routes.extend(OPERATIONS.routes)
    document.install(app)
    sign_in.install(app)
    pages.install(app)
    _add_middleware(app, settings)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Wrap the application, the innermost first."""
    app.add_middleware(Head)
    app.add_middleware(problems.Bugs)
    app.add_middleware(Turns)
    app.add_middleware(Unzip)
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Door, settings=settings, engine=app.state.engine)
    # Only gzip: a strong ETag names one sequence of bytes, and conditional.py keeps a gzip copy.
    app.add_middleware(CompressMiddleware, zstd=False, brotli=False)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "Accept-Language"],
            expose_headers=["ETag", "Location"],
            max_age=600,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Measured, requests=app.state.requests)
    app.add_middleware(Numbered)
