"""The seam from rows to a problem, on Kotim; expected numbers are worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, delete, func, update
from sqlmodel import col, select

from app.db import reading, transaction
from app.errors import (
    BadWeek,
    MissingInput,
    NoDaylight,
    NoWorkingDay,
    PlanBusy,
    PlanNotFound,
    RegencyNotFound,
    TooShort,
)
from app.ingest import ingest
from app.models import Job, NetworkLine, Village, VillageConnectivity, VillageCount
from app.plan_document import plan_document
from app.planning import solve_again, solve_plan
from app.week import Week, load_week
from app.week_problem import problem_of
from routing import Problem, Programme, SolveParams, check, recompute, solve
from tests.app.office import KOTIM_IMPORTS
from tests.app.planned import (
    BARAT,
    DAY,
    HILIR,
    HOUR,
    KANIA,
    MONDAY,
    PALANGAN,
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

pytestmark = pytest.mark.search


def prizes(week: Week, problem: Problem, code: str, team: str, *, with_kit: bool) -> list[int]:
    """Prize of each option of a village for a team's Monday."""
    shift = problem.shifts[shift_of(week, team, MONDAY)]
    crew = shift.crew_with_kit if with_kit else shift.crew
    assert crew is not None
    return [option.prizes[crew] for option in problem.visits[visit_of(week, code)].options]


# -- worth ---------------------------------------------------------------------------------------


def test_prizes_are_the_worth_worked_out_by_hand(kotim_engine: Engine):
    """model.md 1, steps 1 to 5.

    Inflow: 2023-06-30 to Monday 2026-11-30 are 3 years with one leap day (1,096 days) and 153
    days: 1,249 / 365.25 = 3.41958 years, at 2.05 % of wajib KTP a year, a tenth of it unrecorded.
    """
    week = week_of(kotim_engine)
    problem = problem_of(week)
    years = 1_249 / 365.25

    # Palangan: strong, wajib 887, not recorded 27, aged 16-17 16, akta 27, children 378, KIA 97.
    ktp = (27 + 887 * 0.0205 * years / 10) * 0.5 * 0.6
    assert ktp == pytest.approx(9.9654, abs=1e-4)
    pemula, akta = 16 * 0.8 * 0.6, 27 * 0.8 * 0.6
    # 120 min: 45 of overhead leave 75 at the kit: all of ktp_el (69.8), the rest for pemula; 150
    # at two desks: 12.5 akta of 12 min.
    short = ktp + 0.8 * (75 - 7 * ktp) / 7 + 0.1 * 12.5
    # 240 min: 90 of overhead leave 150: everyone at the kit; 300 at the desks: all akta, then KIA.
    long = ktp + 0.8 * pemula + 0.1 * akta + 0.03 * (300 - 12 * akta) / 5
    found = prizes(week, problem, PALANGAN, A, with_kit=False)
    assert found[:2] == [round(1000 * short), round(1000 * long)] == [11_815, 18_272]
    # A strong signal needs no satellite kit. Team E has two kits and 8 - 2 - 2 = 4 desks, so its
    # 120 min are worth as much as 240 of a team with half of both: 75 x 2 = 150, 75 x 4 = 300.
    assert prizes(week, problem, PALANGAN, A, with_kit=True) == found
    assert prizes(week, problem, PALANGAN, E, with_kit=False)[0] == found[1]

    # Tumbang Kania: weak, everything takes 1.5 times as long. wajib 321, not recorded 36, 16-17 5,
    # akta 13, children 138, KIA 37. 120 min: 75 / 10.5 ktp_el, then nothing left for pemula; 150 at
    # the desks: 13 x 0.48 akta of 18 min, then KIA of 7.5 min.
    akta = 13 * 0.8 * 0.6
    slow = 75 / 10.5 + 0.1 * akta + 0.03 * (150 - 18 * akta) / 7.5
    assert prizes(week, problem, KANIA, A, with_kit=False)[0] == round(1000 * slow) == 7_918

    # Baamang Barat: no signal. With a satellite kit 75 / 7 ktp_el (32.4 would come) and 12.5 akta
    # (77.3 would come), without one nothing at all.
    served = round(1000 * (75 / 7 + 0.1 * 12.5))
    assert prizes(week, problem, BARAT, A, with_kit=True)[0] == served == 11_964
    assert prizes(week, problem, BARAT, A, with_kit=False) == [0, 0, 0]
    assert prizes(week, problem, BARAT, D, with_kit=False) == [0, 0, 0]


def test_a_village_without_counts_is_worth_nothing(kotim_engine: Engine):
    with kotim_engine.begin() as connection:
        connection.execute(delete(VillageCount).where(col(VillageCount.village_code) == HILIR))
    plan_id, week, _ = solved(kotim_engine, solutions=0)
    assert prizes(week, problem_of(week), HILIR, A, with_kit=True) == [0, 0, 0]
    found = document(kotim_engine, plan_id)
    (left_out,) = [row for row in found["unserved"] if row["village_code"] == HILIR]
    assert left_out["reason"] == "no-counts"
    assert {"counts-missing": 1}.items() <= {
        w["code"]: w["count"] for w in found["warnings"]
    }.items()


def test_a_signal_nobody_reported_is_planned_as_weak(kotim_engine: Engine):
    weak = week_of(kotim_engine)
    with kotim_engine.begin() as connection:
        connection.execute(delete(VillageConnectivity))
    week = week_of(kotim_engine)
    assert week.signals[visit_of(week, KANIA)] is None
    same = [prizes(w, problem_of(w), KANIA, A, with_kit=False) for w in (weak, week)]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    ("announced_on", "late"),
    [
        (date(2026, 11, 27), 0),  # Monday is three days ahead: just in time
        (date(2026, 11, 28), 1),
        (date(2026, 11, 29), 2),
        (date(2026, 12, 20), 5),  # after the week: every day of it is late
    ],
)
def test_a_late_announcement_changes_only_its_days(
    kotim_engine: Engine, announced_on: date, late: int
):
    early, week = week_of(kotim_engine), week_of(kotim_engine, announced_on=announced_on)
    visit = visit_of(week, PALANGAN)
    shifts = [shift_of(week, A, MONDAY + timedelta(days=n)) for n in range(5)]
    usual = early.expected(visit, shifts[0], 360, with_kit=False)[Programme.KTP_EL]
    # 360 minutes serve all who come, so that turnout alone decides.
    people = [week.expected(visit, s, 360, with_kit=False)[Programme.KTP_EL] for s in shifts]
    assert people == pytest.approx([0.7 * usual] * late + [usual] * (5 - late))
    before, problem = problem_of(early), problem_of(week)
    for position, shift in enumerate(shifts):
        then = before.visits[visit].options[2].prizes[before.shifts[shift].crew]
        now = problem.visits[visit].options[2].prizes[problem.shifts[shift].crew]
        assert (now < then) == (position < late)
        assert (now == then) == (position >= late)


def test_a_plan_warns_of_days_announced_late_or_past(kotim_engine: Engine):
    def warned(announced_on: date) -> dict[str, int]:
        plan_id = ask(kotim_engine, announced_on=announced_on, seconds=0.3)
        solve_plan(kotim_engine, plan_id, on_progress=lambda _: None, should_stop=lambda: False)
        with reading(kotim_engine) as session:
            warnings = plan_document(session, plan_id, "en")["warnings"]
        return {w["code"]: w["count"] for w in warnings if w["code"] in codes}

    codes = {"announced-late", "days-past"}
    assert warned(date(2026, 11, 27)) == {}
    assert warned(date(2026, 11, 29)) == {"announced-late": 2}
    # On Wednesday, two days are past; Wednesday, Thursday and Friday come too soon.
    assert warned(date(2026, 12, 2)) == {"days-past": 2, "announced-late": 3}


# -- shifts --------------------------------------------------------------------------------------


def test_a_shift_is_a_team_s_day_in_seconds_of_the_week(kotim_engine: Engine):
    week = week_of(kotim_engine)
    problem = problem_of(week)
    assert len(problem.shifts) == 5 * 5
    for position, shift in enumerate(problem.shifts):
        row = week.shifts[position]
        midnight = (row.day - MONDAY).days * DAY
        window = (shift.window.start - midnight, shift.window.end - midnight)
        assert window == (7.5 * HOUR, 16 * HOUR)
        pauses = [(b.start - midnight, b.end - midnight) for b in shift.breaks]
        is_friday = row.day == date(2026, 12, 4)
        assert pauses == [(11.5 * HOUR, 13 * HOUR) if is_friday else (12 * HOUR, 13 * HOUR)]
        assert shift.start == shift.end == week.travel.base_node(row.team)
        # domain.md 8: car 640,000 a day, longboat 2,500,000; uang harian of a duty over 8 hours is
        # Rp 140,000 a person in Central Kalimantan: 5 people, on the boat 8.
        boat = row.team.name == E
        assert shift.fixed_cost == (2_500_000 if boat else 640_000)
        (allowance,) = shift.allowances
        assert allowance.longer_than == 8 * HOUR
        assert allowance.cost == (8 if boat else 5) * 140_000
    assert problem.rupiah_per_document == 2_000_000


def test_satellite_kits_are_one_pool_for_each_base_and_day(kotim_engine: Engine):
    """One kit lies at Baamang Tengah, where A, B, C and E start; none at D's Kuala Kuayan."""
    week = week_of(kotim_engine)
    problem = problem_of(week)
    assert [pool.capacity for pool in problem.kit_pools] == [1] * 5
    users: dict[int, set[tuple[str, date]]] = {}
    for row, shift in zip(week.shifts, problem.shifts, strict=True):
        assert (shift.kit_pool is None) == (row.team.name == D)
        assert (shift.crew_with_kit is None) == (row.team.name == D)
        if shift.kit_pool is not None:
            users.setdefault(shift.kit_pool, set()).add((row.team.name, row.day))
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    assert sorted(users.values(), key=sorted) == sorted(
        ({(team, day) for team in (A, B, C, E)} for day in days), key=sorted
    )


def test_boats_move_in_daylight_only(kotim_engine: Engine, tmp_path: Path):
    hours = "05:00,19:00"
    rows = (team_row(A, hours=hours), team_row(B, vehicle="perahu", hours=hours))
    import_text(kotim_engine, tmp_path, "teams", TEAM_HEADER, *rows)
    week = week_of(kotim_engine)
    shifts = problem_of(week).shifts
    car, boat = (shifts[shift_of(week, team, MONDAY)].window for team in (A, B))
    assert (car.start, car.end) == (5 * HOUR, 19 * HOUR)
    assert (boat.start, boat.end) == (6.5 * HOUR, 17 * HOUR)


@pytest.mark.parametrize(
    ("hours", "window"),
    [
        ("16:59,22:00", (16 * HOUR + 59 * 60, 17 * HOUR)),
        ("17:00,22:00", None),
        ("04:00,06:31", (6.5 * HOUR, 6 * HOUR + 31 * 60)),
        ("04:00,06:30", None),
    ],
)
def test_a_boat_team_that_works_in_the_dark_is_refused_by_name(
    kotim_engine: Engine, tmp_path: Path, hours: str, window: tuple[float, float] | None
):
    row = team_row(B, vehicle="perahu", hours=hours)
    import_text(kotim_engine, tmp_path, "teams", TEAM_HEADER, team_row(A), row)
    if window is None:
        with pytest.raises(NoDaylight, match=rf"{B}.*06:30 to 17:00.*{hours.replace(',', '-')}"):
            week_of(kotim_engine)
        return
    week = week_of(kotim_engine)
    found = problem_of(week).shifts[shift_of(week, B, MONDAY)].window
    assert (found.start, found.end) == window


def test_breaks_are_cut_to_the_hours_of_a_team(kotim_engine: Engine, tmp_path: Path):
    rows = [
        team_row(A, hours="07:30,12:30"),  # leaves during lunch
        team_row(B, hours="13:00,16:00"),  # begins when it ends
    ]
    import_text(kotim_engine, tmp_path, "teams", TEAM_HEADER, *rows)
    week = week_of(kotim_engine)
    shifts = problem_of(week).shifts
    cut, none = (shifts[shift_of(week, team, MONDAY)].breaks for team in (A, B))
    assert [(b.start, b.end) for b in cut] == [(12 * HOUR, 12.5 * HOUR)]
    assert none == ()


# -- the calendar --------------------------------------------------------------------------------


def days_of(week: Week) -> list[int]:
    return sorted({shift.day.day for shift in week.shifts})


def test_holidays_are_left_out(kotim_engine: Engine):
    """24 December 2026 is cuti bersama, 25 December Christmas (SKB of 2025)."""
    week = week_of(kotim_engine, week="2026-W52")
    assert days_of(week) == [21, 22, 23]
    assert len(problem_of(week).shifts) == 5 * 3


def test_the_office_s_calendar_has_the_last_word(kotim_engine: Engine, tmp_path: Path):
    file = tmp_path / "kalender.csv"
    file.write_text(
        "tanggal,kerja,keterangan,kabupaten\n2026-12-24,ya,piket,62.02\n"
        "2026-12-26,ya,lembur,\n2026-12-21,tidak,rapat,62.02\n2026-12-22,tidak,rapat,62.03\n",
        encoding="utf-8",
    )
    assert days_of(week_of(kotim_engine, week="2026-W52", calendar_file=file)) == [22, 23, 24, 26]


def test_a_week_without_a_working_day_says_why(kotim_engine: Engine, tmp_path: Path):
    file = tmp_path / "kalender.csv"
    lines = [f"2026-12-0{n},tidak,banjir" for n in range(1, 5)]
    header = "tanggal,kerja,keterangan"
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    assert days_of(week_of(kotim_engine, calendar_file=file)) == [30]  # one day left: a plan
    file.write_text("\n".join([header, "2026-11-30,tidak,banjir", *lines]), encoding="utf-8")
    with pytest.raises(NoWorkingDay, match=r"2026-W49.*62\.02.*2026-11-30 banjir"):
        ask(kotim_engine, calendar_file=file)


# -- what cannot be planned ----------------------------------------------------------------------


def test_what_is_missing_is_named_one_after_the_other(engine: Engine, kotim: Path):
    with pytest.raises(RegencyNotFound, match=r"62\.02.*known: -"):
        ask(engine)
    files = dict(KOTIM_IMPORTS)
    for have, lacking in (("villages", "counts"), ("counts", "teams"), ("teams", "network")):
        ingest(engine, have, kotim / files[have])
        with pytest.raises(MissingInput, match=rf"62\.02 has no {lacking}; import {lacking}"):
            ask(engine)
    ingest(engine, "network", kotim / files["network"])
    # Signals are not needed: without a report a village is planned as weak, with a warning.
    assert ask(engine)
    with pytest.raises(RegencyNotFound, match=r"62\.03.*known: 62\.02"):
        ask(engine, regency="62.03")


@pytest.mark.parametrize(("degrees", "is_near"), [(0.499, True), (0.501, False)])
def test_a_network_of_another_place_is_no_network(
    kotim_engine: Engine, degrees: float, is_near: bool
):
    """Half a degree beyond the northernmost village is near enough."""
    with transaction(kotim_engine) as session:
        north = session.scalar(select(func.max(Village.lat))) or 0.0
        line = shapely.LineString([(111, north + degrees), (114, north + 3)])
        sides = {"west": 111, "east": 114, "south": north + degrees, "north": north + 3}
        session.execute(update(NetworkLine).values(geometry=line, **sides))
    if is_near:
        assert ask(kotim_engine)
    else:
        with pytest.raises(MissingInput, match="network"):
            ask(kotim_engine)


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "9999-W52"])
def test_a_week_that_no_calendar_has_is_refused(kotim_engine: Engine, week: str):
    with pytest.raises(BadWeek, match=week):
        ask(kotim_engine, week=week)


def test_sessions_shorter_than_their_overhead_are_refused(kotim_engine: Engine):
    """Set-up, talk and pack-up take 45 minutes of a session under 4 hours."""
    with pytest.raises(TooShort, match=r"15, 45 minutes.*45"):
        ask(kotim_engine, minutes=(15, 45))
    assert ask(kotim_engine, minutes=(15, 46))


def test_a_plan_that_is_worked_on_is_not_begun_again(kotim_engine: Engine):
    plan_id = ask(kotim_engine)
    with transaction(kotim_engine) as session:
        with pytest.raises(PlanBusy, match=f"plan {plan_id}"):
            solve_again(session, plan_id)
        with pytest.raises(PlanNotFound, match="plan 999"):
            solve_again(session, 999)
        job = session.exec(select(Job).where(Job.plan_id == plan_id)).one()
        job.state = "failed"
        session.flush()
        assert solve_again(session, plan_id).state == "todo"
    with reading(kotim_engine) as session, pytest.raises(PlanNotFound):
        load_week(session, 999)


# -- from the signal to the plan -----------------------------------------------------------------


def test_a_village_that_loses_its_signal_needs_a_satellite_kit(
    kotim_engine: Engine, tmp_path: Path
):
    """From kuat to tidak ada: its ktp_el is 0 without a kit, and comes back with one."""
    before = week_of(kotim_engine)
    visit = visit_of(before, HILIR)
    shift = shift_of(before, A, MONDAY)
    usual = before.expected(visit, shift, 240, with_kit=False)
    # 150 minutes at one kit are 21.4 recordings; more people would come.
    assert usual[Programme.KTP_EL] == pytest.approx(150 / 7)

    header = "kode,desa,sinyal_telepon,tahun"
    import_text(
        kotim_engine, tmp_path, "connectivity", header, f"{HILIR},Mentawa Baru Hilir,tidak ada,2025"
    )
    week = week_of(kotim_engine)
    assert week.expected(visit, shift, 240, with_kit=True) == usual
    assert set(week.expected(visit, shift, 240, with_kit=False).values()) == {0.0}
    at_d = shift_of(week, D, MONDAY)
    assert week.expected(visit, at_d, 240, with_kit=False)[Programme.KTP_EL] == 0.0
    changed = [
        village.code
        for village, now, then in zip(
            week.villages, problem_of(week).visits, problem_of(before).visits, strict=True
        )
        if now != then
    ]
    assert changed == [HILIR]

    # The same in whole plans of one team: without a kit the village is left out, with one served.
    import_text(kotim_engine, tmp_path, "teams", TEAM_HEADER, team_row(A, kits=0))
    without = document(kotim_engine, solved(kotim_engine)[0])
    assert HILIR not in {stop["village_code"] for stop in without["stops"]}
    reasons = {row["village_code"]: row["reason"] for row in without["unserved"]}
    assert reasons[HILIR] == "worth-nothing-without-kit"
    import_text(kotim_engine, tmp_path, "teams", TEAM_HEADER, team_row(A, kits=1))
    equipped = document(kotim_engine, solved(kotim_engine)[0])
    (stop,) = [s for s in equipped["stops"] if s["village_code"] == HILIR]
    assert (stop["with_kit"], stop["service_mode"]) == (True, "online_satellite")
    full = before.expected(visit, shift, stop["minutes"], with_kit=False)
    assert stop["expected"]["ktp_el"] == pytest.approx(full[Programme.KTP_EL], abs=1e-4)


def test_a_plan_by_worth_beats_one_by_raw_counts(kotim_engine: Engine):
    """Judged by the same worth; raw counts know neither signal nor capacity nor who comes."""
    week = week_of(kotim_engine)
    problem = problem_of(week)

    def people(node: int) -> int:
        return 1000 * max(0, week.counts[week.villages[node].code].belum_rekam or 0)

    by_counts = replace(
        problem,
        visits=tuple(
            replace(
                visit,
                options=tuple(
                    replace(option, prizes=(people(visit.node),) * problem.n_crews)
                    for option in visit.options
                ),
            )
            for visit in problem.visits
        ),
    )
    params = SolveParams(time_limit_s=300, solution_limit=25)
    plans = [solve(made, params).solution for made in (problem, by_counts)]
    assert all(check(problem, plan) == [] for plan in plans)
    *_, value_of_worth = recompute(problem, plans[0])
    *_, value_of_counts = recompute(problem, plans[1])
    assert value_of_worth > value_of_counts
    # The other way round it loses: each is good at what it was asked for.
    assert recompute(by_counts, plans[0])[3] < recompute(by_counts, plans[1])[3]
