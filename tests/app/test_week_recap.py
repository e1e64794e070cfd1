"""Posters, travel orders by person, and the recap of a week with what teams reported."""

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import Session

from app.db import connect, reading, transaction
from app.itineraries.formats import Asked, Letter, Sheet, edition, write
from app.models import Plan, PlanState, ResultCount, ResultEntry, Staff
from app.results.document import totals
from app.sheets import sheet_name
from app.viewing import View, set_view
from tests.app.seed import MONDAY, TUESDAY
from tests.app.team_week import NIP, PLAN, STOPS, V1, V2, V3, make_week

OTHER_NIP = "199001012015011005"


@pytest.fixture(scope="module")
def week(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The plan of ``team_week``, under way: A reported Monday and its second stop of Tuesday."""
    path = tmp_path_factory.mktemp("week") / "week.sqlite"
    shutil.copy(template, path)
    engine = connect(f"sqlite:///{path}")
    with transaction(engine) as session:
        make_week(session)
        session.add(Staff(nip=OTHER_NIP, name="Rahmat", rank="II/d", role="operator", team="A",
                          import_id=4))  # fmt: skip
        plan = session.get(Plan, PLAN)
        assert plan is not None
        plan.state = PlanState.PUBLISHED
        session.flush()
        report(
            session,
            1,
            "A",
            MONDAY,
            V1,
            {"ktp_el": {"served": 11, "failed": 1, "absent": 4}, "kia": {"served": 5, "moved": 2}},
            "=hujan | deras",
        )
        report(session, 2, "A", TUESDAY, V2, {"ktp_el": {"served": 7, "deceased": 1}}, "")
    yield engine
    engine.dispose()


def report(
    session: Session, number: int, team: str, day: object, village: str,
    counts: dict[str, dict[str, int]], notes: str,
) -> None:  # fmt: skip
    session.add(
        ResultEntry(
            id=number, plan_id=PLAN, key=f"key-{number}", digest=f"{number:064}", team=team,
            day=day, point_code=village, village_code=village, serves=[village], notes=notes,
            told_at=datetime(2026, 12, 2, tzinfo=UTC), account="a", via="phone",
            plan_state="published",
        )
    )  # fmt: skip
    session.flush()
    for programme, people in counts.items():
        session.add(ResultCount(entry_id=number, programme=programme, **people))


@pytest.fixture
def session(week: Engine) -> Iterator[Session]:
    with reading(week) as session:
        yield session


def made(session: Session, kind: Sheet | Letter, folder: Path, lang: str = "id", **which: object):
    return write(session, kind, Asked(plan_id=PLAN, lang=lang, **which), folder).body


def tables(data: bytes, *, worked_out: bool = True) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=worked_out)
    return {sheet.title: list(sheet.iter_rows(values_only=True))
            for sheet in book}  # fmt: skip


def words_of(data: bytes) -> str:
    read = docx.Document(io.BytesIO(data))
    rows = [" | ".join(c.text for c in row.cells) for t in read.tables for row in t.rows]
    return "\n".join([*(p.text for p in read.paragraphs), *rows])


def test_the_recap_has_a_sheet_for_each_district(session: Session, tmp_path: Path) -> None:
    """Kecamatan 01 has A's Monday, B's Monday and A's second of Tuesday; 02 A's first."""
    found = tables(made(session, Sheet.DISTRICTS, tmp_path))
    assert list(found) == ["Rekap", "Kecamatan 01", "Kecamatan 02"]
    head, *stops, total = found["Kecamatan 01"][1:]
    rows = [dict(zip(head, row, strict=True)) for row in stops]
    told = [t for t in STOPS if t.village != f"Desa {'62.02.02.2001'}"]
    planned = sorted((t.day.isoformat(), t.start, t.team, t.village) for t in told)
    assert [(r["Hari"], r["Mulai"], r["Tim"], r["Desa/kelurahan"]) for r in rows] == planned
    first, second, third = rows
    assert (first["KTP-el: rencana"], first["KTP-el: terlayani"], first["KIA: terlayani"]) == (
        12.4, 11, 5,
    )  # fmt: skip
    assert (first["gagal"], first["tidak hadir"], first["pindah"]) == (1, 4, 2)
    assert first["Catatan"] == "'=hujan | deras", "no spreadsheet runs what a phone said"
    # What was not reported is empty, not 0.
    assert (second["Dilaporkan"], second["KTP-el: terlayani"], second["gagal"]) == (0, None, None)
    assert (third["KTP-el: terlayani"], third["KIA: terlayani"], third["meninggal"]) == (7, None, 1)
    sums = dict(zip(head, total, strict=True))
    assert [sums[name] for name in ("Dilaporkan", "KTP-el: rencana", "KTP-el: terlayani", "gagal",
                                    "meninggal", "pindah")] == [2, 37.2, 18, 1, 1, 2]  # fmt: skip


def test_its_first_sheet_sums_up_by_formulas_that_have_their_values(
    session: Session, tmp_path: Path
) -> None:
    data = made(session, Sheet.DISTRICTS, tmp_path, "en")
    head, *districts, total = tables(data)["Recap"][1:]
    assert [row[:3] for row in districts] == [("Kecamatan 01", 3, 2), ("Kecamatan 02", 1, 0)]
    sums = dict(zip(head, total, strict=True))
    assert (sums["Sessions"], sums["Reported"], sums["KTP-el: served"]) == (4, 2, 18)
    formulas = tables(data, worked_out=False)["Recap"]
    column = head.index("KTP-el: served")
    letter = openpyxl.utils.get_column_letter(column + 1)
    # Two rows above, three stops, then the sum; four more columns on the sheet of a district.
    there = openpyxl.utils.get_column_letter(column + 5)
    assert formulas[2][column] == f"='Kecamatan 01'!{there}6"
    assert formulas[4][column] == f"=SUM({letter}3:{letter}4)"
    assert made(session, Sheet.DISTRICTS, tmp_path, "en") == data


def test_who_sees_no_counts_is_told_no_results(session: Session, tmp_path: Path) -> None:
    set_view(session, View(sees_counts=False))
    total = tables(made(session, Sheet.DISTRICTS, tmp_path))["Rekap"][-1]
    assert total == ("Jumlah", 4, *[0] * (len(total) - 2))
    set_view(session, View(sees_counts=False, team="A"))
    assert tables(made(session, Sheet.DISTRICTS, tmp_path))["Rekap"][-1][:3] == ("Jumlah", 3, 2)


def test_the_report_has_opening_results_and_closing(session: Session, tmp_path: Path) -> None:
    text = words_of(made(session, Letter.RECAP, tmp_path, team="A"))
    heads = [text.index(head) for head in ("1. Pembuka", "2. Hasil", "3. Penutup")]
    assert heads == sorted(heads)
    assert "Dilaporkan 2 dari 3 tempat. Terlayani: KTP-el 18, KIA 5." in text
    assert "meninggal KTP-el 1, pindah KIA 2" in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("30 November")]
    (row,) = (one for one in rows if one[1].startswith(f"Desa {V1}"))
    assert row[3:6] == ["KTP-el 11, KIA 5", "KTP-el 1", "KTP-el 4"]
    assert "hujan" in row[6]
    english = words_of(made(session, Letter.RECAP, tmp_path, "en", team="B"))
    assert "Reported: 0 of 1 places. Served: 0." in english


def test_what_was_not_in_the_plan_is_in_every_sum(week: Engine, tmp_path: Path) -> None:
    """B stood in for A in V3 (kecamatan 02) on Tuesday: 9 more than the 18 of the stops."""
    with Session(week) as session:  # rolled back
        report(session, 3, "B", TUESDAY, V3, {"ktp_el": {"served": 9, "moved": 1}}, "ganti")
        session.flush()
        served = totals(session, PLAN)["programmes"]["ktp_el"]["served"]
        found = tables(made(session, Sheet.DISTRICTS, tmp_path, "en"))
        formulas = tables(made(session, Sheet.DISTRICTS, tmp_path, "en"), worked_out=False)
        other = tables(made(session, Sheet.DISTRICTS, tmp_path, "en", team="A"))
        letter = words_of(made(session, Letter.RECAP, tmp_path, "en", team="B"))
        monday = words_of(made(session, Letter.RECAP, tmp_path, "id", team="B", day=MONDAY))
    head, *_, total = found["Recap"][1:]
    sums = dict(zip(head, total, strict=True))
    assert (served, sums["KTP-el: served"], sums["moved away"]) == (27, 27, 3)
    assert (sums["Sessions"], sums["Reported"]) == (4, 3)
    head, _, row, total = found["Kecamatan 02"][1:]
    told = dict(zip(head, row, strict=True))
    assert [told[name] for name in ("Day", "Team", "Village", "Place", "KTP-el: served")] == [
        "2026-12-01", "B", f"Desa {V3}", "not in the plan", 9,
    ]  # fmt: skip
    assert (told["KTP-el: planned"], told["Remarks"]) == (None, "ganti")
    # Two rows above, one stop, one that was not planned, then the sum.
    (column,) = (x for x, name in enumerate(head) if name == "KTP-el: served")
    cell = f"{openpyxl.utils.get_column_letter(column + 1)}5"
    assert formulas["Recap"][3][column - 4] == f"='Kecamatan 02'!{cell}"
    assert dict(zip(other["Recap"][1], other["Recap"][-1], strict=True))["KTP-el: served"] == 18
    assert "Reported: 0 of 1 places, and 1 not in the plan. Served: KTP-el 9." in letter
    assert f"1 December 2026 | Desa {V3} (Kecamatan 02) | not in the plan | KTP-el 9" in letter
    assert "Dilaporkan 0 dari 1 tempat. Terlayani: 0." in monday


def test_every_member_of_a_team_gets_a_travel_order(session: Session, tmp_path: Path) -> None:
    """The leader first; Budi is on leave on both days; B has no list: four dotted ones."""
    text = words_of(made(session, Letter.TRAVEL_ORDER, tmp_path, team="A"))
    named = re.findall(r"^2 \| .* \| (.+) / (\d+)$", text, flags=re.MULTILINE)
    assert named == [("Siti Aminah", NIP), ("Rahmat", OTHER_NIP)]
    assert "a. II/d; b. Operator perekaman" in text
    for lang in ("id", "en"):
        english = words_of(made(session, Letter.TRAVEL_ORDER, tmp_path, lang, team="B"))
        assert len(re.findall(r"^2 \| .* \| \.+ / \.+$", english, flags=re.MULTILINE)) == 4
        assert english.count("VISUM") == 4


@pytest.mark.parametrize("lang", ["id", "en"])
def test_posters_are_pictures_of_1080_pixels_that_say_the_same_in_grey(
    session: Session, tmp_path: Path, lang: str
) -> None:
    data = made(session, Sheet.POSTERS, tmp_path, lang)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.namelist() == [
        f"{t.day.isoformat()}-{t.team}-{t.order}-{t.village}.png" for t in STOPS
    ]
    for name in archive.namelist():
        picture = Image.open(io.BytesIO(archive.read(name)))
        assert (picture.format, picture.size) == ("PNG", (1080, 1350))
        grey = np.asarray(picture.convert("L"), dtype=float)
        # The title is light on dark, the rest dark on light: in grey far from each other.
        assert np.median(grey[:220]) < 70
        assert np.median(grey[260:1240]) > 220
        assert grey[260:400].min() < 40
    assert made(session, Sheet.POSTERS, tmp_path, lang) == data


def test_the_edition_changes_with_a_report_where_reports_are_told(
    week: Engine, tmp_path: Path
) -> None:
    def now(kind: Sheet | Letter) -> str:
        return edition(session, kind, Asked(plan_id=PLAN, lang="id"), tmp_path)

    with Session(week) as session:  # rolled back
        before = {kind: now(kind) for kind in (Sheet.DISTRICTS, Letter.RECAP, Sheet.POSTERS)}
        report(session, 3, "B", MONDAY, V2, {"ktp_el": {"served": 1}}, "")
        session.flush()
        changed = {kind for kind, edition_then in before.items() if now(kind) != edition_then}
    assert changed == {Sheet.DISTRICTS, Letter.RECAP}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["A/B", "A:B", "a-b"], ["A-B", "A-B 2", "a-b 3"]),
        (["x" * 31, "x" * 32], ["x" * 31, "x" * 29 + " 2"]),
        (["'kutip'", ""], ["-kutip-", "-"]),
    ],
)
def test_sheets_have_names_that_spreadsheets_take(names: list[str], expected: list[str]) -> None:
    taken: set[str] = set()
    assert [sheet_name(name, taken) for name in names] == expected
