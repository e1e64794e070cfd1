"""Results that an office types into a sheet, at the command line."""

import io
import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import cli_results, connectivity
from app.db import transaction
from app.models import Plan, PlanStop
from app.results import ledger
from app.results.errors import BadResultsFile
from app.results.ledger import SHEET, take_in
from app.results.sheet import blank_sheet, read_results_sheet
from app.results.standing import standing
from app.results.telephone import read_results_file
from app.settings import Settings
from geodata.errors import MissingColumn
from tests.app.office import Office
from tests.app.reports import MONDAY_STOP, body, person, publish, report

# What is asked of a database here is what test_results_http.py asks of both.
pytestmark = pytest.mark.search

HEAD = "Tim;Tanggal;Kode Desa;Program;Terlayani;Tidak Hadir;Meninggal;Mulai;Sinyal;Catatan"
ROW = "A;30/11/2026;62.02.01.2001;KTP-el;12;3;1;08.10;lemah;"


@pytest.fixture
def session(seeded: Engine):
    publish(seeded)
    with transaction(seeded) as session:
        yield session


def typed(session: Session, folder: Path, *rows: str, correct: bool = False, name: str = "a.csv"):
    path = folder / name
    path.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
    records = read_results_sheet(session, 1, path, corrects=correct)
    told = take_in(session, 1, records, person(), via=SHEET)
    return [row["outcome"] for row in told["records"]]


def served(session: Session) -> dict[tuple[str, str], int]:
    return {
        (one.place.point_code, programme): people.served
        for one in standing(session, plan_id=1).sessions
        for programme, people in one.counts.items()
    }


def test_rows_of_a_session_are_one_report_and_count_once(session: Session, tmp_path: Path):
    rows = (
        ROW,
        "A;2026-11-30;6202012001;akta;4;;;;;antre lama",
        "B;2026-11-30;62.02.01.2002;IKD;7;;;;;",
    )
    assert typed(session, tmp_path, *rows) == ["accepted", "accepted"]
    assert typed(session, tmp_path, *rows, name="b.csv") == ["known", "known"]
    (one, _) = standing(session, plan_id=1).sessions
    assert (one.counts["ktp_el"].absent, one.counts["ktp_el"].deceased) == (3, 1)
    assert one.counts["akta"].served == 4
    assert one.started_at is not None
    assert (one.signal, one.entry.notes) == ("weak", "antre lama")
    assert f"{one.started_at:%H:%M}" == "01:10"  # UTC


def test_a_village_that_a_stop_serves_is_that_stop(session: Session, tmp_path: Path):
    for stop in session.exec(select(PlanStop).where(PlanStop.team == "A")):
        # Both of A's stops serve 2002, each on its day.
        stop.serves = [stop.village_code, "62.02.01.2002"]
    session.flush()
    typed(session, tmp_path, "A;2026-11-30;62.02.01.2002;KTP-el;12;;;;;")
    assert take_in(session, 1, [report(1, served=12)], person())["accepted"] == 1
    assert served(session) == {(MONDAY_STOP[2], "ktp_el"): 12}  # one session, not two


def test_another_sheet_contradicts(session: Session, tmp_path: Path):
    typed(session, tmp_path, ROW)
    other = ROW.replace(";12;", ";11;")
    assert typed(session, tmp_path, other) == ["contradicts"]
    assert len(standing(session, plan_id=1).contradictions) == 1


def test_one_sheet_corrected_twice_ends_with_the_last(session: Session, tmp_path: Path):
    for n in (12, 11, 12, 12):
        typed(session, tmp_path, ROW.replace(";12;", f";{n};"), correct=True)
        assert served(session) == {(MONDAY_STOP[2], "ktp_el"): n}
        assert standing(session, plan_id=1).contradictions == ()


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (ROW.replace(";12;", ";10000;"), "2, served"),
        (ROW.replace(";12;", ";dua;"), "2, served"),
        (ROW.replace("30/11/2026", "kemarin"), "2, day"),
        (ROW.replace("62.02.01.2001", "Hulu"), "2, code"),
        (ROW.replace("KTP-el", "paspor"), "2, programme"),
        (ROW.replace("08.10", "25.10"), "2, start"),
        (ROW.replace("08.10", "08:30 PM"), "2, start"),
        (ROW.replace("08.10", "8.5"), "2, start"),
        (ROW.replace("lemah", "dua garis"), "2, signal"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_the_sheet(
    session: Session, tmp_path: Path, row: str, place: str
):
    with pytest.raises(BadResultsFile) as refused:
        typed(session, tmp_path, row, ROW)
    assert refused.value.params["place"] == place
    assert standing(session, plan_id=1).sessions == ()
    assert typed(session, tmp_path, ROW.replace(";12;", ";9999;")) == ["accepted"]


def test_a_session_and_programme_stands_once_and_another_file_is_no_sheet(
    session: Session, tmp_path: Path
):
    with pytest.raises(BadResultsFile, match="3, programme"):
        typed(session, tmp_path, ROW, ROW)
    path = tmp_path / "own.csv"
    path.write_text("\n".join((HEAD.replace("Terlayani", "Jumlah beres"), ROW)))
    with pytest.raises(MissingColumn):
        read_results_sheet(session, 1, path)
    own = read_results_sheet(session, 1, path, headings={"Jumlah beres": "served"})
    assert own[0]["counts"]["ktp_el"]["served"] == 12
    with pytest.raises(BadResultsFile, match="beres"):
        read_results_sheet(session, 1, path, headings={"Jumlah beres": "beres"})
    path = tmp_path / "x.csv"
    path.write_text("tim;kabupaten\nA;62.02\n")
    with pytest.raises(MissingColumn):
        read_results_sheet(session, 1, path)


def test_a_time_that_a_workbook_keeps_as_a_number_is_that_time(session: Session, tmp_path: Path):
    cells = (
        (8.3, 10.45), (8, 0.4375), (0.354166667, datetime(2026, 11, 30, 10, 30)),  # noqa: DTZ001
        (time(7, 5), 23.59),
    )  # fmt: skip
    read = [_times(session, tmp_path, *pair) for pair in cells]
    assert read == [
        ("08:30", "10:45"), ("08:00", "10:30"), ("08:30", "10:30"), ("07:05", "23:59"),
    ]  # fmt: skip
    # 75 minutes, half a minute, an hour too many, another day
    for cell in (8.75, 8.305, 24.0, datetime(2026, 12, 1, 8, 30)):  # noqa: DTZ001
        with pytest.raises(BadResultsFile, match="2, start"):
            _times(session, tmp_path, cell, 23.59)


def _times(session: Session, folder: Path, start: Any, end: Any) -> tuple[str, str]:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["tim", "tanggal", "kode", "program", "terlayani", "mulai", "selesai"])
    book.active.append(["A", "2026-11-30", MONDAY_STOP[2], "ktp_el", 5, start, end])
    book.save(folder / "isian.xlsx")
    (one,) = read_results_sheet(session, 1, folder / "isian.xlsx")
    return (f"{one['start']:%H:%M}", f"{one['end']:%H:%M}")


def test_rows_of_a_session_that_tell_different_things_are_refused(session: Session, tmp_path: Path):
    other = "A;30/11/2026;62.02.01.2001;akta;4;;;08.10;kuat;"
    with pytest.raises(BadResultsFile, match="3, signal"):
        typed(session, tmp_path, ROW, other)
    with pytest.raises(BadResultsFile, match="3, start"):
        typed(session, tmp_path, ROW, other.replace("08.10", "08.11").replace("kuat", "lemah"))
    assert typed(session, tmp_path, ROW, other.replace("kuat", "")) == ["accepted"]


def test_the_blank_sheet_comes_back_filled_in(session: Session, tmp_path: Path):
    book = openpyxl.load_workbook(io.BytesIO(blank_sheet(session, 1)))
    sheet = book["hasil"]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.max_row == 1 + 3 * 5  # three stops, five programmes
    sheet.cell(2, heads.index("TERLAYANI") + 1, 6)
    sheet.cell(3, heads.index("TERLAYANI") + 1, 0)
    sheet.cell(2, heads.index("CATATAN") + 1, "=1+1")
    path = tmp_path / "hasil.xlsx"
    book.save(path)
    records = read_results_sheet(session, 1, path)
    assert [record["counts"].keys() for record in records] == [{"ktp_el", "pemula"}]
    assert records[0]["notes"] == ""


@pytest.mark.parametrize("number", [0, 1, 2**31 - 1, 2**31, 2**63 + 5, True, "1", None])
def test_a_telephone_names_plans_by_numbers_that_there_may_be(tmp_path: Path, number: object):
    told = tmp_path / "hasil.json"
    record = {**report(1), "plan_id": number}
    told.write_bytes(json.dumps(body(record)).encode())
    if number in (1, 2**31 - 1) and number is not True:
        assert read_results_file(told) == {number: [record]}
        return
    with pytest.raises(BadResultsFile, match=r"records\[0\].plan_id"):
        read_results_file(told)


def test_what_a_telephone_s_file_measured_is_joined_once_after_its_last_plan(
    seeded: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Who joins holds a lock, under which it must wait for no plan that others report of."""
    publish(seeded)
    with transaction(seeded) as session:
        before = session.get_one(Plan, 2)
        before.week, before.state = "2026-W48", "in_progress"
    done: list[object] = []
    monkeypatch.setattr(connectivity, "_rejoin", lambda _: done.append("joined"))
    monkeypatch.setattr(
        ledger, "carried_out", lambda session, n: done.append(n) or session.get_one(Plan, n)
    )
    told = tmp_path / "hasil.json"
    both = (report(n, served=1, signal="weak", plan_id=n) for n in (1, 2))
    told.write_bytes(orjson.dumps(body(*both)))
    with transaction(seeded) as session:
        cli_results._of_telephone(session, None, told, person())
    assert done == [1, 2, "joined"]


def test_the_commands(seeded: Engine, tmp_path: Path, settings: Settings):
    publish(seeded)
    office = Office(settings.data_dir, settings.url)
    told = tmp_path / "hasil.json"
    told.write_bytes(orjson.dumps(body(report(1, served=4, at=11), report(2, served=3))))
    assert office.json("results", "import", told)["plans"][0]["contradicts"] == 2
    listed = office.json("results", "list", "1")
    assert [one["programmes"]["ktp_el"]["served"] for one in listed["sessions"]] == [4]
    shown = office.run("results", "list", "1")
    assert "contradict each other" in shown.stdout
    office.json("results", "settle", "1", "1", "2", "--adopt", "2", "--reason", "dihitung ulang")
    assert len(office.json("results", "list", "1", "--entries")["entries"]) == 3
    need = office.json("results", "need", "62.02")["villages"][0]["programmes"]["ktp_el"]
    assert need["served"] == 3
    assert need["left"] == pytest.approx(need["listed"] - 3)
    assert [d["district_code"] for d in office.json("results", "rates", "62.02")["districts"]]
    for command in ("need", "rates"):
        assert office.run("results", command, "62.02", lang="id").code == 0
    # A file of plan 1 is not taken in as none at all where another plan is named.
    other = office.run("results", "import", told, "--plan", "3")
    assert other.code == 1
    assert "--plan: 3 cannot be used; write: 1" in " ".join(other.stderr.split())
    assert office.json("results", "import", told, "--plan", "1")["plans"][0]["known"] == 2
    broken = tmp_path / "x.json"
    broken.write_text('{"format": "x"}')
    assert office.run("results", "import", broken).code == 1
