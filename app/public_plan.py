"""Plans and campaigns for who may not see every count.

Whatever is worked out of counts would give them back: what is expected of a stop is its counts
times known factors, and a plan's sum less the stops that are known is the rest. So those who see no
counts get where and when teams serve, and no figure that depends on a count; a team gets its own
stops with their figures, and nothing of other teams. Only what is named here is shown: a new field
is withheld until somebody decides otherwise.
"""

from collections.abc import Mapping
from typing import Any

from app.texts import Lang, reason_text
from app.viewing import View

Document = dict[str, Any]
NOT_PLANNED = "not-planned"
_PLAN = (
    "plan_id", "version", "regency", "week", "timezone", "timezone_label", "created_at",
    "solved_at", "state", "replaced_by", "status", "stop_reason", "season", "job_id", "job_state",
)  # fmt: skip
_SUMS = ("cost_rupiah", "distance_m", "hours_work")  # of all teams, and of no count
_WARNINGS = frozenset(
    {
        "counts-stale", "counts-missing", "signal-unknown", "straight-lines", "teams-stuck",
        "days-past", "announced-late", "staff-on-leave", "holidays",
    }
)  # fmt: skip
_LISTS = (
    "teams", "stops", "unserved", "violations", "warnings", "rules", "remedies", "wishes",
    "changes", "changed_params", "corrections", "locked",
)  # fmt: skip
_STOP = (
    "worth", "worth_p10", "worth_p90", "expected_p10", "expected_p90", "factors", "home_visits",
    "home_visit_minutes",
)  # fmt: skip


def plan_as_seen(document: Document, view: View, lang: Lang) -> Document:
    """Give of a plan's document what may be seen; stops and teams are those of the view already."""
    if view.sees_counts:
        return document
    shown: Document = dict.fromkeys(document)
    shown |= {name: document[name] for name in _PLAN}
    shown |= {name: [] for name in _LISTS}
    shown |= {"stops": document["stops"], "params": {}, "inputs": {}}
    shown["teams"] = [
        team_as_seen(row, view) for row in document["teams"] if view.sees_team(row["team"])
    ]
    letters = document["letters"].items()
    shown["letters"] = {team: number for team, number in letters if view.sees_team(team)}
    if view.team is None:
        shown |= {name: document[name] for name in _SUMS}
        shown["unserved"] = _unserved(document["unserved"], lang)
        shown["warnings"] = [row for row in document["warnings"] if row["code"] in _WARNINGS]
        shown["changes"] = document["changes"]
    return shown


def plan_line_as_seen(row: Document, teams: list[Document], view: View) -> Document:
    """Give of a line of the list of plans what may be seen."""
    if view.sees_counts:
        return row
    n_stops = sum(team["n_stops"] for team in teams if view.sees_team(team["team"]))
    return row | {"value": None, "n_stops": n_stops, "kept": None}


def stop_as_seen(stop: Document, view: View) -> Document:
    """Give a stop, without its figures where these may not be seen.

    Time for visits at home is then part of the session: it would tell how many there are.
    """
    if view.sees_figures_of(stop["team"]):
        return stop
    minutes = stop["minutes"] + stop["home_visit_minutes"]
    return stop | dict.fromkeys(_STOP) | {"expected": {}, "minutes": minutes}


def team_as_seen(row: Document, view: View) -> Document:
    """Give a team's week, without what is expected of it where that may not be seen."""
    return row if view.sees_figures_of(row["team"]) else row | {"expected": {}}


def expected_as_seen(expected: Mapping[str, int], view: View) -> dict[str, int]:
    """Give the people whom a place brings together; of no place is there a sum."""
    if view.sees_counts:
        return dict(expected)
    return {programme: n for programme, n in expected.items() if n >= view.least}


def _unserved(rows: list[Document], lang: Lang) -> list[Document]:
    """List villages left out by code: order and reason tell how many people are there."""
    told = {
        "reason": NOT_PLANNED, "limit": None, "people_to_look_for": None,
        "detail": reason_text(NOT_PLANNED, {}, lang),
    }  # fmt: skip
    return [row | told for row in sorted(rows, key=lambda row: str(row["point_code"]))]


# --- campaigns ---------------------------------------------------------------------------------

_CAMPAIGN = (
    "campaign_id", "regency", "first_week", "last_week", "timezone", "created_at", "solved_at",
    "is_complete", "job_id", "job_state",
)  # fmt: skip


def campaign_as_seen(document: Document, view: View) -> Document:
    """Give of a campaign who serves where in which week; of a team's own visits the figures too."""
    if view.sees_counts:
        return document
    visits = [_visit(row, view) for row in document["visits"] if view.sees_team(row["team"])]
    shown: Document = dict.fromkeys(document)
    shown |= {name: document[name] for name in _CAMPAIGN}
    shown |= {"request": {}, "targets": [], "unvisited": [], "visits": visits}
    shown["weeks"] = [_week(row, visits, view) for row in document["weeks"]]
    if view.team is None:
        names = ("cost_rupiah", "distance_m", "team_weeks")
        shown |= {name: document[name] for name in names}
    return shown


def _visit(row: Document, view: View) -> Document:
    return row if view.sees_figures_of(row["team"]) else row | {"worth": None, "expected": {}}


def _week(row: Document, visits: list[Document], view: View) -> Document:
    here = [visit for visit in visits if visit["week"] == row["week"]]
    shown = row | {"expected": {}, "worth": None, "n_visits": len(here)}
    shown["n_second_visits"] = sum(visit["visit_number"] > 1 for visit in here)
    shown["districts"] = [
        district | {"people": None}
        for district in sorted(row["districts"], key=lambda district: str(district["district"]))
    ]
    if view.team is not None:
        shown |= {"n_teams": int(bool(here)), "cost_rupiah": None, "distance_m": None,
                  "districts": []}  # fmt: skip
    return shown
