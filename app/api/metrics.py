"""How the service does, in the text format of Prometheus (0.0.4).

Counted in this process; several servers are scraped one by one. Written here rather than by a
library because it is one counter and one histogram.
"""

import math
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

from fastapi import APIRouter, Request, Response
from sqlalchemy import Engine, func
from sqlmodel import col, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.access_errors import WholeServiceOnly
from app.api.deps import EngineDep, SettingsDep
from app.api.guard import CallerDep
from app.api.health import bytes_free
from app.areas import WHOLE_COUNTRY
from app.db import reading
from app.models import Job, JobState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the histogram's buckets, seconds, inclusive."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

router = APIRouter(prefix="/api/v1", include_in_schema=False)
_Labels = tuple[tuple[str, object], ...]
_Value = tuple[str, _Labels, float]


class Requests:
    """Requests that were answered: how many by operation and status, and how long they took."""

    def __init__(self) -> None:
        self.answered: Counter[_Labels] = Counter()
        self._times = dict.fromkeys((*BUCKETS, float("inf")), 0)
        self._seconds = 0.0
        self.started_at = time.time()

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one."""
        # A sender may make up any word for it, and each would be counted for ever.
        known = method if method in METHODS else "other"
        self.answered[("method", known), ("route", route), ("status", status)] += 1
        bounds = tuple(self._times)
        self._times[bounds[bisect_left(BUCKETS, seconds)]] += 1
        self._seconds += seconds

    def histogram(self) -> Iterator[_Value]:
        """Give the lines of the histogram: buckets hold those below them too."""
        total = 0
        for bound, count in self._times.items():
            total += count
            end = "+Inf" if bound == float("inf") else bound
            yield "_bucket", (("le", end),), total
        yield "_sum", (), self._seconds
        yield "_count", (), total


class Measured:
    """Counts every answer under the template of its route, never under its path."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app, self._requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on and look at the clock; a stream ends when its client leaves."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            took = time.perf_counter() - began
            self._requests.add(scope["method"], route, status, took)


@router.get("/metrics", operation_id="read_metrics")
def read_metrics(
    request: Request, engine: EngineDep, settings: SettingsDep, caller: CallerDep
) -> Response:
    """Tell numbers of requests, jobs, connections and disk to whoever watches the whole service."""
    if caller.area != WHOLE_COUNTRY:
        raise WholeServiceOnly(account=caller.account, area=caller.area)
    requests: Requests = request.app.state.requests
    lines = [
        *_metric("info", "gauge", "Version of the service.",
                 [("", (("version", __version__),), 1)]),
        *_metric("start_time_seconds", "gauge", "When this process started, Unix time.",
                 [("", (), requests.started_at)]),
        *_metric("requests_total", "counter", "Requests answered.",
                 [("", labels, n) for labels, n in sorted(requests.answered.items(), key=str)]),
        *_metric("request_seconds", "histogram", "Seconds from a request to the end of its answer.",
                 requests.histogram()),
        *_metric("jobs", "gauge", "Jobs by state.", _jobs(engine)),
        *_metric("database_connections", "gauge", "Connections in use by this process.",
                 [("", (), _in_use(engine))]),
        *_metric("disk_free_bytes", "gauge", "Room left on the disk of the data folder.",
                 [("", (), bytes_free(settings.data_dir))]),
    ]  # fmt: skip
    return Response("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


def _metric(name: str, kind: str, meaning: str, values: Iterable[_Value]) -> Iterator[str]:
    yield f"# HELP jemputbola_{name} {meaning}"
    yield f"# TYPE jemputbola_{name} {kind}"
    for suffix, labels, value in values:
        told = ",".join(f'{label}="{text}"' for label, text in labels)
        number = "NaN" if math.isnan(value) else value
        yield f"jemputbola_{name}{suffix}{f'{{{told}}}' if told else ''} {number}"


def _jobs(engine: Engine) -> list[_Value]:
    with reading(engine) as session:
        found = dict(session.exec(select(Job.state, func.count()).group_by(col(Job.state))).all())
    return [("", (("state", state.value),), found.get(state.value, 0)) for state in JobState]


def _in_use(engine: Engine) -> int:
    in_use = getattr(engine.pool, "checkedout", None)
    return int(in_use()) if in_use else 0
