"""Every format opened again by a program that did not write it: the same stops and times."""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import docx
import gpxpy
import numpy as np
import openpyxl
import orjson
import pyogrio
import pytest
import shapely
from icalendar import Calendar
from sqlalchemy import Engine
from sqlmodel import Session

from app.db import connect, reading, transaction
from app.errors import BadTemplate, NobodyOut, PlanNotFound, PlanNotSolved, TeamNotFound
from app.itineraries.formats import Asked, Letter, Sheet, edition, file_name, write
from app.itineraries.letters import roman
from app.itineraries.markup import docx_of
from app.itineraries.team_day import Itineraries, itineraries
from app.itineraries.words import duration, kilometres
from app.models import AssignmentLetter, DataImport, Plan
from app.viewing import View, set_view
from tests.app.seed import MONDAY, TUESDAY
from tests.app.team_week import COSTS, NIP, PLAN, STOPS, Told, make_week, make_week_in_east

LANGS = ("id", "en")
WIB = ZoneInfo("Asia/Jakarta")


@pytest.fixture(scope="module")
def week(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The plan of ``team_week``; no test of this module changes it."""
    path = tmp_path_factory.mktemp("week") / "week.sqlite"
    shutil.copy(template, path)
    engine = connect(f"sqlite:///{path}")
    with transaction(engine) as session:
        make_week(session)
        make_week_in_east(session)
    yield engine
    engine.dispose()


@pytest.fixture
def session(week: Engine) -> Iterator[Session]:
    with reading(week) as session:
        yield session


def made(
    session: Session, kind: Sheet | Letter, folder: Path, lang: str = "id", **which: object
) -> bytes:
    return write(session, kind, Asked(plan_id=PLAN, lang=lang, **which), folder).body


def given(session: Session, **which: object) -> Itineraries:
    return itineraries(session, PLAN, "id", **which)


def minute(told: Told, text: str) -> datetime:
    return datetime.combine(told.day, time.fromisoformat(text), tzinfo=WIB)


# --- the model ---------------------------------------------------------------------------------


def test_days_and_stops_are_those_of_the_plan(session: Session) -> None:
    days = given(session).days
    found = [
        (d.team, d.day, s.order, s.village, f"{s.start:%H:%M}", f"{s.depart:%H:%M}", s.lon, s.lat,
         s.service_mode)
        for d in days for s in d.stops
    ]  # fmt: skip
    assert found == list(STOPS)
    assert [(d.team, d.leaves_from, d.ends_at) for d in days] == [
        ("A", "Sampit", "Losmen Hulu (Desa 62.02.02.2001)"),
        ("A", "Losmen Hulu (Desa 62.02.02.2001)", "Sampit"),
        ("B", "Sampit", "Sampit"),
    ]
    # Lunch is from 12 to 13; B is back at 12:00 sharp and has none.
    assert [len(d.breaks) for d in days] == [1, 1, 0]
    assert [s.is_blank_spot for d in days for s in d.stops] == [True, False, True, False]


def test_a_part_of_the_plan_is_named_by_team_and_day(session: Session) -> None:
    assert {d.team for d in given(session, team="A").days} == {"A"}
    assert [(d.team, d.day) for d in given(session, day=TUESDAY).days] == [("A", TUESDAY)]
    # Where the team slept the night before is known although that day is not asked for.
    assert given(session, day=TUESDAY).days[0].leaves_from.startswith("Losmen Hulu")


@pytest.mark.parametrize(
    ("plan", "which", "error"),
    [
        (99, {}, PlanNotFound),
        (2, {}, PlanNotSolved),
        (PLAN, {"team": "Z"}, TeamNotFound),
        (PLAN, {"team": "C"}, NobodyOut),
        (PLAN, {"team": "B", "day": TUESDAY}, NobodyOut),
    ],
)
def test_what_is_not_there_is_refused(
    session: Session, plan: int, which: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        itineraries(session, plan, "id", **which)


@pytest.mark.parametrize(
    ("minutes", "id_", "en"),
    [(0, "0 menit", "0 min"), (59.4, "59 menit", "59 min"), (59.6, "1 jam 00", "1 h 00"),
     (125, "2 jam 05", "2 h 05")],
)  # fmt: skip
def test_durations_are_written_for_people(minutes: float, id_: str, en: str) -> None:
    assert (duration(minutes, "id"), duration(minutes, "en")) == (id_, en)


def test_kilometres_have_the_languages_mark() -> None:
    assert (kilometres(15_040, "id"), kilometres(15_040, "en")) == ("15,0 km", "15.0 km")
    assert kilometres(123_400, "id") == "123 km"


def test_roman_numbers() -> None:
    found = [roman(n) for n in (1, 4, 9, 14, 39, 40, 49, 94, 399)]
    assert found == ["I", "IV", "IX", "XIV", "XXXIX", "XL", "XLIX", "XCIV", "CCCXCIX"]


# --- one format after the other ----------------------------------------------------------------


def test_json_has_every_stop_with_offset(session: Session, tmp_path: Path) -> None:
    document = orjson.loads(made(session, Sheet.JSON, tmp_path))
    found = [
        (day["team"], date.fromisoformat(day["day"]), stop["order"], stop["village"],
         datetime.fromisoformat(stop["start"]), datetime.fromisoformat(stop["depart"]))
        for day in document["days"] for stop in day["stops"]
    ]  # fmt: skip
    assert found == [(*t[:4], minute(t, t.start), minute(t, t.end)) for t in STOPS]
    assert document["days"][0]["stops"][0]["start"] == "2026-11-30T08:30:00+07:00"
    assert (document["timezone_label"], document["format"]) == ("WIB", "jemput-bola-itinerary")


@pytest.mark.parametrize("lang", LANGS)
def test_pdf_has_a_page_for_each_day_of_a_team(session: Session, tmp_path: Path, lang: str) -> None:
    data = made(session, Sheet.PDF, tmp_path, lang)
    file = tmp_path / "a.pdf"
    file.write_bytes(data)
    pages = pdf_text(file).split("\f")[:-1]
    days = [("A", MONDAY), ("A", TUESDAY), ("B", MONDAY)]
    assert len(pages) == len(days)
    version = given(session).version
    for page, (team, day) in zip(pages, days, strict=True):
        own = [t for t in STOPS if (t.team, t.day) == (team, day)]
        assert [name for name in re.findall(r"Desa 62\.02\.\d\d\.\d{4}", page)
                if name in {t.village for t in own}]  # fmt: skip
        # Start in large type, end below it with the zone.
        for told in own:
            assert re.search(rf"^ *{told.start}\b", page, re.MULTILINE), (told, page)
            assert re.search(rf"^ *\u2013 {told.end} WIB", page, re.MULTILINE)
        assert version in page
        assert ("TANPA SINYAL" if lang == "id" else "NO SIGNAL") in page or team == "B"
    assert "Losmen Hulu" in pages[0]
    assert "Senin, 30 November 2026" in pages[0] or lang == "en"
    assert made(session, Sheet.PDF, tmp_path, lang) == data


def test_pages_of_the_pdf_are_a4_and_grey(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(made(session, Sheet.PDF, tmp_path))
    facts = run("pdfinfo", str(file))
    assert "(A4)" in facts
    run("pdftoppm", "-r", "30", "-singlefile", str(file), str(tmp_path / "page"))
    data = (tmp_path / "page.ppm").read_bytes()
    width, height = map(int, data.split(maxsplit=4)[1:3])
    pixels = np.frombuffer(data[-3 * width * height :], np.uint8).reshape(-1, 3)
    assert len(np.unique(pixels)) > 20
    assert (pixels == pixels[:, :1]).all()


def test_a_day_of_many_stops_still_fits_its_page(session: Session, tmp_path: Path) -> None:
    from dataclasses import replace

    from app.itineraries.pdf import pdf_of

    whole = given(session, team="A", day=TUESDAY)
    first = whole.days[0].stops[1]  # the one with the longest notes
    for n in (4, 5, 12):
        stops = tuple(replace(first, order=k + 1) for k in range(n))
        full = replace(whole, days=(replace(whole.days[0], stops=stops),))
        file = tmp_path / f"{n}.pdf"
        file.write_bytes(pdf_of(full))
        assert re.search(r"Pages: +1\n", run("pdfinfo", str(file))), n


@pytest.mark.parametrize("lang", LANGS)
def test_workbook_has_every_stop_and_the_costs(session: Session, tmp_path: Path, lang: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(session, Sheet.XLSX, tmp_path, lang)))
    assert book.sheetnames[1:3] == ["A", "B"]
    rows = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    assert [(r[0], r[2], r[3], r[7], r[8]) for r in rows] == [
        (t.team, t.order, t.village, t.start, t.end) for t in STOPS
    ]
    heads = [cell.value for cell in book.worksheets[0][2]]
    assert [head for head in heads if "(WIB)" in head] == heads[6:9]


def test_costs_are_told_by_team_and_budget_line(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "office.toml").write_text('[account_codes]\ntravel = "5.1.02"\n', "utf-8")
    book = openpyxl.load_workbook(io.BytesIO(made(session, Sheet.COSTS, tmp_path)))
    rows = [r for r in book.worksheets[0].iter_rows(min_row=3, values_only=True) if r[0]]
    told = {team: [r[3] for r in rows if r[0] == team] for team in COSTS}
    assert told == {team: list(lines.values()) for team, lines in COSTS.items()}
    assert [r[2] for r in rows if r[3] in {84_500, 41_250}] == ["5.1.02", "5.1.02"]
    formulas = [
        c.value for c in book.worksheets[0]["D"] if isinstance(c.value, str) and c.value[0] == "="
    ]
    assert formulas == ["=SUM(D3:D6)", "=SUM(D9:D12)", "=D7+D13"]
    cached = openpyxl.load_workbook(
        io.BytesIO(made(session, Sheet.COSTS, tmp_path)), data_only=True
    )
    assert cached.worksheets[0]["D15"].value == 6_425_750


def test_calendar_has_every_stop_in_the_offices_zone(session: Session, tmp_path: Path) -> None:
    calendar = Calendar.from_ical(made(session, Sheet.ICS, tmp_path))
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Jakarta"]
    events = {str(e["UID"]): e for e in calendar.walk("VEVENT")}
    assert len(events) == len(STOPS) + 1  # and a night
    for told in STOPS:
        code = "SMA" if told.team == "B" else told.village.removeprefix("Desa ")
        event = events[f"62.02-2026-W49-{told.team}-{code}-1@jemput-bola"]
        assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (
            minute(told, told.start), minute(told, told.end)
        )  # fmt: skip
        assert event.decoded("DTSTART").tzname() == "WIB"
        assert told.village in event["SUMMARY"]
    assert "Losmen Hulu" in events["62.02-2026-W49-A-2026-11-30-night@jemput-bola"]["SUMMARY"]


def test_a_plan_solved_again_moves_the_same_events(week: Engine, tmp_path: Path) -> None:
    def events() -> dict[str, int]:
        with transaction(week) as session:
            calendar = Calendar.from_ical(made(session, Sheet.ICS, tmp_path))
        return {str(e["UID"]): int(e["SEQUENCE"]) for e in calendar.walk("VEVENT")}

    before = events()
    with transaction(week) as session:
        plan = session.get(Plan, PLAN)
        plan.solved_at += timedelta(minutes=5)
    after = events()
    with transaction(week) as session:
        session.get(Plan, PLAN).solved_at -= timedelta(minutes=5)
    assert after.keys() == before.keys()
    assert {after[uid] - before[uid] for uid in before} == {300}
    assert all(0 < n < 2**31 for n in after.values())


def test_gpx_has_numbered_waypoints_in_order_and_tracks(session: Session, tmp_path: Path) -> None:
    read = gpxpy.parse(made(session, Sheet.GPX, tmp_path).decode())
    assert [(w.name, w.longitude, w.latitude) for w in read.waypoints] == [
        (f"{t.day:%d}-{t.order} {t.village}", t.lon, t.lat) for t in STOPS
    ]
    assert [w.time for w in read.waypoints] == [minute(t, t.start) for t in STOPS]
    line = [(p.longitude, p.latitude) for p in read.tracks[0].segments[0].points]
    assert line == [(112.0, -2.45), (112.02, -2.46), (112.05, -2.45), (112.25, -2.45)]
    assert len(read.tracks) == 3


@pytest.mark.parametrize(("sheet", "driver"), [(Sheet.GPX, "GPX"), (Sheet.KML, "LIBKML")])
def test_gdal_reads_the_same_places(
    session: Session, tmp_path: Path, sheet: Sheet, driver: str
) -> None:
    file = tmp_path / f"a.{sheet}"
    file.write_bytes(made(session, sheet, tmp_path))
    layers = [str(name) for name, _ in pyogrio.list_layers(file)]
    frames = [pyogrio.read_dataframe(file, layer=name) for name in dict.fromkeys(layers)]
    points = [g for f in frames for g in f.geometry if g is not None and g.geom_type == "Point"]
    assert {(round(p.x, 6), round(p.y, 6)) for p in points} >= {(t.lon, t.lat) for t in STOPS}
    assert driver in run("ogrinfo", "-so", str(file))


def test_kml_lines_follow_the_way(session: Session, tmp_path: Path) -> None:
    text = made(session, Sheet.KML, tmp_path).decode()
    lines = re.findall(r"<LineString>.*?<coordinates>([^<]+)<", text, flags=re.DOTALL)
    first = [tuple(map(float, p.split(","))) for p in lines[0].split()]
    assert shapely.LineString(first).equals(
        shapely.LineString([(112.0, -2.45), (112.02, -2.46), (112.05, -2.45), (112.25, -2.45)])
    )
    assert text.count("<begin>2026-11-30T08:30:00+07:00</begin>") == 1


@pytest.mark.parametrize("lang", LANGS)
def test_text_is_short_and_says_every_stop(session: Session, tmp_path: Path, lang: str) -> None:
    text = made(session, Sheet.TEXT, tmp_path, lang).decode()
    messages = text.strip().split("\n\n")
    assert len(messages) == 3
    assert max(map(len, messages)) < 700  # WhatsApp folds longer ones
    for told in STOPS:
        line = next(
            one for m in messages for one in m.splitlines()
            if one.startswith(f"{told.start}-{told.end} WIB {told.order}. *{told.village}*")
        )  # fmt: skip
        assert line
    assert messages[0].count("! ") == 1
    assert "maps.google.com/?q=-2.45000,112.05000" in messages[0]


def test_east_of_the_border_of_zones_every_paper_says_wita(
    session: Session, tmp_path: Path
) -> None:
    def of(kind: Sheet | Letter) -> bytes:
        return write(session, kind, Asked(plan_id=4, lang="id"), tmp_path).body

    (stop,) = orjson.loads(of(Sheet.JSON))["days"][0]["stops"]
    assert stop["start"] == "2026-11-30T08:30:00+08:00"
    assert "08:30-10:30 WITA 1. *Desa 65.01.01.2001*" in of(Sheet.TEXT).decode()
    (event,) = Calendar.from_ical(of(Sheet.ICS)).walk("VEVENT")
    assert event.decoded("DTSTART") == datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
    assert event.decoded("DTSTART").tzname() == "WITA"
    (tmp_path / "a.pdf").write_bytes(of(Sheet.PDF))
    assert "\u2013 10:30 WITA" in pdf_text(tmp_path / "a.pdf")
    assert "08:30-10:30 WITA" in words_of(of(Letter.NOTICE_VILLAGE))
    assert '"timezone_label":"WITA"' in of(Sheet.HTML).decode()
    # A plan of before costs were kept by line tells their sum.
    book = openpyxl.load_workbook(io.BytesIO(of(Sheet.COSTS)))
    assert "Rincian tidak disimpan" in book.worksheets[0]["B3"].value


@pytest.mark.parametrize("lang", LANGS)
def test_posters_announce_each_village(session: Session, tmp_path: Path, lang: str) -> None:
    posters = made(session, Sheet.POSTER, tmp_path, lang).decode().split("\n---\n")
    assert len(posters) == len(STOPS)
    for told, poster in zip(STOPS, posters, strict=True):
        assert f"{told.start}-{told.end} WIB" in poster
        assert told.village in poster
        assert "KTP-el" in poster
        assert "KIA" not in poster  # nobody is expected for it


# --- letters -----------------------------------------------------------------------------------


def words_of(data: bytes) -> str:
    """Read a Word document: paragraphs, then rows of tables with cells joined by bars."""
    read = docx.Document(io.BytesIO(data))
    rows = [" | ".join(c.text for c in row.cells) for t in read.tables for row in t.rows]
    return "\n".join([*(p.text for p in read.paragraphs), *rows])


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("letter", list(Letter))
def test_letters_say_every_stop_and_make_the_same_file_again(
    session: Session, tmp_path: Path, lang: str, letter: Letter
) -> None:
    data = made(session, letter, tmp_path, lang)
    text = words_of(data)
    for told in STOPS:
        assert told.village in text
        if letter is not Letter.RECAP:
            assert told.end in text, (letter, told)
            assert "WIB" in text
    assert "{{" not in text
    assert "{%" not in text
    assert made(session, letter, tmp_path, lang) == data


def test_an_assignment_letter_names_who_goes(session: Session, tmp_path: Path) -> None:
    text = words_of(made(session, Letter.ASSIGNMENT, tmp_path, team="A"))
    assert f"1 | Siti Aminah | {NIP} | III/b | Ketua tim" in text
    assert "Budi" not in text  # on leave on both days
    assert "SURAT TUGAS" in text
    assert "30 November 2026 s.d. 1 Desember 2026 (2 hari, 1 malam)" in text
    # B has no list of staff: a dotted line for each of its four people.
    rows = [r for r in words_of(made(session, Letter.ASSIGNMENT, tmp_path, team="B")).splitlines()
            if re.match(r"\d \| \.+ \|", r)]  # fmt: skip
    assert len(rows) == 4


def test_letters_bear_the_number_they_were_published_under(week: Engine, tmp_path: Path) -> None:
    with Session(week) as session:  # rolled back
        session.add(AssignmentLetter(plan_id=PLAN, team="A", number="800.1/7/2026"))
        session.flush()
        assert "Nomor: 800.1/7/2026" in words_of(made(session, Letter.ASSIGNMENT, tmp_path))
        recap = words_of(made(session, Letter.RECAP, tmp_path, "en", team="A"))
        assert "Number of the assignment letter | : | 800.1/7/2026" in recap
        assert "800" not in words_of(made(session, Letter.ASSIGNMENT, tmp_path, team="B"))


def test_a_travel_order_has_ten_rows_and_a_visum_for_each_place(
    session: Session, tmp_path: Path
) -> None:
    text = words_of(made(session, Letter.TRAVEL_ORDER, tmp_path, team="A"))  # one person is there
    numbers = re.findall(r"^(\d+) \| ", text, flags=re.MULTILINE)
    assert numbers == [str(n) for n in range(1, 11)]
    stamps = re.findall(r"^([IVX]+) \| ", text, flags=re.MULTILINE)
    assert stamps == ["I", "II", "III", "IV", "V"]  # leaving, three places, back
    assert f"Siti Aminah / {NIP}" in text


def test_an_attendance_list_has_room_and_no_nik(session: Session, tmp_path: Path) -> None:
    text = words_of(made(session, Letter.ATTENDANCE, tmp_path, team="B"))
    # P90 of 12.4 + 3.0 + 1.6 people doubled: 34 lines.
    assert len(re.findall(r"^\d+ \| ", text, flags=re.MULTILINE)) == 34
    assert "NIK" not in text


def test_the_offices_own_text_and_facts_are_used(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    (folder / "id").mkdir(parents=True)
    (folder / "id" / "minutes.txt").write_text(
        '{% include "letterhead" %}\n# CATATAN\n'
        "{% for at in stops %}\n{{ at.stop.village }} {{ at.stop.start | clock }}\n{% endfor %}\n"
        "{{ office.head_name }}\n",
        "utf-8",
    )
    (folder / "office.toml").write_text(
        'office = "Dinas A"\nhead_name = "Umum"\n["62.02"]\nhead_name = "Khusus | **x**"\n', "utf-8"
    )
    text = words_of(made(session, Letter.MINUTES, tmp_path))
    assert "CATATAN" in text
    assert f"{STOPS[0].village} 08:30" in text
    assert "DINAS A" in text
    assert "Khusus / *x*" in text  # what is filled in is not read as markup
    assert "CATATAN" not in words_of(made(session, Letter.MINUTES, tmp_path, "en"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# A\n{% for at in stops %}\n{{ at.stop.village }}\n", 3),
        ("# A\n\n{{ nobody }}\n", 3),
        ("# A\n{% for at in stops %}\n{{ at.stop.nothing }}\n{% endfor %}\n", 3),
        ("{{ week | sideways }}\n", 1),
        ("# A\n{{ 1 / 0 }}\n", 2),
        ("# A\n{{ label.__class__.__mro__ }}\n", 2),
        ('# A\n{% include "/etc/passwd" %}\n', 2),
        (b"# A\nok\n\xff\xfe\n", 3),
    ],
)
def test_a_broken_text_is_refused_with_its_line(
    session: Session, tmp_path: Path, text: str | bytes, line: int
) -> None:
    file = tmp_path / "templates" / "id" / "minutes.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadTemplate) as refused:
        made(session, Letter.MINUTES, tmp_path)
    assert refused.value.params["line"] == line
    assert refused.value.params["file"] == "id/minutes.txt"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('office = "x"\nhead = "y"\n', 2),
        ('office = "x"\n\ncity = 5\n', 3),
        ('office = "x\n', 1),
        ('office = "x"\n[account_codes]\nfuel = "1"\n', 3),
        ('["62.02"]\nboss = "x"\n', 2),
    ],
)
def test_a_broken_office_file_is_refused_with_its_line(
    session: Session, tmp_path: Path, text: str, line: int
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "office.toml").write_text(text, "utf-8")
    with pytest.raises(BadTemplate) as refused:
        made(session, Sheet.COSTS, tmp_path)
    assert refused.value.params["line"] == line


# --- editions ----------------------------------------------------------------------------------


def test_the_edition_changes_with_everything_that_is_written(week: Engine, tmp_path: Path) -> None:
    asked = Asked(plan_id=PLAN, lang="id")

    def now(kind: Sheet | Letter = Letter.MINUTES, other: Asked = asked, **view: object) -> str:
        with reading(week) as session:
            if view:
                set_view(session, View(**view))
            return edition(session, kind, other, tmp_path)

    first = now()
    assert now() == first
    others = {
        now(Sheet.JSON), now(Sheet.PDF), now(Letter.RECAP),
        now(other=Asked(plan_id=PLAN, lang="en")),
        now(other=Asked(plan_id=PLAN, lang="id", team="A")),
        now(other=Asked(plan_id=PLAN, lang="id", day=MONDAY)), now(sees_counts=False),
        now(sees_counts=False, team="A"),
    }  # fmt: skip
    assert len(others | {first}) == 9
    (tmp_path / "templates" / "id").mkdir(parents=True)
    (tmp_path / "templates" / "id" / "minutes.txt").write_text("x", "utf-8")
    edited = now()
    assert edited != first
    with transaction(week) as session:
        session.add(DataImport(id=77, kind="staff", file_name="a", sha256="0" * 64, source="a",
                               accepted=1, corrected=0, refused=0))  # fmt: skip
    assert now() != edited
    with transaction(week) as session:
        session.delete(session.get(DataImport, 77))


def test_who_sees_no_counts_gets_no_figures(session: Session, tmp_path: Path) -> None:
    set_view(session, View(sees_counts=False))
    document = orjson.loads(made(session, Sheet.JSON, tmp_path))
    assert {str(s["expected"]) for d in document["days"] for s in d["stops"]} == {"{}"}
    assert "12" not in re.findall(r"KTP-el (\d+)", made(session, Sheet.TEXT, tmp_path).decode())
    set_view(session, View(sees_counts=False, team="B"))
    own = orjson.loads(made(session, Sheet.JSON, tmp_path))
    assert {d["team"] for d in own["days"]} == {"B"}
    assert own["days"][0]["stops"][0]["expected"]["ktp_el"] == 12.4
    with pytest.raises(TeamNotFound):
        made(session, Sheet.JSON, tmp_path, team="A")


def test_files_are_named_by_plan_team_and_day() -> None:
    asked = Asked(plan_id=3, lang="id", team="A", day=MONDAY)
    assert file_name(Sheet.PDF, asked) == "plan-3-A-2026-11-30.pdf"
    assert file_name(Sheet.COSTS, Asked(plan_id=3, lang="id")) == "plan-3-costs.xlsx"
    assert file_name(Letter.RECAP, asked) == "plan-3-A-2026-11-30-recap.docx"


def pdf_text(file: Path) -> str:
    return run("pdftotext", "-layout", str(file), "-")


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    return done.stdout


def test_no_word_of_a_table_is_broken_between_letters():
    text = "| Tanggal | Desa/ kelurahan | Rencana | Terlayani | Gagal | Tidak hadir | Catatan |\n"
    text += "| 30 November 2026 | Bagendang Hulu (Mentaya Hilir Utara) | KTP-el 16 | | | | |\n"
    made = docx.Document(
        io.BytesIO(docx_of(text, title="Rekap", made=datetime(2026, 11, 30, 8, tzinfo=UTC)))
    )
    columns = made.tables[0].columns
    widths = [column.width.cm for column in columns]
    assert sum(widths) == pytest.approx(17, abs=0.02)
    for column, width in zip(columns, widths, strict=True):
        longest = max(len(word) for cell in column.cells for word in cell.text.split())
        assert width >= 0.24 * longest + 0.4
