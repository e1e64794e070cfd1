"""What each role may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.access_errors import OtherTeam, RoleRefused
from app.models import Role

EVERYBODY = frozenset(Role)
OFFICE = frozenset({Role.ADMIN, Role.PLANNER, Role.APPROVER})
PLANNERS = frozenset({Role.ADMIN, Role.PLANNER})
ADMINS = frozenset({Role.ADMIN})

# Whoever makes plans, and a team for itself (`own_team`).
TEAMS = PLANNERS | {Role.TEAM}

# An operation that is not named here is read by everybody and written by planners: a new one is
# guarded before anybody has thought about it.
_NEEDS: Mapping[str, frozenset[Role]] = {
    # names of persons, files as they were sent in
    "list_staff": OFFICE,
    "list_imports": OFFICE,
    "read_import": OFFICE,
    "download_import_report": OFFICE,
    "list_corrections": OFFICE,
    "list_headings": OFFICE,
    "list_requests": OFFICE,
    "read_request": OFFICE,
    "suggest_dates": OFFICE,
    "list_home_visits": OFFICE,
    # a team about its own days; the verdict is a planner's: ``app/readiness.py``
    "list_readiness": OFFICE | {Role.TEAM},
    "tell_readiness": TEAMS,
    "list_photos": OFFICE | {Role.TEAM},
    "read_photo": OFFICE | {Role.TEAM},
    "add_photo": TEAMS,
    "read_job": OFFICE,
    "list_jobs": OFFICE,
    "follow_job": OFFICE,
    # which step of it is whose: ``app/lifecycle.py``
    "take_plan_step": OFFICE,
    "list_plan_steps": OFFICE,
    "read_letter": OFFICE | {Role.TEAM},
    # its result names what a plan was made of
    "reproduce_plan": OFFICE,
    # what teams report: each team for itself
    "report_results": TEAMS,
    "list_results": OFFICE | {Role.TEAM},
    "list_result_entries": OFFICE | {Role.TEAM},
    "read_result_totals": OFFICE | {Role.TEAM},
    "read_remaining_need": OFFICE,
    "read_learned_rates": OFFICE,
    "list_edits": OFFICE,
    "compare_plans": OFFICE,
    "export_comparison": OFFICE,
    # calendars that open without signing in
    "list_calendar_feeds": TEAMS,
    "create_calendar_feed": TEAMS,
    "revoke_calendar_feed": TEAMS,
    # one's own account
    "create_token": EVERYBODY,
    "revoke_token": EVERYBODY,
    # accounts of others
    "list_accounts": ADMINS,
    "create_account": ADMINS,
    "change_account": ADMINS,
    "create_sign_in_link": ADMINS,
    "list_audit": ADMINS,
    "export_audit": ADMINS,
    # of the whole installation
    "read_metrics": ADMINS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: an account as it was when it was let in.

    ``via`` is how: session, token, link, password or command.
    """

    account_id: int
    account: str
    role: Role
    area: str
    team: str | None
    via: str
    credential_id: int | None = None


def own_team(caller: Caller, team: str | None) -> str | None:
    """Give the team that is meant: a team's account means its own and no other.

    Raises
    ------
    OtherTeam
        When it names another.
    """
    if caller.role != Role.TEAM:
        return team
    if team not in {None, caller.team}:
        raise OtherTeam(account=caller.account, own=caller.team, team=team)
    return caller.team


def roles_for(operation: str, *, reads: bool) -> frozenset[Role]:
    """Tell which roles may use an operation of the API."""
    return _NEEDS.get(operation, EVERYBODY if reads else PLANNERS)


def require_role(caller: Caller, operation: str, *, reads: bool) -> None:
    """Let the caller pass, or raise.

    Raises
    ------
    RoleRefused
        When the caller's role does not do this.
    """
    roles = roles_for(operation, reads=reads)
    if caller.role not in roles:
        named = ", ".join(role for role in Role if role in roles)
        raise RoleRefused(
            operation=operation, roles=named, account=caller.account, role=caller.role.value
        )
