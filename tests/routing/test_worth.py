"""Worth by hand computation, and against a search over all orders of serving."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import InvalidProblem
from routing.worth import (
    DESK_PROGRAMMES,
    KIT_PROGRAMMES,
    ByProgramme,
    Counts,
    Crew,
    Need,
    Programme,
    ServiceMode,
    SignalClass,
    WorthParams,
    default_desks,
    expected_arrivals,
    expected_documents,
    hub_need,
    listed_need,
    prize,
    service_mode,
    worth,
)

DEFAULT = WorthParams()
COUNTS = Counts(
    wajib_ktp=2000, sudah_rekam=1960, belum_rekam=40, usia_16_17=50,
    anak_0_17=600, memiliki_kia=350, belum_akta=30, ikd_aktif=160,
)  # fmt: skip
TEAM = Crew(kits=1, desks=2)


def need(**listed: float) -> Need:
    zero = dict.fromkeys((p.value for p in Programme), 0.0)
    return Need(listed=ByProgramme(**(zero | listed)), inflow=0.0, is_stale=False)


def served(people: Need, **changes: Any) -> dict[Programme, float]:
    values: dict[str, Any] = {
        "minutes": 360, "mode": ServiceMode.ONLINE, "crew": TEAM, "params": DEFAULT,
        "announced_days": 7,
    }  # fmt: skip
    return expected_documents(people, **(values | changes))


def test_need_is_listed_by_programme() -> None:
    day = date(2026, 6, 30)
    listed = listed_need(COUNTS, as_of=day, on=day, params=DEFAULT).listed
    # 600 - 350 children without a card, 1960 - 160 recorded without an active identity.
    assert dict(listed.items()) == {
        "ktp_el": 40, "pemula": 50, "kia": 250, "akta": 30, "ikd": 1800,
    }  # fmt: skip


def test_inflow_of_a_year_is_shown_and_a_tenth_of_it_added() -> None:
    # 2000 x 2.05 % = 41 a year; 1461 days are exactly four years of 365.25 days.
    found = listed_need(COUNTS, as_of=date(2022, 1, 1), on=date(2026, 1, 1), params=DEFAULT)
    assert found.inflow == pytest.approx(164)
    assert found.listed.ktp_el == pytest.approx(40 + 16.4)


@pytest.mark.parametrize(("on", "stale"), [(date(2027, 8, 4), False), (date(2027, 8, 5), True)])
def test_counts_are_stale_after_400_days(on: date, stale: bool) -> None:
    # 2026-06-30 + 400 days = 2027-08-04.
    assert listed_need(COUNTS, as_of=date(2026, 6, 30), on=on, params=DEFAULT).is_stale is stale


def test_recorded_above_wajib_is_no_need_and_no_error() -> None:
    counts = Counts(wajib_ktp=100, sudah_rekam=120, ikd_aktif=130, anak_0_17=5, memiliki_kia=9)
    day = date(2026, 1, 1)
    found = listed_need(counts, as_of=day, on=day, params=DEFAULT)
    assert [n for _, n in found.listed.items()] == [0, 0, 0, 0, 0]
    assert set(found.missing) == {Programme.PEMULA, Programme.AKTA}


def test_without_an_explicit_count_the_difference_is_taken() -> None:
    day = date(2026, 1, 1)
    counts = Counts(wajib_ktp=100, sudah_rekam=90)
    assert listed_need(counts, as_of=day, on=day, params=DEFAULT).listed.ktp_el == 10
    explicit = replace(counts, belum_rekam=7)
    assert listed_need(explicit, as_of=day, on=day, params=DEFAULT).listed.ktp_el == 7


def test_counts_from_after_the_visit_bring_no_negative_inflow() -> None:
    found = listed_need(COUNTS, as_of=date(2026, 2, 1), on=date(2026, 1, 1), params=DEFAULT)
    assert (found.inflow, found.listed.ktp_el) == (0, 40)


@pytest.mark.parametrize(
    ("signal", "satellite", "power", "offline", "mode"),
    [
        ("strong", False, None, False, "online"),
        ("very_strong", True, False, True, "online"),
        ("weak", True, None, False, "online_slow"),
        ("none", True, None, False, "online_satellite"),
        ("none", True, True, True, "online_satellite"),
        ("none", True, False, False, "no_service"),
        ("none", True, False, True, "store_and_forward"),
        ("none", False, True, False, "no_service"),
        ("none", False, None, True, "store_and_forward"),
    ],
)
def test_service_mode(
    signal: str, satellite: bool, power: bool | None, offline: bool, mode: str
) -> None:
    found = service_mode(
        SignalClass(signal),
        crew=Crew(kits=1, desks=1, satellite=satellite),
        has_power=power,
        params=WorthParams(offline_capture_allowed=offline),
    )
    assert found == ServiceMode(mode)


def test_people_who_come_are_served_when_there_is_time() -> None:
    # Reach 0.5 (ikd 0.5, else 0.8) and turnout 0.6.
    people = need(ktp_el=40, pemula=10, kia=10, akta=5, ikd=20)
    assert served(people) == pytest.approx(
        {"ktp_el": 12, "pemula": 4.8, "kia": 4.8, "akta": 2.4, "ikd": 6}
    )


def test_kits_are_full_before_all_are_served() -> None:
    # 270 minutes of 1 kit are 270 / 7 recordings; ktp_el (60 come) goes before pemula.
    found = served(need(ktp_el=200, pemula=100))
    assert found[Programme.KTP_EL] == pytest.approx(270 / 7)
    assert found[Programme.PEMULA] == 0
    # 2 desks x 270 min: 48 akta take 576 min, more than there are, so nobody gets a kia.
    desk = served(need(akta=100, kia=100))
    assert desk[Programme.AKTA] == pytest.approx(540 / 12)
    assert desk[Programme.KIA] == 0


def test_the_two_lanes_do_not_share_time() -> None:
    together = served(need(ktp_el=1000, akta=1000))
    assert together[Programme.KTP_EL] == served(need(ktp_el=1000))[Programme.KTP_EL]
    assert together[Programme.AKTA] == served(need(akta=1000))[Programme.AKTA]


@pytest.mark.parametrize(
    ("minutes", "useful"), [(45, 0), (46, 1), (239, 194), (240, 150), (120, 75)]
)
def test_overhead_depends_on_the_length(minutes: int, useful: int) -> None:
    assert served(need(ktp_el=10000), minutes=minutes)["ktp_el"] == pytest.approx(useful / 7)


def test_weak_signal_takes_half_as_long_again() -> None:
    found = served(need(ktp_el=10000), mode=ServiceMode.ONLINE_SLOW)
    assert found[Programme.KTP_EL] == pytest.approx(270 / 10.5)


@pytest.mark.parametrize(("days", "factor"), [(2, 0.7), (3, 1.0), (None, 1.0)])
def test_late_notice(days: int | None, factor: float) -> None:
    assert served(need(ktp_el=10), announced_days=days)["ktp_el"] == pytest.approx(3 * factor)


def test_second_visit_has_its_own_turnout() -> None:
    assert served(need(ktp_el=10), is_second_visit=True)["ktp_el"] == pytest.approx(10 * 0.5 * 0.35)


def test_without_connection_only_recordings_that_can_wait() -> None:
    people = need(ktp_el=10, pemula=10, kia=10, akta=10, ikd=10)
    offline = served(people, mode=ServiceMode.STORE_AND_FORWARD)
    assert {p for p, n in offline.items() if n > 0} == set(KIT_PROGRAMMES)
    assert set(served(people, mode=ServiceMode.NO_SERVICE).values()) == {0.0}


def test_a_satellite_kit_brings_a_blank_spot_back() -> None:
    people = need(ktp_el=40)
    modes = [
        service_mode(SignalClass.NONE, crew=crew, has_power=None, params=DEFAULT)
        for crew in (TEAM, replace(TEAM, satellite=True))
    ]
    assert [served(people, mode=m)["ktp_el"] for m in modes] == [0, 12]


def test_worth_and_prize_by_hand() -> None:
    expected = {Programme.KTP_EL: 12.0, Programme.PEMULA: 5.0, Programme.AKTA: 2.5}
    assert worth(expected, DEFAULT) == pytest.approx(12 + 4 + 0.25)
    assert prize(expected, DEFAULT) == 16250
    assert prize(expected, DEFAULT, 2.0) == 32500


@pytest.mark.parametrize(("staff", "kits", "desks"), [(5, 1, 2), (4, 1, 1), (3, 2, 1), (12, 2, 8)])
def test_default_desks(staff: int, kits: int, desks: int) -> None:
    assert default_desks(staff, kits) == desks


people = st.floats(0, 500)
needs = st.builds(
    lambda a, b, c, d, e: need(ktp_el=a, pemula=b, kia=c, akta=d, ikd=e), *[people] * 5
)
crews = st.builds(Crew, kits=st.integers(0, 3), desks=st.integers(0, 4))
modes = st.sampled_from([ServiceMode.ONLINE, ServiceMode.ONLINE_SLOW])


@given(needs, crews, modes, st.sampled_from([(60, 239), (240, 600)]), st.data())
def test_worth_is_concave_and_grows_within_one_overhead(
    listed: Need, crew: Crew, mode: ServiceMode, span: tuple[int, int], data: st.DataObject
) -> None:
    a, b = sorted(data.draw(st.tuples(st.integers(*span), st.integers(*span))))
    low, middle, high = (
        worth(served(listed, crew=crew, mode=mode, minutes=m), DEFAULT) for m in (a, (a + b) / 2, b)
    )
    assert low <= middle + 1e-9
    assert middle <= high + 1e-9
    assert middle >= (low + high) / 2 - 1e-9


@given(needs, crews, modes, st.integers(0, 600))
def test_no_other_order_of_serving_is_worth_more(
    listed: Need, crew: Crew, mode: ServiceMode, minutes: int
) -> None:
    """A fractional knapsack has an optimal order: the best of all orders equals the one taken."""
    slow = 1.5 if mode is ServiceMode.ONLINE_SLOW else 1.0
    useful = max(0, minutes - (45 if minutes < 240 else 90))
    best = 0.0
    for lane, places in ((KIT_PROGRAMMES, crew.kits), (DESK_PROGRAMMES, crew.desks)):
        outcomes = []
        for order in permutations(lane):
            left, total = useful * places, 0.0
            for p in order:
                each = DEFAULT.service_minutes[p] * slow
                n = min(listed.listed[p] * DEFAULT.reachable_share[p] * 0.6, left / each)
                left, total = left - n * each, total + n * DEFAULT.weight[p]
            outcomes.append(total)
        best += max(outcomes)
    found = served(listed, crew=crew, mode=mode, minutes=minutes)
    assert worth(found, DEFAULT) == pytest.approx(best, abs=1e-9)


def test_parameters_survive_json_and_accept_parts() -> None:
    changed = WorthParams(turnout_first=0.5, weight=replace(DEFAULT.weight, kia=0.2))
    assert WorthParams.from_dict(changed.to_dict()) == changed
    assert WorthParams.from_dict({}) == DEFAULT
    part = WorthParams.from_dict({"weight": {"kia": 0.2}, "stale_after_days": 30})
    assert (part.weight.kia, part.weight.ktp_el, part.stale_after_days) == (0.2, 1.0, 30)


@pytest.mark.parametrize(
    "values",
    [
        {"turnout_first": 1.01},
        {"turnout_first": -0.01},
        {"turnout_first": float("nan")},
        {"turnout_first": "0.5"},
        {"turnout_first": True},
        {"reachable_share": {"kia": 1.5}},
        {"reachable_share": {"paspor": 0.5}},
        {"reachable_share": 0.5},
        {"service_minutes": {"kia": 0}},
        {"weak_signal_multiplier": 0.9},
        {"stale_after_days": 30.5},
        {"offline_capture_allowed": 1},
        {"no_such_parameter": 1},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidProblem, match=next(iter(values))):
        WorthParams.from_dict(values)


def test_a_crew_has_no_negative_number_of_kits() -> None:
    with pytest.raises(InvalidProblem, match="-1 kits"):
        Crew(kits=-1, desks=0)


def test_a_school_session_by_hand():
    """120 pemula, 1 kit: 240 minutes less 90 are 30 at 5 minutes; 120 less 45 are 15."""
    params = WorthParams()
    gathered = ByProgramme(ktp_el=0, pemula=120, kia=0, akta=0, ikd=0)
    need = hub_need([], [], gathered)
    for minutes, pupils in ((240, 30.0), (120, 15.0)):
        served = expected_documents(
            need, minutes=minutes, mode=ServiceMode.ONLINE, crew=Crew(kits=1, desks=1),
            params=params.at_school(), announced_days=None,
        )  # fmt: skip
        assert served[Programme.PEMULA] == pytest.approx(pupils)
        assert worth(served, params) == pytest.approx(0.8 * pupils)
    in_village = expected_documents(
        need, minutes=240, mode=ServiceMode.ONLINE, crew=Crew(kits=1, desks=1), params=params,
        announced_days=None,
    )  # fmt: skip
    assert in_village[Programme.PEMULA] == pytest.approx(150 / 7)


def test_few_pupils_are_all_served():
    gathered = ByProgramme(ktp_el=0, pemula=29, kia=0, akta=0, ikd=0)
    served = expected_documents(
        hub_need([], [], gathered), minutes=240, mode=ServiceMode.ONLINE,
        crew=Crew(kits=1, desks=1), params=WorthParams().at_school(), announced_days=0,
    )  # fmt: skip
    assert served[Programme.PEMULA] == 29  # whatever the notice: the school has them there


def test_neighbours_come_less_often_to_a_hub():
    """(100 + 0.7 x 50) x 0.5 reachable x 0.6 turnout = 40.5."""
    own, near = need_of(100), need_of(50)
    arrivals = expected_arrivals(hub_need([own], [near]), turnout=0.6, params=WorthParams())
    assert arrivals[Programme.KTP_EL] == pytest.approx(40.5)


def need_of(ktp_el: float) -> Need:
    listed = ByProgramme(ktp_el=ktp_el, pemula=0, kia=0, akta=0, ikd=0)
    return Need(listed=listed, inflow=1.5, is_stale=ktp_el > 80)


def test_a_hub_joins_what_is_known_of_its_villages():
    need = hub_need([need_of(100)], [need_of(50), need_of(20)])
    assert (need.listed[Programme.KTP_EL], need.neighbours[Programme.KTP_EL]) == (100, 70)
    assert (need.inflow, need.is_stale) == (4.5, True)
