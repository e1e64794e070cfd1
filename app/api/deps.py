"""What endpoints ask for: a session, the language, filters."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Header, Path, Query, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.access import Caller
from app.api.guard import READING, CallerDep, operation_of
from app.areas import limit
from app.audit import changes_of, record, watch
from app.db import reading, transaction
from app.errors import BadFilter
from app.features import BBox
from app.settings import Settings
from app.texts import Lang, language
from app.viewing import set_view, view_for

MAX_ID = 2**31 - 1
REGENCY = r"^[0-9]{2}\.[0-9]{2}$"
VILLAGE = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"
WEEK = r"^(current|[0-9]{4}-W[0-9]{2})$"


# What only looks something up is `async`: a thread for it takes longer than the work.
async def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


EngineDep = Annotated[Engine, Depends(_engine)]
SettingsDep = Annotated[Settings, Depends(_settings)]


def _narrow(session: Session, caller: Caller, settings: Settings) -> None:
    """Let a session see what its caller may see, and no more."""
    limit(session, caller.area)
    set_view(session, view_for(caller, settings.smallest_count))


def _reading(engine: EngineDep, settings: SettingsDep, caller: CallerDep) -> Iterator[Session]:
    with reading(engine) as session:
        _narrow(session, caller, settings)
        yield session


def _writing(
    request: Request, engine: EngineDep, settings: SettingsDep, caller: CallerDep
) -> Iterator[Session]:
    with transaction(engine) as session:
        _narrow(session, caller, settings)
        watch(session)
        yield session
        if request.method not in READING:
            details = {"changes": changes_of(session)}
            record(session, operation_of(request), request.url.path, caller=caller, details=details)


# Both see no more than the caller may, and end before the answer goes out: a commit that fails must
# not follow a 202.
ReadDep = Annotated[Session, Depends(_reading, scope="function")]
SessionDep = Annotated[Session, Depends(_writing, scope="function")]


async def _lang(
    lang: Annotated[
        Literal["id", "en"] | None,
        Query(description="Language of texts; default: Accept-Language, then Indonesian."),
    ] = None,
    accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Lang:
    return language(lang, accept_language)


def parse_bbox(text: str) -> BBox:
    """Read ``west,south,east,north`` in degrees or raise ``BadFilter``."""
    expected = "west,south,east,north (-180..180, -90..90)"
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadFilter(name="bbox", value=text[:100], expected=expected) from error
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise BadFilter(name="bbox", value=text[:100], expected=expected)
    box = BBox(*numbers)
    if not (box.west >= -180 and box.east <= 180 and box.south >= -90 and box.north <= 90):
        raise BadFilter(name="bbox", value=text[:100], expected=expected)
    if box.west > box.east or box.south > box.north:
        reason = "west <= east, south <= north"
        raise BadFilter(name="bbox", value=text[:100], expected=reason)
    return box


async def _bbox(
    bbox: Annotated[
        str | None,
        Query(
            description="west,south,east,north in degrees; what touches the box belongs to it.",
            examples=["112.5,-2.9,113.2,-2.2"],
        ),
    ] = None,
) -> BBox | None:
    return None if bbox is None else parse_bbox(bbox)


LangDep = Annotated[Lang, Depends(_lang)]
BBoxDep = Annotated[BBox | None, Depends(_bbox)]
VillageCode = Annotated[
    str,
    Path(
        pattern=VILLAGE,
        description="Kemendagri code of a village.",
        examples=["62.02.15.2010"],
    ),
]
RegencyQuery = Annotated[
    str | None,
    Query(pattern=REGENCY, description="Kemendagri code of a regency.", examples=["62.02"]),
]
PlanQuery = Annotated[
    int | None,
    Query(ge=1, le=MAX_ID, description="A plan; default: the newest solved one, when one is due."),
]
TeamQuery = Annotated[
    str | None,
    Query(min_length=1, max_length=100, description="A team of the plan.", examples=["62.02-A"]),
]
DayQuery = Annotated[date | None, Query(description="A day of the plan.", examples=["2026-11-30"])]
LimitQuery = Annotated[int, Query(ge=1, le=500, description="At most so many, the newest first.")]
PlanId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a plan.")]
JobId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a job.")]
ImportId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of an import.")]
CorrectionId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a correction.")]
TokenId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a token.")]
HeadingId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a taught heading.")]
TeamName = Annotated[str, Path(max_length=100, description="Name of a team.", examples=["62.02-A"])]
WeekQuery = Annotated[
    str,
    Query(
        pattern=WEEK,
        description="ISO week, or `current`: the one of today at the team's office.",
        examples=["2026-W49"],
    ),
]
