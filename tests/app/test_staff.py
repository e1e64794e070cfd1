"""Staff in the product: leave cuts a team's day, names stay in the team's own page."""

from datetime import date
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.db import reading
from app.errors import NoTeamPresent, TeamNotFound
from app.ingest import ingest
from app.models import Staff, Team
from app.plan_document import plan_document
from app.staff import Presence, Roster, roster, staff_of
from app.week import load_week
from app.week_problem import problem_of
from tests.app.conftest import AppClient, slug
from tests.app.planned import MONDAY, A, B, C, D, E, ask, import_text, shift_of, solved, week_of

DAY = date(2026, 12, 1)
HEAD = "nama,nip,pangkat,peran,tim,cuti"
NIPS = [f"19850312201001100{n}" for n in range(1, 10)]


def team(kits: int = 2, staff: int = 5, desks: int | None = None) -> Team:
    return Team(name="A", kits=kits, staff=staff, desks=desks)


def away(*roles: str, others: tuple[str, ...] = ()) -> Roster:
    """Make a list of which the first roles are on leave on the day."""
    named = {NIPS[n]: role for n, role in enumerate((*roles, *others))}
    leaves = tuple((NIPS[n], DAY, DAY) for n in range(len(roles)))
    return Roster(roles={"A": named}, leaves=leaves, import_ids=frozenset())


@pytest.mark.parametrize(
    ("found", "of", "expected"),
    [
        (away(), team(), Presence(people=5, kits=2, desks=None)),
        (away(others=("operator",)), team(), Presence(people=5, kits=2, desks=None)),
        (away("driver"), team(), Presence(people=4, kits=2, desks=None)),
        (away("operator", others=("operator",)), team(), Presence(people=4, kits=1, desks=None)),
        (away("operator", others=("leader",)), team(), Presence(people=0, kits=0, desks=0)),
        (away("leader", "driver"), team(staff=3), Presence(people=1, kits=1, desks=None)),
        (away("leader", "driver"), team(staff=2), Presence(people=0, kits=0, desks=0)),
        (away("leader"), team(kits=0, staff=2), Presence(people=1, kits=0, desks=None)),
        (away("leader"), team(desks=3), Presence(people=4, kits=2, desks=2)),
        (away("leader"), team(desks=2), Presence(people=4, kits=2, desks=2)),
    ],
)
def test_what_a_team_has_on_a_day_of_leave(found: Roster, of: Team, expected: Presence):
    assert found.presence(of, DAY) == expected
    assert found.presence(of, date(2026, 12, 2)) == found.whole(of)  # the day after
    assert found.presence(of, date(2026, 11, 30)) == found.whole(of)


def test_leave_takes_the_day_or_part_of_it(kotim_engine: Engine, tmp_path: Path):
    before = week_of(kotim_engine)
    import_text(
        kotim_engine, tmp_path, "staff", HEAD,
        f"Siti,{NIPS[0]},III/b,operator,{A},2026-11-30",
        f"Budi,{NIPS[1]},,sopir,{B},2026-11-30 - 2026-12-01",
    )  # fmt: skip
    week = week_of(kotim_engine)
    assert len(week.shifts) == len(before.shifts) - 1
    with pytest.raises(ValueError, match="not in list"):
        shift_of(week, A, MONDAY)
    assert week.n_short == 3
    short = week.shifts[shift_of(week, B, MONDAY)]
    assert (short.presence.people, short.crew(satellite=False).desks) == (4, 1)  # 5 - 1; 4 - 1 - 2
    allowance = problem_of(week).shifts[shift_of(week, B, MONDAY)].allowances[0]
    assert allowance.cost == 4 * 140_000


def test_a_week_without_anybody_is_refused(kotim_engine: Engine, tmp_path: Path):
    rows = (
        f"P{n},{NIPS[n]},,operator,{name},2026-11-30 - 2026-12-04"
        for n, name in enumerate((A, B, C, D, E))
    )
    import_text(kotim_engine, tmp_path, "staff", HEAD, *rows)
    with pytest.raises(NoTeamPresent), reading(kotim_engine) as session:
        load_week(session, ask(kotim_engine))


def test_a_list_is_the_whole_list_of_its_teams(kotim_engine: Engine, tmp_path: Path):
    import_text(
        kotim_engine, tmp_path, "staff", HEAD, f"Siti,{NIPS[0]},,operator,{A},2026-12-01",
        f"Budi,{NIPS[1]},,sopir,{A},", f"Ani,{NIPS[2]},,ketua,{B},",
    )  # fmt: skip
    import_text(kotim_engine, tmp_path, "staff", HEAD, f"Siti,{NIPS[0]},,operator,{A},")
    with reading(kotim_engine) as session:
        assert [row["name"] for row in staff_of(session, A)] == ["Siti"]
        assert [row["name"] for row in staff_of(session, B)] == ["Ani"]
        assert roster(session, [A, B]).leaves == ()
        with pytest.raises(TeamNotFound):
            staff_of(session, "Z")


def test_no_plan_names_anybody(kotim_engine: Engine, tmp_path: Path):
    import_text(
        kotim_engine, tmp_path, "staff", HEAD, f"Zulkarnaen,{NIPS[0]},,operator,{A},2026-11-30"
    )
    plan_id, _, _ = solved(kotim_engine, solutions=5, minutes=[360])
    with reading(kotim_engine) as session:
        text = orjson.dumps(plan_document(session, plan_id, "en")).decode()
    assert "staff-on-leave" in text
    assert "Zulkarnaen" not in text
    assert NIPS[0] not in text


def test_the_staff_of_a_team_over_http(client: AppClient, seeded: Engine, tmp_path: Path):
    path = tmp_path / "pegawai.csv"
    path.write_text(f"{HEAD}\nSiti,{NIPS[0]},III/b,operator,A,2026-12-01\n", encoding="utf-8")
    ingest(seeded, "staff", path)
    with reading(seeded) as session:
        assert len(session.exec(select(Staff)).all()) == 1
    assert client.get("/api/v1/teams/A/staff").json() == [
        {"nip": NIPS[0], "name": "Siti", "rank": "III/b", "role": "operator",
         "leave": [{"starts": "2026-12-01", "ends": "2026-12-01"}]}
    ]  # fmt: skip
    assert client.get("/api/v1/teams/B/staff").json() == []
    assert slug(client.get("/api/v1/teams/Z/staff")) == "team-not-found"
    assert "Siti" not in client.get("/api/v1/teams").text
