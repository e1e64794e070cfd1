"""Who is there: staff of the teams, and what leave does to a team's day.

On a day, a team has its people less those of its list who are on leave. Its kits are cut to the
operators that are left, where operators are listed, else to the people that are left; its desks to
the people that remain beside the kits. A team that has kits but nobody left to operate one, or
nobody left at all, stays at its base that day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from app.errors import TeamNotFound
from app.models import Staff, StaffLeave, Team

OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a team has on a day: people, kits, and desks as ``Team`` has them."""

    people: int
    kits: int
    desks: int | None

    @property
    def can_serve(self) -> bool:
        """Whether anybody is there to serve."""
        return self.people > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Roles of the staff listed by team, and who is away when; no names."""

    roles: dict[str, dict[str, str]]
    leaves: tuple[tuple[str, date, date], ...]
    import_ids: frozenset[int]

    def whole(self, team: Team) -> Presence:
        """Tell what a team has when nobody is away."""
        return Presence(people=team.staff, kits=team.kits, desks=team.desks)

    def presence(self, team: Team, day: date) -> Presence:
        """Tell what a team has on a day."""
        listed = self.roles.get(team.name, {})
        away = {nip for nip, starts, ends in self.leaves if starts <= day <= ends} & listed.keys()
        if not away:
            return self.whole(team)
        people = max(0, team.staff - len(away))
        operators = {nip for nip, role in listed.items() if role == OPERATOR}
        kits = min(team.kits, len(operators - away) if operators else people)
        if team.kits and not kits:
            return Presence(people=0, kits=0, desks=0)
        desks = None if team.desks is None else min(team.desks, max(0, people - kits))
        return Presence(people=people, kits=kits, desks=desks)


def roster(session: Session, teams: Collection[str]) -> Roster:
    """Read who works in some teams, and their leave."""
    staff = session.exec(select(Staff).where(col(Staff.team).in_(teams))).all()
    roles: dict[str, dict[str, str]] = {}
    for one in staff:
        roles.setdefault(one.team, {})[one.nip] = one.role
    leaves = session.exec(
        select(StaffLeave)
        .join(Staff)
        .where(col(Staff.team).in_(teams))
        .order_by(col(StaffLeave.id))
    )
    return Roster(
        roles=roles,
        leaves=tuple((row.nip, row.starts, row.ends) for row in leaves),
        import_ids=frozenset(one.import_id for one in staff),
    )


def staff_of(session: Session, team: str) -> list[dict[str, Any]]:
    """List the staff of a team with their leave, by role and name; for the team's planners only.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    """
    if session.get(Team, team) is None:
        known = session.exec(select(Team.name).order_by(col(Team.name))).all()
        raise TeamNotFound(team=team, known=", ".join(known[:20]) or "-")
    leaves: dict[str, list[dict[str, str]]] = {}
    for row in session.exec(select(StaffLeave).order_by(col(StaffLeave.starts))):
        days = {"starts": row.starts.isoformat(), "ends": row.ends.isoformat()}
        leaves.setdefault(row.nip, []).append(days)
    query = select(Staff).where(Staff.team == team).order_by(col(Staff.role), col(Staff.name))
    return [
        {**row.model_dump(exclude={"import_id", "team"}), "leave": leaves.get(row.nip, [])}
        for row in session.exec(query)
    ]
