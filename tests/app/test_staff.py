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
from tests.app.planned import (
    MONDAY,
    TEAM_HEADER,
    A,
    B,
    C,
    D,
    E,
    ask,
    document,
    import_text,
    shift_of,
    solved,
    team_row,
    visit_of,
    week_of,
)

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


def test_a_team_away_all_week_is_listed_and_its_kit_lies_at_the_base(
    kotim_engine: Engine, tmp_path: Path
):
    import_text(kotim_engine, tmp_path, "teams", TEAM_HEADER, team_row(A, kits=1), team_row(B))
    import_text(
        kotim_engine, tmp_path, "staff", HEAD,
        f"Siti,{NIPS[0]},III/b,operator,{A},2026-11-30 - 2026-12-04",
    )  # fmt: skip
    plan_id, week, _ = solved(kotim_engine, solutions=5, minutes=[360])
    assert {shift.team.name for shift in week.shifts} == {B}
    assert week.team_names == [A, B]
    assert [pool.capacity for pool in problem_of(week).kit_pools] == [1] * 5
    told = document(kotim_engine, plan_id)
    at_home = told["teams"][0]
    assert (at_home["team"], at_home["days"], at_home["shifts"]) == (A, 0, [])
    assert "teams-stuck" not in {row["code"] for row in told["warnings"]}


def test_fares_are_paid_for_those_who_travel(kotim_engine: Engine, tmp_path: Path):
    """No road leads near the village: by air, Rp 1,000,000 a person; a driver is on leave."""
    far = "62.02.10.2017"
    week = week_of(kotim_engine)
    point, team = week.points[visit_of(week, far)], week.shifts[shift_of(week, A, MONDAY)].team
    import_text(
        kotim_engine, tmp_path, "links",
        "dari,dari_lon,dari_lat,ke,ke_lon,ke_lat,moda,menit,menit_balik,hari,biaya",
        f"Sampit,{team.lon},{team.lat},Desa,{point.lon},{point.lat},pesawat,1,1,12,1000000",
    )  # fmt: skip
    import_text(kotim_engine, tmp_path, "staff", HEAD, f"Budi,{NIPS[0]},,sopir,{A},2026-12-01")
    week = week_of(kotim_engine)
    trip = week.travel.base_node(team), visit_of(week, far)
    costs = [
        week.travel.table(week.shifts[shift_of(week, A, day)].travel).costs[trip]
        for day in (MONDAY, DAY)
    ]
    assert costs == [1_000_000 * team.staff, 1_000_000 * (team.staff - 1)]


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
