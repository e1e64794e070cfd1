"""What the service writes about itself: lines for people, or one JSON object a line for programs.

A line of JSON holds what is named here and nothing else: no address with its query, no text that
somebody typed, no parameters of a statement. Who asked is the number of the account.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.errors import AppError
from app.settings import Settings

REQUEST: ContextVar[dict[str, Any] | None] = ContextVar("request", default=None)
"""The scope of the request that is being answered; its state says its number and who asks."""
JOB: ContextVar[int | None] = ContextVar("job", default=None)
"""The job that this process does."""

_FACTS = (
    "job_id", "kind", "state", "attempts", "plan_id", "campaign_id", "import_id", "method", "route",
    "status", "ms", "pid", "code", "ending",
)  # fmt: skip
# These say at INFO which address they ask for; an address may hold a key.
_TALKATIVE = ("httpx", "httpcore", "procrastinate")
_FRAMES = 12
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def configure(settings: Settings) -> None:
    """Write what is logged in this process to stderr, in the form that the settings ask for."""
    handler = logging.StreamHandler()
    if settings.log_format == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give time, level, place, event; the request, who asked and the job, as far as known."""
        ours = record.name.partition(".")[0] in {"app", "routing", "geodata"}
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            # Ours name no one. What libraries say may quote a value.
            "event": record.getMessage() if ours else _QUOTED.sub("'...'", str(record.msg)),
            **_whose(),
            **{name: vars(record)[name] for name in _FACTS if name in vars(record)},
        }
        error = vars(record).get("error")
        if isinstance(error, dict) and "code" in error:
            line["code"] = error["code"]
        if record.exc_info and record.exc_info[1] is not None:
            line |= _told(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


def _whose() -> dict[str, Any]:
    """Give the request that this is said in, and the job."""
    found: dict[str, Any] = {}
    scope = REQUEST.get()
    if scope is not None:
        state = scope.get("state", {})
        found["request_id"] = state.get("request_id")
        if state.get("caller") is not None:
            found["actor"] = state["caller"].account_id
    if JOB.get() is not None:
        found["job_id"] = JOB.get()
    return found


def _told(error: BaseException) -> dict[str, Any]:
    """Give the kind of an error and where it was raised; of its words those that quote nobody."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told = {
        "exception": type(error).__name__,
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, AppError):
        told["code"] = error.code
    elif isinstance(error, DBAPIError) and error.orig is not None:
        told["reason"] = _QUOTED.sub("'...'", str(error.orig).strip().partition("\n")[0])
    elif isinstance(error, OSError) and error.strerror:
        told["reason"] = error.strerror
    return told
