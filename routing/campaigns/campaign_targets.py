"""When a campaign reaches a target share, when none can, and how sure that is.

A target is a share of the people who count (the base) that shall be recorded at the end of a week.
Two numbers are told apart, because reports mix them up: *not recorded* is base less recorded, the
*gap to target* is what is missing to the target share of the base. That share is a whole number of
people, rounded as offices print it: 99.4 % of 530,130 is 526,949.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.campaigns.campaign import Campaign, Plans, followed
from routing.errors import InvalidProblem
from routing.spread import Draws, low_and_high
from routing.worth import Programme

# Sums of fractions of people differ by rounding.
TINY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A share of the base that shall be recorded.

    ``base`` and ``recorded`` are people at the end of each week if the campaign did nothing;
    ``verified_share`` of the people of a visited place that cannot be reached are found to have
    died or moved and taken off the base.
    """

    programme: Programme
    share: float
    base: tuple[float, ...]
    recorded: tuple[float, ...]
    verified_share: float = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "verified_share"):
            if not 0 <= getattr(self, name) <= 1:
                msg = f"target {self.programme}: {name} {getattr(self, name)} must be in 0..1"
                raise InvalidProblem(msg)
        if len(self.base) != len(self.recorded):
            raise InvalidProblem(f"target {self.programme}: base and recorded differ in weeks")

    def missing(self, week: int, served: float, verified: float = 0.0) -> float:
        """Tell how many more people must be recorded at the end of a week; below 0: none."""
        return wanted(self.share, self.base[week] - verified) - self.recorded[week] - served


def wanted(share: float, base: float) -> int:
    """Tell how many people a share of a base is, rounded, a half upwards."""
    return math.floor(share * base + 0.5 + TINY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a programme stands at the end of a week, in expected people.

    ``verified`` of the base were taken off it; ``not_recorded`` is signed; ``gap_to_target`` is a
    whole number of people, 0 when the target is reached.
    """

    served: float
    verified: float
    base: float
    recorded: float
    not_recorded: float
    gap_to_target: int

    @property
    def share(self) -> float | None:
        """Recorded as a share of the base; None without anybody who counts."""
        return self.recorded / self.base if self.base else None


def standing(
    share: float, base: float, recorded: float, *, served: float = 0.0, verified: float = 0.0
) -> Standing:
    """Tell where a programme stands once some were served and some taken off the base."""
    left = base - verified
    return Standing(
        served=served, verified=verified, base=left, recorded=recorded + served,
        not_recorded=left - recorded - served,
        gap_to_target=max(0, math.ceil(wanted(share, left) - recorded - served - TINY)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of a target, and what is proven; weeks are counted from 0.

    ``reached`` is when plans are expected to reach it; ``low`` and ``high`` are the weeks by which
    it is reached once in ten and nine times in ten courses; ``chance`` that it is by the last.
    ``recorded_low`` and ``recorded_high``: of people recorded at the end of each week, what one
    course in ten, and nine in ten, do not exceed.
    ``earliest`` is the first week in which any campaign could, None when none can before the end.
    ``ceiling`` is the share at the end if everybody who can be reached had been served;
    ``to_verify`` how many people must be taken off the base besides for the target to be met by
    what is planned. None: not by the last week.
    """

    target: Target
    standings: tuple[Standing, ...]
    reached: int | None
    low: int | None
    high: int | None
    chance: float
    recorded_low: tuple[float, ...]
    recorded_high: tuple[float, ...]
    earliest: int | None
    ceiling: float | None
    to_verify: int


def outlook(
    campaign: Campaign,
    plans: Plans,
    target: Target,
    *,
    most_served: Sequence[float],
    drawn: Draws,
) -> Outlook:
    """Work out when a target is reached.

    Parameters
    ----------
    most_served
        By week the most people that any campaign serves until its end (``bound_served``).
    drawn
        People served in each week, shape (weeks, n) (``draw_campaign``).
    """
    standings = standings_of(campaign, plans, target)
    verified = [standing.verified for standing in standings]
    courses = np.cumsum(drawn, axis=0)
    first = _first_weeks(target, courses, verified)
    low, high = low_and_high(first)
    spread = [low_and_high(course) for course in courses]
    reachable, out_of_reach = _people(campaign, target)
    base = target.base[-1] - target.verified_share * out_of_reach
    return Outlook(
        target=target,
        standings=standings,
        reached=reached_in(standings),
        low=_week(low), high=_week(high), chance=float(np.isfinite(first).mean()),
        recorded_low=tuple(r + low for r, (low, _) in zip(target.recorded, spread, strict=True)),
        recorded_high=tuple(r + high for r, (_, high) in zip(target.recorded, spread, strict=True)),
        earliest=earliest_week(campaign, target, most_served),
        ceiling=(target.recorded[-1] + reachable) / base if base else None,
        to_verify=_to_verify(target.share, standings[-1]),
    )  # fmt: skip


def _to_verify(share: float, last: Standing) -> int:
    """Count whom else the base must lose for ``wanted`` to fall to what is recorded."""
    if not last.gap_to_target:
        return 0
    # wanted(x) <= n holds below x = n + 1/2.
    return math.floor(last.base - (math.floor(last.recorded + TINY) + 0.5) / share + TINY) + 1


def standings_of(campaign: Campaign, plans: Plans, target: Target) -> tuple[Standing, ...]:
    """Tell where a programme is expected to stand at the end of every week."""
    served, verified = expected_course(campaign, plans, target)
    return tuple(
        standing(
            target.share, target.base[w], target.recorded[w], served=served[w],
            verified=verified[w],
        )
        for w in range(len(campaign.weeks))
    )  # fmt: skip


def reached_in(standings: Sequence[Standing]) -> int | None:
    """Find the first week at whose end a target is reached; None: in none."""
    return next((w for w, standing in enumerate(standings) if not standing.gap_to_target), None)


def earliest_week(campaign: Campaign, target: Target, most_served: Sequence[float]) -> int | None:
    """Find the first week in which any campaign could reach a target; None: in none of them.

    Every place is taken to be visited in the first week for what is verified there.
    """
    verified = [
        target.verified_share * _people(campaign, target, w)[1] for w in range(len(campaign.weeks))
    ]
    weeks = range(len(campaign.weeks))
    return next((w for w in weeks if target.missing(w, most_served[w], verified[w]) <= TINY), None)


def expected_course(
    campaign: Campaign, plans: Plans, target: Target
) -> tuple[list[float], list[float]]:
    """Add up who is served, and who is verified, until the end of each week."""
    served, verified = np.zeros(len(campaign.weeks)), np.zeros(len(campaign.weeks))
    p = target.programme
    for (w, _), meeting in followed(campaign, plans).items():
        need, params = meeting.visit.need, meeting.visit.params
        served[w] += meeting.served[p]
        beyond = (need.listed[p] + need.neighbours[p]) * (1 - params.reachable_share[p])
        verified[w] += target.verified_share * beyond
    return np.cumsum(served).tolist(), np.cumsum(verified).tolist()


def _people(campaign: Campaign, target: Target, week: int = -1) -> tuple[float, float]:
    """Count everybody who is ever listed: whom visits can reach, and whom they cannot."""
    p, reached, beyond = target.programme, 0.0, 0.0
    last = campaign.weeks[week]
    for need, sessions in zip(last.needs, last.sessions, strict=True):
        share = sessions[0][0].params.reachable_share[p]
        listed = need.listed[p] + need.neighbours[p]
        reached += listed * share + need.gathered[p]
        beyond += listed * (1 - share)
    return reached, beyond


def _first_weeks(target: Target, served: Draws, verified: Sequence[float]) -> Draws:
    """Find in every course the first week in which the target is reached; infinity: in none."""
    n = len(served)
    missing = np.array([target.missing(w, 0.0, verified[w]) for w in range(n)])[:, None] - served
    is_reached = missing <= TINY
    first = np.where(is_reached.any(axis=0), is_reached.argmax(axis=0), np.inf)
    return first.astype(np.float64)


def _week(found: float) -> int | None:
    return int(found) if np.isfinite(found) else None
