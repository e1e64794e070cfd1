"""Reports as telephones send them, of the plan of ``seed.py``."""

import uuid
from typing import Any

from sqlalchemy import Engine

from app.access import Caller
from app.db import transaction
from app.lifecycle import Step, take_step
from app.models import Role

MONDAY_STOP = ("A", "2026-11-30", "62.02.01.2001")
TUESDAY_STOP = ("A", "2026-12-01", "62.02.02.2001")
OTHER_STOP = ("B", "2026-11-30", "62.02.01.2002")


def person(role: Role = Role.PLANNER, team: str | None = None) -> Caller:
    return Caller(account_id=1, account=role.value, role=role, area="62.02", team=team, via="token")


def publish(engine: Engine, plan_id: int = 1, **more: Any) -> None:
    """Take a plan from draft to published."""
    with transaction(engine) as session:
        for action in ("propose", "approve", "publish"):
            asked = {"letter": "800/1/2026", **more} if action == "publish" else {}
            take_step(session, plan_id, Step(action=action, **asked), person(Role.ADMIN))


def key_of(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


def report(
    number: int, stop: tuple[str, str, str] = MONDAY_STOP, *, at: int = 10,
    corrects: int | None = None, plan_id: int = 1, programme: str = "ktp_el", **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """Report a session; outcomes go to ``programme``, all else over the record's own fields."""
    team, day, code = stop
    outcomes = {
        "served", "failed", "not_eligible", "already_had", "absent", "deceased", "moved",
        "not_found",
    }  # fmt: skip
    people = {name: more.pop(name) for name in list(more) if name in outcomes}
    return {
        "key": key_of(number), "corrects": corrects and key_of(corrects), "plan_id": plan_id,
        "plan_version": "c0b332", "team": team, "day": day, "stop_id": f"{plan_id}-{team}-{day}-1",
        "order": 1, "village_code": code, "point_code": code, "counts": {programme: people},
        "start": None, "end": None, "signal": None, "signal_mbps": None, "power": None,
        "notes": "", "device_time": f"{day}T{at:02}:00:00+07:00", **more,
    }  # fmt: skip


def body(*records: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": "jemput-bola-results", "format_version": 1,
        "exported_at": "2026-12-01T15:02:11+07:00", "records": list(records),
    }  # fmt: skip
