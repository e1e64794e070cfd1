"""What a solve tells of rules, scarce things, wishes and contradictions: as rows and as words."""

from typing import Any

from app.plan_rules import Asked, asked_rules
from app.points import Point
from app.rule_texts import rule_text
from app.texts import Lang
from app.violation_texts import violation_rows
from app.week import Week
from routing import (
    Clash,
    ClashKind,
    Problem,
    Remedy,
    RemedyKind,
    Result,
    ShadowValues,
    Wish,
    rule_uses,
)

UNITS = {"blanks": 1000}
"""Thousandths that routing counts in, where the office counts in wholes."""


def report_of(week: Week, problem: Problem, result: Result) -> dict[str, Any]:
    """Work out what a plan's summary keeps of its rules; codes and numbers, no sentences."""
    asked = asked_rules(week)
    found = result.contradiction
    return {
        "rules": _rules(asked, problem, result),
        "contradiction": None
        if found is None
        else {
            "is_minimal": found.is_minimal,
            "rules": [_clash(week, problem, asked, clash) for clash in found.rules],
        },
        "shadow": None if result.shadow is None else _shadow(week, problem, asked, result.shadow),
    }


def _rules(asked: list[Asked], problem: Problem, result: Result) -> list[dict[str, Any]]:
    rows = []
    for rule, of_rule in zip(asked, rule_uses(problem, result.solution), strict=True):
        unit = UNITS.get(rule.kind, 1)
        rows += [
            {
                "rule": rule.kind,
                "district": rule.district,
                "amount": round(use.amount / unit, 1),
                "limit": use.limit / unit,
                "excess": round(use.excess / unit, 1),
                "penalty": None if use.penalty is None else use.penalty / 1000,
            }
            for use in of_rule
            # One for each village: only what is broken.
            if rule.kind not in {"hub", "served"} or use.excess
        ]
    return rows


def _clash(week: Week, problem: Problem, asked: list[Asked], clash: Clash) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": clash.kind.value}
    if clash.kind is ClashKind.RULE and clash.position == len(asked):  # of a plan made anew
        return row | {"kind": "stability", "limit": week.params["replan"]["max_changes"]}
    if clash.kind is ClashKind.RULE:
        rule = asked[clash.position]
        return row | {"kind": rule.kind, "district": rule.district, "limit": rule.limit}
    if clash.kind is ClashKind.KITS:
        shift = next(s for s, x in enumerate(problem.shifts) if x.kit_pool == clash.position)
        return row | {
            "base": week.shifts[shift].team.base,
            "day": week.shifts[shift].day.isoformat(),
            "limit": problem.kit_pools[clash.position].capacity,
        }
    point = week.points[clash.position]
    if clash.kind is ClashKind.SHIFTS:
        row["kind"] = _why_bound(week, point)
    return row | {"village_code": point.village_code, "point_name": point.name}


def _why_bound(week: Week, point: Point) -> str:
    """Tell why only some shifts may make a visit."""
    codes = {point.village_code, *point.serves}
    if codes & set(week.params.get("forbidden", ())):
        return "forbidden"
    is_pinned = bool(codes & {pin["village"] for pin in week.params.get("pins", ())})
    return "shifts" if is_pinned else "left"


def _shadow(
    week: Week, problem: Problem, asked: list[Asked], shadow: ShadowValues
) -> dict[str, Any]:
    days: dict[str, float] = {}
    for s, value in enumerate(shadow.days):
        team = week.shifts[s].team.name
        days[team] = max(value, days.get(team, 0.0))
    kits: dict[str, float] = {}
    for s, shift in enumerate(problem.shifts):
        if shift.kit_pool is not None:
            base = week.shifts[s].team.base
            kits[base] = max(shadow.kits[shift.kit_pool], kits.get(base, 0.0))
    by_kind = {rule.kind: value for rule, value in zip(asked, shadow.rules, strict=True)}
    return {
        "team_days": [{"team": t, "value": round(v / 1000, 3)} for t, v in sorted(days.items())],
        "kits": [{"base": b, "value": round(v / 1000, 3)} for b, v in sorted(kits.items())],
        # A rupiah is worth thousandths of a document, a thousandth of a card as well.
        "million_rupiah": round(by_kind["budget"] * 1000, 3) if "budget" in by_kind else None,
        "card_blank": round(by_kind["blanks"], 3) if "blanks" in by_kind else None,
    }


def remedy_rows(week: Week, found: tuple[Remedy, ...]) -> list[dict[str, Any]]:
    """Give the remedies that another solve confirmed, the best first."""
    rows = []
    for remedy in sorted(found, key=lambda remedy: -remedy.value):
        place = ""
        if remedy.kind is RemedyKind.TEAM_DAY:
            place = week.shifts[remedy.position].team.name
        elif remedy.kind is RemedyKind.KIT:
            bases = {week.travel.base_node(x.team): x.team.base for x in week.shifts}
            place = bases[remedy.position]
        villages = sorted(
            code
            for v in remedy.admits
            for code in (week.points[v].serves or (week.points[v].village_code,))
        )
        rows.append(
            {
                "kind": remedy.kind.value,
                "place": place,
                "value": round(remedy.value / 1000, 3),
                "worth": round(remedy.prize / 1000, 3),
                "villages": villages,
            }
        )
    return rows


def wish_rows(found: tuple[Wish, ...]) -> list[dict[str, Any]]:
    """Give what each kind of wish costs, the dearest first."""
    return [
        {"kind": wish.kind.value, "cost": round(wish.cost / 1000, 3), "is_exact": wish.is_exact}
        for wish in sorted(found, key=lambda wish: -wish.cost)
    ]


def rule_document(summary: dict[str, Any], villages: dict[str, str], lang: Lang) -> dict[str, Any]:
    """Word what a summary holds of rules; ``villages`` are names by code.

    Plans made before there were rules have none of it.
    """
    found = summary.get("contradiction")

    def worded(table: str, row: dict[str, Any]) -> dict[str, Any]:
        named = row | {"village": villages.get(row.get("village_code", ""), "")}
        return row | {"message": rule_text(table, row, named, lang)}

    rules = [worded("rule", row) for row in summary.get("rules", ())]
    kinds = {row["rule"] for row in rules}
    return {
        "rules": rules,
        # Of rules that were asked for the report tells more than the checker.
        "violations": [
            *(row for row in violation_rows(summary, villages, lang) if row["rule"] not in kinds),
            *(
                {"rule": row["rule"], "amount": row["excess"], "message": row["message"]}
                for row in rules
                if row["excess"] and row["penalty"] is None
            ),
        ],
        "contradiction": None
        if found is None
        else found | {"rules": [worded("clash", row) for row in found["rules"]]},
        "shadow": summary.get("shadow"),
        "remedies": [
            worded("remedy", row | {"n_villages": len(row["villages"])})
            for row in summary.get("remedies", ())
        ],
        "wishes": [
            worded("wish", row | {"gain": -row["cost"]}) for row in summary.get("wishes", ())
        ],
    }
