"""Judging, mending and planning anew over HTTP: what is stored, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from app.db import reading
from app.models import Plan
from app.settings import Settings
from tests.app.conftest import AppClient, slug, uploaded

pytestmark = pytest.mark.usefixtures("seeded")

STOP = {"team": "A", "day": "2026-11-30", "village_code": "62.02.01.2001", "minutes": 120}
SHEET = b"tim,tanggal,kode_desa,menit\nA,2026-11-30,62.02.01.2001,120\n"


def stored(engine: Engine, answer: Any) -> Plan:
    """Check that a plan and its job were accepted, and give the plan."""
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/jobs/{body['job_id']}"
    with reading(engine) as session:
        plan = session.get(Plan, body["plan_id"])
    assert plan is not None
    return plan


def test_a_plan_by_hand_is_stored_to_be_judged(client: AppClient, seeded: Engine) -> None:
    plan = stored(seeded, client.post("/api/v1/plans/1/judge", json={"stops": [STOP]}))
    assert plan.params["origin"] == {"kind": "judge", "plan_id": 1}
    row = {"team": "A", "day": "2026-11-30", "village_code": "62.02.01.2001",
           "point_code": "62.02.01.2001", "minutes": 120, "with_kit": False}  # fmt: skip
    assert plan.params["hand_made"] == {"stops": [row], "nights": []}
    assert len(plan.params["base"]["stops"]) == 3


def test_a_sheet_is_stored_and_not_kept(
    client: AppClient, seeded: Engine, settings: Settings
) -> None:
    files = {"file": ("rencana.csv", SHEET)}
    plan = stored(seeded, client.post("/api/v1/plans/1/judge/file", files=files))
    assert [row["village_code"] for row in plan.params["hand_made"]["stops"]] == ["62.02.01.2001"]
    assert uploaded(settings) == []


def test_a_plan_is_judged_or_mended_as_it_is(client: AppClient, seeded: Engine) -> None:
    for kind in ("judge", "repair"):
        plan = stored(seeded, client.post(f"/api/v1/plans/1/{kind}"))
        assert plan.params["origin"] == {"kind": kind, "plan_id": 1}
        assert plan.state == "draft"


@pytest.mark.parametrize(
    ("path", "body", "status", "expected"),
    [
        ("9/judge", {"stops": []}, 404, "plan-not-found"),
        ("2/judge", {"stops": []}, 409, "plan-not-solved"),
        ("2/repair", {}, 409, "plan-not-solved"),
        ("2/replan", {}, 409, "plan-not-solved"),
        ("1/judge", {"stops": [STOP | {"team": "Z"}]}, 422, "bad-hand-plan"),
        ("1/judge", {"stops": [STOP | {"day": "2026-11-29"}]}, 422, "bad-hand-plan"),
        ("1/judge", {"stops": [STOP | {"minutes": 14}]}, 422, "validation-error"),
        ("1/judge", {"stops": [STOP | {"village_code": None}]}, 422, "validation-error"),
        ("1/replan", {"from_day": "2026-12-07"}, 422, "bad-option"),
        ("1/replan", {"absent": [{"team": "Z"}], "from_day": "2026-11-30"}, 404, "team-not-found"),
        ("1/replan", {"broken": [{"team": "A"}]}, 422, "validation-error"),
        ("1/replan", {"required": ["62.02.99.2001"], "from_day": "2026-11-30"}, 404,
         "village-not-found"),
    ],
)  # fmt: skip
def test_what_is_refused(
    client: AppClient, path: str, body: Mapping[str, Any], status: int, expected: str
) -> None:
    answer = client.post(f"/api/v1/plans/{path}", json=body)
    assert (answer.status_code, slug(answer)) == (status, expected)


def test_a_cell_is_named_in_the_language_asked_for(client: AppClient) -> None:
    files = {"file": ("rencana.csv", SHEET.replace(b"A,", b"Z,"))}
    answer = client.post("/api/v1/plans/1/judge/file?lang=id", files=files)
    assert "baris 2, team: 'Z' tidak dapat dipakai" in answer.json()["detail"]
