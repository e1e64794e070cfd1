"""Reports, corrections, settlements and steps in any order, and more than once: the same sums.

What should come out is worked out here from the list of what was sent, without the ledger.
"""

from datetime import datetime
from typing import Any, NamedTuple

from hypothesis import settings as trying
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import AppError
from app.lifecycle import Step, take_step
from app.models import Plan
from app.results.ledger import take_in
from app.results.settle import settle
from app.results.standing import standing
from app.schemas.results import SettlementIn
from tests.app.reports import (
    MONDAY_STOP,
    OTHER_STOP,
    TUESDAY_STOP,
    key_of,
    person,
    publish,
    report,
)

STOPS = (MONDAY_STOP, TUESDAY_STOP, OTHER_STOP)


def record(number: int) -> dict[str, Any]:
    """Write report 0..17: six of each stop; 9..14 correct the third before, 15..17 reuse a key."""
    served = {"served": 1 + number * 7 % 11, "deceased": number % 2}
    programme = "kia" if number in {4, 5} else "ktp_el"
    corrects = number - 2 if 9 <= number < 15 else None
    key = number - 14 if number >= 15 else number + 1
    # Told in another order than numbered, no two at the same moment.
    at = (number * 5) % 18 + 1
    return report(key, STOPS[number % 3], at=at, corrects=corrects, programme=programme, **served)


RECORDS = [record(number) for number in range(18)]
assert all(
    RECORDS[n]["corrects"] == RECORDS[n - 3]["key"]
    and RECORDS[n]["point_code"] == RECORDS[n - 3]["point_code"]
    for n in range(9, 15)
)


def sums(session: Session) -> dict[tuple[str, str], tuple[int, int]]:
    """Give served and deceased by stop and programme as the ledger has them."""
    return {
        (one.place.point_code, programme): (people.served, people.deceased)
        for one in standing(session, plan_id=1).sessions
        for programme, people in one.counts.items()
    }


class Decided(NamedTuple):
    """A settlement: the sums by programme that it leaves, and the reports that it decides on."""

    stop: str
    sums: dict[str, tuple[int, int]]
    about: list[dict[str, Any]]


def pairs(one: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Give served and deceased by programme as a report tells them."""
    return {
        programme: (people.get("served", 0), people.get("deceased", 0))
        for programme, people in one["counts"].items()
    }


class Reporting(RuleBasedStateMachine):
    """A plan that is reported on; nothing of it is kept."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.engine)
        self.sent: list[dict[str, Any]] = []
        self.settled: list[Decided] = []
        self.is_closed = False

    def teardown(self) -> None:
        self.session.rollback()
        if not self.settled:
            in_order = sorted(self.sent, key=lambda one: one["device_time"])
            take_in(self.session, 1, in_order, person())
            assert sums(self.session) == self.expected()
        self.session.close()

    @rule(chosen=st.lists(st.sampled_from(RECORDS), min_size=1, max_size=6))
    def send(self, chosen: list[dict[str, Any]]) -> None:
        told = take_in(self.session, 1, chosen, person())
        new = []
        for one, row in zip(chosen, told["records"], strict=True):
            is_new = one not in self.sent and one not in new
            assert (row["outcome"] == "known") is not is_new
            new += [one] if is_new else []
        self.sent += new

    @rule(action=st.sampled_from(["start", "close"]))
    def step(self, action: str) -> None:
        try:
            take_step(self.session, 1, Step(action=action), person())
        except AppError:
            return
        self.is_closed = action == "close"

    @rule(
        stop=st.sampled_from(STOPS), served=st.none() | st.integers(0, 20),
        adopted=st.integers(0, 5),
    )  # fmt: skip
    def decide(self, stop: tuple[str, str, str], served: int | None, adopted: int) -> None:
        """Adopt a report that stands, or tell another number, or both."""
        code = stop[2]
        found = [s for s in standing(self.session, plan_id=1).sessions
                 if s.place.point_code == code]  # fmt: skip
        if not found:
            return
        live = [told.entry for told in found[0].live]
        reports = {told.told_at: told.id for told in live if told.kind == "report"}
        about = self.standing_at(code)
        adopt = about[adopted] if adopted < len(about) else None
        entry = None if adopt is None else reports.get(datetime.fromisoformat(adopt["device_time"]))
        if entry is None and served is None:
            return
        sums = {p: pair for (at, p), pair in self.expected().items() if at == code}
        sums |= pairs(adopt) if adopt is not None and entry is not None else {}
        sums |= {"ktp_el": (served, 0)} if served is not None else {}
        asked = SettlementIn(
            key=key_of(100 + len(self.settled)), reason="dihitung ulang", adopt=entry,
            entries=[told.id for told in live],
            counts={} if served is None else {"ktp_el": {"served": served}},
        )  # fmt: skip
        settle(self.session, 1, asked, person())
        settle(self.session, 1, asked, person())
        self.settled.append(Decided(code, sums, about))

    def standing_at(self, code: str) -> list[dict[str, Any]]:
        corrected = {one["corrects"] for one in self.sent}
        return [
            one for one in self.sent if one["point_code"] == code and one["key"] not in corrected
        ]

    def expected(self) -> dict[tuple[str, str], tuple[int, int]]:
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for stop in STOPS:
            decided = [one for one in self.settled if one.stop == stop[2]]
            done = [one for settlement in decided for one in settlement.about]
            for one in sorted(self.standing_at(stop[2]), key=lambda one: one["device_time"]):
                if one not in done:
                    found |= {(stop[2], name): pair for name, pair in pairs(one).items()}
            if decided:
                found |= {(stop[2], name): pair for name, pair in decided[-1].sums.items()}
        return found

    @invariant()
    def sums_are_those_of_what_was_sent(self) -> None:
        assert sums(self.session) == self.expected()
        state = self.session.get_one(Plan, 1).state
        assert (state == "closed") == self.is_closed


def test_any_order_ends_in_the_same_sums(seeded: Engine):
    publish(seeded)
    machine = type("Reporting", (Reporting,), {"engine": seeded})
    run_state_machine_as_test(
        machine,
        settings=trying(max_examples=15, stateful_step_count=12, deadline=None, derandomize=True),
    )
