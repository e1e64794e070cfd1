"""Counts by village, district and regency: as they are, or as everybody may see them.

What is withheld is worked out of the whole regency, whoever asks for which part of it: two answers
never hide different numbers. ``app/suppression.py`` says what is hidden and why that is enough.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from app.cells import safe_cell
from app.current import CurrentCount, current_counts
from app.errors import RegencyNotFound
from app.models import Village
from app.suppression import REST_HIDDEN, Node, protect
from app.viewing import View, view_of
from geodata.columns import COUNT_COLUMNS

Counts = Mapping[str, Mapping[str, int | None]]
"""Village code to its numbers by column."""

_DISTRICT, _REGENCY = 8, 5  # length of their codes
_TRIPLES = (("wajib_ktp", "sudah_rekam", "belum_rekam"), ("anak_0_17", "memiliki_kia", ""))
"""Total, part and what is left; of children without KIA the rest is not counted but follows."""
_ALONE = ("usia_16_17", "belum_akta", "ikd_aktif")


@dataclass(slots=True)
class Withheld:
    """What is not shown: columns by code of village, district and regency.

    ``left_out``: numbers that are not in the sums either, as village code and column.
    """

    columns: dict[str, set[str]] = field(default_factory=dict)
    left_out: set[tuple[str, str]] = field(default_factory=set)

    def hide(self, code: str, columns: Iterable[str]) -> None:
        """Withhold columns of a place."""
        self.columns.setdefault(code, set()).update(name for name in columns if name)

    def of(self, code: str) -> set[str]:
        """Name the columns of a place that are withheld."""
        return self.columns.get(code, set())


def numbers_of(counts: Mapping[str, CurrentCount]) -> dict[str, dict[str, int | None]]:
    """Take the numbers out of the counts that hold today."""
    return {
        code: {name: getattr(count, name) for name in COUNT_COLUMNS}
        for code, count in counts.items()
    }


def withheld_in(counts: Counts, least: int) -> Withheld:
    """Find what everybody may not see, regency by regency.

    Parameters
    ----------
    counts
        Of every village of the regencies; of a part, other numbers would be hidden.
    least
        The smallest number that is shown.
    """
    found = Withheld()
    regencies: dict[str, dict[str, Mapping[str, int | None]]] = {}
    for code in sorted(counts):
        regencies.setdefault(code[:_REGENCY], {})[code] = counts[code]
    for villages in regencies.values():
        for triple in _TRIPLES:
            _hide_triple(villages, triple, least, found)
        for name in _ALONE:
            _hide_alone(villages, name, least, found)
    return found


def _hide_triple(
    villages: Counts, triple: tuple[str, str, str], least: int, found: Withheld
) -> None:
    """Withhold in numbers of which one is what the others leave.

    A village whose file has a part of them only, or numbers that contradict each other, shows none
    and is in no sum, as nothing is known of what they would give away. So does one without the rest
    where others have it: the sum of rests would be that of the others alone.
    """
    total, part, rest = triple
    fitting = {code for code, row in villages.items() if _fits(row, triple)}
    whole = {code for code in fitting if rest and villages[code][rest] is not None}
    fitting = whole or fitting
    if not fitting and not any(_known(row, triple)[1:] for row in villages.values()):
        # files that have one of them only: each stands alone
        for name in filter(None, triple):
            _hide_alone(villages, name, least, found)
        return
    for code, row in villages.items():
        known = _known(row, triple)
        if code not in fitting and known:
            found.hide(code, known)
            found.left_out.update((code, name) for name in known)
    leaves = []
    for code in sorted(fitting):
        counted, recorded = villages[code][total] or 0, villages[code][part] or 0
        leaves.append(Node(code, counted, counted - recorded))
    for node in _protected(leaves, least):
        if node.level:
            found.hide(node.code, (part, rest))
            found.hide(node.code, (total,) if node.level > REST_HIDDEN else ())


def _fits(row: Mapping[str, int | None], triple: tuple[str, str, str]) -> bool:
    total, part = row[triple[0]], row[triple[1]]
    rest = row[triple[2]] if triple[2] else None
    if total is None or part is None:
        return False
    return rest is None or rest == total - part


def _known(row: Mapping[str, int | None], triple: tuple[str, str, str]) -> list[str]:
    return [name for name in filter(None, triple) if row[name] is not None]


def _hide_alone(villages: Counts, name: str, least: int, found: Withheld) -> None:
    leaves = [Node(code, None, row[name] or 0) for code, row in villages.items()
              if row[name] is not None]  # fmt: skip
    for node in _protected(leaves, least):
        if node.level:
            found.hide(node.code, (name,))


def _protected(leaves: list[Node], least: int) -> Iterable[Node]:
    """Put villages of a regency under their districts and decide what is hidden."""
    if not leaves:
        return ()
    root = Node(leaves[0].code[:_REGENCY])
    districts: dict[str, Node] = {}
    for leaf in leaves:
        code = leaf.code[:_DISTRICT]
        if code not in districts:
            districts[code] = Node(code)
            root.add(districts[code])
        districts[code].add(leaf)
    protect(root, least)
    return root.walk()


def counts_as_seen(session: Session, area: str | None = None) -> dict[str, CurrentCount]:
    """Find the counts that hold today, as far as the session may know of them.

    Who sees no counts gets those of files, without corrections: of a number that changes alone, the
    sums of before and after tell what it is, whatever is withheld.
    """
    return current_counts(session, area, corrected=view_of(session).sees_counts)


def withheld_from(view: View, counts: Counts) -> Withheld:
    """Find what somebody may not see; counts as for ``withheld_in``."""
    return Withheld() if view.sees_counts else withheld_in(counts, view.least)


# --- the table ---------------------------------------------------------------------------------


def figures(session: Session, regency: str) -> list[dict[str, Any]]:
    """Give the counts of a regency, of its districts and of its villages, in this order.

    Each row has ``level, code, name``, the eight columns (None: not known, or withheld) and
    ``withheld``, the columns that are known but not shown.

    Raises
    ------
    RegencyNotFound
        When no village of it is known.
    """
    query = select(Village).where(Village.regency_code == regency).order_by(col(Village.code))
    villages = session.exec(query).all()
    if not villages:
        known = session.exec(select(Village.regency_code).distinct()).all()
        raise RegencyNotFound(regency=regency, known=", ".join(sorted(known)) or "-")
    counts = numbers_of(counts_as_seen(session, regency))
    withheld = withheld_from(view_of(session), counts)
    places = [("regency", regency, villages[0].regency)]
    districts = {village.code[:_DISTRICT]: village.district for village in villages}
    places += [("district", code, name) for code, name in sorted(districts.items())]
    places += [("village", village.code, village.name) for village in villages]
    return [_row(level, code, name, counts, withheld) for level, code, name in places]


def _row(level: str, code: str, name: str, counts: Counts, withheld: Withheld) -> dict[str, Any]:
    hidden = withheld.of(code)
    inside = [row for row in counts if row == code or row.startswith(f"{code}.")]
    cells: dict[str, int | None] = {}
    for column in COUNT_COLUMNS:
        numbers = [
            number
            for village in inside
            if (number := counts[village][column]) is not None
            and (level == "village" or (village, column) not in withheld.left_out)
        ]
        cells[column] = sum(numbers) if numbers and column not in hidden else None
    return {"level": level, "code": code, "name": name, **cells, "withheld": sorted(hidden)}


def figures_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows of ``figures`` as CSV with a header; ``withheld`` names what is not shown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = ("level", "code", "name", *COUNT_COLUMNS)
    writer.writerow([*columns, "withheld"])
    for row in rows:
        writer.writerow([*(safe_cell(row[name]) for name in columns), " ".join(row["withheld"])])
    return text.getvalue()
