"""Who may see which area: the one place that narrows the queries of a session to it.

An area is empty for the whole country, else the code of a province (``62``) or of a regency
(``62.02``); what lies in it has a code that begins with it. A session that was limited sees, counts
and changes nothing outside its area, whatever is asked of it: the condition is added to every query
where it is run, so that none can forget it. Rows lead to no other rows (no relationships), and no
query joins an alias of a table: for these the library would not, or wrongly, add it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Join,
    Select,
    Table,
    TableClause,
    TextClause,
    UpdateBase,
    and_,
    event,
    or_,
)
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, aliased, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import FromClauseAlias
from sqlmodel import Session, SQLModel, col, exists, select

from app.access_errors import OutsideArea
from app.models import (
    Account,
    AssignmentLetter,
    AuditEntry,
    CalendarFeed,
    Campaign,
    CampaignWeek,
    CodeMapping,
    ConnectivityContradiction,
    ConnectivityEvidence,
    ConnectivityJoin,
    CountCorrection,
    CoverageArea,
    CoverageRaster,
    Credential,
    DataImport,
    HomeVisitCount,
    Job,
    LearnedHeading,
    Link,
    Lodging,
    NetworkLine,
    ParamChange,
    Pier,
    Plan,
    PlanEdit,
    PlanLeg,
    PlanRecord,
    PlanStep,
    PlanStop,
    PointVillage,
    PowerReport,
    ReadinessEntry,
    RequestStep,
    ResultCount,
    ResultEntry,
    ServicePoint,
    SignalReport,
    Staff,
    StaffLeave,
    StopPhoto,
    TargetChange,
    Team,
    Tower,
    Village,
    VillageConnectivity,
    VillageCount,
    VillageEdition,
    VisitRequest,
)
from app.viewing import EVERYTHING, set_view, view_of

WHOLE_COUNTRY = ""
AREA = r"[0-9]{2}(\.[0-9]{2})?"
_KEY = "area"
_Condition = Callable[[str], ColumnElement[bool]]


class CannotNarrow(RuntimeError):
    """A limited session was asked in a way that would show the rows of every area: a bug."""

    def __init__(self, *, tables: str) -> None:
        super().__init__(
            f"a limited session is asked of {tables} as of plain tables, whose rows cannot be"
            " narrowed; select a column of the class itself, or use `everywhere`"
        )


def is_area(text: str) -> bool:
    """Tell whether a text is an area: empty, a province, or a regency."""
    return text == WHOLE_COUNTRY or re.fullmatch(AREA, text) is not None


def holds(area: str, code: str) -> bool:
    """Tell whether a code, or another area, lies in an area."""
    return area == WHOLE_COUNTRY or code == area or code.startswith(area + ".")


def inside(column: Any, area: str) -> ColumnElement[bool]:  # noqa: ANN401 (SQLModel types a column as its value)
    """Say ``holds`` in SQL."""
    if area == WHOLE_COUNTRY:
        return col(column).is_not(None)
    return or_(column == area, col(column).startswith(area + ".", autoescape=True))


def limit(session: Session, area: str) -> None:
    """Let a session see and change only what lies in an area."""
    session.info[_KEY] = area


def area_of(session: Session) -> str:
    """Tell what a session is limited to."""
    return str(session.info.get(_KEY, WHOLE_COUNTRY))


@contextmanager
def everywhere(session: Session) -> Iterator[None]:
    """Lift the limit for work on what is derived from the rows of the whole country.

    Also that of a team's own phone to its own rows.
    """
    area, view = area_of(session), view_of(session)
    session.flush()
    limit(session, WHOLE_COUNTRY)
    set_view(session, EVERYTHING)
    try:
        yield
        session.flush()
    finally:
        limit(session, area)
        set_view(session, view)


# --- which rows lie in an area -----------------------------------------------------------------

_CODES: dict[type[SQLModel], str] = {
    Village: "code",
    VillageEdition: "village_code",
    VillageCount: "village_code",
    VillageConnectivity: "village_code",
    ConnectivityEvidence: "village_code",
    ConnectivityContradiction: "village_code",
    CountCorrection: "village_code",
    SignalReport: "village_code",
    PowerReport: "village_code",
    ServicePoint: "village_code",
    Lodging: "village_code",
    PointVillage: "village_code",
    HomeVisitCount: "village_code",
    VisitRequest: "village_code",
    Plan: "regency_code",
    Campaign: "regency_code",
    Team: "regency_code",
    Account: "area",
    AuditEntry: "area",
}
"""The column that says where a row lies."""


def _of_plan(column: Any) -> _Condition:  # noqa: ANN401 (SQLModel types a column as its value)
    return lambda area: col(column).in_(select(Plan.id).where(inside(Plan.regency_code, area)))


def _of_campaign(column: Any) -> _Condition:  # noqa: ANN401 (SQLModel types a column as its value)
    return lambda area: col(column).in_(
        select(Campaign.id).where(inside(Campaign.regency_code, area))
    )


def _of_job(area: str) -> ColumnElement[bool]:
    is_free = and_(col(Job.plan_id).is_(None), col(Job.campaign_id).is_(None))
    own = and_(is_free, inside(Job.area, area))
    return or_(own, _of_plan(Job.plan_id)(area), _of_campaign(Job.campaign_id)(area))


def _of_heading(area: str) -> ColumnElement[bool]:
    office = col(LearnedHeading.regency_code)
    return or_(office == "", inside(office, area))


def _of_target(area: str) -> ColumnElement[bool]:
    # Those of what the area lies in hold for it too.
    above = ["", *({area[:2]} if area else ())]
    return or_(col(TargetChange.area).in_(above), inside(TargetChange.area, area))


def _of_tower(area: str) -> ColumnElement[bool]:
    at = (Tower.lon, Tower.lat, Tower.lon, Tower.lat)
    has_none = col(Tower.village_code).is_(None)
    return or_(inside(Tower.village_code, area), and_(has_none, _near(area, *at)))


def _of_coverage(area: str) -> ColumnElement[bool]:
    box = (CoverageArea.west, CoverageArea.south, CoverageArea.east, CoverageArea.north)
    return _near(area, *box)


def _near(area: str, west: Any, south: Any, east: Any, north: Any) -> ColumnElement[bool]:  # noqa: ANN401 (SQLModel types a column as its value)
    """Say that a box touches that of a village of the area."""
    one = aliased(Village)  # the query around may ask for villages itself
    touches = (one.west <= east, one.east >= west, one.south <= north, one.north >= south)
    return exists(select(one.code).where(inside(one.code, area), *touches))


def _teams(area: str) -> Any:  # noqa: ANN401 (a select of names)
    return select(Team.name).where(inside(Team.regency_code, area))


def _by(column: Any) -> _Condition:  # noqa: ANN401 (SQLModel types a column as its value)
    return lambda area: inside(column, area)


CONDITIONS: Mapping[type[SQLModel], _Condition] = {
    **{table: _by(getattr(table, name)) for table, name in _CODES.items()},
    PlanStop: _of_plan(PlanStop.plan_id),
    PlanLeg: _of_plan(PlanLeg.plan_id),
    PlanStep: _of_plan(PlanStep.plan_id),
    PlanEdit: _of_plan(PlanEdit.plan_id),
    PlanRecord: _of_plan(PlanRecord.plan_id),
    AssignmentLetter: _of_plan(AssignmentLetter.plan_id),
    ReadinessEntry: _of_plan(ReadinessEntry.plan_id),
    StopPhoto: _of_plan(StopPhoto.plan_id),
    ResultEntry: _of_plan(ResultEntry.plan_id),
    ResultCount: lambda area: col(ResultCount.entry_id).in_(
        select(ResultEntry.id).where(_of_plan(ResultEntry.plan_id)(area))
    ),
    RequestStep: lambda area: col(RequestStep.request_id).in_(
        select(VisitRequest.id).where(inside(VisitRequest.village_code, area))
    ),
    CampaignWeek: _of_campaign(CampaignWeek.campaign_id),
    Job: _of_job,
    LearnedHeading: _of_heading,
    TargetChange: _of_target,
    Tower: _of_tower,
    CoverageArea: _of_coverage,
    CalendarFeed: lambda area: col(CalendarFeed.team).in_(_teams(area)),
    Staff: lambda area: col(Staff.team).in_(_teams(area)),
    StaffLeave: lambda area: col(StaffLeave.nip).in_(
        select(Staff.nip).where(col(Staff.team).in_(_teams(area)))
    ),
    Credential: lambda area: col(Credential.account_id).in_(
        select(Account.id).where(inside(Account.area, area))
    ),
}
"""Table to what a limited session sees of it."""

SHARED: frozenset[type[SQLModel]] = frozenset(
    {
        *(CodeMapping, ConnectivityJoin, CoverageRaster, Link, NetworkLine, ParamChange, Pier),
        # Joined in most queries to tell which rows still count; ``imports_in`` narrows its lists.
        DataImport,
    }
)
"""Tables that every area reads whole: roads, codes, parameters. They say nothing of people."""

_WRITTEN_IN: dict[type[SQLModel], str] = {
    **_CODES,
    LearnedHeading: "regency_code",
    TargetChange: "area",
    Tower: "village_code",
    ResultEntry: "village_code",
    DataImport: "area",
}
_WHOLE_COUNTRY_ONLY = frozenset({CodeMapping, ConnectivityJoin, ParamChange})
"""Tables of which one row holds for everybody: only who answers for everybody writes them."""


_OF_TEAM: tuple[tuple[type[SQLModel], Any], ...] = (
    (Team, Team.name), (PlanStop, PlanStop.team), (PlanLeg, PlanLeg.team), (Staff, Staff.team),
    (StopPhoto, StopPhoto.team),
    (ResultEntry, ResultEntry.team),
)  # fmt: skip
"""Tables of which a team's own phone sees its own rows only, and where they name the team."""


def imports_in(area: str) -> ColumnElement[bool]:
    """Say which imports may be listed: those made for the area or a part of it."""
    return inside(DataImport.area, area)


# --- where the limit takes effect --------------------------------------------------------------

_NARROWED = frozenset(str(table.__tablename__) for table in CONDITIONS)
_TABLES_OF_TEXT = re.compile(r'(?:from|join|update|into)\s+"?(\w+)', re.IGNORECASE)


@event.listens_for(OrmSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    area = state.session.info.get(_KEY, WHOLE_COUNTRY)
    team = view_of(state.session).team
    if (area == WHOLE_COUNTRY and team is None) or state.is_column_load:
        return
    asked = _asked(state.statement, refuses_plain=True)
    if state.is_insert:
        _check_inserted(state, area)
        return
    state.statement = state.statement.options(*_criteria(area, team, asked))


def _asked(clause: Any, *, refuses_plain: bool = False) -> frozenset[str]:  # noqa: ANN401 (a statement or a condition)
    """Name the tables that a clause asks of, those of its subqueries among them."""
    names: set[str] = set()
    seen, wanted = {None}, [clause]
    while wanted:
        for part in visitors.iterate(wanted.pop()):
            if isinstance(part, Table):
                names.add(part.name)
            elif refuses_plain and (plain := _plain(part) & _NARROWED):
                raise CannotNarrow(tables=", ".join(sorted(plain)))
            # A column does not lead on to what it is a column of: a table, an alias, a subquery.
            owner = getattr(part, "table", None)
            if owner not in seen:
                seen.add(owner)
                wanted.append(owner)
    return frozenset(names)


def _plain(part: Any) -> set[str]:  # noqa: ANN401 (any part of a statement)
    """Name the tables that a part asks of as plain tables, whose rows no condition would narrow.

    SQLAlchemy takes a statement for one about classes by its columns, but does not look for them
    in ``OR``, ``OVER``, ``FILTER`` and ``EXTRACT``; and of a text it knows nothing.
    """
    if isinstance(part, TextClause):
        return set(_TABLES_OF_TEXT.findall(part.text))
    if not isinstance(part, Select | UpdateBase):
        return set()
    if part._propagate_attrs.get("compile_state_plugin") == "orm":  # noqa: SLF001 (told nowhere else)
        return set()
    wanted: list[Any] = [*part.get_final_froms()] if isinstance(part, Select) else [part.table]
    names = set()
    while wanted:
        one = wanted.pop()
        if isinstance(one, Join):
            wanted += (one.left, one.right)
        elif isinstance(one, TableClause):
            names.add(one.name)
        elif isinstance(one, FromClauseAlias):
            wanted.append(one.element)
    return names


@lru_cache(maxsize=4096)  # to build and to key all of them would take longer than most queries
def _criteria(
    area: str, team: str | None, asked: frozenset[str]
) -> tuple[LoaderCriteriaOption, ...]:
    """Give the conditions on tables that are asked of, and on those that such conditions ask of."""
    conditions = [] if area == WHOLE_COUNTRY else [(t, of(area)) for t, of in CONDITIONS.items()]
    if team is not None:
        conditions += [(table, column == team) for table, column in _OF_TEAM]
    known: frozenset[str] = frozenset()
    while known != asked:
        known = asked
        asked = known.union(*(_asked(one) for table, one in conditions if _name(table) in known))
    return tuple(
        with_loader_criteria(table, one, include_aliases=True)
        for table, one in conditions
        if _name(table) in known
    )


def _name(table: type[SQLModel]) -> str:
    return str(table.__tablename__)


def _check_inserted(state: ORMExecuteState, area: str) -> None:
    mapper = state.bind_mapper
    if mapper is None:
        return
    given: Any = state.parameters or {}
    for row in given if isinstance(given, list) else [given]:
        _check_row(mapper.class_, row.get(_WRITTEN_IN.get(mapper.class_, "")), area)


@event.listens_for(OrmSession, "before_flush")
def _check_flushed(session: OrmSession, _context: UOWTransaction, _instances: object) -> None:
    area = session.info.get(_KEY, WHOLE_COUNTRY)
    if area == WHOLE_COUNTRY:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Job):
            is_free = row.plan_id is None and row.campaign_id is None
            _check_row(Job, row.area if is_free else area, area)  # a plan that is seen lies here
        else:
            _check_row(type(row), getattr(row, _WRITTEN_IN.get(type(row), ""), None), area)


def _check_row(table: type[SQLModel], code: str | None, area: str) -> None:
    """Refuse to write a row that lies elsewhere, or that holds for everybody."""
    is_elsewhere = code is not None and not holds(area, code)
    if is_elsewhere or table in _WHOLE_COUNTRY_ONLY:
        raise OutsideArea(what=code or table.__tablename__, area=area)


def refuse_taken(session: Session, table: Any, key: str, values: Iterable[str]) -> None:  # noqa: ANN401 (any table)
    """Refuse keys that rows outside the session's area have already: those would be overwritten.

    Raises
    ------
    OutsideArea
        Naming the first of them.
    """
    if area_of(session) == WHOLE_COUNTRY:
        return
    wanted = set(values)
    column = getattr(table, key)
    query = select(column).where(column.in_(wanted))
    own = set(session.execute(query).scalars())
    with everywhere(session):
        taken = sorted(set(session.execute(query).scalars()) - own)
    if taken:
        raise OutsideArea(what=taken[0], area=area_of(session))
