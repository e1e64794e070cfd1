"""How much of the counts, and of other teams, whoever asks may see."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access import OFFICE, Caller
from app.models import Role
from app.suppression import LEAST

_KEY = "view"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one who asks may see.

    ``sees_counts``: every figure as it is; else counts under ``least`` and what would give them
    away are withheld. ``team`` is the only team whose work is seen, of its own phone; None: all.
    """

    sees_counts: bool = True
    team: str | None = None
    least: int = LEAST

    def sees_figures_of(self, team: str) -> bool:
        """Whether what is expected of a team's stops is shown: to the office, and to that team."""
        return self.sees_counts or (self.team is not None and self.team == team)

    def sees_team(self, team: str) -> bool:
        """Whether a team's work is seen at all."""
        return self.team is None or self.team == team


EVERYTHING = View()


def view_for(caller: Caller, least: int) -> View:
    """Tell how much a caller may see."""
    team = caller.team if caller.role == Role.TEAM else None
    return View(sees_counts=caller.role in OFFICE, team=team, least=least)


def set_view(session: Session, view: View) -> None:
    """Let what is read in a session show no more than ``view``."""
    session.info[_KEY] = view


def view_of(session: Session) -> View:
    """Tell how much a session may show; the command line shows everything."""
    view: View = session.info.get(_KEY, EVERYTHING)
    return view
