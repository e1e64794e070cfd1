"""Weeks kept ready for edits by hand, because loading one takes longer than an edit may.

A week is kept under the digest of its problem, and a plan names the digest it was made with. So
what is kept is never stale, in however many processes: it is the week of that plan, or is not used.
Locks are no part of it, or each would be another problem.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from sqlalchemy import Engine

from app.campaign_prices import for_campaign
from app.db import reading
from app.models import Plan
from app.spread import Sessions
from app.summary import baseline_of
from app.travel import TravelMeans
from app.week import Week, read_week
from app.week_problem import problem_of
from routing import Explainer, Insertions, Problem, digest_of

MOST = 4
"""Weeks kept in one process; the one used longest ago goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWeek:
    """A week with its problem, and what is worked out of it once for all plans.

    ``lock`` is held by who works with it. ``sessions`` are those drawn so far.
    """

    week: Week
    problem: Problem
    digest: str
    explainer: Explainer
    baseline: int
    sessions: Sessions = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


class OpenWeeks:
    """The weeks that one process keeps."""

    def __init__(self) -> None:
        self._weeks: OrderedDict[tuple[int, str], OpenWeek] = OrderedDict()
        self._lock = Lock()

    def of(self, engine: Engine, plan: Plan, means: TravelMeans) -> OpenWeek:
        """Give the week that a plan was made for, or that of today where it has changed since.

        Raises
        ------
        MissingInput, NoDaylight, NoTeamPresent, CampaignOutdated
            When what the week needs is not there any more.
        """
        known = plan.summary.get("problem_digest")
        with self._lock:
            kept = self._weeks.get((plan.id or 0, str(known)))
            if kept is not None:
                self._weeks.move_to_end((plan.id or 0, kept.digest))
                return kept
        opened = _load(engine, plan, means)
        with self._lock:
            self._weeks[plan.id or 0, opened.digest] = opened
            while len(self._weeks) > MOST:
                self._weeks.popitem(last=False)
        return opened


def without_locks(params: Mapping[str, Any]) -> dict[str, Any]:
    """Give a plan's parameters as of nothing locked."""
    return {name: value for name, value in params.items() if name != "locked"}


def digest_without_locks(week: Week, problem: Problem) -> str:
    """Name the problem that a week would be if nothing were locked in it."""
    if week.params.get("locked"):
        problem = problem_of(replace(week, params=without_locks(week.params)))
    return digest_of(problem)


def _load(engine: Engine, plan: Plan, means: TravelMeans) -> OpenWeek:
    params = without_locks(plan.params)
    # In a session of its own: rows outlive it, those of a request that fails are emptied.
    with reading(engine) as session:
        week = read_week(session, plan.id or 0, plan.regency_code, plan.week, params, means=means)
        week = for_campaign(session, week, means)
    problem = problem_of(week)
    return OpenWeek(
        week=week,
        problem=problem,
        digest=digest_of(problem),
        explainer=Explainer(Insertions(problem)),
        baseline=baseline_of(problem),
    )
