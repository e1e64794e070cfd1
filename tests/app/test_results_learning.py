"""What results teach: rates by hand, and a year in which the corrected forecast is closer."""

from datetime import date

import numpy as np
import pytest

from app.results.learning import Lesson, learn
from app.results.left import Since, left_of
from app.results.outcomes import Outcomes, shared_out
from benchmarks.results_year import simulate
from routing import ByProgramme, Need, Programme, ServiceMode, WorthParams

PARAMS = WorthParams(spread_village=0.0)  # everybody decides alone: n people count as n


def lesson(
    district="62.02.01", *, minutes=None, factors=None, is_first=True, gathers=False, **people: int
) -> Lesson:
    return Lesson(
        district=district, counts={"ktp_el": Outcomes(**people)}, mode=ServiceMode.ONLINE,
        is_school=gathers, gathers=gathers, is_first=is_first, is_announced=True, minutes=minutes,
        factors=factors or {},
    )  # fmt: skip


def test_shares_are_drawn_to_the_default_by_hand():
    # 30 of 40 were reached: 20 came, 10 were absent.
    taught = learn(
        [lesson(served=15, failed=2, already_had=3, absent=10, not_found=10)], PARAMS, 0.25
    )
    reach = taught["62.02.01"].reachable_share[Programme.KTP_EL]
    # m = (1 - 0.5) / (0.5 * 0.25^2) - 1 = 15; weight 40 / 55
    assert (reach.n, reach.observed) == (40, 0.75)
    assert reach.weight == pytest.approx(40 / 55)
    assert reach.corrected == pytest.approx((40 * 0.75 + 15 * 0.5) / 55)
    turnout = taught["62.02.01"].turnout
    # m = 0.4 / (0.6 * 0.0625) - 1 = 9.6667; 20 of 30 came
    strength = 0.4 / (0.6 * 0.0625) - 1
    assert turnout.corrected == pytest.approx((30 * 2 / 3 + strength * 0.6) / (30 + strength))


def test_people_of_one_session_count_for_less_and_few_stay_near_the_default():
    alike = WorthParams(spread_village=0.05)
    one = lesson(served=20, absent=20)
    turnout = learn([one], alike, 0.25)["62.02.01"].turnout
    assert turnout.effective == pytest.approx(40 / (1 + 39 * 0.05))
    few = learn([lesson(served=1, absent=0, not_found=1)], alike, 0.25)["62.02.01"].turnout
    assert abs(few.corrected - 0.6) < 0.05 < abs(few.observed - 0.6)


def test_where_nobody_counted_the_absent_the_listed_tell():
    factors = {
        "kit_minutes": 600.0, "kits": 1,
        "programmes": {"ktp_el": {"listed": 100.0, "neighbours": 0.0, "arrivals": 30.0,
                                  "minutes_each": 7.0}},
    }  # fmt: skip
    turnout = learn([lesson(served=40, factors=factors)], PARAMS, 0.25)["62.02.01"].turnout
    assert (turnout.n, turnout.observed) == (50, 0.8)  # 40 of the 50 who can be reached
    again = learn([lesson(served=40, factors=factors, is_first=False)], PARAMS, 0.25)
    assert again["62.02.01"].turnout.observed is None
    full = {**factors, "kit_minutes": 210.0}  # 30 x 7 fill the kit: who came later went unseen
    assert learn([lesson(served=30, factors=full)], PARAMS, 0.25)["62.02.01"].turnout.n == 0
    just = {**factors, "kit_minutes": 210.1}
    assert learn([lesson(served=30, factors=just)], PARAMS, 0.25)["62.02.01"].turnout.n == 50


def test_a_school_teaches_minutes_and_neither_turnout_nor_reach():
    factors = {
        "kit_minutes": 280.0, "kits": 2,
        "programmes": {"ktp_el": {"listed": 0.0, "arrivals": 60.0, "minutes_each": 7.0}},
    }  # fmt: skip
    school = lesson(
        served=28, failed=2, absent=5, minutes=240.0, factors=factors | {"kit_minutes": 430.0},
        gathers=True,
    )  # fmt: skip
    taught = learn([school], PARAMS, 0.25)["62.02.01"]
    reach = taught.reachable_share[Programme.KTP_EL]
    assert (taught.turnout.n, taught.turnout.corrected) == (0, PARAMS.turnout_first)
    assert (reach.n, reach.corrected) == (0, PARAMS.reachable_share.ktp_el)
    busy = lesson(served=28, failed=2, minutes=240.0, factors=factors, gathers=True)
    assert learn([busy], PARAMS, 0.25)["62.02.01"].kit_minutes.n == 1


def test_minutes_are_learned_from_sessions_surely_busy():
    def busy(room: float) -> dict:
        return {
            "kit_minutes": room, "kits": 2,
            "programmes": {"ktp_el": {"listed": 200.0, "arrivals": 60.0, "minutes_each": 7.0}},
        }  # fmt: skip

    # 240 minutes less 90 with two kits are 300; 30 people at 7 would have taken 210.
    slow = lesson(served=28, failed=2, minutes=240.0, factors=busy(280.0))
    kit = learn([slow], PARAMS, 0.25)["62.02.01"].kit_minutes
    assert kit.observed == pytest.approx(300 / 210)
    assert kit.weight == pytest.approx(1 / 5)  # (0.5 / 0.25)^2 = 4 sessions stand for the default
    own = learn([slow] * 100, PARAMS, 0.25)["62.02.01"].applied(PARAMS)
    assert own.service_minutes.ktp_el == pytest.approx(7 * (100 * 300 / 210 + 4) / 104)
    assert own.service_minutes.kia == 5
    longest = lesson(served=30, minutes=960.0, factors=busy(280.0))
    assert learn([longest], PARAMS, 0.25)["62.02.01"].kit_minutes.n == 1
    beyond = lesson(served=30, minutes=960.5, factors=busy(280.0))
    assert learn([beyond], PARAMS, 0.25)["62.02.01"].kit_minutes.n == 0
    idle = lesson(served=30, minutes=240.0, factors=busy(280.1))  # 420 < 1.5 x 280.1
    assert learn([idle], PARAMS, 0.25)["62.02.01"].kit_minutes.n == 0


def numbers(**values: float) -> ByProgramme:
    return ByProgramme(**{p.value: values.get(p.value, 0.0) for p in Programme})


def test_who_is_left_and_who_was_missed_by_hand():
    then = Need(listed=numbers(ktp_el=100.0, kia=40.0), inflow=0.0, is_stale=False)
    now = Need(listed=numbers(ktp_el=102.0, kia=40.0), inflow=20.0, is_stale=False)
    since = Since(
        people={"ktp_el": Outcomes(served=20, already_had=5, deceased=4, moved=6, absent=9)},
        last_day=date(2026, 11, 30), n_sessions=1,
    )  # fmt: skip
    left = left_of(then, now, since, WorthParams())
    # 50 of 100 can be reached, 25 of them have it now; 2 are new since.
    assert (left.listed.ktp_el, left.missed.ktp_el) == (2.0, 25.0)
    assert (left.listed.kia, left.missed.kia) == (40.0, 0.0)  # nobody reported on KIA
    many = Since(people={"ktp_el": Outcomes(served=10, moved=80)}, last_day=date(2026, 11, 30),
                 n_sessions=1)  # fmt: skip
    assert left_of(then, then, many, WorthParams()).missed.ktp_el == 10.0  # no more than are left
    all_served = Since(people={"ktp_el": Outcomes(served=130)}, last_day=date(2026, 11, 30),
                       n_sessions=1)  # fmt: skip
    assert left_of(then, then, all_served, WorthParams()).missed.ktp_el == 0.0


def test_shares_of_a_hub_add_up():
    people = Outcomes(served=10, absent=1, moved=2)
    parts = shared_out(people, [5.0, 3.0, 2.0])
    assert [part.served for part in parts] == [5, 3, 2]
    assert parts[0] + parts[1] + parts[2] == people
    assert [part.absent for part in parts] == [1, 0, 0]
    assert [p.served for p in shared_out(people, [0.0, 0.0])] == [5, 5]


def test_over_a_year_the_corrected_forecast_is_closer():
    runs = [simulate(seed) for seed in range(3)]
    default = np.mean([run.default_error for run in runs])
    corrected = np.mean([run.corrected_error for run in runs])
    assert corrected < 0.75 * default
    assert all(run.corrected_error < run.default_error for run in runs)
