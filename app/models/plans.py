"""Plans, their stops and the lines between them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now
from app.geometry import Geometry


class PlanState(StrEnum):
    """The life of a plan; solving leaves it a draft."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    CANCELLED = "cancelled"


CARRIED_OUT_SQL = "state IN ('published', 'in_progress')"


class Plan(SQLModel, table=True):
    """A week of one regency: what was asked, and the best answer found.

    ``params`` is the request with every default filled in; ``summary`` what was worked out of the
    solution (people by programme, coverage, teams, unserved, violations, warnings), empty until
    a solve ends. ``value, worth, bound`` in weighted documents, ``gap`` a fraction, None while
    nothing is proven. ``version`` counts the answers stored and the steps of its life
    (``app/lifecycle.py``), ``replaced_by`` is the plan that was published in its place.
    """

    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'proposed', 'approved', 'published', 'in_progress', 'closed',"
            " 'cancelled')",
            name="state",
        ),
        CheckConstraint(
            "status IN ('optimal', 'feasible', 'infeasible', 'no_solution')", name="status"
        ),
        CheckConstraint("gap IS NULL OR gap >= 0", name="gap"),
        # A week has one plan that teams work by.
        Index(
            "uq_plan_carried_out", "regency_code", "week", unique=True,
            sqlite_where=text(CARRIED_OUT_SQL), postgresql_where=text(CARRIED_OUT_SQL),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    regency_code: str = Field(index=True)
    week: str = Field(index=True, max_length=8)
    state: str = PlanState.DRAFT
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    replaced_by: int | None = Field(default=None, foreign_key="plan.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    solved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    params: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    status: str | None = None
    stop_reason: str | None = None
    value: float | None = None
    worth: float | None = None
    bound: float | None = None
    gap: float | None = None
    cost_rupiah: int | None = Field(default=None, sa_type=BigInteger)
    distance_m: int | None = None
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class PlanStop(SQLModel, table=True):
    """A visit as planned. ``minutes`` on site without breaks; ``travel_minutes`` to get there.

    ``village_code`` is where the service point lies, ``serves`` the villages whose need is met or
    whose people it gathers. ``point_*, lon, lat`` as they were when the plan was made; None in
    plans made before there were service points.

    ``*_p10, *_p90``: what is fallen short of, or exceeded, once in ten weeks; ``factors``: every
    number that ``expected`` is made of (``app/spread.py``); None in older plans.

    ``travel_break_minutes``: lunch or prayer that fell into that travel; ``n_rapids``: how many
    rapids are passed on it; ``off_network_m``: of ``distance_m``, what follows no road, river or
    link, None in plans of earlier versions.
    ``is_straight_line``: the village is near no network, its way is not known.
    ``home_visits``: people visited at home from that session; what of start to departure is neither
    ``minutes`` nor ``break_minutes`` is for them.
    """

    __tablename__ = "stop"
    __table_args__ = (
        UniqueConstraint("plan_id", "team", "day", "order"),
        CheckConstraint("arrive <= start AND start < depart", name="times"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True, ondelete="CASCADE")
    team: str = Field(index=True)
    day: date
    order: int
    village_code: str = Field(foreign_key="village.code")
    point_code: str | None = None
    point_name: str | None = None
    point_kind: str | None = None
    lon: float | None = None
    lat: float | None = None
    serves: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    arrive: datetime = Field(sa_type=UtcDateTime)
    start: datetime = Field(sa_type=UtcDateTime)
    depart: datetime = Field(sa_type=UtcDateTime)
    minutes: int
    break_minutes: int
    service_mode: str
    travel_mode: str
    travel_minutes: float
    travel_break_minutes: float
    distance_m: int
    n_rapids: int = 0
    off_network_m: int | None = None
    is_straight_line: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    with_kit: bool
    home_visits: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    worth: float
    expected: dict[str, float] = Field(sa_column=Column(JSON, nullable=False))
    expected_p10: dict[str, float] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    expected_p90: dict[str, float] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    worth_p10: float | None = None
    worth_p90: float | None = None
    factors: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class PlanLeg(SQLModel, table=True):
    """One stretch of travel by one mode, before the stop of that ``order``; the way home is last.

    ``part`` counts the stretches of one leg. ``follows_network``: the line is that of roads or
    rivers, else it is straight; ``is_straight_line``: because no way is known.
    """

    __tablename__ = "leg"
    __table_args__ = (UniqueConstraint("plan_id", "team", "day", "order", "part"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True, ondelete="CASCADE")
    team: str
    day: date
    order: int
    part: int
    mode: str
    note: str | None = None
    minutes: float
    metres: int
    n_rapids: int = 0
    follows_network: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    is_straight_line: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    geometry: Any = Field(sa_column=Column(Geometry, nullable=False))
