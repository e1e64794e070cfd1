"""An office's list or map of places where teams sleep; a row with a fault is set aside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geodata.crosswalk import Crosswalk
from geodata.crs import WGS84
from geodata.findings import Finding, RowLabel, tally
from geodata.place_lists import read_places
from geodata.points import FAR_KM, point_code
from geodata.resolve import resolve_codes
from geodata.row_reader import RowReader
from geodata.tables import Record

COLUMNS = {
    "code": ("kode_desa", "kode", "kode_wilayah"),
    "village": ("desa", "nama_desa", "kelurahan", "desa/kelurahan", "kampung"),
    "district": ("kecamatan", "nama_kecamatan"),
    "name": ("penginapan", "nama_penginapan", "tempat_menginap", "nama"),
    "lon": ("longitude", "bujur"),
    "lat": ("latitude", "lintang"),
    "cost": ("biaya", "biaya_per_orang", "tarif"),
    "teams": ("tim", "nama_tim", "untuk_tim"),
    "is_active": ("aktif",),
}
REQUIRED = ("code",)
MAX_COST = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgingPlace:
    """A place where teams sleep.

    ``code`` is the village's with the name in short; ``lon, lat`` are None where the list names the
    village only; ``cost_rupiah`` is that of one person and night, None where the list does not say;
    ``teams`` are those that may sleep there, none: all.
    """

    code: str
    village_code: str
    name: str
    lon: float | None
    lat: float | None
    cost_rupiah: int | None
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgingImport:
    """Places of a file that are in use; ``totals`` are ``places`` and ``retired``.

    ``regencies`` are all of which a row was read, also those of which no place is in use.
    """

    places: tuple[LodgingPlace, ...]
    regencies: frozenset[str]
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_lodging(
    path: Path,
    *,
    villages: pd.DataFrame,
    teams: frozenset[str],
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
) -> LodgingImport:
    """Read a list of lodging places, or a map of them.

    Parameters
    ----------
    villages
        All villages known: ``code``, ``name``, ``district``, ``regency``, ``lon``, ``lat``.
    teams
        Names of all teams known; a row that names another is set aside.
    crosswalk, changes
        As ``resolve.resolve_codes`` takes them.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column, no row, codes of no certain
        list.
    """
    records, findings = read_places(path, columns=COLUMNS, required=REQUIRED, layer="penginapan")
    codes, found = _resolve(records, villages, crosswalk, changes, path.name)
    findings = [*findings, *found]
    known = villages.set_index("code")[["name", "lon", "lat"]]
    places: list[LodgingPlace] = []
    retired: list[LodgingPlace] = []
    first_rows: dict[str, RowLabel] = {}
    for record, code in zip(records, codes, strict=True):
        row = _Row(record)
        place = row.place(code, known, teams)
        if place is not None and place.code in first_rows:
            row.refuse("row-duplicate", "name", first_row=first_rows[place.code])
        findings += row.findings
        if place is not None and not row.is_refused:
            first_rows[place.code] = record.row
            (places if row.yes("is_active", default=True) else retired).append(place)
    counted = tally(findings, len(places) + len(retired))
    return LodgingImport(
        places=tuple(places),
        regencies=frozenset(place.village_code[:5] for place in (*places, *retired)),
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={"places": len(places), "retired": len(retired)},
    )


def _resolve(
    records: Sequence[Record], villages: pd.DataFrame, crosswalk: Crosswalk | None,
    changes: Crosswalk | None, place: str,
) -> tuple[list[str | None], list[Finding]]:  # fmt: skip
    """Find today's code of every row; None where a finding says why there is none."""
    printed = pd.DataFrame(
        [
            {
                "row": record.row,
                "code": record.cells.get("code"),
                "name": record.text("village"),
                "district": record.text("district"),
            }
            for record in records
        ],
        dtype=object,
    )
    codes, findings = resolve_codes(printed, villages, crosswalk, changes, place=place)
    known = set(villages["code"])
    read = [None if pd.isna(code) else str(code) for code in codes]
    unknown = [
        Finding(code="village-unknown", severity="refused", row=record.row, village_code=code)
        for record, code in zip(records, read, strict=True)
        if code is not None and code not in known
    ]
    return [code if code in known else None for code in read], [*findings, *unknown]


class _Row(RowReader):
    """One place."""

    def place(
        self, village: str | None, known: pd.DataFrame, teams: frozenset[str]
    ) -> LodgingPlace | None:
        """Read the row; None when it is refused."""
        if not self.record.text("code"):
            self.refuse("value-missing", "code")
        position = self._place()
        cost = self.number("cost", 0, MAX_COST)
        may = self._teams(teams)
        self.yes("is_active", default=True)
        if village is None or self.is_refused:
            return None
        name = self.record.text("name") or str(known.loc[village, "name"])
        if position is not None:
            self._warn_far(village, name, position, known)
        lon, lat = position or (None, None)
        return LodgingPlace(
            code=point_code(village, "lodging", name), village_code=village, name=name,
            lon=lon, lat=lat, cost_rupiah=cost, teams=may,
        )  # fmt: skip

    def _place(self) -> tuple[float, float] | None:
        """Read where it lies; None where the row names the village only."""
        if not self.record.text("lon") and not self.record.text("lat"):
            return None
        return self.position()

    def _teams(self, known: frozenset[str]) -> tuple[str, ...]:
        named = dict.fromkeys(
            name for part in self.record.text("teams").split(";") if (name := part.strip())
        )
        for name in named:
            if name not in known:
                self.findings.append(
                    Finding(
                        code="team-unknown", severity="refused", row=self.record.row,
                        column="teams", value=name,
                    )
                )  # fmt: skip
        return tuple(named)

    def _warn_far(
        self, village: str, name: str, position: tuple[float, float], known: pd.DataFrame
    ) -> None:
        there = known.loc[village]
        away = WGS84.inv(*position, there["lon"], there["lat"])[2] / 1000
        if away > FAR_KM:
            self.findings.append(
                Finding(
                    code="point-far", severity="warning", row=self.record.row,
                    village_code=village, value=name, params={"km": round(away)},
                )
            )  # fmt: skip
