"""Attacks on suppressed tables: what does everything shown say of a hidden count?

The attacker knows the sums (villages to districts to the regency), that totals are recorded and
not recorded, and that no count is negative; each hidden number is bounded by linear programming
over all of that, which shares nothing with the closed forms of ``app/suppression.py``.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from app.figures import withheld_in
from app.suppression import ALL_HIDDEN, REST_HIDDEN, SHOWN, Node, protect
from geodata.columns import COUNT_COLUMNS

LEAST, WIDTH = 5, 10
small = st.integers(0, 12)
recorded = st.one_of(st.integers(0, 8), st.integers(20, 60))
triples = st.lists(
    st.lists(st.tuples(small, recorded), min_size=1, max_size=4), min_size=1, max_size=4
)
singles = st.lists(st.lists(small, min_size=1, max_size=4), min_size=1, max_size=4)


def tree(districts: list[list[tuple[int | None, int]]]) -> Node:
    """Make a regency of districts of villages, each a total and a rest."""
    root = Node("62.02")
    for d, villages in enumerate(districts):
        district = Node(f"62.02.{d:02}")
        root.add(district)
        for v, (total, rest) in enumerate(villages):
            district.add(Node(f"62.02.{d:02}.{v:04}", total, rest))
    return root


def of_triples(districts: list[list[tuple[int, int]]]) -> Node:
    """Make one of rests and parts."""
    return tree([[(rest + part, rest) for rest, part in villages] for villages in districts])


def counts_of(node: Node) -> dict[str, int]:
    """Give what is counted at a node: total, part and rest, or one number alone."""
    if node.total is None:
        return {"rest": node.rest}
    return {"total": node.total, "part": node.total - node.rest, "rest": node.rest}


def hidden_at(node: Node) -> set[str]:
    if node.total is None:
        return {"rest"} if node.level else set()
    return {SHOWN: set(), REST_HIDDEN: {"part", "rest"}, ALL_HIDDEN: {"total", "part", "rest"}}[
        node.level
    ]


def attack(root: Node, lowest: float = 0.0) -> Iterator[tuple[Node, str, float, float]]:
    """Bound every hidden number by everything that is shown; rests are at least ``lowest``."""
    cells = {(id(n), name): i for i, (n, name) in enumerate(
        (n, name) for n in root.walk() for name in counts_of(n)
    )}  # fmt: skip
    rows: list[np.ndarray] = []

    def equation(terms: dict[tuple[int, str], float]) -> None:
        row = np.zeros(len(cells))
        for key, factor in terms.items():
            row[cells[key]] = factor
        rows.append(row)

    bounds: list[tuple[float | None, float | None]] = [(0, None)] * len(cells)
    for node in root.walk():
        known = counts_of(node)
        if len(known) == 3:
            equation({(id(node), "total"): 1, (id(node), "part"): -1, (id(node), "rest"): -1})
        for name, value in known.items():
            if node.children:
                equation({(id(node), name): 1, **{(id(c), name): -1 for c in node.children}})
            is_hidden = name in hidden_at(node)
            least = lowest if name == "rest" else 0.0
            bounds[cells[id(node), name]] = (least, None) if is_hidden else (value, value)
    for node in root.walk():
        for name in sorted(hidden_at(node)):
            ends = []
            for sign in (1.0, -1.0):
                costs = np.zeros(len(cells))
                costs[cells[id(node), name]] = sign
                found = linprog(costs, A_eq=np.array(rows), b_eq=np.zeros(len(rows)), bounds=bounds)
                assert found.status in {0, 3}, found.message
                ends.append(sign * found.fun if found.status == 0 else -sign * np.inf)
            yield node, name, ends[0], ends[1]


def assert_safe(root: Node, lowest: float = 0.0) -> None:
    for node in root.walk():
        for name, value in counts_of(node).items():
            assert value >= LEAST or name in hidden_at(node), (node.code, name)
    for node, name, low, high in attack(root, lowest):
        value = counts_of(node)[name]
        assert high - low >= WIDTH - 1e-6, (node.code, name, low, high)
        if value < LEAST:
            assert low <= 1e-6 and high >= WIDTH - 1e-6, (node.code, name, low, high)  # noqa: PT018


@settings(max_examples=25, deadline=None, derandomize=True)
@given(triples)
def test_no_hidden_number_of_a_register_can_be_worked_out(districts):
    root = of_triples(districts)
    protect(root, LEAST)
    assert_safe(root)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(singles)
def test_no_hidden_number_that_stands_alone_can_be_worked_out(districts):
    root = tree([[(None, n) for n in villages] for villages in districts])
    protect(root, LEAST)
    assert_safe(root)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.tuples(st.integers(-9, 12), st.integers(20, 60)),
                         min_size=1, max_size=4), min_size=1, max_size=3))  # fmt: skip
def test_villages_with_more_recorded_than_registered_are_no_clue(districts):
    """An attacker who knows that such villages exist bounds rests by no more than -9."""
    root = of_triples(districts)
    protect(root, LEAST)
    for node, name, low, high in attack(root, -9.0):
        assert high - low >= WIDTH - 1e-6, (node.code, name, low, high)


def test_nothing_is_hidden_where_nothing_is_small():
    root = of_triples([[(5, 95), (30, 170)], [(7, 43)]])
    protect(root, LEAST)
    assert [node.level for node in root.walk()] == [SHOWN] * 6


@pytest.mark.parametrize(("rest", "level"), [(4, REST_HIDDEN), (5, SHOWN)], ids=["under", "at"])
def test_the_limit_itself_is_shown(rest: int, level: int):
    root = of_triples([[(rest, 95), (30, 170), (40, 160)]])
    protect(root, LEAST)
    levels = {node.code: node.level for node in root.walk()}
    # One other village is hidden with it: that of the smallest total, which everybody sees.
    assert levels == {
        "62.02": SHOWN, "62.02.00": SHOWN, "62.02.00.0000": level,
        "62.02.00.0001": level, "62.02.00.0002": SHOWN,
    }  # fmt: skip


def test_two_small_numbers_whose_sum_is_small_hide_a_third():
    """1 + 2 = 3: the sum of both would say that each is at most 3."""
    root = of_triples([[(1, 95), (2, 170), (40, 160), (50, 450)], [(60, 600)]])
    protect(root, LEAST)
    hidden = [node.rest for node in root.walk() if node.level and not node.children]
    assert hidden == [1, 2, 40]
    assert root.children[0].level == root.level == SHOWN


def test_a_district_of_one_village_hides_another_district():
    """Its own sum would give the village away, and so would the regency's less the others."""
    root = of_triples([[(2, 98)], [(30, 70), (40, 60)], [(50, 450)]])
    protect(root, LEAST)
    levels = {node.code: node.level for node in root.walk()}
    assert levels["62.02"] == SHOWN
    assert [levels[f"62.02.{d:02}"] for d in range(3)] == [REST_HIDDEN, REST_HIDDEN, SHOWN]
    assert levels["62.02.01.0000"] + levels["62.02.01.0001"] >= 1


def test_who_knows_the_rule_learns_no_number_from_what_it_hid():
    """Brute force: of all small regencies that look the same, each hidden count takes many values.

    All of five villages in two districts with a sum up to 18, so that none with that sum is missed.
    """
    looks: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for numbers in itertools.product(range(19), repeat=5):
        if sum(numbers) <= 18:
            a, b, c, d, e = numbers
            root = tree([[(None, a), (None, b), (None, c)], [(None, d), (None, e)]])
            protect(root, LEAST)
            shown = tuple(None if node.level else node.rest for node in root.walk())
            looks.setdefault(shown, []).append(numbers)
    least_seen = 100
    for shown, worlds in looks.items():
        for position, at in enumerate((2, 3, 4, 6, 7)):
            if shown[0] is not None and shown[at] is None:
                least_seen = min(least_seen, len({world[position] for world in worlds}))
    assert least_seen >= LEAST


@pytest.mark.parametrize("n_villages", [1, 3])
def test_where_no_village_fits_none_shows_what_gives_the_rest(n_villages: int):
    """100 registered, 98 recorded, 3 not: no sum of a register, and 100 - 98 would say 2."""
    row = dict.fromkeys(COUNT_COLUMNS) | {"wajib_ktp": 100, "sudah_rekam": 98, "belum_rekam": 3}
    codes = [f"62.02.01.200{n}" for n in range(n_villages)]
    withheld = withheld_in(dict.fromkeys(codes, row), LEAST)
    hidden = {"wajib_ktp", "sudah_rekam", "belum_rekam"}
    assert withheld.columns == dict.fromkeys(codes, hidden)
    assert withheld.left_out == {(code, name) for code in codes for name in hidden}


def test_a_rest_that_a_file_does_not_tell_does_not_follow_from_sums():
    """51 = 31 + 20 and 2 = 1 + 1: of 53 and 32 summed up, less rests of 20, the second has 1."""
    rows = [dict.fromkeys(COUNT_COLUMNS) | {"wajib_ktp": 51, "sudah_rekam": 31, "belum_rekam": 20},
            dict.fromkeys(COUNT_COLUMNS) | {"wajib_ktp": 2, "sudah_rekam": 1}]  # fmt: skip
    codes = ["62.02.02.2001", "62.02.02.2002"]
    withheld = withheld_in(dict(zip(codes, rows, strict=True)), LEAST)
    assert withheld.left_out == {(codes[1], "wajib_ktp"), (codes[1], "sudah_rekam")}
    assert withheld.columns == {codes[1]: {"wajib_ktp", "sudah_rekam"}}


def test_a_count_stands_alone_where_files_have_no_other():
    """20, 30 and 3: the small one is hidden, and one beside it, the first by code."""
    codes = [f"62.02.01.200{n}" for n in range(3)]
    rows = [dict.fromkeys(COUNT_COLUMNS) | {"belum_rekam": n} for n in (20, 30, 3)]
    withheld = withheld_in(dict(zip(codes, rows, strict=True)), LEAST)
    assert withheld.columns == {code: {"belum_rekam"} for code in (codes[0], codes[2])}
    assert not withheld.left_out
