"""What a planner corrects stands beside the imported number, and wins until a newer file does.

Seeded: 62.02.01.2001 has 100 wajib KTP, 90 recorded, 10 not, as of 2023-06-30; 62.02.02.2002 has
no counts.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from app.corrections import correct, correction_rows, withdraw
from app.current import CurrentCount, current_counts
from app.db import now, reading, transaction
from app.errors import (
    BadCorrection,
    CorrectionNotFound,
    CorrectionOutdated,
    CorrectionWithdrawn,
    VillageNotFound,
)
from app.ingest import ingest
from app.models import CountCorrection
from geodata.errors import ResidentNumbers
from tests.app.conftest import AppClient, slug
from tests.app.planned import document, solved, visit_of, week_of

API = "/api/v1/corrections"
VILLAGE, UNCOUNTED = "62.02.01.2001", "62.02.02.2002"
AS_OF = date(2023, 6, 30)
DAY = date(2024, 2, 1)
WHO = {"reason": "Counted with the head of the village", "person": "Siti"}
HULU = "62.02.01.1009"  # Kotim: 36 not recorded


def enter(engine: Engine, column: str, value: int, *, village: str = VILLAGE, **said) -> int:
    with transaction(engine) as session:
        row = correct(session, village, column, value, **{"day": DAY, **WHO, **said})
        return row.id or 0


def count(engine: Engine, village: str = VILLAGE) -> CurrentCount:
    with reading(engine) as session:
        return current_counts(session)[village]


def states(engine: Engine) -> dict[int, str]:
    with reading(engine) as session:
        return {row["correction_id"]: row["state"] for row in correction_rows(session)}


def import_counts(engine: Engine, folder: Path, day: date, wajib: str, recorded: str) -> int:
    path = folder / "rekap.csv"
    head = "kode,desa,wajib ktp,sudah rekam,belum rekam"
    path.write_text(f"{head}\n{VILLAGE},Desa {VILLAGE},{wajib},{recorded},30\n")
    return ingest(engine, "counts", path, as_of=day).import_id or 0


@pytest.mark.usefixtures("seeded")
class TestRules:
    def test_the_imported_number_stays_beside_the_corrected_one(self, engine: Engine):
        enter(engine, "belum_rekam", 25)
        found = count(engine)
        assert (found.belum_rekam, found.wajib_ktp, found.sudah_rekam) == (25, 100, 90)
        assert found.imported is not None
        assert found.imported.belum_rekam == 10
        assert (found.as_of, found.import_id) == (AS_OF, 2)
        [row] = found.corrections
        assert (row.imported, row.imported_as_of, row.import_id) == (10, AS_OF, 2)

    @pytest.mark.parametrize(
        ("column", "value", "left"), [("wajib_ktp", 120, 30), ("sudah_rekam", 60, 40)]
    )
    def test_who_is_left_follows_from_a_corrected_number(self, engine, column, value, left):
        enter(engine, column, value)
        assert count(engine).belum_rekam == left

    def test_each_number_has_the_day_it_is_from(self, engine: Engine):
        """Who is left follows from a file of June and a correction: no newer than the file."""
        enter(engine, "wajib_ktp", 120)
        days = count(engine).days
        assert (days["wajib_ktp"], days["sudah_rekam"], days["belum_rekam"]) == (DAY, AS_OF, AS_OF)
        enter(engine, "belum_rekam", 7)
        assert count(engine).days["belum_rekam"] == DAY

    def test_who_is_left_is_what_was_said_when_it_was_said(self, engine: Engine):
        enter(engine, "wajib_ktp", 120)
        enter(engine, "belum_rekam", 7)
        assert (count(engine).wajib_ktp, count(engine).belum_rekam) == (120, 7)

    def test_a_village_without_counts_can_be_estimated(self, engine: Engine):
        enter(engine, "belum_rekam", 40, village=UNCOUNTED, is_estimate=True)
        found = count(engine, UNCOUNTED)
        assert (found.belum_rekam, found.wajib_ktp, found.imported) == (40, None, None)
        assert (found.as_of, found.corrections[0].kind) == (DAY, "estimate")

    def test_the_newest_day_counts_then_the_last_entered(self, engine: Engine):
        first = enter(engine, "belum_rekam", 1)
        second = enter(engine, "belum_rekam", 2)
        third = enter(engine, "belum_rekam", 3, day=DAY - timedelta(days=1))
        assert count(engine).belum_rekam == 2
        assert states(engine) == {first: "replaced", second: "in_force", third: "replaced"}
        with transaction(engine) as session:
            withdraw(session, second, reason="Wrong village", person="Budi")
        assert count(engine).belum_rekam == 1
        assert states(engine) == {first: "in_force", second: "withdrawn", third: "replaced"}

    @pytest.mark.parametrize(("later", "state"), [(0, "in_force"), (1, "outdated")])
    def test_a_file_of_a_later_day_wins_again(self, engine, tmp_path, later, state):
        number = enter(engine, "wajib_ktp", 120)
        newer = import_counts(engine, tmp_path, DAY + timedelta(days=later), "101", "91")
        assert states(engine) == {number: state}
        assert count(engine).wajib_ktp == (120 if state == "in_force" else 101)
        with reading(engine) as session:
            [row] = correction_rows(session)
        assert row["outdated_by"] == (newer if state == "outdated" else None)
        assert row["imported"] == 100  # as it was when the correction was entered

    def test_a_later_file_without_the_number_leaves_the_correction(self, engine, tmp_path):
        number = enter(engine, "sudah_rekam", 60)
        import_counts(engine, tmp_path, DAY + timedelta(days=1), "101", "")
        assert states(engine) == {number: "in_force"}
        assert (count(engine).sudah_rekam, count(engine).belum_rekam) == (60, 41)

    def test_a_correction_older_than_the_file_is_refused(self, engine: Engine):
        enter(engine, "wajib_ktp", 120, day=AS_OF)
        with pytest.raises(CorrectionOutdated, match="imported as 100 of 2023-06-30"):
            enter(engine, "wajib_ktp", 120, day=AS_OF - timedelta(days=1))
        enter(engine, "belum_akta", 4, day=AS_OF - timedelta(days=1))  # the file has none

    @pytest.mark.parametrize(
        ("column", "value", "is_fine"),
        [
            ("wajib_ktp", 0, True), ("wajib_ktp", -1, False), ("belum_rekam", -1, True),
            ("wajib_ktp", 1_000_000, True), ("wajib_ktp", 1_000_001, False),
            ("belum_rekam", -1_000_000, True), ("belum_rekam", -1_000_001, False),
            ("wajib", 1, False),
        ],
    )  # fmt: skip
    def test_only_what_can_be_is_taken(self, engine, column, value, is_fine):
        if is_fine:
            assert enter(engine, column, value)
        else:
            with pytest.raises(BadCorrection):
                enter(engine, column, value)
            assert states(engine) == {}

    @pytest.mark.parametrize(
        "said",
        [
            {"reason": " "}, {"person": ""}, {"reason": "x" * 501},
            {"day": now().date() + timedelta(days=3)},
        ],
        ids=["no reason", "nobody", "long", "to come"],
    )  # fmt: skip
    def test_somebody_answers_for_it_with_a_reason(self, engine, said):
        with pytest.raises(BadCorrection):
            enter(engine, "wajib_ktp", 120, **said)

    def test_no_resident_is_named_as_the_reason(self, engine):
        with pytest.raises(ResidentNumbers) as caught:
            enter(engine, "wajib_ktp", 120, reason="NIK 6202014107990001 has moved")
        assert "0799" not in str(caught.value)
        assert states(engine) == {}

    def test_what_is_not_there_cannot_be_corrected_nor_withdrawn(self, engine: Engine):
        with pytest.raises(VillageNotFound, match=r"99\.01\.01\.2001"):
            enter(engine, "wajib_ktp", 1, village="99.01.01.2001")
        with transaction(engine) as session, pytest.raises(CorrectionNotFound):
            withdraw(session, 77, **WHO)

    def test_a_correction_is_withdrawn_once(self, engine: Engine):
        number = enter(engine, "wajib_ktp", 120)
        with transaction(engine) as session:
            taken_back = withdraw(session, number, reason="Typing error", person="Budi")
            with pytest.raises(CorrectionWithdrawn, match="by Budi"):
                withdraw(session, number, **WHO)
            with pytest.raises(CorrectionNotFound):  # a withdrawal is no correction
                withdraw(session, taken_back.id or 0, **WHO)
        with reading(engine) as session:
            [row] = correction_rows(session)
        assert (row["withdrawal"]["person"], row["withdrawal"]["reason"]) == (
            "Budi", "Typing error"
        )  # fmt: skip
        assert count(engine).wajib_ktp == 100

    @pytest.mark.parametrize(
        "values",
        [{"value": None}, {"kind": "withdrawal"}, {"kind": "guess"}, {"reason": ""}],
        ids=["no value", "withdraws nothing", "kind", "reason"],
    )
    def test_the_table_holds_the_rules_too(self, engine, values):
        row = {
            "village_code": VILLAGE, "column": "wajib_ktp", "kind": "correction", "value": 1,
            "day": DAY, **WHO, **values,
        }  # fmt: skip
        with pytest.raises(IntegrityError), transaction(engine) as session:
            session.add(CountCorrection(**row))

    def test_over_http_and_on_the_map(self, client: AppClient):
        body = {
            "village_code": VILLAGE, "column": "belum_rekam", "value": 25, "day": "2024-02-01",
            "reason": "Counted", "by": "Siti", "is_estimate": True,
        }  # fmt: skip
        before = client.get("/api/v1/features/villages").headers["etag"]
        made = client.post(API, json=body)
        assert made.status_code == 201
        answer = client.get("/api/v1/features/villages")
        assert answer.headers["etag"] != before
        [shown] = [f for f in answer.json()["features"] if f["id"] == VILLAGE]
        assert shown["properties"]["not_recorded"] == 25
        assert shown["properties"]["corrections"] == [
            {"column": "belum_rekam", "imported": 10, "value": 25, "kind": "estimate",
             "day": "2024-02-01", "reason": "Counted"}
        ]  # fmt: skip
        [item] = client.get(f"{API}?regency=62.02").json()["items"]
        assert (item["state"], item["person"]) == ("in_force", "Siti")
        assert client.get(f"{API}?village={UNCOUNTED}").json()["items"] == []
        address = f"{API}/{made.json()['correction_id']}/withdrawal"
        assert client.post(address, json={"reason": "Wrong", "by": "Budi"}).status_code == 204
        assert slug(client.post(address, json={"reason": "Wrong", "by": "Budi"})) == (
            "correction-withdrawn"
        )
        assert slug(client.post(API, json={**body, "village_code": "1"})) == "village-not-found"
        assert slug(client.post(API, json={**body, "day": "2020-01-01"})) == "correction-outdated"
        assert slug(client.get(f"{API}?regency=99.01")) == "regency-not-found"


def test_a_plan_uses_what_was_corrected_and_says_so(kotim_engine: Engine):
    """Kotim has 8,199 not recorded, 36 of them in Kota Besi Hulu; 520 there are 484 more."""
    before = week_of(kotim_engine)
    number = enter(kotim_engine, "belum_rekam", 520, village=HULU, is_estimate=True)
    after = week_of(kotim_engine)
    listed = [week.needs[visit_of(week, HULU)].listed.ktp_el for week in (before, after)]
    assert listed[1] - listed[0] == 520 - 36
    plan_id, *_ = solved(kotim_engine, solutions=1)
    plan = document(kotim_engine, plan_id)
    assert (plan["not_recorded"], plan["people_to_look_for"]) == (8_199 + 484, 8_273 + 484)
    [used] = plan["corrections"]
    assert (used["correction_id"], used["village_code"]) == (number, HULU)
    assert (used["imported"], used["value"], used["person"]) == (36, 520, "Siti")
    counts = [row for row in plan["inputs"].values() if row["kind"] == "counts"]
    assert [(row["as_of"], len(row["sha256"])) for row in counts] == [("2023-06-30", 64)]
    # The plan keeps what it was made with.
    with transaction(kotim_engine) as session:
        withdraw(session, number, **WHO)
    assert document(kotim_engine, plan_id)["corrections"] == [used]
