"""A year of results: how close forecasts come with and without what was learned.

``python -m benchmarks.results_year [--seeds 20]`` draws for each district what holds there
(reachable share, turnout and minutes around the office's default, coefficient of variation 0.25),
lets three teams make 8 sessions a week for 52 weeks, and forecasts each session twice before it is
held: by the default, and by the default corrected by all that was reported before that week. Half
of the sessions tell who was absent or not found, as teams do; the other half only who came.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np

from app.results.learning import DistrictRates, Lesson, learn
from app.results.outcomes import Outcomes
from routing import (
    Attendance,
    ByProgramme,
    Crew,
    Need,
    Programme,
    ServiceMode,
    WorthParams,
    minutes_each,
    overhead_of,
)

N_DISTRICTS, WEEKS, SESSIONS = 12, 52, 8
SPREAD = 0.25
CREW, MINUTES = Crew(kits=1, desks=2), 240.0


@dataclass(frozen=True, slots=True)
class Year:
    """Mean absolute error of people served in a session, KTP-el and pemula together."""

    default_error: float
    corrected_error: float
    n_sessions: int


def simulate(seed: int, params: WorthParams | None = None) -> Year:
    """Draw one year.

    Parameters
    ----------
    params
        The office's default, which forecasts start from.
    """
    random = np.random.default_rng(seed)
    default = params or WorthParams()
    truths = [_truth(random, default) for _ in range(N_DISTRICTS)]
    lessons: list[Lesson] = []
    errors: list[tuple[float, float]] = []
    for _ in range(WEEKS):
        learned = learn(lessons, default, SPREAD)
        told = []
        for _ in range(SESSIONS):
            district = int(random.integers(N_DISTRICTS))
            need = _need(random)
            known = _applied(learned.get(str(district)), default)
            forecasts = [_attendance(need, own) for own in (default, known)]
            lesson, served = _session(random, str(district), need, truths[district], forecasts[1])
            told.append(lesson)
            errors.append(tuple(abs(_sum(f.served()) - served) for f in forecasts))
        lessons += told
    means = np.mean(errors, axis=0)
    return Year(float(means[0]), float(means[1]), len(errors))


def _applied(rates: DistrictRates | None, default: WorthParams) -> WorthParams:
    return default if rates is None else rates.applied(default)


def _truth(random: np.random.Generator, params: WorthParams) -> WorthParams:
    """Draw what holds in a district."""

    def share(mean: float) -> float:
        strength = (1 - mean) / (mean * SPREAD**2) - 1
        return float(random.beta(mean * strength, (1 - mean) * strength))

    slower = float(random.gamma(1 / SPREAD**2, SPREAD**2))
    reach = {p.value: share(n) for p, n in params.reachable_share.items()}
    minutes = {p.value: n * slower for p, n in params.service_minutes.items()}
    return replace(
        params, turnout_first=share(params.turnout_first), reachable_share=ByProgramme(**reach),
        service_minutes=ByProgramme(**minutes),
    )  # fmt: skip


def _need(random: np.random.Generator) -> Need:
    """Draw a village: mostly a few people listed, now and then a queue."""
    size = float(random.choice([1.0, 1.0, 1.0, 6.0]))
    listed = {p.value: 0.0 for p in Programme}
    listed |= {"ktp_el": size * float(random.integers(5, 80)),
               "pemula": size * float(random.integers(5, 40))}  # fmt: skip
    return Need(listed=ByProgramme(**listed), inflow=0.0, is_stale=False)


def _attendance(need: Need, params: WorthParams) -> Attendance:
    return Attendance(
        need=need, turnout=params.turnout_first, minutes=MINUTES, mode=ServiceMode.ONLINE,
        crew=CREW, params=params,
    )  # fmt: skip


def _sum(served: dict[Programme, float]) -> float:
    return served[Programme.KTP_EL] + served[Programme.PEMULA]


def _session(
    random: np.random.Generator, district: str, need: Need, truth: WorthParams, plan: Attendance
) -> tuple[Lesson, float]:
    """Hold a session as it truly goes; it is planned by what was forecast."""
    own = 0.05  # how alike the people of one village are
    counts: dict[str, Outcomes] = {}
    left = MINUTES - overhead_of(MINUTES, truth)
    tells_absent = bool(random.integers(2))
    served = 0
    for p in (Programme.KTP_EL, Programme.PEMULA):
        n = int(need.listed[p])
        reached = random.binomial(n, _around(random, truth.reachable_share[p], own))
        came = random.binomial(reached, _around(random, truth.turnout_first, own))
        each = minutes_each(p, ServiceMode.ONLINE, truth)
        done = int(min(came, left // each))
        left -= done * each
        served += done
        counts[p.value] = Outcomes(
            served=done,
            absent=int(reached - done) if tells_absent else 0,
            not_found=int(n - reached) if tells_absent else 0,
        )
    arrivals = plan.arrivals()
    rows = {
        p.value: {"listed": need.listed[p], "neighbours": 0.0, "arrivals": arrivals[p],
                  "minutes_each": minutes_each(p, ServiceMode.ONLINE, plan.params)}
        for p in Programme
    }  # fmt: skip
    room = (MINUTES - overhead_of(MINUTES, truth)) * CREW.kits
    lesson = Lesson(
        district=district, counts=counts, mode=ServiceMode.ONLINE, is_school=False, gathers=False,
        is_first=True, is_announced=True, minutes=MINUTES,
        factors={"kit_minutes": room, "kits": CREW.kits, "programmes": rows},
    )  # fmt: skip
    return lesson, float(served)


def _around(random: np.random.Generator, mean: float, alike: float) -> float:
    strength = 1 / alike - 1
    return float(random.beta(mean * strength, (1 - mean) * strength))


def main() -> None:
    """Print the mean absolute errors of some years."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    years = [simulate(seed) for seed in range(parser.parse_args().seeds)]
    default = np.mean([year.default_error for year in years])
    corrected = np.mean([year.corrected_error for year in years])
    better = sum(year.corrected_error < year.default_error for year in years)
    print(f"years {len(years)}, sessions a year {years[0].n_sessions}")
    print(f"mean absolute error, people a session: default {default:.2f}, "
          f"corrected {corrected:.2f} ({corrected / default - 1:+.0%}); "
          f"closer in {better}")  # fmt: skip


if __name__ == "__main__":
    main()
