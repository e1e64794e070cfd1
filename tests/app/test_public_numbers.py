"""Attacks on everything public: what do all answers of the API together say of a hidden count?

Offices are drawn at random: villages with small counts in several districts and regencies, plans
over them, a second edition of counts, corrections. Whoever sees no counts asks for all that the
OpenAPI document names. Two attacks follow. The numbers read, each with its meaning, become one
linear system, which bounds every hidden count. And two offices that look alike but for a hidden
count must give the same answers, byte for byte.
"""

import csv
import io
import itertools
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sqlmodel import col, delete

from app.api.allowance import Allowances
from app.api.conditional import DocumentCache
from app.db import connect, transaction
from app.figures import withheld_in
from app.main import create_app
from app.models import CountCorrection, DataImport, Village, VillageCount
from app.suppression import WIDTH
from geodata.columns import COUNT_COLUMNS, COUNT_GROUPS
from tests.app.conftest import AppClient, make_settings
from tests.app.people import let_in
from tests.app.reports import TUESDAY_STOP, body, publish, report
from tests.app.seed import seed
from tests.app.test_access import HERE, furnish, operations_of
from tests.app.test_viewing import OTHER, SMALL, figures_of

Row = dict[str, int | None]
World = dict[str, Row]
"""Village code to its counts."""

VILLAGES = {"62.02": (3, 2, 1), "62.03": (2, 1), "65.01": (1,)}
"""Regency to the number of villages of each of its districts."""
CODES = [
    f"{regency}.{district:02}.{2000 + village}"
    for regency, districts in VILLAGES.items()
    for district, n in enumerate(districts, 1)
    for village in range(1, n + 1)
]
PLACES = ["62.02", "62.03", "65.01", "62", "65"]
FIRST, SECOND = 2, 90  # imports of counts
WITHOUT_KIA = "tanpa_kia"
"""Children without KIA: in no table, but what the two numbers beside them leave."""
TRIPLES = (("wajib_ktp", "sudah_rekam", "belum_rekam"), ("anak_0_17", "memiliki_kia", WITHOUT_KIA))
PROGRAMMES = {
    "ktp_el": ("wajib_ktp", "sudah_rekam"), "kia": ("anak_0_17", "memiliki_kia"),
    "akta": ("anak_0_17", "belum_akta"), "ikd": ("sudah_rekam", "ikd_aktif"),
}  # fmt: skip
WITHOUT_COUNTS = ("viewer", "viewer-all", "team")


# --- offices -----------------------------------------------------------------------------------


small = st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 20, 31))
large = st.one_of(small, st.integers(25, 60))


@st.composite
def rows(draw: st.DrawFn, least_rest: int) -> Row:
    """Draw what a file says of a village; in one of eight there is something amiss."""
    row: Row = dict.fromkeys(COUNT_COLUMNS)
    over = draw(st.integers(least_rest, 0))
    rest, part = (over, draw(st.integers(25, 60))) if over else (draw(small), draw(large))
    row |= {"wajib_ktp": rest + part, "sudah_rekam": part, "belum_rekam": rest}
    rest, part = draw(small), draw(large)
    row |= {"anak_0_17": rest + part, "memiliki_kia": part}
    row |= {name: draw(small) for name in ("usia_16_17", "belum_akta", "ikd_aktif")}
    amiss = draw(st.integers(0, 23))
    if amiss == 1:
        row["belum_rekam"] = (row["belum_rekam"] or 0) + 1  # agrees with nothing
    elif amiss == 2:
        row |= draw(st.sampled_from((
            {"belum_rekam": None}, {"sudah_rekam": None}, {"memiliki_kia": None},
            {"usia_16_17": None}, dict.fromkeys(COUNT_COLUMNS),
        )))  # fmt: skip
    return row


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw the counts of an office; in one of three some villages have more recorded than exist."""
    least_rest = draw(st.sampled_from((0, 0, -9)))
    world = {code: draw(rows(least_rest)) for code in CODES}
    if draw(st.integers(0, 5)) == 1:  # files that have one column of the three only
        for row in world.values():
            row |= {"wajib_ktp": None, "sudah_rekam": None}
    return world


class Office:
    """A real application, whose counts change from one example to the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.app = create_app(make_settings(folder))
        self.operations = [one for one in operations_of(self.app) if one.reads]
        self.keys = itertools.count(2)

    def holds(self, world: World, least: int, edition: int = FIRST) -> None:
        """Let these be the counts of an edition, the only one or after the first."""
        gone = [FIRST, SECOND] if edition == FIRST else [SECOND]
        as_of = date(2023, 6, 30) if edition == FIRST else date(2024, 6, 30)
        with transaction(self.app.state.engine) as session:
            session.execute(delete(VillageCount).where(col(VillageCount.import_id).in_(gone)))
            session.execute(delete(CountCorrection).where(col(CountCorrection.id) > 1))
            session.add_all(
                VillageCount(import_id=edition, village_code=code, as_of=as_of, **row)
                for code, row in world.items()
            )
        self.app.state.settings = make_settings(self._folder, smallest_count=least)
        self.forget()

    def forget(self) -> None:
        self.app.state.documents, self.app.state.allowances = DocumentCache(), Allowances()

    def works_out(self, number: int, teams: set[str]) -> None:
        """Let what the plan and the campaign expect of teams be worked out of a count."""
        with transaction(self.app.state.engine) as session:
            figures_of(session, number, teams)

    def client(self, name: str) -> AppClient:
        return AppClient(self.app, f"token-{name}")

    def json(self, name: str, path: str, **query: str) -> Any:
        answer = self.client(name).get(f"/api/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def everything(self, name: str, *, filtered: bool) -> dict[str, tuple[int, bytes]]:
        """Ask for all that can be read."""
        client = self.client(name)
        return {
            one.name: (answer.status_code, answer.content)
            for one in self.operations
            if one.name != "list_tokens"  # which tells when one was used
            for answer in [one.ask(client, HERE, filtered=filtered)]
        }


@pytest.fixture(scope="module")
def office(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(template, folder / template.name)
    engine = connect(make_settings(folder).url)
    with transaction(engine) as session:
        seed(session)
        furnish(session, "62.02", "A", 1)
        known = {"62.02.01.2001", "62.02.01.2002", "62.02.02.2001", "62.02.02.2002"}
        for n, code in enumerate(CODES):
            if code not in known | {"65.01.01.2001"}:
                session.add(_village(code, 113.0 + n / 10))
        session.add(
            DataImport(id=SECOND, kind="counts", file_name="b.csv", sha256="2" * 64, source="b",
                       accepted=1, corrected=0, refused=0)
        )  # fmt: skip
    for name, role, area in (
        ("viewer", "viewer", "62.02"), ("viewer-all", "viewer", ""), ("planner", "planner", ""),
    ):  # fmt: skip
        let_in(engine, name, role, area)
    let_in(engine, "team", "team", "62.02", team="A")
    publish(engine)
    engine.dispose()
    made = Office(folder)
    sent = body(report(1, served=1))  # the first puts the plan in progress, which everybody sees
    assert made.client("planner").post("/api/v1/plans/1/results", json=sent).status_code == 200
    yield made
    made.app.state.engine.dispose()


def _village(code: str, lon: float) -> Village:
    return Village(
        code=code, name=f"Desa {code}", kind="desa", district_code=code[:8],
        district=f"Kecamatan {code[6:8]}", regency_code=code[:5], regency=f"Kabupaten {code[:5]}",
        lon=lon, lat=-2.45, west=lon, south=-2.45, east=lon, north=-2.45, import_id=1,
    )  # fmt: skip


# --- one linear system of all that is public -----------------------------------------------------


class Cell(NamedTuple):
    """A number of a village."""

    code: str
    column: str


class System:
    """What an attacker knows: sums of cells, and what each cell is at least."""

    def __init__(self) -> None:
        self._at: dict[Cell, int] = {}
        self._sums: list[tuple[dict[Cell, float], float]] = []
        self._least: dict[Cell, float] = {}

    def cell(self, cell: Cell, *, least: float = 0.0) -> None:
        self._at[cell] = len(self._at)
        self._least[cell] = least

    def knows(self, terms: dict[Cell, float], value: float) -> None:
        self._sums.append((terms, value))

    def ranges(self, wanted: list[list[Cell]]) -> Iterator[tuple[float, float]]:
        """Bound the sum of some cells, for each of what is wanted."""
        matrix = np.zeros((len(self._sums), len(self._at)))
        for row, (terms, _) in enumerate(self._sums):
            for cell, factor in terms.items():
                matrix[row, self._at[cell]] = factor
        known = [value for _, value in self._sums]
        bounds = [(self._least[cell], None) for cell in self._at]
        for cells in wanted:
            costs = np.zeros(len(self._at))
            costs[[self._at[cell] for cell in cells]] = 1.0
            ends = []
            for sign in (1.0, -1.0):
                found = linprog(sign * costs, A_eq=matrix, b_eq=known, bounds=bounds)
                assert found.status in {0, 3}, found.message
                ends.append(sign * found.fun if found.status == 0 else -sign * np.inf)
            yield ends[0], ends[1]


def agrees(row: Row, triple: tuple[str, str, str]) -> bool:
    """Whether a village has a total and a part of it, and no rest that contradicts them."""
    total, part, rest = (row.get(name) for name in triple)
    return total is not None and part is not None and rest in {None, total - part}


def counted(world: World, code: str, triple: tuple[str, str, str]) -> bool:
    """Whether a village's three are in the sums: the rest must be there where others have it."""
    fitting = [row for one, row in world.items() if one[:5] == code[:5] and agrees(row, triple)]
    is_whole = any(row.get(triple[2]) is not None for row in fitting)
    row = world[code]
    return agrees(row, triple) and (not is_whole or row.get(triple[2]) is not None)


def stand_alone(world: World, regency: str, triple: tuple[str, str, str]) -> bool:
    """Whether no village has two of the three, so that nothing is what others leave."""
    return all(
        sum(row.get(name) is not None for name in triple) < 2
        for code, row in world.items()
        if code.startswith(regency)
    )


def summed(world: World, cell: Cell) -> bool:
    """Whether a number is in the sums: those of villages that contradict themselves are not."""
    if world[cell.code][cell.column] is None:
        return False
    for triple in TRIPLES:
        if cell.column in triple and not stand_alone(world, cell.code[:5], triple):
            return counted(world, cell.code, triple)
    return True


def read(office: Office, world: World, name: str) -> tuple[System, dict[Cell, list[Cell]]]:
    """Read all numbers that somebody is shown; give the hidden ones with what they sum up."""
    lowest = min((row["belum_rekam"] or 0 for row in world.values()), default=0)
    system = System()
    for code, row in world.items():
        for column in COUNT_COLUMNS:
            if row[column] is not None:
                least = min(0, lowest) if column == "belum_rekam" else 0
                system.cell(Cell(code, column), least=least)
        for triple in TRIPLES:
            total, part, rest = (Cell(code, column) for column in triple)
            if agrees(row, triple):
                if triple[2] not in COUNT_COLUMNS:
                    system.cell(rest)
                if row.get(triple[2], 0) is not None:
                    system.knows({total: 1, part: -1, rest: -1}, 0)
    hidden: dict[Cell, list[Cell]] = {}
    for regency in VILLAGES:
        _read_figures(office, world, name, regency, system, hidden)
    for area in ("", *PLACES):
        _read_progress(office, world, name, area, system)
    return system, hidden


def _read_figures(
    office: Office, world: World, name: str, regency: str, system: System,
    hidden: dict[Cell, list[Cell]],
) -> None:  # fmt: skip
    table = office.json(name, "figures", regency=regency)["items"]
    for row in table:
        code = row["code"]
        for column in COUNT_COLUMNS:
            if row["level"] == "village":
                cells = [Cell(code, column)] if world[code][column] is not None else []
            else:
                here = (Cell(one, column) for one in world if one.startswith(f"{code}."))
                cells = [cell for cell in here if summed(world, cell)]
            if row[column] is not None:
                system.knows(dict.fromkeys(cells, 1), row[column])
            elif cells:
                hidden[Cell(code, column)] = cells
            assert (column in row["withheld"]) <= (row[column] is None)
            assert column in row["withheld"] or row[column] is not None or not cells
    _says_the_same(office, name, regency, table)


def _says_the_same(office: Office, name: str, regency: str, table: list[dict[str, Any]]) -> None:
    """The map and the table to take along show neither more nor less."""
    answer = office.client(name).get("/api/v1/figures/export", params={"regency": regency})
    taken = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    villages = {row["id"]: row["properties"] for row in
                office.json(name, "features/villages", regency=regency)["features"]}  # fmt: skip
    for row, line in zip(table, taken, strict=True):
        for column in COUNT_COLUMNS:
            assert line[column] == ("" if row[column] is None else str(row[column]))
            if row["level"] == "village":
                shown = "not_recorded" if column == "belum_rekam" else column
                assert villages[row["code"]][shown] == row[column]


def _read_progress(office: Office, world: World, name: str, area: str, system: System) -> None:
    document = office.json(name, "progress", **({"area": area} if area else {}))
    for place in (document, *document["parts"]):
        for row in place["programmes"]:
            if row["base"] is None:
                continue
            whole, part = PROGRAMMES[row["programme"]]
            base = {
                Cell(code, whole): 1.0
                for code, counts in world.items()
                if code.startswith(place["code"] or "")
                and counts[whole] is not None and counts[part] is not None
            }  # fmt: skip
            parts = {Cell(cell.code, part): 1.0 for cell in base}
            system.knows(base, row["base"])
            missing = row["programme"] == "akta"
            system.knows(parts, row["not_recorded"] if missing else row["recorded"])
            assert row["not_recorded"] == row["base"] - row["recorded"]


def assert_nothing_recovered(office: Office, world: World, least: int, name: str) -> None:
    """Bound what is hidden by all that is shown: ``docs/accounts.md`` says how wide that is."""
    system, hidden = read(office, world, name)
    for code, row in world.items():  # what is in no table must not follow from those
        if agrees(row, TRIPLES[1]):
            rest = Cell(code, WITHOUT_KIA)
            number = (row["anak_0_17"] or 0) - (row["memiliki_kia"] or 0)
            if number < least:
                hidden[rest] = [rest]
    for code, row in world.items():
        for column, number in row.items():
            small = number is not None and number < least
            assert not small or Cell(code, column) in hidden, (code, column)
    is_over = any((row["belum_rekam"] or 0) < 0 for row in world.values())
    for (cell, cells), (low, high) in zip(
        hidden.items(), system.ranges(list(hidden.values())), strict=True
    ):
        assert high - low >= WIDTH * least - 1e-6, (cell, low, high)
        if not is_over and _number(world, cells) < least:
            assert low <= 1e-6, (cell, low, high)
            assert high >= WIDTH * least - 1e-6, (cell, low, high)


def _number(world: World, cells: list[Cell]) -> int:
    def one(cell: Cell) -> int:
        row = world[cell.code]
        if cell.column == WITHOUT_KIA:
            return (row["anak_0_17"] or 0) - (row["memiliki_kia"] or 0)
        return row[cell.column] or 0

    return sum(map(one, cells))


@settings(max_examples=14, deadline=None, derandomize=True, phases=[Phase.generate])
@given(worlds(), worlds(), st.integers(3, 10), st.sampled_from(("62.02", "62.02.01", "")))
def test_no_hidden_count_follows_from_all_that_is_public(
    office: Office, world: World, later: World, least: int, area: str
):
    """At two moments: before and after a later file, of a regency, a district or everything."""
    office.holds(world, least)
    assert_nothing_recovered(office, world, least, "viewer-all")
    later = {code: row for code, row in later.items() if code.startswith(area)}
    office.holds(later, least, SECOND)
    assert_nothing_recovered(office, after(world, later), least, "viewer-all")


def after(world: World, later: World) -> World:
    """Give what holds after a later file: of each group all its numbers, if it has any."""
    found = {code: dict(row) for code, row in world.items()}
    for code, row in later.items():
        for group in COUNT_GROUPS:
            if any(row[column] is not None for column in group):
                found[code] |= {column: row[column] for column in group}
    return found


# --- two offices that look alike -----------------------------------------------------------------


def look(world: World, least: int) -> dict[Cell, int | None]:
    """Give what everybody sees of villages, districts and regencies; None: withheld."""
    withheld = withheld_in(world, least)
    seen: dict[Cell, int | None] = {}
    for code, row in world.items():
        for column, number in row.items():
            if number is None:
                continue
            for place in (code[:5], code[:8]):
                if summed(world, Cell(code, column)):
                    at = Cell(place, column)
                    is_hidden = column in withheld.of(place)
                    seen[at] = None if is_hidden else (seen.get(at) or 0) + number
            seen[Cell(code, column)] = None if column in withheld.of(code) else number
    return seen


def alike(world: World, least: int) -> Iterator[World]:
    """Give worlds that look the same, and differ in two hidden counts by one."""
    seen = look(world, least)
    for column, part in (("belum_rekam", "sudah_rekam"), ("usia_16_17", None),
                         ("belum_akta", None), ("ikd_aktif", None)):  # fmt: skip
        hidden = [code for code in world if seen.get(Cell(code, column), 0) is None]
        for one in hidden:
            for other in hidden:
                if one == other:
                    continue
                changed = {code: dict(row) for code, row in world.items()}
                for code, more in ((one, 1), (other, -1)):
                    row = changed[code]
                    row[column] = (row[column] or 0) + more
                    if part is not None and row[part] is not None:
                        row[part] = (row[part] or 0) - more
                numbers = [n for row in (changed[one], changed[other]) for n in row.values()]
                if min(n for n in numbers if n is not None) >= 0 and look(changed, least) == seen:
                    yield changed


@settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])
@given(worlds(), st.integers(3, 10), st.sampled_from(WITHOUT_COUNTS), st.booleans(), st.data())
def test_offices_that_differ_in_a_hidden_count_give_the_same_answers(
    office: Office, world: World, least: int, name: str, filtered: bool, data: st.DataObject
):
    found = list(alike(world, least))
    assume(found)
    other = data.draw(st.sampled_from(found))
    office.holds(world, least)
    office.works_out(SMALL, {"A", "B"})
    first = office.everything(name, filtered=filtered)
    told = [office.json("planner", "figures", regency=regency) for regency in VILLAGES]
    office.holds(other, least)
    office.works_out(OTHER, {"B"})  # a team may know what is expected of its own stops
    second = office.everything(name, filtered=filtered)
    assert told_apart(first, second) == []
    assert first["read_plan"][0] == first["list_villages"][0] == first["read_progress"][0] == 200
    assert told != [office.json("planner", "figures", regency=regency) for regency in VILLAGES]


def told_apart(
    first: dict[str, tuple[int, bytes]], second: dict[str, tuple[int, bytes]]
) -> list[str]:
    """Name the operations that answer otherwise."""
    assert list(first) == list(second)
    return [name for name in first if first[name] != second[name]]


@settings(max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate])
@given(worlds(), st.integers(3, 10), st.sampled_from(WITHOUT_COUNTS), st.integers(0, 40))
def test_corrections_and_reports_change_nothing_that_is_public(
    office: Office, world: World, least: int, name: str, value: int
):
    """A number that changes alone: the sums before and after would tell what it became."""
    office.holds(world, least)
    before = office.everything(name, filtered=False)
    planner = office.client("planner")
    for code, column in ((CODES[0], "wajib_ktp"), (CODES[1], "sudah_rekam"),
                         (CODES[2], "usia_16_17"), (CODES[4], "belum_akta")):  # fmt: skip
        entered = planner.post("/api/v1/corrections", json={
            "village_code": code, "column": column, "value": value, "day": "2026-11-01",
            "by": "Siti", "reason": "dihitung"})  # fmt: skip
        assert entered.status_code == 201, entered.text
    sent = body(report(next(office.keys), TUESDAY_STOP, served=value, absent=3))
    reported = planner.post("/api/v1/plans/1/results", json=sent)
    assert reported.json()["refused"] == 0, reported.text  # kept, whatever other reports say
    office.forget()
    assert told_apart(before, office.everything(name, filtered=False)) == []
    counts = {row["code"]: row for row in
              office.json("planner", "figures", regency="62.02")["items"]}  # fmt: skip
    assert counts[CODES[0]]["wajib_ktp"] == counts[CODES[2]]["usia_16_17"] == value
