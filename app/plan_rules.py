"""What was asked of a week beyond its worth -> rules of a routing problem."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, select

from app.calendar import monday_of
from app.errors import BadOption, PlanNotFound, PlanNotSolved, TeamNotFound, VillageNotFound
from app.models import Plan, Team, Village
from app.plan_days import PlanDays, days_of_plan, place
from app.points import Point
from app.schemas.plan_rules import PlanRules
from app.under_way import points_under_way
from app.week import Week
from routing import (
    Blanks,
    Budget,
    Fairness,
    KeepPublished,
    Problem,
    Programme,
    Rule,
    ServedOnce,
    ServiceMode,
    Solution,
    judge,
)

CrewPlaces = Sequence[tuple[int, bool]]
"""For each crew of a problem a shift that has it, and whether it carries a kit."""


def require_known(session: Session, request: PlanRules, regency: str, week: str) -> None:
    """Refuse wishes about what does not exist.

    Raises
    ------
    VillageNotFound, TeamNotFound, PlanNotFound, PlanNotSolved, BadOption
        The last for a pin outside the week, and for a plan to keep that is of another week or
        regency.
    """
    pinned = (pin.village for pin in request.pins)
    preferred = (row.village for row in request.priorities)
    named = (*request.required, *request.forbidden, *pinned, *preferred)
    require_villages(session, named, regency)
    teams = sorted(session.exec(select(Team.name).where(Team.regency_code == regency)))
    days = [(monday_of(week) + timedelta(days=n)).isoformat() for n in range(7)]
    for pin in request.pins:
        if pin.team is not None and pin.team not in teams:
            raise TeamNotFound(team=pin.team, known=", ".join(teams))
        if pin.day is not None and pin.day.isoformat() not in days:
            raise BadOption(option="pins", value=pin.day, accepted=f"{days[0]}..{days[-1]}")
    if request.keep is not None:
        _require_kept(session, request.keep, regency, week)


def require_villages(session: Session, codes: Iterable[str], regency: str) -> None:
    """Refuse villages that are not of a regency.

    Raises
    ------
    VillageNotFound
        Naming the first of them.
    """
    known = set(session.exec(select(Village.code).where(Village.regency_code == regency)))
    for code in sorted(set(codes) - known):
        raise VillageNotFound(code=code)


def announced_before(
    session: Session, plan_id: int | None, kept: PlanDays
) -> dict[str, Any] | None:
    """Tell which points the plan to keep announced, and when: they are not told late."""
    plan = None if plan_id is None else session.get(Plan, plan_id)
    if plan is None:
        return None
    points = sorted({row["point_code"] for row in kept.stops})
    return {"on": plan.params["announced_on"], "points": points}


def _require_kept(session: Session, plan_id: int, regency: str, week: str) -> None:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    if (plan.regency_code, plan.week) != (regency, week):
        raise BadOption(
            option="keep", value=f"{plan_id} ({plan.regency_code}, {plan.week})",
            accepted=f"{regency}, {week}",
        )  # fmt: skip
    if plan.solved_at is None:
        raise PlanNotSolved(plan_id=plan_id)


def published_days(session: Session, plan_id: int | None) -> PlanDays:
    """Give the days of a plan to keep; none without a plan."""
    plan = None if plan_id is None else session.get(Plan, plan_id)
    return PlanDays([], []) if plan is None else days_of_plan(session, plan)


def visits_of(week: Week, village: str) -> list[int]:
    """Find where a village is served; its own place if nowhere."""
    return places_of(week.points, village)


def places_of(points: Sequence[Point], village: str) -> list[int]:
    """Find the positions of the points at which a village is served; its own if nowhere."""
    at = [v for v, p in enumerate(points) if village in p.serves and not p.gathers]
    return at or [v for v, p in enumerate(points) if p.village_code == village]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of single visits of a week's problem."""

    required: frozenset[int]
    shifts: dict[int, frozenset[int]]

    def of(self, visit: int) -> dict[str, Any]:
        """Give the fields of ``routing.Visit`` that they are."""
        return {"required": visit in self.required, "shifts": self.shifts.get(visit)}


def wishes_of(week: Week) -> Wishes:
    """Read what is asked of single villages; one without a point of its own asks nothing."""
    params = week.params
    shifts: dict[int, frozenset[int]] = {}
    every = frozenset(range(len(week.shifts)))
    for pin in params.get("pins", ()):
        allowed = {
            s for s, shift in enumerate(week.shifts)
            if pin["team"] in (None, shift.team.name)
            and pin["day"] in (None, shift.day.isoformat())
        }  # fmt: skip
        for v in visits_of(week, pin["village"]):
            shifts[v] = shifts.get(v, every) & allowed
    locked = _locked(week)
    shifts |= locked
    for village in params.get("forbidden", ()):
        shifts |= dict.fromkeys(visits_of(week, village), frozenset())
    for v, lost in _lost(week).items():
        shifts[v] = shifts.get(v, every) - lost
    visited = points_under_way(params)
    shifts |= {v: frozenset() for v, point in enumerate(week.points) if point.code in visited}
    # Where hubs may serve a village too, that it must be served is a rule of the whole plan.
    asked = {code: visits_of(week, code) for code in params.get("required", ())}
    required = {
        visits[0] for visits in asked.values() if len(visits) == 1 and not _may_idle(week, visits)
    }
    return Wishes(frozenset(required | locked.keys()), shifts)


def _lost(week: Week) -> dict[int, frozenset[int]]:
    """List the shifts that each visit lost in a week that was planned anew before.

    What plans it anew takes them out itself, and holds them against the plan before.
    """
    known = week.params.get("replan")
    if not known or week.params["origin"]["kind"] == "replan":
        return {}
    outages = week.outages
    away = {s for s, x in enumerate(week.shifts) if outages.is_absent(x.team.name, x.day)}
    to_come = {s for s, x in enumerate(week.shifts) if outages.holds(x.day)}
    off = {v for code in known["cancelled"] for v in visits_of(week, code)}
    lost = {v: frozenset(away | to_come if v in off else away) for v in range(len(week.points))}
    return {v: gone for v, gone in lost.items() if gone}


def _locked(week: Week) -> dict[int, frozenset[int]]:
    """Find the stops that are to stay with their team and day; a place that is gone has none."""
    visits = {point.code: v for v, point in enumerate(week.points)}
    places = {(x.team.name, x.day.isoformat()): s for s, x in enumerate(week.shifts)}
    return {
        visits[row["point_code"]]: frozenset({places[key]} if key in places else ())
        for row in week.params.get("locked", ())
        if row["point_code"] in visits
        for key in [(row["team"], row["day"])]
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule of the whole plan that was asked for; ``district`` where it is about one.

    Of a rule about hubs that is the village.
    """

    kind: str
    limit: int
    build: Callable[[CrewPlaces], Rule]
    district: str | None = None


def asked_rules(week: Week) -> list[Asked]:
    """List the rules of the whole plan, in the order of ``Problem.rules``."""
    return list(_asked(week))


def _asked(week: Week) -> Iterator[Asked]:
    params = week.params
    budget, blanks, n = (
        params.get(name) for name in ("budget_rupiah", "card_blanks", "district_visits")
    )
    if budget is not None:
        yield Asked("budget", budget, lambda _: Budget(limit=budget))
    if blanks is not None:
        yield Asked("blanks", blanks, lambda crews: Blanks(stock=blanks, cards=_cards(week, crews)))
    if n is not None:
        for district, visits in _districts(week).items():
            yield Asked("fairness", n, partial(_fairness, week, n, visits), district)
    yield from _hubs(week)
    if params.get("published"):
        kept = _kept(week)
        limit = params.get("max_changes")
        keep = KeepPublished(
            stops=kept, price=round(1000 * params["change_price"]), max_changes=limit
        )
        yield Asked("stability", len(kept) if limit is None else limit, lambda _: keep)


def _fairness(week: Week, at_least: int, visits: frozenset[int], crews: CrewPlaces) -> Fairness:
    """Ask for visits to a district; one that can serve nobody for want of signal is none."""
    price = week.params.get("district_price")
    return Fairness(
        visits=visits, at_least=at_least, idle=_idle(week, visits, crews),
        price=None if price is None else round(1000 * price),
    )  # fmt: skip


def _hubs(week: Week) -> Iterator[Asked]:
    """Serve each village once, at its own point or at a hub; by all means if it is required."""
    required = set(week.params.get("required", ()))
    has_hubs = any(point.is_hub for point in week.points)
    seen: set[tuple[int, ...]] = set()
    for village in sorted(week.villages, key=lambda village: village.code):
        is_required = village.code in required
        if not (has_hubs or is_required):
            continue
        visits = visits_of(week, village.code)
        must_serve = is_required and _may_idle(week, visits)
        # Villages that share one point are served together.
        if (len(visits) < 2 and not must_serve) or tuple(visits) in seen:
            continue
        seen.add(tuple(visits))
        kind = "served" if must_serve else "hub"
        yield Asked(kind, 1, partial(_once, week, visits, is_required), village.name)


def _once(week: Week, visits: Sequence[int], is_required: bool, crews: CrewPlaces) -> ServedOnce:
    options = range(len(week.params["minutes"]))
    return ServedOnce(
        sessions=frozenset((v, o) for v in visits for o in options),
        is_required=is_required,
        idle=_idle(week, visits, crews) if is_required else frozenset(),
    )


def _may_idle(week: Week, visits: Iterable[int]) -> bool:
    """Whether a team might come to one of these places and serve nobody for want of signal."""
    crews = [(s, False) for s in range(len(week.shifts))]
    return bool(_idle(week, visits, crews))


def _idle(week: Week, visits: Iterable[int], crews: CrewPlaces) -> frozenset[tuple[int, int]]:
    """List the places and crews where nobody can be served for want of signal."""
    return frozenset(
        (v, c)
        for v in visits
        for c, (s, kit) in enumerate(crews)
        if week.service(v, s, with_kit=kit) is ServiceMode.NO_SERVICE
    )


def _cards(week: Week, crews: CrewPlaces) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Expect thousandths of a card from every point, length and crew: one for each KTP-el.

    Visits at home take one each.
    """

    def cards(visit: int, minutes: int, shift: int, kit: bool) -> int:
        expected = week.expected(visit, shift, minutes, with_kit=kit)
        at_home = week.home_recordings(visit, shift, with_kit=kit)
        return round(1000 * (expected[Programme.KTP_EL] + at_home))

    return tuple(
        tuple(
            tuple(cards(v, minutes, s, kit) for s, kit in crews)
            for minutes in week.params["minutes"]
        )
        for v in range(len(week.points))
    )


def _districts(week: Week) -> dict[str, frozenset[int]]:
    """Group the points by the district they lie in."""
    district_of = {village.code: village.district for village in week.villages}
    found: dict[str, set[int]] = {}
    for v, point in enumerate(week.points):
        found.setdefault(district_of[point.village_code], set()).add(v)
    return {name: frozenset(found[name]) for name in sorted(found)}


def kept_days(week: Week) -> PlanDays:
    """Give the days of the plan to keep, as a request keeps them."""
    params = week.params
    return PlanDays(list(params.get("published", ())), list(params.get("published_nights", ())))


def _kept(week: Week) -> frozenset[tuple[int, int]]:
    """Find published stops in this week's problem; what is no longer in it is not to keep."""
    visits = {point.code: v for v, point in enumerate(week.points)}
    shifts = {(x.team.name, x.day.isoformat()): s for s, x in enumerate(week.shifts)}
    found = (
        (visits.get(stop["point_code"]), shifts.get((stop["team"], stop["day"])))
        for stop in kept_days(week).stops
    )
    return frozenset((v, s) for v, s in found if v is not None and s is not None)


def published_plan(week: Week, problem: Problem) -> Solution | None:
    """Give the plan to keep as a solution to begin with; None when there is none."""
    days = place(week, problem, kept_days(week)).days
    return judge(problem, days).solution if days else None
