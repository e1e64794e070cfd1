"""Compare what an office printed with what its own numbers give."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from geodata.codes import district_of, regency_of
from geodata.columns import COUNT_COLUMNS
from geodata.findings import Finding
from geodata.names import bare_district, normalise
from geodata.numbers import NotNumber, NotWhole, read_count, read_percentage
from geodata.tables import Cell, bare, text_of
from geodata.totals import PrintedTotal

if TYPE_CHECKING:
    from geodata.count_rows import CountTable, TotalRow, VillageRow

PERCENTAGE_TOLERANCE = Decimal("0.05")
"""Percentage points, inclusive: two printed decimals, rounded or cut."""
_LARGEST_FRACTION = Decimal("1.5")
_TOTAL_WORDS = re.compile(r"\b(sub|grand|jumlah|jml|total)\b[\s.:]*", re.IGNORECASE)
_OF_ALL = re.compile(r"GRANDTOTAL|(JUMLAH|JML)TOTAL|.*(SELURUH|SEMUA|KABUPATEN|PROVINSI|AKHIR).*")


def check_village(village: "VillageRow", percentage: Cell) -> list[Finding]:
    """Compute who is not recorded, signed, and compare it and the percentage with what is printed.

    When wajib KTP or recorded is missing, the printed ``belum_rekam`` is kept as it is.
    """
    wajib, recorded = village.counts["wajib_ktp"], village.counts["sudah_rekam"]
    findings = [
        _warning(village, "count-missing", column=column)
        for column in ("wajib_ktp", "sudah_rekam")
        if village.counts[column] is None
    ]
    if wajib is None or recorded is None:
        return findings
    printed, computed = village.counts["belum_rekam"], wajib - recorded
    village.counts["belum_rekam"] = computed
    facts = {"wajib_ktp": wajib, "sudah_rekam": recorded}
    if recorded > wajib:
        findings.append(_warning(village, "recorded-exceeds-wajib", params=facts))
    if printed is not None and printed != computed:
        findings.append(
            _warning(
                village,
                "not-recorded-differs",
                column="belum_rekam",
                value=str(printed),
                params={**facts, "computed": computed},
            )
        )
    if wajib > 0:
        findings += _check_percentage(village, percentage, facts)
    return findings


def _check_percentage(
    village: "VillageRow", cell: Cell, facts: dict[str, int]
) -> Iterator[Finding]:
    try:
        printed = read_percentage(cell)
    except NotNumber:
        yield _warning(village, "number-unreadable", column="percentage", value=text_of(cell))
        return
    if printed is None:
        return
    computed = Decimal(100 * facts["sudah_rekam"]) / Decimal(facts["wajib_ktp"])
    distance = abs(printed - computed)
    if abs(printed) <= _LARGEST_FRACTION:  # 0.9734, as a cell formatted in per cent is stored
        distance = min(distance, abs(100 * printed - computed))
    if distance > PERCENTAGE_TOLERANCE:
        yield _warning(
            village,
            "percentage-differs",
            column="percentage",
            value=text_of(cell),
            params={**facts, "computed": f"{computed:.2f}"},
        )


def _warning(
    village: "VillageRow",
    code: str,
    *,
    column: str | None = None,
    value: str | None = None,
    params: Mapping[str, object] | None = None,
) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        row=village.row,
        village_code=village.code,
        column=column,
        value=value,
        params=params or {},
    )


def verify_totals(
    tables: Sequence["CountTable"],
) -> tuple[tuple[PrintedTotal, ...], list[Finding]]:
    """Compare each printed sum with the sum of its villages, column by column.

    *Not recorded* is summed with its sign. Villages whose row was set aside take part with the
    counts that could be read, so that a mismatch shows only in the column that is wrong.
    """
    totals: list[PrintedTotal] = []
    findings: list[Finding] = []
    earlier: list[VillageRow] = []
    everywhere = [village for table in tables for village in table.villages]
    sizes = _sizes(everywhere)
    for table in tables:
        n_since = 0
        districts: dict[str, list[VillageRow]] = {}
        for total in table.totals:
            if total.area:
                groups = [_within(total.area, everywhere)]
            else:
                since = table.villages[n_since : total.n_above]
                n_since = total.n_above
                for village in since:
                    districts.setdefault(normalise(village.district or ""), []).append(village)
                groups = _meant(total, since, table.villages[:n_since], earlier, districts)
            printed = {column: _printed(cell) for column, cell in total.cells.items()}
            printed = {column: text for column, text in printed.items() if text}
            if not printed or not groups:
                continue
            # The group that agrees most often is the one that was meant.
            group = max(groups, key=lambda group: len(_agreeing(printed, group)))
            scopes = tuple(s for s, n in _sizes(group).items() if n == sizes[s] == len(group))
            totals.append(PrintedTotal(total.row, total.text, scopes, printed))
            findings += _mismatches(total, printed, group)
        earlier += table.villages
    return tuple(totals), findings


def _within(area: str, villages: Sequence["VillageRow"]) -> list["VillageRow"]:
    """List the villages whose printed code begins with an area's; without one as the row above."""
    found: list[VillageRow] = []
    digits = ""
    for village in villages:
        digits = village.digits or digits
        if digits.startswith(area):
            found.append(village)
    return found


def _sizes(villages: Sequence["VillageRow"]) -> Counter[str]:
    """Count the villages of each district and regency, and all of them under an empty text.

    A row that was set aside for its code belongs to the district of the row above it.
    """
    sizes: Counter[str] = Counter()
    code = ""
    for village in villages:
        code = village.code or code
        sizes.update({"", district_of(code), regency_of(code)})
    return sizes


def _meant(
    total: "TotalRow",
    since: list["VillageRow"],
    above: list["VillageRow"],
    earlier: Sequence["VillageRow"],
    districts: Mapping[str, list["VillageRow"]],
) -> list[list["VillageRow"]]:
    """List the groups of villages that a row of sums can be about; one of them must agree.

    ``since`` are the rows after the sums before, ``above`` all of the sheet's, ``earlier`` those of
    the sheets before it; ``districts`` are the rows above by the name of their district.
    """
    of = _district_of_total(total)
    named = districts.get(of, []) if of else []
    if named:
        # In a file of several regencies another district may bear the name.
        return [named, [v for v in since if v.district and normalise(v.district) == of]]
    if since and of and not _OF_ALL.fullmatch(bare(total.text)):
        return [since]
    everything = [above, [*earlier, *above]]
    # JUMLAH alone closes a district or, when nothing was closed before it, the sheet.
    is_last = _OF_ALL.fullmatch(bare(total.text)) or not since
    return everything if is_last else [since, *everything]


def _district_of_total(total: "TotalRow") -> str:
    return normalise(bare_district(_TOTAL_WORDS.sub("", total.text)))


def _sums(group: Sequence["VillageRow"]) -> dict[str, str]:
    return {column: str(sum(v.counts[column] or 0 for v in group)) for column in COUNT_COLUMNS}


def _agreeing(printed: Mapping[str, str], group: Sequence["VillageRow"]) -> list[str]:
    sums = _sums(group)
    return [column for column, text in printed.items() if sums[column] == text]


def _mismatches(
    total: "TotalRow", printed: Mapping[str, str], group: Sequence["VillageRow"]
) -> Iterator[Finding]:
    sums, agreeing = _sums(group), _agreeing(printed, group)
    for column, text in printed.items():
        if column not in agreeing:
            yield Finding(
                code="total-mismatch",
                severity="warning",
                row=total.row,
                column=column,
                value=text,
                params={"place": total.text, "computed": sums[column]},
            )


def _printed(cell: Cell) -> str:
    """Give a printed sum as plain digits, what cannot be read as it stands, an empty cell as ''."""
    try:
        value = read_count(cell).value
    except (NotWhole, NotNumber):
        return text_of(cell)
    return "" if value is None else str(value)
