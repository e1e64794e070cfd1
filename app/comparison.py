"""Plans side by side: people, coverage against the target, cost, hours, fairness, changes."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sqlmodel import Session

from app.calendar import monday_of
from app.cells import safe_cell
from app.changes import solved_plan
from app.comparison_texts import COMPARISON
from app.errors import BadOption
from app.models import Plan
from app.params import DEFINITIONS
from app.plan_diff import Sessions, differences, sessions_of_plan
from app.plan_document import VillageThen, villages_of
from app.schemas.plans import PlanRequest
from app.sheets import workbook, write_sheet
from app.supposed import SUPPOSED
from app.targets import targets_in_force
from app.texts import Lang
from app.violation_texts import changes_document
from routing import Programme

FEWEST, MOST = 2, 4
PEOPLE = tuple(programme.value for programme in Programme)
FIGURES = (
    "value", "worth", "worth_p10", "worth_p90", "bound", "gap", "people", "cost_rupiah",
    "rupiah_per_person", "distance_km", "hours_work", "hours_most", "hours_least", "nights",
    "n_stops", "n_villages", "districts_visited", "districts", "visits_least", "visits_most",
    "n_unserved", "n_violations",
)  # fmt: skip
COVERAGE = ("before", "after", "target", "people_to_target")
KINDS = ("moved", "retimed", "added", "dropped")
_HOW_LONG = {"seconds", "seed", "engine", "explain_seconds", "week", "regency", "announced_on"}


def compare_plans(session: Session, plan_ids: Sequence[int], lang: Lang) -> dict[str, Any]:
    """Put two to four solved plans of one week side by side; the first is the measure.

    Raises
    ------
    PlanNotFound, PlanNotSolved
        When one of them is not there, or not solved.
    BadOption
        When there are too few or many, one is named twice, or they are not of one regency and week.
    """
    if not FEWEST <= len(plan_ids) <= MOST or len(set(plan_ids)) < len(plan_ids):
        value = ", ".join(map(str, plan_ids))
        raise BadOption(option="plan", value=value, accepted=f"{FEWEST}-{MOST}, A != B")
    plans = [solved_plan(session, plan_id) for plan_id in plan_ids]
    first = plans[0]
    for plan in plans[1:]:
        if (plan.regency_code, plan.week) != (first.regency_code, first.week):
            value = f"{plan.id} ({plan.regency_code}, {plan.week})"
            accepted = f"{first.regency_code}, {first.week}"
            raise BadOption(option="plan", value=value, accepted=accepted)
    villages = villages_of(session, first)
    year = monday_of(first.week).year
    targets = targets_in_force(session, first.regency_code, year)
    sessions = [sessions_of_plan(session, plan) for plan in plans]
    return {
        "regency": first.regency_code,
        "plans": [
            _compared(plan, made, villages, targets)
            | {"differs": _differs(first.params, plan.params)}
            | _changes(differences(sessions[0], made), villages, lang)
            for plan, made in zip(plans, sessions, strict=True)
        ],
    }


def _compared(
    plan: Plan,
    sessions: Sessions,
    villages: Mapping[str, VillageThen],
    targets: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    summary = plan.summary
    districts = _districts(sessions, villages)
    return {
        "plan_id": plan.id,
        "name": plan.params.get("scenario", {}).get("name"),
        "week": plan.week,
        "state": plan.state,
        "status": plan.status,
        "kept": summary.get("kept"),
        "figures": _figures(plan, districts),
        "expected": {p: summary["expected"].get(p, 0.0) for p in PEOPLE},
        "coverage": _coverage(summary, targets),
        "districts": districts,
        "teams": [
            {name: row[name] for name in ("team", "days", "nights", "n_stops", "hours", "km",
                                          "cost_rupiah")}
            for row in summary["teams"]
        ],
        "shadow": summary.get("shadow"),
    }  # fmt: skip


def _changes(
    changed: list[dict[str, Any]], villages: Mapping[str, VillageThen], lang: Lang
) -> dict[str, Any]:
    names = {code: village.name for code, village in villages.items()}
    counted = Counter(row["kind"] for row in changed)
    return {
        "changes": changes_document({"changes": changed}, names, lang)["changes"],
        "n_changes": {kind: counted[kind] for kind in KINDS},
    }


def _figures(plan: Plan, districts: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    summary = plan.summary
    people = round(sum(summary["expected"].values()), 2)
    out = [row for row in summary["teams"] if row["shifts"]]
    hours = [row["hours"] for row in out] or [0.0]
    visits = [row["n_stops"] for row in districts] or [0]
    left_out = {row["village_code"] for row in summary["unserved"]}
    found: dict[str, float | None] = {
        "value": plan.value,
        "worth": plan.worth,
        "worth_p10": summary.get("worth_p10"),
        "worth_p90": summary.get("worth_p90"),
        "bound": plan.bound,
        "gap": plan.gap,
        "people": people,
        "cost_rupiah": plan.cost_rupiah,
        "rupiah_per_person": round((plan.cost_rupiah or 0) / people) if people else None,
        "distance_km": round((plan.distance_m or 0) / 1000, 1),
        "hours_work": summary["hours_work"],
        "hours_most": max(hours),
        "hours_least": min(hours),
        "nights": sum(row.get("nights", 0) for row in summary["teams"]),
        "n_stops": sum(row["n_stops"] for row in summary["teams"]),
        "n_villages": sum(row["n_villages"] for row in districts),
        "districts_visited": sum(n > 0 for n in visits),
        "districts": len(districts),
        "visits_least": min(visits),
        "visits_most": max(visits),
        "n_unserved": len(left_out),
        "n_violations": sum(len(summary.get(n, ())) for n in ("violations", "without_shift")),
    }
    return {name: found[name] for name in FIGURES}


def _districts(sessions: Sessions, villages: Mapping[str, VillageThen]) -> list[dict[str, Any]]:
    """Count visits, and villages visited, in every district."""
    stops: Counter[str] = Counter()
    visited: dict[str, set[str]] = defaultdict(set)
    for row in sessions.values():
        district = villages[row["village_code"]].district
        stops[district] += 1
        visited[district].add(row["village_code"])
    of_district = Counter(village.district for village in villages.values())
    return [
        {"district": name, "n_stops": stops[name], "n_villages": len(visited[name]),
         "villages": of_district[name]}
        for name in sorted(of_district)
    ]  # fmt: skip


def _coverage(
    summary: Mapping[str, Any], targets: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Hold who is recorded against the regency's targets, before and after the week."""
    rows = []
    for programme, (base, recorded) in _bases(summary).items():
        target = targets.get(programme)
        share = None if target is None else float(target["share"])
        # Who is recorded at 16 counts as wajib KTP later only.
        after = recorded + summary["expected"].get(programme, 0.0)
        rows.append(
            {
                "programme": programme,
                "before": recorded / base,
                "after": after / base,
                "target": share,
                "people_to_target": None if share is None else max(0, round(share * base - after)),
            }
        )
    return rows


def _bases(summary: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Give who counts and who is recorded; plans of earlier versions know of KTP-el only."""
    ktp_el = summary.get("wajib_ktp") or 0, summary.get("sudah_rekam") or 0
    found = summary.get("bases", {Programme.KTP_EL.value: ktp_el})
    return {programme: (base, recorded) for programme, (base, recorded) in found.items() if base}


def _differs(first: Mapping[str, Any], here: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List what was asked otherwise, and the office's parameters that are other."""
    asked = [name for name in PlanRequest.model_fields if name not in _HOW_LONG]
    rows = [(name, first.get(name), here.get(name)) for name in (*asked, SUPPOSED)]
    values = [(name, _at(first, name), _at(here, name)) for name in DEFINITIONS]
    # A plan of an earlier version knows nothing of later parameters.
    rows += [(name, a, b) for name, a, b in values if None not in (a, b)]
    return [{"name": n, "first": a, "here": b} for n, a, b in rows if a != b]


def _at(values: Any, name: str) -> Any:  # noqa: ANN401 (any JSON value)
    for part in name.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


# --- as files ----------------------------------------------------------------------------------


def comparison_csv(document: Mapping[str, Any], lang: Lang) -> str:
    """Write figures as a table, a column for each plan."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in figure_rows(document, lang):
        writer.writerow(["" if cell is None else safe_cell(cell) for cell in row])
    return text.getvalue()


def comparison_workbook(document: Mapping[str, Any], lang: Lang, made: datetime) -> bytes:
    """Write figures, districts, teams and changes as sheets."""
    t = COMPARISON[lang]
    data, book = workbook(made)
    heads, *rows = figure_rows(document, lang)
    write_sheet(book, t["figures"], heads, rows)
    for name, keys in (
        ("districts", ("district", "n_stops", "n_villages", "villages")),
        ("teams", ("team", "days", "nights", "n_stops", "hours", "km", "cost_rupiah")),
        ("changes", ("kind", "village_code", "village_name", "message")),
        ("differs", ("name", "first", "here")),
    ):
        write_sheet(book, t[name], [t["plan"], *(t[key] for key in keys)],
                    list(_of_plans(document, name, keys)))  # fmt: skip
    book.close()
    return data.getvalue()


def figure_rows(document: Mapping[str, Any], lang: Lang) -> list[list[Any]]:
    """Give the table of figures: heads, then a row for each figure and programme."""
    t, plans = COMPARISON[lang], document["plans"]
    heads = ["", *(f"{plan['plan_id']} {plan['name'] or ''}".strip() for plan in plans)]
    rows = [[t[name], *(plan["figures"][name] for plan in plans)] for name in FIGURES]
    rows += [[t[p], *(plan["expected"][p] for plan in plans)] for p in PEOPLE]
    for programme, key in product(PEOPLE, COVERAGE):
        cells = [_of_programme(plan["coverage"], programme, key) for plan in plans]
        if any(cell is not None for cell in cells):
            rows.append([f"{t[programme]}: {t[key]}", *cells])
    rows += [[t[kind], *(plan["n_changes"][kind] for plan in plans)] for kind in KINDS]
    return [heads, *rows]


def _of_programme(rows: Sequence[Mapping[str, Any]], programme: str, key: str) -> float | None:
    return next((row[key] for row in rows if row["programme"] == programme), None)


def _of_plans(document: Mapping[str, Any], name: str, keys: Iterable[str]) -> Iterable[list[Any]]:
    for plan in document["plans"]:
        for row in plan[name]:
            yield [plan["plan_id"], *(_cell(row[key]) for key in keys)]


def _cell(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    return str(value) if isinstance(value, dict | list) else value
