"""The office's parameters: one table, limits, decisions with who and why, plans that keep them."""

import math
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.calendar import OfficePattern
from app.db import reading, transaction
from app.errors import BadParam, ParamNotFound
from app.models import Plan
from app.params import (
    DEFINITIONS,
    CostParams,
    Definition,
    Kind,
    Params,
    PlanParams,
    ResultParams,
    changes_of,
    current_params,
    default_params,
    digest_of,
    param_rows,
    set_params,
)
from app.params.document import parameters_page
from app.plan_document import plan_document
from app.planning import create_plan
from app.schemas.plans import PlanRequest
from geodata.errors import BadValue
from geodata.join_params import JoinParams
from geodata.speeds import TravelParams
from routing import WorthParams
from tests.app.conftest import AppClient, slug
from tests.app.office import Office

DOCS = Path(__file__).resolve().parents[2] / "docs"
NUMBERS = [row for row in DEFINITIONS.values() if row.kind in {Kind.NUMBER, Kind.WHOLE}]
ADDRESS = "/api/v1/params"


def test_the_page_of_parameters_is_the_table():
    assert (DOCS / "parameters.md").read_text(encoding="utf-8") == parameters_page()


def leaves(values: dict[str, Any], path: str = "") -> set[str]:
    """Name every value of nested tables; a table that is itself a parameter is one value."""
    found: set[str] = set()
    for name, value in values.items():
        here = f"{path}{name}"
        is_table = isinstance(value, dict) and here not in DEFINITIONS
        found |= leaves(value, f"{here}.") if is_table else {here}
    return found


def test_every_value_of_every_group_is_in_the_table_once():
    assert leaves(default_params().to_dict()) == set(DEFINITIONS)
    groups = {"worth": WorthParams, "office": OfficePattern, "cost": CostParams,
              "plan": PlanParams, "travel": TravelParams,
              "signal": JoinParams, "results": ResultParams}  # fmt: skip
    assert set(default_params().to_dict()) == set(groups)
    for name, group in groups.items():
        told = {row.split(".")[1] for row in DEFINITIONS if row.startswith(f"{name}.")}
        assert told == {f.name for f in fields(group)}, name


def test_every_default_is_within_its_own_limits():
    default = default_params().to_dict()
    for name, row in DEFINITIONS.items():
        value: Any = default
        for part in name.split("."):
            value = value[part]
        assert row.check(value) == (sorted(value) if row.kind is Kind.WORDS else value), name


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.name)
def test_a_number_is_taken_at_its_limits_and_refused_beyond(row: Definition):
    assert math.isfinite(row.low)
    assert math.isfinite(row.high)
    step = 1 if row.kind is Kind.WHOLE else 1e-6
    assert row.check(row.low) == row.low
    assert row.check(row.high) == row.high
    for beyond in (row.low - step, row.high + step, math.nan, math.inf, "1", True, None):
        with pytest.raises(BadParam, match=row.name):
            row.check(beyond)


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.name)
def test_the_library_takes_what_the_table_allows(row: Definition):
    *path, leaf = row.name.split(".")
    for value in (row.check(row.low), row.check(row.high)):
        given: dict[str, Any] = {leaf: value}
        for part in reversed(path):
            given = {part: given}
        held: Any = Params.from_dict(given).to_dict()
        for part in (*path, leaf):
            held = held[part]
        assert held == value


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("worth.late_notice_days", 4, 4.5),
        ("worth.offline_capture_allowed", True, 1),
        ("office.lunch", "12:00-13:30", "13:00-13:00"),
        ("office.lunch", "00:00-23:59", "12:00-24:00"),
        ("office.working_days", "123456", "1234567 "),
        ("office.ramadan", ["2026-02-19..2027-02-19"], ["2026-02-19..2027-02-20"]),
        ("office.ramadan", ["2026-02-19..2026-02-19"], ["2026-02-19..2026-02-18"]),
        ("office.ramadan", ["2026-02-19..2026-03-20"], ["2026-02-19"]),
        ("office.working_days", "7", "8"),
        ("office.working_days", "12", "11"),
        ("plan.minutes", [15, 600], [14, 600]),
        ("plan.minutes", [60], []),
        ("plan.minutes", [60, 70, 80, 90, 100, 110, 120, 130],
         [60, 70, 80, 90, 100, 110, 120, 130, 140]),
        ("travel.surfaces", {"coral": "gravel"}, {"coral": "water"}),
        ("travel.wet_closed", ["car:ford"], "car:ford"),
        ("signal.tower_signal", "very_strong", "none"),
        ("signal.tower_signal", "weak", ["weak"]),
    ],
)  # fmt: skip
def test_other_values_have_their_form(name: str, good: object, bad: object):
    assert DEFINITIONS[name].check(good) == good
    with pytest.raises(BadParam):
        DEFINITIONS[name].check(bad)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("worth.turnout_first", "0.7", 0.7),
        ("worth.turnout_first", "0,7", 0.7),
        ("worth.stale_after_days", "90", 90),
        ("worth.offline_capture_allowed", "ya", True),
        ("worth.offline_capture_allowed", "false", False),
        ("plan.minutes", "240, 120", [120, 240]),
        ("office.working_days", "531", "135"),
        (
            "office.ramadan",
            "2026-02-19..2026-03-20, 2025-03-01..2025-03-30",
            ["2025-03-01..2025-03-30", "2026-02-19..2026-03-20"],
        ),
        ("travel.surfaces", "coral=gravel", {"coral": "gravel"}),
        ("signal.tower_signal", " weak ", "weak"),
        ("travel.low_water_closed", "speedboat:stream", ["speedboat:stream"]),
    ],
)
def test_values_are_read_as_people_write_them(name: str, text: str, value: object):
    assert DEFINITIONS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("worth.turnout_first", "60 %"),
        ("cost.rupiah_per_document", "2.000.000"),  # a thousands separator, or 2.0?
        ("worth.offline_capture_allowed", "mungkin"),
        ("plan.minutes", "dua jam"),
        ("travel.surfaces", "coral"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_form_wanted(name: str, text: str):
    with pytest.raises(BadParam) as refused:
        DEFINITIONS[name].read(text)
    assert DEFINITIONS[name].accepted in str(refused.value)


def test_a_decision_holds_until_it_is_put_back_and_says_who_and_why(engine: Engine):
    with transaction(engine) as session:
        set_params(session, {"worth.turnout_first": 0.7}, by="Kabid", reason="October")
        assert current_params(session).worth == WorthParams(turnout_first=0.7)
        (row,) = changes_of(session)
        assert {k: row[k] for k in ("name", "value", "default", "changed_by", "reason")} == {
            "name": "worth.turnout_first", "value": 0.7, "default": 0.6,
            "changed_by": "Kabid", "reason": "October",
        }  # fmt: skip
        set_params(session, {"worth.turnout_first": None}, by="Kabid", reason="no")
        assert current_params(session) == default_params()
        assert changes_of(session) == []


def test_a_value_decided_as_the_default_is_no_difference(engine: Engine):
    with transaction(engine) as session:
        set_params(session, {"worth.turnout_first": 0.6}, by="A", reason="confirmed")
        assert changes_of(session) == []
        said = {row["name"]: row["reason"] for row in param_rows(session, "en")}
        assert said["worth.turnout_first"] == "confirmed"


def test_a_table_is_laid_over_its_default(engine: Engine):
    with transaction(engine) as session:
        set_params(session, {"travel.surfaces": {"coral": "gravel"}}, by="A", reason="x")
        surfaces = current_params(session).travel.surfaces
    assert surfaces == {**TravelParams().surfaces, "coral": "gravel"}


def test_all_of_a_decision_is_kept_or_none(engine: Engine):
    with pytest.raises(BadParam), transaction(engine) as session:
        set_params(
            session, {"worth.turnout_first": 0.7, "worth.turnout_second": 2}, by="A", reason="x"
        )
    with reading(engine) as session:
        assert current_params(session) == default_params()


def test_an_unknown_name_is_answered_with_its_neighbours(engine: Engine):
    with (
        pytest.raises(ParamNotFound, match=r"worth\.turnout_first"),
        transaction(engine) as session,
    ):
        set_params(session, {"worth.turnout_frist": None}, by="A", reason="x")


def test_values_that_the_library_refuses_are_not_kept(engine: Engine):
    with pytest.raises(BadValue), transaction(engine) as session:
        set_params(session, {"travel.wet_closed": ["canoe:ford"]}, by="A", reason="x")


def test_the_digest_names_the_values_whatever_their_order():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_a_plan_keeps_the_values_it_was_made_with_and_names_what_differs(seeded: Engine):
    today = date(2026, 11, 22)
    request = PlanRequest(regency="62.02", week="2026-W49")
    changed = {"worth.turnout_first": 0.7, "plan.minutes": [60, 90],
               "cost.rupiah_per_document": 3_000_000}  # fmt: skip
    with transaction(seeded) as session:
        before, _ = create_plan(session, request, today=today)
        set_params(session, changed, by="Kabid", reason="October")
        plan, _ = create_plan(session, request, today=today)
        number, first = plan.id or 0, before.id or 0
    with reading(seeded) as session:
        old, new = plan_document(session, first, "en"), plan_document(session, number, "en")
        kept = session.get(Plan, number)
    assert kept is not None
    assert old["changed_params"] == []
    assert {row["name"]: row["value"] for row in new["changed_params"]} == changed
    assert kept.params["worth"]["turnout_first"] == 0.7
    assert kept.params["minutes"] == [60, 90]
    assert kept.params["rupiah_per_document"] == 3_000_000
    assert old["params"]["minutes"] == [120, 240, 360]
    assert old["params"]["params_digest"] != new["params"]["params_digest"]


def test_what_a_request_says_goes_before_the_office(seeded: Engine):
    request = PlanRequest(
        regency="62.02", week="2026-W49", minutes=(100,), rupiah_per_document=None
    )
    with transaction(seeded) as session:
        plan, _ = create_plan(session, request, today=date(2026, 11, 22))
        assert plan.params["minutes"] == [100]
        assert plan.params["rupiah_per_document"] is None


def test_working_days_of_the_office_decide_the_days_of_a_plan(seeded: Engine):
    with transaction(seeded) as session:
        set_params(session, {"office.working_days": "6"}, by="A", reason="Saturdays")
        plan, _ = create_plan(
            session, PlanRequest(regency="62.02", week="2026-W49"), today=date(2026, 11, 22)
        )
        working = [day["day"] for day in plan.params["days"] if day["is_working"]]
    assert working == ["2026-12-05"]  # the Saturday of that week


def test_per_diem_follows_the_province():
    assert CostParams().per_diem("64.02") == 170_000
    assert CostParams().per_diem("53.07") == 140_000  # a province of its own is not listed
    assert CostParams.from_dict({"per_diem_rupiah": {"64": 1}}).per_diem("62.02") == 140_000


def test_parameters_over_http(client: AppClient):
    change = {"values": {"worth.turnout_first": 0.7}, "by": "Kabid", "reason": "October"}
    before = client.get(ADDRESS).json()
    answer = client.request("PUT", ADDRESS, json=change)
    assert answer.status_code == 200
    after = answer.json()
    assert before["digest"] != after["digest"]
    (row,) = [row for row in after["items"] if row["name"] == "worth.turnout_first"]
    assert (row["value"], row["default"], row["changed_by"]) == (0.7, 0.6, "Kabid")
    assert after == client.get(ADDRESS).json()


@pytest.mark.parametrize(
    ("values", "status", "problem"),
    [
        ({"worth.turnout_first": 1.1}, 422, "bad-param"),
        ({"worth.turnout": 0.5}, 404, "param-not-found"),
        ({"travel.wet_closed": ["canoe:ford"]}, 422, "bad-value"),
        ({}, 422, "validation-error"),
    ],
)
def test_a_bad_decision_over_http_is_refused(
    client: AppClient, values: dict[str, Any], status: int, problem: str
):
    body = {"values": values, "by": "Kabid", "reason": "October"}
    answer = client.request("PUT", ADDRESS, json=body)
    assert (answer.status_code, slug(answer)) == (status, problem)


def test_a_decision_needs_a_reason_and_a_name(client: AppClient):
    for missing in ("by", "reason"):
        body = {"values": {"worth.turnout_first": 0.7}, "by": "Kabid", "reason": "x", missing: " "}
        assert client.request("PUT", ADDRESS, json=body).status_code == 422


def test_parameters_at_the_command_line(tmp_path: Path):
    office = Office(tmp_path)
    set_to = office.json(
        "params", "set", "worth.turnout_first", "0,7", "--reason", "x", "--by", "K"
    )
    assert [(row["value"], row["changed_by"]) for row in set_to["items"]] == [(0.7, "K")]
    put_back = office.json("params", "reset", "worth.turnout_first", "--reason", "y")
    assert put_back["items"][0]["value"] == 0.6
    refused = office.run("params", "set", "worth.turnout_first", "2", "--reason", "x")
    assert refused.code == 1
    assert "0..1" in refused.stderr
    assert office.run("params", "show", "nothing").code == 1
