"""What results teach of a district: reachable share, turnout, minutes per service.

Each rate is drawn from what was observed towards the office's default, the more the fewer people
stand behind it (empirical Bayes in the form of Morris 1983, JASA 78:47-55; the weight is the
credibility of Buehlmann 1967):

    corrected = weight x observed + (1 - weight) x default,    weight = n / (n + m)

- Shares. ``m = (1 - default) / (default x spread^2) - 1``: the beta distribution around the default
  with the coefficient of variation ``results.spread_district``. People of one session have much in
  common, so its n people count as ``n / (1 + (n - 1) rho)`` (Kish 1965), rho being
  ``worth.spread_village``.
- Minutes. n sessions; ``m = (WITHIN / spread)^2``, WITHIN being how far single sessions differ.

``docs/results.md`` says which sessions teach what, and why others do not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.results.outcomes import NOBODY, ByProgramme, Outcomes
from routing import (
    DESK_PROGRAMMES,
    KIT_PROGRAMMES,
    Programme,
    ServiceMode,
    WorthParams,
    minutes_each,
    overhead_of,
)
from routing import (
    ByProgramme as Numbers,
)

WITHIN = 0.5
"""Coefficient of variation of minutes per service from session to session (judgement)."""
BUSY = 1.5
"""A session was surely busy if so many times as many were expected as could be served."""
LONGEST = 16 * 60
"""Minutes on site; who tells of more mistook a date."""
MOST = 3.0
"""Minutes are corrected at most so many times up or down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A session as it teaches: what was expected of it, and what was reported.

    Parameters
    ----------
    factors
        Of the stop as planned, ``app/spread.py``; empty when no plan knows it.
    gathers
        Whether its people were brought together there, as at a school: they are as many as the
        place expects, whatever reach and turnout are.
    is_first
        Whether nobody was there since the people were counted.
    is_announced
        Whether it was announced in good time.
    minutes
        On site as reported, breaks not counted; None where begin or end was not told, and where
        visits at home followed, which the time may hold or not.
    """

    district: str
    counts: ByProgramme
    mode: ServiceMode
    is_school: bool
    gathers: bool
    is_first: bool
    is_announced: bool
    minutes: float | None
    factors: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A corrected rate with what it rests on.

    ``n`` people (minutes: sessions), ``effective`` of them count, ``n_sessions`` told of them;
    ``observed`` is None where nobody did.
    """

    n: float
    n_sessions: int
    effective: float
    observed: float | None
    default: float
    weight: float
    corrected: float

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values, rounded."""
        return {
            "n": round(self.n, 1), "n_sessions": self.n_sessions,
            "effective": round(self.effective, 2),
            "observed": None if self.observed is None else round(self.observed, 4),
            "default": round(self.default, 4), "weight": round(self.weight, 4),
            "corrected": round(self.corrected, 4),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictRates:
    """What one district taught; minutes as multiples of the default."""

    district: str
    n_sessions: int
    reachable_share: Mapping[Programme, Rate]
    turnout: Rate
    kit_minutes: Rate
    desk_minutes: Rate

    def applied(self, params: WorthParams) -> WorthParams:
        """Give the numbers that hold in this district."""
        turnout = self.turnout.corrected / params.turnout_first if params.turnout_first else 1.0
        minutes = {
            **dict.fromkeys(KIT_PROGRAMMES, self.kit_minutes.corrected),
            **dict.fromkeys(DESK_PROGRAMMES, self.desk_minutes.corrected),
        }
        return replace(
            params,
            turnout_first=self.turnout.corrected,
            turnout_second=min(1.0, params.turnout_second * turnout),
            reachable_share=Numbers(
                **{p.value: rate.corrected for p, rate in self.reachable_share.items()}
            ),
            service_minutes=Numbers(
                **{p.value: n * minutes[p] for p, n in params.service_minutes.items()}
            ),
            school_minutes=params.school_minutes * self.kit_minutes.corrected,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """One observation: ``share`` of ``n`` people, or a ratio of minutes from one session."""

    n: float
    share: float
    effective: float


def learn(
    lessons: Iterable[Lesson], params: WorthParams, spread: float
) -> dict[str, DistrictRates]:
    """Work out the rates of every district that has lessons.

    Parameters
    ----------
    params
        The office's default; what plans were corrected by before is not in it.
    spread
        Coefficient of variation of rates between districts.
    """
    by_district: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        by_district.setdefault(lesson.district, []).append(lesson)
    return {
        district: _rates(district, found, params, spread)
        for district, found in sorted(by_district.items())
    }


def _rates(
    district: str, lessons: Sequence[Lesson], params: WorthParams, spread: float
) -> DistrictRates:
    reach = {
        p: _share(_reached(lessons, p, params), params.reachable_share[p], spread)
        for p in Programme
    }
    came = [seen for p in KIT_PROGRAMMES for seen in _came(lessons, p, reach[p].corrected, params)]
    return DistrictRates(
        district=district,
        n_sessions=len(lessons),
        reachable_share=reach,
        turnout=_share(came, params.turnout_first, spread),
        kit_minutes=_minutes(_worked(lessons, KIT_PROGRAMMES, "kit", params), spread),
        desk_minutes=_minutes(_worked(lessons, DESK_PROGRAMMES, "desk", params), spread),
    )


def _listed_who_came(people: Outcomes) -> int:
    """Count who came of those listed; who is not eligible was not."""
    return people.served + people.failed + people.already_had


def _is_called(lesson: Lesson) -> bool:
    """Tell whether villagers were called for the first time, so that reach and turnout show."""
    return lesson.is_first and not lesson.gathers


def _reached(lessons: Iterable[Lesson], programme: Programme, params: WorthParams) -> list[_Seen]:
    """Observe who can be reached, in sessions that tell what became of those who did not come."""
    found = []
    for lesson in lessons:
        people = lesson.counts.get(programme.value, NOBODY)
        reached = _listed_who_came(people) + people.absent
        n = reached + people.cleared + people.not_found
        if _is_called(lesson) and n and people.accounts_for_absent:
            found.append(_seen(n, reached, params))
    return found


def _came(
    lessons: Iterable[Lesson], programme: Programme, reach: float, params: WorthParams
) -> list[_Seen]:
    """Observe who came of those who can be reached.

    Not where more were expected than could be served: who left the queue looks absent. Where the
    absent were not told, those who can be reached are the share ``reach`` of the people listed.
    """
    found = []
    for lesson in lessons:
        people = lesson.counts.get(programme.value)
        if people is None or not _is_called(lesson) or not lesson.is_announced:
            continue
        if _is_full(lesson, KIT_PROGRAMMES, "kit", 1.0):
            continue
        came = _listed_who_came(people)
        if people.accounts_for_absent:
            n = float(came + people.absent)
        else:
            n = reach * _listed(lesson, programme, params)
        if n > 0:
            found.append(_seen(n, min(n, came), params))
    return found


def _listed(lesson: Lesson, programme: Programme, params: WorthParams) -> float:
    row = lesson.factors.get("programmes", {}).get(programme.value, {})
    near = params.neighbour_factor * row.get("neighbours", 0.0)
    return float(row.get("listed", 0.0) + near)


def _seen(n: float, k: float, params: WorthParams) -> _Seen:
    alike = 1 + max(0.0, n - 1) * params.spread_village
    return _Seen(n, k / n, n / alike)


def _is_full(lesson: Lesson, programmes: Sequence[Programme], place: str, times: float) -> bool:
    """Tell whether so many times as many were expected as the kits or desks could serve."""
    rows = lesson.factors.get("programmes", {})
    wanted = sum(rows[p.value]["arrivals"] * rows[p.value]["minutes_each"] for p in programmes
                 if p.value in rows)  # fmt: skip
    room = lesson.factors.get(f"{place}_minutes", 0.0)
    return bool(room and wanted >= times * room)


def _worked(
    lessons: Iterable[Lesson], programmes: Sequence[Programme], place: str, params: WorthParams
) -> list[_Seen]:
    """Observe minutes per service, as a multiple of the default, in sessions surely busy.

    Chosen by what was expected, not by what came out: slow sessions would choose themselves.
    """
    found = []
    for lesson in lessons:
        if lesson.minutes is None or lesson.minutes > LONGEST:
            continue
        if not _is_full(lesson, programmes, place, BUSY):
            continue
        usual = params.at_school() if lesson.is_school else params
        served = {p: lesson.counts.get(p.value, NOBODY) for p in programmes}
        by_default = sum(
            (n.served + n.failed) * minutes_each(p, lesson.mode, usual) for p, n in served.items()
        )
        spent = lesson.minutes - overhead_of(lesson.minutes, params)
        room = spent * lesson.factors.get(f"{place}s", 0)
        if by_default > 0 and room > 0:
            found.append(_Seen(by_default, room / by_default, 1.0))
    return found


def _share(seen: Sequence[_Seen], default: float, spread: float) -> Rate:
    if not 0 < default < 1:  # a share of none or of all is a decision, not an estimate
        return _rate(seen, default, 0.0, by=lambda one: one.effective)
    strength = max(0.0, (1 - default) / (default * spread**2) - 1)
    return _rate(seen, default, strength, by=lambda one: one.effective)


def _minutes(seen: Sequence[_Seen], spread: float) -> Rate:
    rate = _rate(seen, 1.0, (WITHIN / spread) ** 2, by=lambda one: one.n)
    return replace(rate, n=len(seen), corrected=min(MOST, max(1 / MOST, rate.corrected)))


def _rate(seen: Sequence[_Seen], default: float, strength: float, *, by: Any) -> Rate:  # noqa: ANN401
    effective = sum(one.effective for one in seen)
    whole = sum(by(one) for one in seen)
    observed = sum(by(one) * one.share for one in seen) / whole if whole else None
    weight = effective / (effective + strength) if effective else 0.0
    return Rate(
        n=sum(one.n for one in seen), n_sessions=len(seen), effective=effective,
        observed=observed, default=default, weight=weight,
        corrected=default if observed is None else weight * observed + (1 - weight) * default,
    )  # fmt: skip
