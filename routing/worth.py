"""What a visit is worth: need x reach x turnout x service mode x capacity.

Worth is the expected number of documents a visit delivers, each weighted by its programme. It is
concave in the minutes on site as long as the overhead stays the same, because the people who bring
most per minute are served first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from routing.errors import InvalidProblem

DAYS_PER_YEAR = 365.25


class Programme(StrEnum):
    """What is delivered in the field."""

    KTP_EL = "ktp_el"
    PEMULA = "pemula"
    KIA = "kia"
    AKTA = "akta"
    IKD = "ikd"


class SignalClass(StrEnum):
    """Mobile signal at the service point."""

    NONE = "none"
    WEAK = "weak"
    STRONG = "strong"
    VERY_STRONG = "very_strong"


class ServiceMode(StrEnum):
    """How a session reaches the central database."""

    ONLINE = "online"
    ONLINE_SLOW = "online_slow"
    ONLINE_SATELLITE = "online_satellite"
    STORE_AND_FORWARD = "store_and_forward"
    NO_SERVICE = "no_service"


KIT_PROGRAMMES = (Programme.KTP_EL, Programme.PEMULA)
"""Served at the recording kits; the others at the desks. Only these can be captured offline."""
DESK_PROGRAMMES = (Programme.KIA, Programme.AKTA, Programme.IKD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByProgramme:
    """One number per programme; ``table[programme]`` reads it."""

    ktp_el: float
    pemula: float
    kia: float
    akta: float
    ikd: float

    def __getitem__(self, programme: Programme) -> float:
        value: float = getattr(self, programme.value)
        return value

    def items(self) -> Iterator[tuple[Programme, float]]:
        """Programme and number, in the order of ``Programme``."""
        return ((p, self[p]) for p in Programme)


NOBODY = ByProgramme(ktp_el=0.0, pemula=0.0, kia=0.0, akta=0.0, ikd=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthParams:
    """Numbers an office may edit.

    Each default names its source; "judgement" marks a figure without a published one.

    Parameters
    ----------
    weight
        Weighted documents per document delivered (the office's own goal comes first; judgement).
    reachable_share
        Share of the listed people who live there and can be found, 0..1. ktp_el 0.50 from four
        published field checks (0.32 to 0.60); 0.80 elsewhere is judgement; ikd is the share of
        recorded people with a smartphone, judgement.
    turnout_first, turnout_second
        Share of the reachable people who come to a first visit, and of the remaining ones to a
        second, 0..1 (0.70 seen in Berau after a campaign; else judgement).
    late_notice_factor, late_notice_days
        Turnout is multiplied by the factor, 0..1, when a visit is announced fewer days ahead
        (judgement after Jembrana 2019).
    service_minutes
        Minutes per person at one kit or desk: ktp_el and pemula 7 from Surabaya 2022 (7.2) and
        Ngawi 2024 (52 a kit-day); kia 5, akta 12, ikd 6 are judgement under the 15 minutes of
        counter norms.
    neighbour_factor
        Turnout is multiplied by this, 0..1, for people of other villages, who must travel to the
        point (judgement).
    school_minutes
        Minutes per pemula at one kit in a school session (3.4 to 7 published).
    weak_signal_multiplier
        Minutes are multiplied by this, at least 1, where the signal is weak (judgement).
    overhead_minutes, short_overhead_minutes, short_below_minutes
        Set-up, talk and pack-up in minutes, and the lesser overhead of sessions shorter than
        ``short_below_minutes`` (30 minutes of talk published; else judgement).
    spread_village, spread_shared, spread_gathered
        How far people served may differ from what is expected, see ``spread.py``: the correlation
        of two people of one village (judgement), the coefficient of variation of the error that
        all villages of a plan share (four published field checks of the reachable share, 0.32,
        0.41, 0.51 and 0.60, have 0.26), and that of people whom a place gathers (judgement).
    inflow_rate
        People who turn 17 in a year as a share of wajib KTP: 4,031,791 of 196,394,976 nationally.
    inflow_unrecorded_share
        Share of them the office does not record anyway, 0..1 (judgement).
    blank_spot_factor
        Worth of a point without signal is multiplied by this, at least 0: a planner's priority. It
        changes what is preferred, never how many people are expected.
    stale_after_days
        Counts older than this many days are stale.
    offline_capture_allowed
        Whether the office may record first and upload later; no since 2025.
    """

    weight: ByProgramme = field(
        default=ByProgramme(ktp_el=1.0, pemula=0.8, kia=0.03, akta=0.1, ikd=0.01)
    )
    reachable_share: ByProgramme = field(
        default=ByProgramme(ktp_el=0.5, pemula=0.8, kia=0.8, akta=0.8, ikd=0.5)
    )
    service_minutes: ByProgramme = field(
        default=ByProgramme(ktp_el=7.0, pemula=7.0, kia=5.0, akta=12.0, ikd=6.0)
    )
    turnout_first: float = 0.60
    turnout_second: float = 0.35
    late_notice_factor: float = 0.7
    late_notice_days: int = 3
    neighbour_factor: float = 0.7
    school_minutes: float = 5.0
    weak_signal_multiplier: float = 1.5
    overhead_minutes: float = 90.0
    short_overhead_minutes: float = 45.0
    short_below_minutes: float = 240.0
    spread_village: float = 0.05
    spread_shared: float = 0.25
    spread_gathered: float = 0.15
    inflow_rate: float = 0.0205
    inflow_unrecorded_share: float = 0.10
    blank_spot_factor: float = 1.0
    stale_after_days: int = 400
    offline_capture_allowed: bool = False

    def __post_init__(self) -> None:
        shares = (
            "turnout_first",
            "turnout_second",
            "late_notice_factor",
            "neighbour_factor",
            "inflow_unrecorded_share",
        )
        for name in (*shares, "inflow_rate"):
            _within(name, getattr(self, name), 0.0, 1.0)
        for programme, share in self.reachable_share.items():
            _within(f"reachable_share.{programme}", share, 0.0, 1.0)
        for programme, weight in self.weight.items():
            _within(f"weight.{programme}", weight, 0.0, 1e6)
        for programme, minutes in self.service_minutes.items():
            _within(f"service_minutes.{programme}", minutes, 0.1, 1440.0)
        _within("spread_village", self.spread_village, 0.0, 0.99)
        for name in ("spread_shared", "spread_gathered"):
            _within(name, getattr(self, name), 0.0, 2.0)
        _within("school_minutes", self.school_minutes, 0.1, 1440.0)
        _within("blank_spot_factor", self.blank_spot_factor, 0.0, 100.0)
        _within("weak_signal_multiplier", self.weak_signal_multiplier, 1.0, 100.0)
        for name in ("overhead_minutes", "short_overhead_minutes", "short_below_minutes"):
            _within(name, getattr(self, name), 0.0, 1440.0)
        for name in ("late_notice_days", "stale_after_days"):
            _within(name, getattr(self, name), 0, 36500)

    def at_school(self) -> "WorthParams":
        """Give the numbers of a school session: pemula at their own minutes."""
        minutes = replace(self.service_minutes, pemula=self.school_minutes)
        return replace(self, service_minutes=minutes)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default.

        Raises
        ------
        InvalidProblem
            For a name that does not exist or a value out of range.
        """
        default = cls()
        known = {f.name: getattr(default, f.name) for f in fields(cls)}
        changes: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise InvalidProblem(
                    f"worth parameter {name!r} is unknown; known: {', '.join(known)}"
                )
            changes[name] = _read(name, value, known[name])
        return cls(**changes)


def _read(name: str, value: Any, default: Any) -> Any:  # noqa: ANN401 - JSON comes in, checked here
    if isinstance(default, ByProgramme):
        table = asdict(default)
        if not isinstance(value, Mapping):
            raise InvalidProblem(f"worth parameter {name}: {value!r} must be a table by programme")
        for key, number in value.items():
            if key not in table:
                raise InvalidProblem(
                    f"{name}: programme {key!r} is unknown; known: {', '.join(table)}"
                )
            table[str(key)] = _number(f"{name}.{key}", number)
        return ByProgramme(**table)
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise InvalidProblem(f"worth parameter {name}: {value!r} must be true or false")
        return value
    number = _number(name, value)
    if isinstance(default, int) and not float(number).is_integer():
        raise InvalidProblem(f"worth parameter {name}: {value!r} must be a whole number")
    return int(number) if isinstance(default, int) else float(number)


def _number(name: str, value: Any) -> float:  # noqa: ANN401 - JSON comes in, checked here
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidProblem(f"worth parameter {name}: {value!r} must be a number")
    return value


def _within(name: str, value: float, low: float, high: float) -> None:
    # Written so that not-a-number fails too.
    if not low <= value <= high:
        raise InvalidProblem(f"worth parameter {name} = {value}: must be in {low}..{high}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A village's counts by the office's names; None where the office's file has no such column.

    ``belum_rekam`` is signed (wajib - recorded).
    """

    wajib_ktp: int | None = None
    sudah_rekam: int | None = None
    belum_rekam: int | None = None
    usia_16_17: int | None = None
    anak_0_17: int | None = None
    memiliki_kia: int | None = None
    belum_akta: int | None = None
    ikd_aktif: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What a team serves with: recording kits, desks for the rest, a satellite kit or none."""

    kits: int
    desks: int
    satellite: bool = False

    def __post_init__(self) -> None:
        if self.kits < 0 or self.desks < 0:
            msg = f"crew of {self.kits} kits and {self.desks} desks: neither may be below 0"
            raise InvalidProblem(msg)


def default_desks(staff: int, kits: int) -> int:
    """Desks of a team that does not say: all but the kit operators, a leader and a driver."""
    return max(1, staff - kits - 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Listed people per programme on the day of the visit.

    ``inflow`` people turned 17 since the counts were taken; ``listed.ktp_el`` already contains the
    part of them that is not recorded anyway. ``missing`` names the programmes whose columns are not
    there; their need is 0. ``neighbours`` are listed in other villages and must travel to the
    point; ``gathered`` are people that the place itself brings: that many come. ``missed`` can be
    reached and were not served by an earlier visit, ``missed_neighbours`` likewise.
    """

    listed: ByProgramme
    inflow: float
    is_stale: bool
    missing: tuple[Programme, ...] = ()
    neighbours: ByProgramme = NOBODY
    gathered: ByProgramme = NOBODY
    missed: ByProgramme = NOBODY
    missed_neighbours: ByProgramme = NOBODY

    def scaled(self, shares: ByProgramme) -> "Need":
        """Give the need with the people of each programme, listed or missed, times a share."""
        listed = {p.value: n * shares[p] for p, n in self.listed.items()}
        missed = {p.value: n * shares[p] for p, n in self.missed.items()}
        return replace(self, listed=ByProgramme(**listed), missed=ByProgramme(**missed))


NO_NEED = Need(listed=NOBODY, inflow=0.0, is_stale=False)
"""Of a place of which nothing is known."""


def hub_need(
    own: Sequence[Need], neighbours: Sequence[Need], gathered: ByProgramme = NOBODY
) -> Need:
    """Join the need that is met at one point.

    Parameters
    ----------
    own
        Of the village where the point lies, if it serves that.
    neighbours
        Of other villages, whose people must travel to it.
    gathered
        People that the place itself brings.
    """
    every = (*own, *neighbours)
    return Need(
        listed=_sum(need.listed for need in own),
        inflow=sum(need.inflow for need in every),
        is_stale=any(need.is_stale for need in every),
        missing=tuple(p for p in Programme if any(p in need.missing for need in every)),
        neighbours=_sum(need.listed for need in neighbours),
        gathered=gathered,
        missed=_sum(need.missed for need in own),
        missed_neighbours=_sum(need.missed for need in neighbours),
    )


def _sum(tables: Iterable[ByProgramme]) -> ByProgramme:
    kept = list(tables)
    return ByProgramme(**{p.value: sum(table[p] for table in kept) for p in Programme})


def listed_need(counts: Counts, *, as_of: date, on: date, params: WorthParams) -> Need:
    """List who is left to serve in a village on a day, from counts of an earlier day."""
    age_days = max(0, (on - as_of).days)
    inflow = (counts.wajib_ktp or 0) * params.inflow_rate * age_days / DAYS_PER_YEAR
    unrecorded = counts.belum_rekam
    if unrecorded is None:
        unrecorded = _difference(counts.wajib_ktp, counts.sudah_rekam)
    people = {
        Programme.KTP_EL: unrecorded,
        Programme.PEMULA: counts.usia_16_17,
        Programme.KIA: _difference(counts.anak_0_17, counts.memiliki_kia),
        Programme.AKTA: counts.belum_akta,
        Programme.IKD: _difference(counts.sudah_rekam, counts.ikd_aktif),
    }
    listed = {p.value: float(max(0, n or 0)) for p, n in people.items()}
    listed[Programme.KTP_EL.value] += inflow * params.inflow_unrecorded_share
    return Need(
        listed=ByProgramme(**listed),
        inflow=inflow,
        is_stale=age_days > params.stale_after_days,
        missing=tuple(p for p, n in people.items() if n is None),
    )


def _difference(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def service_mode(
    signal: SignalClass, *, crew: Crew, has_power: bool | None, params: WorthParams
) -> ServiceMode:
    """Choose how a session is served; ``has_power`` None means not known, and does not forbid."""
    if signal in (SignalClass.STRONG, SignalClass.VERY_STRONG):
        return ServiceMode.ONLINE
    if signal is SignalClass.WEAK:
        return ServiceMode.ONLINE_SLOW
    if crew.satellite and has_power is not False:
        return ServiceMode.ONLINE_SATELLITE
    if params.offline_capture_allowed:
        return ServiceMode.STORE_AND_FORWARD
    return ServiceMode.NO_SERVICE


def turnout_of(
    params: WorthParams, *, announced_days: int | None, is_second_visit: bool = False
) -> float:
    """Tell which share of the reachable people comes to a visit.

    ``announced_days`` between the announcement and the visit; None means announced in good time.
    """
    turnout = params.turnout_second if is_second_visit else params.turnout_first
    is_late = announced_days is not None and announced_days < params.late_notice_days
    return turnout * params.late_notice_factor if is_late else turnout


def expected_arrivals(
    need: Need, *, turnout: float, params: WorthParams, turnout_again: float = 0.0
) -> ByProgramme:
    """Expect people by programme who come: listed x reachable x turnout, and those gathered.

    ``turnout_again`` is that of people whom an earlier visit missed.
    """
    return ByProgramme(
        **{
            p.value: (listed + params.neighbour_factor * need.neighbours[p])
            * params.reachable_share[p]
            * turnout
            + (need.missed[p] + params.neighbour_factor * need.missed_neighbours[p]) * turnout_again
            + need.gathered[p]
            for p, listed in need.listed.items()
        }
    )


def served_of(
    arrivals: ByProgramme, *, minutes: float, mode: ServiceMode, crew: Crew, params: WorthParams
) -> dict[Programme, float]:
    """Tell how many of the people who come are served, by weight per minute until time is up."""
    served = dict.fromkeys(Programme, 0.0)
    for programmes, places in ((KIT_PROGRAMMES, crew.kits), (DESK_PROGRAMMES, crew.desks)):
        left = max(0.0, minutes - overhead_of(minutes, params)) * places
        for p in service_order(programmes, params):
            if not is_served(p, mode):
                continue
            each = minutes_each(p, mode, params)
            served[p] = min(arrivals[p], left / each)
            left = max(0.0, left - served[p] * each)
    return served


def service_order(programmes: Sequence[Programme], params: WorthParams) -> list[Programme]:
    """Order programmes as people are served: what brings most per minute comes first."""
    return sorted(programmes, key=lambda p: -params.weight[p] / params.service_minutes[p])


def minutes_each(programme: Programme, mode: ServiceMode, params: WorthParams) -> float:
    """Tell the minutes a person takes at one kit or desk."""
    slow = params.weak_signal_multiplier if mode is ServiceMode.ONLINE_SLOW else 1.0
    return params.service_minutes[programme] * slow


def overhead_of(minutes: float, params: WorthParams) -> float:
    """Tell the minutes of a session that nobody is served in."""
    is_short = minutes < params.short_below_minutes
    return params.short_overhead_minutes if is_short else params.overhead_minutes


def expected_documents(
    need: Need,
    *,
    minutes: float,
    mode: ServiceMode,
    crew: Crew,
    params: WorthParams,
    announced_days: int | None,
    is_second_visit: bool = False,
) -> dict[Programme, float]:
    """Expect documents per programme from one session.

    Parameters
    ----------
    minutes
        Time on site, breaks not counted.
    announced_days
        Days between the announcement and the visit; None means announced in good time.
    """
    turnout = turnout_of(params, announced_days=announced_days, is_second_visit=is_second_visit)
    arrivals = expected_arrivals(need, turnout=turnout, params=params)
    return served_of(arrivals, minutes=minutes, mode=mode, crew=crew, params=params)


def is_served(programme: Programme, mode: ServiceMode) -> bool:
    """Tell whether a programme can be served in a mode."""
    if mode is ServiceMode.STORE_AND_FORWARD:
        return programme in KIT_PROGRAMMES
    return mode is not ServiceMode.NO_SERVICE


def worth(
    expected: Mapping[Programme, float], params: WorthParams, multiplier: float = 1.0
) -> float:
    """Weighted documents; the multiplier is the planner's priority, no person counted changes."""
    return multiplier * sum(params.weight[p] * n for p, n in expected.items())


def prize(expected: Mapping[Programme, float], params: WorthParams, multiplier: float = 1.0) -> int:
    """Worth as the solver's integer: thousandths of a weighted document, rounded."""
    return round(1000 * worth(expected, params, multiplier))
