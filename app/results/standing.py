"""What counts of all that was reported, and what contradicts it.

A pure function of the set of entries: the order in which they came, or came again, changes nothing.

1. A report is *replaced* when another of the same team names its key as the one it corrects, any
   entry when a settlement names its digest. Entries that replace each other in a circle do not.
2. Of the others of a session (team, day, point) settlements come before reports, then the one that
   was told last (by the reporter's clock), then the greater digest.
3. Each fact (the outcomes of a programme, begin, end, signal, speed, power) is that of the first
   which tells it. Where others tell another, the session has an open contradiction.
4. A plan has one session a point. Where more were reported of it all of them count, and they have
   an open contradiction until each is a planner's word.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from app.models import Plan, ResultCount, ResultEntry
from app.models.results import OUTCOMES, SETTLEMENT
from app.results.outcomes import ByProgramme, Outcomes

FACTS = ("started_at", "ended_at", "signal", "signal_mbps", "power")


class Place(NamedTuple):
    """A session: what one team did on a day at a point."""

    team: str
    day: date
    point_code: str


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """An entry and its counts."""

    entry: ResultEntry
    counts: ByProgramme

    @property
    def place(self) -> Place:
        """The session that it speaks of."""
        return Place(self.entry.team, self.entry.day, self.entry.point_code)

    @property
    def rank(self) -> tuple[bool, datetime, str]:
        """Compare entries of a session: the greatest counts."""
        return (self.entry.kind == SETTLEMENT, self.entry.told_at, self.entry.digest)

    def facts(self) -> dict[str, Any]:
        """Give what it tells, by name; a programme's name leads to its outcomes."""
        told = {name: getattr(self.entry, name) for name in FACTS}
        return {**self.counts, **{name: fact for name, fact in told.items() if fact is not None}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Entries of one session that tell different things, or of more sessions than a plan has.

    ``facts``: by name, what each of ``entries`` tells. ``counts`` is the entry whose word stands
    and ``why``: *settled*, by a planner; *told-last*, by the reporter's clock; *all-count*, one of
    several sessions. ``kind`` is *reports-differ*, or *key-reused* where the same key came with
    other content; *other-team*, *other-day* where they tell of several sessions at a point.
    ``is_open`` until a planner has settled it.
    """

    place: Place
    kind: str
    why: str
    is_open: bool
    counts: Told
    entries: tuple[Told, ...]
    facts: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResult:
    """What holds of one session: ``live`` entries, the first of which counts."""

    place: Place
    live: tuple[Told, ...]
    counts: ByProgramme
    started_at: datetime | None = None
    ended_at: datetime | None = None
    signal: str | None = None
    signal_mbps: float | None = None
    power: str | None = None

    @property
    def entry(self) -> ResultEntry:
        """The entry that counts."""
        return self.live[0].entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All sessions by day, team and point; all contradictions; all that was replaced, by digest."""

    sessions: tuple[SessionResult, ...]
    contradictions: tuple[Contradiction, ...]
    replaced_by: Mapping[str, Told] = field(default_factory=dict)


def standing(
    session: Session,
    *,
    regency: str | None = None,
    plan_id: int | None = None,
    until_entry: int | None = None,
) -> Standing:
    """Tell what counts now of what was reported.

    Parameters
    ----------
    plan_id
        Sessions and contradictions of this plan and of those that it replaced, each judged by all
        that its team reported: it may correct under the new plan what it said under the old.
    until_entry
        As it stood when this was the newest entry.
    """
    if plan_id is None:
        return stand(entries(session, regency=regency, until_entry=until_entry))
    plans = lineage(session, plan_id)
    query = select(ResultEntry.team).where(col(ResultEntry.plan_id).in_(plans)).distinct()
    teams = frozenset(session.exec(query))
    found = stand(entries(session, teams=teams, until_entry=until_entry))
    sessions = tuple(one for one in found.sessions if one.entry.plan_id in plans)
    own = (one for one in found.contradictions if one.counts.entry.plan_id in plans)
    return Standing(
        sessions=sessions,
        contradictions=(*own, *_several(sessions)),
        replaced_by=found.replaced_by,
    )


def lineage(session: Session, plan_id: int) -> frozenset[int]:
    """Name a plan and those whose place it took, one after the other."""
    found = {plan_id}
    waiting = [plan_id]
    while waiting:
        earlier = session.exec(select(Plan.id).where(Plan.replaced_by == waiting.pop()))
        new = {number for number in earlier if number is not None} - found
        found |= new
        waiting += new
    return frozenset(found)


def successor(session: Session, plan: Plan) -> Plan:
    """Find the plan that teams work by now: the end of those that took its place, or itself."""
    seen = {plan.id}
    while plan.replaced_by is not None and plan.replaced_by not in seen:
        seen.add(plan.replaced_by)
        plan = session.get_one(Plan, plan.replaced_by)
    return plan


def entries(
    session: Session,
    *,
    regency: str | None = None,
    plans: Collection[int] | None = None,
    teams: Collection[str] | None = None,
    until_entry: int | None = None,
) -> list[Told]:
    """Read the ledger, the first received first."""
    query = select(ResultEntry).order_by(col(ResultEntry.id))
    if regency is not None:
        query = query.join(Plan).where(Plan.regency_code == regency)
    if plans is not None:
        query = query.where(col(ResultEntry.plan_id).in_(plans))
    if teams is not None:
        query = query.where(col(ResultEntry.team).in_(teams))
    if until_entry is not None:
        query = query.where(col(ResultEntry.id) <= until_entry)
    found = list(session.exec(query))
    wanted = query.with_only_columns(col(ResultEntry.id)).order_by(None)
    counts: dict[int, ByProgramme] = {}
    for row in session.exec(select(ResultCount).where(col(ResultCount.entry_id).in_(wanted))):
        table = counts.setdefault(row.entry_id, {})
        table[row.programme] = Outcomes(**{name: getattr(row, name) for name in OUTCOMES})
    return [Told(entry, counts.get(entry.id or 0, {})) for entry in found]


def newest_entry(session: Session, regency: str) -> int:
    """Give the number of the last entry of an office's ledger, 0 when there is none."""
    query = select(ResultEntry.id).join(Plan).where(Plan.regency_code == regency)
    return session.exec(query.order_by(col(ResultEntry.id).desc())).first() or 0


def stand(told: Iterable[Told]) -> Standing:
    """Work out what counts of entries, in whatever order they are given."""
    kept = sorted(told, key=lambda one: one.entry.digest)
    replaced, by_digest = _replaced(kept), {one.entry.digest: one for one in kept}
    by_place: dict[Place, list[Told]] = {}
    for one in kept:
        by_place.setdefault(one.place, []).append(one)
    sessions: list[SessionResult] = []
    contradictions: list[Contradiction] = []
    for place in sorted(by_place, key=lambda at: (at.day, at.team, at.point_code)):
        every = sorted(by_place[place], key=lambda one: one.rank, reverse=True)
        live = tuple(one for one in every if one.entry.digest not in replaced)
        contradictions += _settled(live, by_digest)
        if live:
            sessions.append(_result(place, live))
            contradictions += _open(place, live)
    return Standing(
        sessions=tuple(sessions), contradictions=tuple(contradictions), replaced_by=replaced
    )


def _replaced(every: Sequence[Told]) -> dict[str, Told]:
    """Find by digest which entries are replaced, and by which other."""
    by_key: dict[tuple[str, str], list[Told]] = {}
    by_digest = {one.entry.digest: one for one in every}
    for one in every:
        # Only a planner decides again what a planner has settled.
        if one.entry.kind != SETTLEMENT:
            by_key.setdefault((one.entry.team, one.entry.key), []).append(one)
    replacers: dict[str, list[Told]] = {}
    for one in every:
        corrected = by_key.get((one.entry.team, one.entry.corrects or ""), ())
        settled = (by_digest[digest] for digest in one.entry.settles if digest in by_digest)
        for other in (*corrected, *settled):
            replacers.setdefault(other.entry.digest, []).append(one)
    return {
        digest: max(valid, key=lambda one: one.rank)
        for digest, found in replacers.items()
        if (valid := [one for one in found if not _leads_to(one.entry.digest, digest, replacers)])
    }


def _leads_to(start: str, end: str, replacers: Mapping[str, Sequence[Told]]) -> bool:
    """Tell whether one entry is, step by step, replaced by another."""
    seen, waiting = set(), [start]
    while waiting:
        at = waiting.pop()
        if at == end:
            return True
        if at not in seen:
            seen.add(at)
            waiting += [one.entry.digest for one in replacers.get(at, ())]
    return False


def _result(place: Place, live: tuple[Told, ...]) -> SessionResult:
    facts: dict[str, Any] = {}
    for one in live:
        for name, fact in one.facts().items():
            facts.setdefault(name, fact)
    times = {name: facts.pop(name) for name in FACTS if name in facts}
    return SessionResult(place=place, live=live, counts=facts, **times)


def _differing(live: Sequence[Told]) -> dict[str, tuple[Any, ...]]:
    """Give the facts that entries tell differently, and what each tells; None: nothing."""
    told = [one.facts() for one in live]
    names = dict.fromkeys(name for facts in told for name in facts)
    found = {name: tuple(facts.get(name) for facts in told) for name in names}
    return {n: said for n, said in found.items() if len({s for s in said if s is not None}) > 1}


def _open(place: Place, live: tuple[Told, ...]) -> Iterator[Contradiction]:
    facts = _differing(live)
    if facts:
        why = "settled" if live[0].entry.kind == SETTLEMENT else "told-last"
        yield Contradiction(
            place=place, kind=_kind(live), why=why, is_open=True, counts=live[0], entries=live,
            facts=facts,
        )  # fmt: skip


def _settled(live: Sequence[Told], by_digest: Mapping[str, Told]) -> Iterator[Contradiction]:
    for one in live:
        known = (by_digest[digest] for digest in one.entry.settles if digest in by_digest)
        settled = tuple(sorted(known, key=lambda other: other.rank, reverse=True))
        facts = _where(settled) | _differing(settled)
        if facts:
            yield Contradiction(
                place=one.place, kind=_kind(settled), why="settled", is_open=False, counts=one,
                entries=settled, facts=facts,
            )  # fmt: skip


def _several(sessions: Iterable[SessionResult]) -> Iterator[Contradiction]:
    """Find points at which a plan has more sessions than one, not each of them settled."""
    by_point: dict[str, list[SessionResult]] = {}
    for one in sessions:
        by_point.setdefault(one.place.point_code, []).append(one)
    for _, found in sorted(by_point.items()):
        if len(found) > 1 and any(one.entry.kind != SETTLEMENT for one in found):
            live = tuple(sorted((told for one in found for told in one.live),
                                key=lambda told: told.rank, reverse=True))  # fmt: skip
            yield Contradiction(
                place=live[0].place, kind=_kind(live), why="all-count", is_open=True,
                counts=live[0], entries=live, facts=_where(live) | _differing(live),
            )  # fmt: skip


def _where(found: Sequence[Told]) -> dict[str, tuple[Any, ...]]:
    """Give the teams and the days of entries where they are not the same."""
    said = {name: tuple(getattr(one.place, name) for one in found) for name in ("team", "day")}
    return {name: told for name, told in said.items() if len({*told}) > 1}


def _kind(found: Sequence[Told]) -> str:
    apart = _where(found)
    if apart:
        return "other-team" if "team" in apart else "other-day"
    is_reused = len({one.entry.key for one in found}) < len(found)
    return "key-reused" if is_reused else "reports-differ"
