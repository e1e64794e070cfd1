"""P10 and P90 against distributions worked out another way: sums of their probabilities."""

import math
from dataclasses import replace

import numpy as np
import pytest

from routing import (
    Attendance,
    ByProgramme,
    Crew,
    Need,
    Programme,
    ServiceMode,
    WorthParams,
    draw_served,
    low_and_high,
)
from routing.spread import Draws
from routing.worth import NOBODY, served_of

CERTAIN = WorthParams(spread_village=0.0, spread_shared=0.0, spread_gathered=0.0)
PLENTY = Crew(kits=100, desks=100)


def people(**numbers: float) -> ByProgramme:
    return ByProgramme(**{p.value: numbers.get(p.value, 0.0) for p in Programme})


def visit(need: Need, params: WorthParams, crew: Crew = PLENTY, minutes: float = 360) -> Attendance:
    return Attendance(
        need=need, turnout=0.6, minutes=minutes, mode=ServiceMode.ONLINE, crew=crew, params=params
    )


def listed(**numbers: float) -> Need:
    return Need(listed=people(**numbers), inflow=0.0, is_stale=False)


def quantile(probabilities: list[float], share: float) -> int:
    """The least number that a share of the cases does not exceed."""
    total = 0.0
    for number, probability in enumerate(probabilities):
        total += probability
        if total >= share:
            return number
    raise AssertionError


def binomial(n: int, p: float) -> list[float]:
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def beta_binomial(n: int, p: float, correlation: float) -> list[float]:
    """Skellam 1948: a = p (1 - rho) / rho, b = (1 - p) (1 - rho) / rho."""
    size = (1 - correlation) / correlation
    a, b = p * size, (1 - p) * size

    def log_beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    return [
        math.comb(n, k) * math.exp(log_beta(k + a, n - k + b) - log_beta(a, b))
        for k in range(n + 1)
    ]


def ktp_el(params: WorthParams, n: float, crew: Crew = PLENTY) -> Draws:
    (drawn,) = draw_served([visit(listed(ktp_el=n), params, crew)])
    return drawn[Programme.KTP_EL]


def test_without_spread_the_people_who_come_are_binomial():
    draws = ktp_el(CERTAIN, 100)  # each of 100 comes with 0.5 x 0.6
    expected = [quantile(binomial(100, 0.3), share) for share in (0.1, 0.9)]
    assert expected == [24, 36]
    assert low_and_high(draws) == pytest.approx(expected, abs=1)
    assert draws.mean() == pytest.approx(30, abs=4 * math.sqrt(21 / len(draws)))


@pytest.mark.parametrize("correlation", [0.05, 0.3])
def test_people_of_one_village_act_alike(correlation: float):
    draws = ktp_el(replace(CERTAIN, spread_village=correlation), 200)
    shares = beta_binomial(200, 0.3, correlation)
    expected = [quantile(shares, share) for share in (0.1, 0.9)]
    assert low_and_high(draws) == pytest.approx(expected, abs=4)
    variance = 200 * 0.3 * 0.7 * (1 + 199 * correlation)
    assert draws.var() == pytest.approx(variance, rel=0.1)
    assert draws.mean() == pytest.approx(60, abs=4 * math.sqrt(variance / len(draws)))


def test_what_all_villages_share_does_not_even_out_over_them():
    """Var of a sum of m: m n q (1 - q) + cv^2 (m n q)^2, less what the chance's spread saves."""
    visits = [visit(listed(ktp_el=40), replace(CERTAIN, spread_shared=0.25)) for _ in range(50)]
    total = sum(drawn[Programme.KTP_EL] for drawn in draw_served(visits))
    mean = 50 * 40 * 0.3
    variance = 50 * 40 * (0.3 - 0.3**2 * (1 + 0.25**2)) + 0.25**2 * mean**2
    assert total.mean() == pytest.approx(mean, rel=0.02)
    assert total.var() == pytest.approx(variance, rel=0.1)
    alone = [visit(listed(ktp_el=40), CERTAIN) for _ in range(50)]
    independent = sum(drawn[Programme.KTP_EL] for drawn in draw_served(alone))
    assert independent.std() < total.std() / 5


def test_a_fraction_of_a_person_is_there_by_chance():
    draws = ktp_el(replace(CERTAIN, reachable_share=people(ktp_el=1.0)), 0.5)
    assert set(np.unique(draws)) <= {0.0, 1.0}
    assert draws.mean() == pytest.approx(0.5 * 0.6, abs=0.03)


def test_gathered_people_are_not_drawn_from_a_list():
    need = Need(listed=NOBODY, inflow=0, is_stale=False, gathered=people(pemula=120))
    params = replace(CERTAIN, spread_gathered=0.15, spread_shared=2.0)
    (drawn,) = draw_served([visit(need, params)])
    pemula = drawn[Programme.PEMULA]
    assert pemula.mean() == pytest.approx(120, rel=0.02)
    assert pemula.var() == pytest.approx(
        120 + (0.15 * 120) ** 2, rel=0.1
    )  # the error of 2 is not theirs


def test_nobody_is_served_beyond_the_capacity():
    crew = Crew(kits=1, desks=1)
    draws = ktp_el(WorthParams(), 1000, crew)  # 270 minutes of 7 each: 38.57 people
    assert draws.max() == pytest.approx(270 / 7)
    assert low_and_high(draws)[1] == pytest.approx(270 / 7)


@pytest.mark.parametrize("mode", list(ServiceMode))
def test_each_draw_is_served_like_an_expectation(mode: ServiceMode):
    need = listed(ktp_el=90, pemula=60, kia=200, akta=50, ikd=300)
    params, crew = replace(CERTAIN, spread_shared=0.4), Crew(kits=1, desks=2)
    one = replace(visit(need, params, crew, 240), mode=mode)
    free = replace(visit(need, params), minutes=100_000)
    (come,), (served,) = draw_served([free], n_draws=50), draw_served([one], n_draws=50)
    for k in range(50):
        arrivals = ByProgramme(**{p.value: float(come[p][k]) for p in Programme})
        expected = served_of(arrivals, minutes=240, mode=mode, crew=crew, params=params)
        assert {p: served[p][k] for p in Programme} == pytest.approx(expected)


def test_the_same_visits_have_the_same_spread():
    assert (ktp_el(WorthParams(), 77) == ktp_el(WorthParams(), 77)).all()


def test_no_visit_no_draw():
    assert draw_served([]) == []


def test_extreme_spreads_are_drawn_without_complaint():
    params = WorthParams(
        spread_village=0.99, spread_shared=2.0, spread_gathered=2.0, turnout_first=1.0,
        reachable_share=people(ktp_el=1.0),
    )  # fmt: skip
    draws = ktp_el(params, 10)
    assert 0 <= draws.min() <= draws.max() <= 10
