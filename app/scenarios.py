"""Scenarios: a plan again with other teams, hours, weights, kits or rules, under a name.

A scenario is a plan of its own, solved by its own job on the data of today. What supposes teams
that are not there, or parameters beside weights, prices and rules, can be compared, but not
carried out.
"""

from pathlib import Path
from typing import Any

from sqlmodel import Session

from app.changes import solved_plan
from app.errors import BadOption, TeamNotFound
from app.jobs.defer import defer
from app.models import Job, JobKind, Plan
from app.planning import week_params
from app.schemas.plans import PlanRequest
from app.schemas.scenarios import ScenarioRequest
from app.supposed import SUPPOSED
from app.week import teams_of

CARRIED = ("locked", "requests", "home_visits")
OWN = frozenset({"name", "params", "without_teams", "teams", "extra_teams"})


def ask_scenario(
    session: Session,
    plan_id: int,
    asked: ScenarioRequest,
    *,
    calendar_file: Path | None = None,
    solve_seconds: float = 30.0,
    has_road_server: bool = False,
) -> tuple[Plan, Job]:
    """Store a plan like another with something else, and its job, in the caller's transaction.

    What happened in a week that was planned anew is no part of it.

    Raises
    ------
    PlanNotFound, PlanNotSolved, TeamNotFound, BadOption, ParamNotFound, BadParam
        When there is no such plan, or something is named that cannot be; and what
        ``planning.create_plan`` raises.
    """
    base = solved_plan(session, plan_id)
    supposed = _supposed(session, base, asked)
    named = asked.model_dump(mode="json", include=asked.model_fields_set - OWN)
    kept = {name: base.params[name] for name in PlanRequest.model_fields if name in base.params}
    # What is forbidden now was perhaps required by a request.
    kept["required"] = sorted({*kept.get("required", ())} - {*asked.forbidden})
    request = PlanRequest.model_validate(
        {**kept, **named, "regency": base.regency_code, "week": base.week}
    )
    params = week_params(
        session, request, base.week, today=base.created_at.date(), calendar_file=calendar_file,
        solve_seconds=solve_seconds, has_road_server=has_road_server, supposed=asked.params,
    )  # fmt: skip
    what = {**named, **asked.params, **{k: v for k, v in supposed.items() if v}}
    plan = Plan(
        regency_code=base.regency_code,
        week=base.week,
        params={
            **params,
            **{name: base.params[name] for name in CARRIED if name in base.params},
            **({SUPPOSED: supposed} if any(supposed.values()) else {}),
            "scenario": {"name": asked.name, "plan_id": base.id, "changes": what},
        },
    )
    session.add(plan)
    session.flush()
    return plan, defer(session, Job(kind=JobKind.SOLVE, plan_id=plan.id))


def _supposed(session: Session, base: Plan, asked: ScenarioRequest) -> dict[str, Any]:
    """Check the teams named, and keep what is other about them as plain types."""
    teams = {team.name: team for team in teams_of(session, base.regency_code)}
    named = (
        *asked.without_teams, *(row.team for row in asked.teams),
        *(row.like for row in asked.extra_teams),
    )  # fmt: skip
    for name in named:
        if name not in teams:
            raise TeamNotFound(team=name, known=", ".join(teams))
    for row in asked.extra_teams:
        if row.name in teams:
            raise BadOption(option="extra_teams", value=row.name, accepted=f"!= {row.name}")
    for change in asked.teams:
        team = teams[change.team]
        starts, ends = change.starts or team.starts, change.ends or team.ends
        if starts >= ends:
            raise BadOption(option="teams", value=f"{starts}-{ends}", accepted="starts < ends")
    return {
        "without": sorted(set(asked.without_teams)),
        "changed": {row.team: row.values() for row in asked.teams},
        "extra": [row.model_dump() for row in asked.extra_teams],
    }
