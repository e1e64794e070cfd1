"""Coverage, targets, how it went and what is expected: the little regency, by hand."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.corrections import correct
from app.db import now, reading, transaction
from app.errors import RegencyNotFound
from app.models import Campaign, DataImport, Plan, ResultCount, ResultEntry, VillageCount
from app.progress import progress_document
from app.progress_console import forecast_lines, print_progress
from app.progress_workbook import progress_csv, progress_xlsx
from app.targets import set_targets, target_rows
from app.terminal import Terminal
from app.viewing import View, set_view
from tests.app.conftest import AppClient, slug

TODAY = date(2026, 11, 22)
ADDRESS = "/api/v1/progress"


def ask(engine: Engine, area: str = "62.02", view: View | None = None, **more: Any) -> Any:
    with reading(engine) as session:
        if view is not None:
            set_view(session, view)
        return progress_document(session, area, **{"today": TODAY, **more})


def programme(document: Any, name: str = "ktp_el") -> dict[str, Any]:
    (row,) = (row for row in document["programmes"] if row["programme"] == name)
    return row


def target(engine: Engine, area: str, share: float, year: int = 2026) -> None:
    row = {"year": year, "programme": "ktp_el", "area": area, "share": share, "source": "Renstra"}
    with transaction(engine) as session:
        set_targets(session, [row], by="Siti")


def test_coverage_by_hand(regency: Engine):
    """90 of 100, 210 of 200, 20 of 50: 320 of 350; 99.4 % of 350 are 347.9, so 348."""
    row = programme(ask(regency))
    numbers = ("base", "recorded", "not_recorded", "wanted", "gap_to_target", "n_villages",
               "n_over")  # fmt: skip
    assert [row[name] for name in numbers] == [350, 320, 30, 348, 28, 3, 1]
    assert row["share"] == pytest.approx(320 / 350, abs=1e-6)
    assert (row["oldest"], row["newest"], row["withheld"]) == ("2023-06-30", "2023-06-30", False)
    assert (row["target"]["year"], row["target"]["is_carried"]) == (2025, True)


def test_a_programme_that_nobody_counted_has_a_target_and_no_coverage(regency: Engine):
    row = programme(ask(regency), "kia")
    assert (row["base"], row["share"], row["gap_to_target"], row["withheld"]) == (
        None, None, None, False,
    )  # fmt: skip
    assert row["target"]["share"] == 0.6


def test_a_target_at_and_above_what_is_recorded(regency: Engine):
    """320 of 350 are 91.43 %; 91.7 % are 320.95, so 321."""
    for share, gap in ((0.9142, 0), (0.9157, 0), (0.917, 1)):
        target(regency, "62.02", share)
        assert programme(ask(regency))["gap_to_target"] == gap
    assert programme(ask(regency, year=2024))["gap_to_target"] == 28
    assert programme(ask(regency, year=2020))["target"] is None
    assert programme(ask(regency, year=2020))["gap_to_target"] is None


def test_more_recorded_than_count_is_shown_as_it_is(regency: Engine):
    with transaction(regency) as session:
        for count in session.exec(select(VillageCount).where(VillageCount.import_id == 2)):
            count.sudah_rekam = (count.wajib_ktp or 0) + 10
            session.add(count)
    row = programme(ask(regency))
    assert (row["recorded"], row["not_recorded"], row["gap_to_target"]) == (380, -30, 0)
    assert row["share"] == pytest.approx(380 / 350, abs=1e-6)
    assert row["n_over"] == 3


def test_a_province_is_the_sum_of_its_regencies_and_the_country_of_its_provinces(regency: Engine):
    target(regency, "62.02", 0.5)
    country = ask(regency, "")
    assert [part["code"] for part in country["parts"]] == ["62", "65"]
    assert (programme(country)["base"], programme(country)["recorded"]) == (430, 400)
    province = ask(regency, "62")
    (regency,) = province["parts"]
    assert (regency["code"], regency["name"]) == ("62.02", "Kabupaten Kotawaringin Timur")
    assert programme(province)["gap_to_target"] == 28, "the country's target"
    assert programme(regency)["gap_to_target"] == 0, "its own"
    assert (province["forecast"], province["weeks"]) == (None, [])
    assert regency["forecast"]["missing"] == "no-campaign"


def test_an_area_without_villages_is_refused(regency: Engine):
    with pytest.raises(RegencyNotFound, match=r"62\.09"):
        ask(regency, "62.09")


def test_how_it_went_is_what_was_known_on_each_day(regency: Engine):
    """2023-06-30: 320 of 350; from 2025-01-31 on the first village has 110 of 120: 340 of 370.

    A correction of 2026-11-01 (the third: 25) counts from then on: 345.
    """
    with transaction(regency) as session:
        session.add(DataImport(id=20, kind="counts", file_name="b.csv", sha256="2" * 64,
                               source="b", accepted=1, corrected=0, refused=0))  # fmt: skip
        session.flush()
        session.add(
            VillageCount(
                import_id=20, village_code="62.02.01.2001", as_of=date(2025, 1, 31),
                wajib_ktp=120, sudah_rekam=110, belum_rekam=10,
            )
        )  # fmt: skip
        session.flush()
        correct(session, "62.02.02.2001", "sudah_rekam", 25, reason="r", person="Siti",
                day=date(2026, 11, 1))  # fmt: skip
    found = [(row["day"], row["base"], row["recorded"]) for row in ask(regency)["trajectory"]]
    assert found == [("2023-06-30", 350, 320), ("2025-01-31", 370, 340), ("2026-11-22", 370, 345)]
    assert programme(ask(regency))["recorded"] == 345


STANDING = {
    "week": "2026-W49", "served": 5.0, "verified": 0.0, "base": 400.0, "recorded": 360.0,
    "share": 0.9, "not_recorded": 40.0, "gap_to_target": 36,
}  # fmt: skip
SEEN = {
    "programme": "ktp_el", "share": 0.99, "is_goal": True, "start": STANDING,
    "standings": [STANDING, STANDING | {"week": "2026-W50", "recorded": 396.0, "share": 0.99,
                                        "gap_to_target": 0}],
    "reached_week": "2026-W50", "reached_p10": "2026-W49", "reached_p90": None, "chance": 0.8,
    "earliest_week": "2026-W49", "ceiling": 0.995, "to_verify": 0, "bound_served": [9.0, 9.0],
    "recorded_p10": [350.0, 380.0], "recorded_p90": [370.0, 400.0],
}  # fmt: skip


def campaign(engine: Engine, *, last: str = "2026-W50", **values: Any) -> None:
    with transaction(engine) as session:
        summary = {"targets": [SEEN], "is_complete": True}
        row = Campaign(regency_code="62.02", first_week="2026-W49", last_week=last, params={},
                       inputs={"2": {}}, summary=summary, solved_at=now())  # fmt: skip
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def test_the_forecast_is_that_of_the_newest_campaign(regency: Engine):
    campaign(regency)
    found = ask(regency)["forecast"]
    assert (found["missing"], found["campaign_id"], found["is_outdated"]) == (None, 1, False)
    (row,) = found["programmes"]
    assert (row["reached_week"], row["reached_p10"], row["reached_p90"]) == (
        "2026-W50", "2026-W49", None,
    )  # fmt: skip
    last = row["standings"][-1]
    # ISO week 50 of 2026 ends on Sunday, December 13; 380 and 400 of 400.
    assert (last["ends"], last["share_p10"], last["share_p90"]) == ("2026-12-13", 0.95, 1.0)


def test_a_forecast_is_outdated_by_counts_and_corrections_only(regency: Engine):
    campaign(regency)
    with transaction(regency) as session:
        session.add(DataImport(id=21, kind="teams", file_name="t.csv", sha256="3" * 64, source="t",
                               accepted=1, corrected=0, refused=0))  # fmt: skip
    assert ask(regency)["forecast"]["is_outdated"] is False
    with transaction(regency) as session:
        correct(session, "62.02.02.2001", "sudah_rekam", 25, reason="r", person="Siti",
                day=date(2026, 11, 1))  # fmt: skip
    assert ask(regency)["forecast"]["is_outdated"] is True
    campaign(regency)
    assert ask(regency)["forecast"]["is_outdated"] is False
    campaign(regency, inputs={"1": {}})
    assert ask(regency)["forecast"]["is_outdated"] is True


@pytest.mark.parametrize(("days", "missing"), [(0, None), (7, None), (8, "campaign-over")])
def test_a_campaign_that_is_over_forecasts_nothing(regency: Engine, days: int, missing: str | None):
    """Its last week, W50, begins on December 7: on the 14th it is over."""
    campaign(regency)
    today = date(2026, 12, 6) + timedelta(days)
    assert ask(regency, today=today)["forecast"]["missing"] == missing


def test_a_campaign_without_an_end_forecasts_nothing(regency: Engine):
    campaign(regency, solved_at=None)
    assert ask(regency)["forecast"]["missing"] == "campaign-over"


def test_weeks_are_those_that_teams_work_by(regency: Engine):
    with transaction(regency) as session:
        plan = session.get(Plan, 1)
        assert plan is not None
        plan.state, plan.summary = "closed", {"expected": {"ktp_el": 12.5}}
        session.add(plan)
    assert ask(regency)["weeks"] == [
        {
            "week": "2026-W49",
            "plan_id": 1,
            "state": "closed",
            "expected": {"ktp_el": 12.5},
            "n_sessions": 0,
            "served": {},
            "cleared": {},
        }
    ]


def report(engine: Engine, *sessions: tuple[date, str, int]) -> None:
    """Report sessions of team A at the third village, each with 3 who died or moved."""
    with transaction(engine) as session:
        plan = session.get(Plan, 1)
        assert plan is not None
        plan.state = "in_progress"
        session.add(plan)
        for number, (day, name, served) in enumerate(sessions, start=1):
            session.add(
                ResultEntry(
                    id=number, plan_id=1, key=f"k{number}", digest=f"{number:064}", team="A",
                    day=day, point_code="62.02.02.2001", village_code="62.02.02.2001",
                    serves=["62.02.02.2001"], told_at=now(), account="a", via="phone",
                    plan_state="in_progress",
                )
            )  # fmt: skip
            session.flush()
            session.add(ResultCount(entry_id=number, programme=name, served=served, deceased=1,
                                    moved=2, absent=9))  # fmt: skip


@pytest.mark.parametrize(
    ("column", "day", "served", "cleared"),
    [
        ("ikd_aktif", date(2026, 9, 30), 0, 3),  # active people are of that day: they are in it
        ("ikd_aktif", date(2026, 9, 29), 7, 3),
        ("sudah_rekam", date(2026, 9, 30), 7, 0),
        ("sudah_rekam", date(2026, 9, 29), 7, 3),
    ],
)
def test_each_count_of_a_programme_knows_its_own_day(
    regency: Engine, column: str, day: date, served: int, cleared: int
):
    """A session of 2026-09-30; the other column of IKD is of 2023."""
    with transaction(regency) as session:
        correct(session, "62.02.02.2001", "ikd_aktif", 5, reason="r", person="Siti",
                day=date(2023, 6, 30))  # fmt: skip
        correct(session, "62.02.02.2001", column, 20, reason="r", person="Siti", day=day)
    report(regency, (date(2026, 9, 30), "ikd", 7))
    found = programme(ask(regency), "ikd")["with_reports"]
    assert (found["served"], found["cleared"]) == (served, cleared)


def test_reports_since_the_counts_are_added_beside_them(regency: Engine):
    """Counts of 2023-06-30 (320 of 350): 12 served and 3 gone since are 332 of 347.

    A session of the very day of the counts is in them already. 99.4 % of 347 are 344.9: 345.
    """
    report(regency, (date(2026, 12, 1), "ktp_el", 12), (date(2023, 6, 30), "ktp_el", 50))
    document = ask(regency)
    row = programme(document)
    assert (row["recorded"], row["gap_to_target"]) == (320, 28), "the counts stay as they are"
    assert row["with_reports"] == {
        "served": 12, "cleared": 3, "base": 347, "recorded": 332, "not_recorded": 15,
        "share": pytest.approx(332 / 347, abs=1e-6), "gap_to_target": 13,
    }  # fmt: skip
    (week,) = document["weeks"]
    assert (week["n_sessions"], week["served"], week["cleared"]) == (
        1, {"ktp_el": 12}, {"ktp_el": 3},
    )  # fmt: skip
    assert programme(ask(regency, "62"))["with_reports"]["recorded"] == 332
    assert programme(ask(regency, view=View(sees_counts=False)))["with_reports"] is None


def test_who_sees_no_counts_gets_the_sums_that_everybody_is_shown(regency: Engine):
    campaign(regency)
    document = ask(regency, view=View(sees_counts=False))
    row = programme(document)
    # The regency's sums are shown by ``figures``; how many villages are over is not.
    assert (row["base"], row["recorded"], row["n_over"], row["withheld"]) == (350, 320, None, False)
    assert (document["trajectory"], document["weeks"], document["forecast"]) == ([], [], None)
    assert document["is_withheld"] is True


def test_a_small_rest_is_withheld_and_with_it_the_sum_it_would_follow_from(regency: Engine):
    """Everybody in Bulungan is recorded: 0 of 80 are not, which is less than 5."""
    closed = View(sees_counts=False)
    assert programme(ask(regency, "65.01", closed))["withheld"] is True
    assert programme(ask(regency, "65.01", closed))["base"] is None
    country = ask(regency, "", closed)
    assert programme(country)["withheld"] is True
    assert [programme(part)["withheld"] for part in country["parts"]] == [False, True]


def test_sums_of_other_villages_than_those_shown_are_withheld(regency: Engine):
    """IKD of two of three villages: with the sum of all recorded it would tell the third."""
    with transaction(regency) as session:
        rows = session.exec(select(VillageCount).where(VillageCount.import_id == 2)).all()
        for count in rows[:2]:
            count.ikd_aktif = 50
            session.add(count)
    assert programme(ask(regency), "ikd")["base"] == 90 + 210
    assert programme(ask(regency, view=View(sees_counts=False)), "ikd")["withheld"] is True


def test_the_workbook_and_the_table_say_what_the_document_says(regency: Engine):
    campaign(regency)
    document = ask(regency, "62")
    with reading(regency) as session:
        rows = target_rows(session)
    book = openpyxl.load_workbook(io.BytesIO(progress_xlsx(document, rows, "id")))
    assert book.sheetnames == ["Cakupan", "Perjalanan", "Perkiraan", "Minggu", "Target"]
    coverage = [[cell.value for cell in line] for line in book["Cakupan"]]
    assert coverage[1][:7] == ["62", None, "KTP-el", 350, 320, 0.914286, 30]
    assert coverage[5][:3] == ["62.02", "Kabupaten Kotawaringin Timur", "KTP-el"]
    assert [line[2].value for line in book["Perkiraan"]][1:] == ["2026-W49", "2026-W50"]
    assert book["Target"].max_row == 1 + 17
    table = list(csv.DictReader(io.StringIO(progress_csv(document))))
    assert [(row["code"], row["programme"], row["gap_to_target"]) for row in table][:1] == [
        ("62", "ktp_el", "28")
    ]
    assert len(table) == 8


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("id", ["Kurang dari target", "9 desa".replace("9", "1"), "2026-W50", "> 2026-W50"]),
        ("en", ["Gap to target", "in 1 villages", "2026-W50", "> 2026-W50"]),
    ],
)
def test_a_terminal_shows_it(
    regency: Engine, lang: Any, said: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setenv("COLUMNS", "200")
    campaign(regency)
    print_progress(ask(regency), Terminal(lang=lang))
    out = capsys.readouterr().out
    assert [text for text in said if text not in out] == []


@pytest.mark.parametrize(
    ("today", "year", "until"),
    [
        (TODAY, 2026, "2026-12-31"),
        (TODAY, 2024, "2026-12-31"),
        (date(2026, 7, 9), 2026, "2026-12-31"),  # 25 weeks and no day before
        (date(2026, 7, 8), 2026, "2026-12-30"),
        (TODAY, 2027, "2027-05-16"),
    ],
)
def test_the_campaign_that_is_proposed_is_one_that_can_be_asked_for(
    regency: Engine, today: date, year: int, until: str
):
    """Of 26 weeks at most: 25 weeks after today are in the last of them."""
    document = ask(regency, today=today, year=year)
    (line,) = forecast_lines(document, document, Terminal(lang="en"))
    assert line.endswith(f"jemput-bola campaign --regency 62.02 --until {until}")


def test_over_http(client: AppClient, seeded: Engine):
    campaign(seeded)
    found = client.get(ADDRESS, params={"area": "62.02"}).json()
    assert programme(found)["gap_to_target"] == 28
    assert found["forecast"]["programmes"][0]["standings"][0]["share_p10"] == 0.875  # 350 of 400
    assert client.get(ADDRESS).json()["level"] == "national"
    refused = client.get(ADDRESS, params={"area": "62.09"})
    assert (refused.status_code, slug(refused)) == (404, "regency-not-found")
    for form, media in (("csv", "text/csv; charset=utf-8"), ("xlsx", None)):
        answer = client.get(f"{ADDRESS}/export", params={"area": "62.02", "format": form})
        assert answer.status_code == 200
        assert media in {None, answer.headers["content-type"]}
