"""Whether a file speaks Kemendagri or BPS codes: decided once for the whole file, never per row.

Both kinds have ten digits and many numbers stand in both lists for different places, so the names
printed beside the codes are the witnesses. A row speaks for a scheme when its village has the
printed name under that scheme and not under the other; failing that, when its district or its
regency has, provided that both lists know the number: else agreeing with one says nothing about
the other. A row whose digits no Kemendagri code can have speaks for BPS. All witnesses must agree.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from geodata.codes import CodeReading, Scheme, is_possible
from geodata.errors import MixedCodeSchemes, UndecidedCodeScheme
from geodata.findings import RowLabel
from geodata.names import normalise, normalise_regency

Level = Literal["name", "district", "regency"]
LEVELS: tuple[Level, ...] = ("name", "district", "regency")
NAME_OF: dict[Scheme, str] = {"kemendagri": "Kemendagri", "bps": "BPS"}
_LISTED = 10


class CodeRow(NamedTuple):
    """One row with a code, as printed; a name that is not printed is empty."""

    label: RowLabel
    reading: CodeReading
    name: str = ""
    district: str = ""
    regency: str = ""

    def at(self, level: Level) -> str:
        """Give the printed name of a level."""
        return str(getattr(self, level))


class Gazette:
    """Which names the numbers of one scheme stand for."""

    def __init__(self, scheme: Scheme) -> None:
        self._widths = {"name": 10, "district": 6 if scheme == "kemendagri" else 7, "regency": 4}
        self._known: dict[tuple[Level, str], set[str]] = {}

    def add(self, digits: str, *, name: str = "", district: str = "", regency: str = "") -> None:
        """Remember the names of a village's number; one that is not known is empty."""
        for level, text in zip(LEVELS, (name, district, regency), strict=True):
            if text:
                self._known.setdefault((level, digits[: self._widths[level]]), set()).add(text)

    def fits(self, level: Level, digits: str, printed: str) -> bool | None:
        """Tell whether a printed name is one of the number's; None when it cannot be compared."""
        known = self._known.get((level, digits[: self._widths[level]]))
        if not known or not printed:
            return None
        is_same = _is_same_regency if level == "regency" else _is_same
        return any(is_same(printed, text) for text in known)


def _is_same(one: str, other: str) -> bool:
    return normalise(one) == normalise(other)


def _is_same_regency(one: str, other: str) -> bool:
    (kind, rest), (other_kind, other_rest) = normalise_regency(one), normalise_regency(other)
    return rest == other_rest and (kind == other_kind or None in (kind, other_kind))


class Verdict(NamedTuple):
    """The scheme of a file and how many rows spoke for either one."""

    scheme: Scheme
    n_kemendagri: int
    n_bps: int
    n_silent: int


def decide_scheme(
    rows: Sequence[CodeRow], kemendagri: Gazette, bps: Gazette, place: str
) -> Verdict:
    """Decide whose codes the rows bear.

    Where no name says anything, codes that are all cut as one scheme cuts them decide.

    Parameters
    ----------
    rows
        Only those with all ten digits.

    Raises
    ------
    MixedCodeSchemes
        When some rows speak for the one scheme and some for the other.
    UndecidedCodeScheme
        When nothing speaks for either, or more names contradict the codes than confirm them.
    """
    votes = [_vote(row, kemendagri, bps) for row in rows]
    for_kemendagri = [row.label for row, vote in zip(rows, votes, strict=True)
                      if vote == "kemendagri"]  # fmt: skip
    for_bps = [row.label for row, vote in zip(rows, votes, strict=True) if vote == "bps"]
    facts = {
        "place": place,
        "kemendagri": len(for_kemendagri),
        "kemendagri_rows": some_rows(for_kemendagri),
        "bps": len(for_bps),
        "bps_rows": some_rows(for_bps),
    }
    if for_kemendagri and for_bps:
        raise MixedCodeSchemes(**facts)
    scheme: Scheme | None = "kemendagri" if for_kemendagri else "bps" if for_bps else None
    gazettes = {"kemendagri": (kemendagri,), "bps": (bps,), None: (kemendagri, bps)}[scheme]
    fits = [[gazette.fits("name", row.reading.digits or "", row.name) for gazette in gazettes]
            for row in rows]  # fmt: skip
    against = [row.label for row, answers in zip(rows, fits, strict=True)
               if False in answers and True not in answers]  # fmt: skip
    n_agreeing = sum(True in answers for answers in fits)
    if len(against) > (n_agreeing if scheme else 0):
        scheme = None
    elif scheme is None:
        layouts = {row.reading.layout for row in rows}
        scheme = layouts.pop() if len(layouts) == 1 else None
    if scheme is None:
        facts |= {"against": len(against), "against_rows": some_rows(against)}
        raise UndecidedCodeScheme(**facts)
    n_silent = len(rows) - len(for_kemendagri) - len(for_bps)
    return Verdict(scheme, len(for_kemendagri), len(for_bps), n_silent)


def _vote(row: CodeRow, kemendagri: Gazette, bps: Gazette) -> Scheme | None:
    digits = row.reading.digits or ""
    for level in LEVELS:
        one, other = (gazette.fits(level, digits, row.at(level)) for gazette in (kemendagri, bps))
        if level != "name" and None in (one, other):
            continue
        if bool(one) != bool(other):
            return "kemendagri" if one else "bps"
    return None if is_possible(digits, "kemendagri") else "bps"


def some_rows(labels: Sequence[RowLabel]) -> str:
    """List rows for a message, the first ten of them."""
    listed = ", ".join(str(label) for label in labels[:_LISTED]) or "-"
    return listed + (", ..." if len(labels) > _LISTED else "")
