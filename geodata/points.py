"""An office's list or map of service points -> a checked frame; a row with a fault is set aside."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.crosswalk import Crosswalk
from geodata.crs import WGS84
from geodata.findings import Finding, RowLabel, tally
from geodata.opening import opening_text, parse_opening
from geodata.place_lists import read_places
from geodata.resolve import resolve_codes
from geodata.row_reader import RowReader
from geodata.schema import POINT_KINDS, PROGRAMMES, check_points
from geodata.signal_words import (
    ACCEPTED_POWER,
    ACCEPTED_WORDS,
    POWER_OF_WORD,
    signal_of_text,
)
from geodata.tables import Record, bare, text_of

COLUMNS = {
    "code": ("kode_desa", "kode", "kode_wilayah"),
    "village": ("desa", "nama_desa", "kelurahan", "desa/kelurahan", "kampung"),
    "district": ("kecamatan", "nama_kecamatan"),
    "name": ("titik", "nama_titik", "titik_layanan", "nama"),
    "kind": ("jenis", "jenis_titik"),
    "lon": ("longitude", "bujur"),
    "lat": ("latitude", "lintang"),
    "serves": ("melayani", "desa_dilayani"),
    "power": ("listrik", "pln"),
    "signal": ("sinyal",),
    "opens": ("jam_buka", "buka", "jam_layanan"),
    **{name: (f"harap_{name}", f"perkiraan_{name}") for name in PROGRAMMES},
    "is_active": ("aktif",),
}
REQUIRED = ("code", "name", "kind", "lon", "lat")
GATHERING = ("village_hall", "district_office", "mpp", "other")
"""Kinds to which villagers come; the others bring their own people together."""
_KIND_WORDS = {
    "village_hall": ("balai desa", "kantor desa", "kantor kelurahan", "balai kampung"),
    "district_office": ("kantor kecamatan", "kantor camat"),
    "mpp": ("mall pelayanan publik", "mal pelayanan publik"),
    "school": ("sekolah", "sma", "smk", "ma", "pesantren"),
    "company": ("perusahaan", "pabrik", "kebun"),
    "prison": ("lapas", "rutan", "lembaga pemasyarakatan", "penjara"),
    "other": ("lain", "lainnya"),
}
_KINDS = {bare(word): kind for kind, words in _KIND_WORDS.items() for word in (kind, *words)}
FAR_KM = 30.0
MAX_PEOPLE = 100_000
_FRAME = (
    "point", "village_code", "name", "kind", "lon", "lat", "serves", "power", "signal", "opens",
    *PROGRAMMES, "is_active", "row",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsImport:
    """Service points of a file.

    Parameters
    ----------
    frame
        ``point`` (unique: the village's code for its hall, else ``code/name-in-short``),
        ``village_code`` (where it lies), ``name``, ``kind`` (one of ``schema.POINT_KINDS``),
        ``lon``, ``lat``, ``serves`` (tuple of village codes), ``power`` (*yes*, *no*, None),
        ``signal`` (a class or None), ``opens`` (as ``opening.opening_text``, empty: always), people
        expected by programme (Int64, NA when not told), ``is_active``.
    totals
        ``points``, ``retired`` and the people expected by programme.
    """

    frame: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_points(
    path: Path,
    *,
    villages: pd.DataFrame,
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
) -> PointsImport:
    """Read a list of service points, or a map of them.

    Parameters
    ----------
    villages
        All villages known: ``code``, ``name``, ``district``, ``regency``, ``lon``, ``lat``.
    crosswalk, changes
        As ``resolve.resolve_codes`` takes them.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column, no row, codes of no certain
        list.
    """
    records, findings = read_places(path, columns=COLUMNS, required=REQUIRED, layer="titik_layanan")
    codes, found = _resolve(records, villages, crosswalk, changes, path.name)
    findings += found
    places = villages.set_index("code")[["lon", "lat"]]
    points: list[dict[str, Any]] = []
    first_rows: dict[str, RowLabel] = {}
    served_by: dict[str, str] = {}
    for record in records:
        row = _Row(record)
        point = row.point(codes.get(str(record.row), {}), places)
        row.refuse_repeated(point, first_rows, served_by)
        findings += row.findings
        if not row.is_refused and point["point"]:
            first_rows[point["point"]] = record.row
            if point["kind"] in GATHERING:
                served_by |= dict.fromkeys(point["serves"], point["name"])
            points.append(point)
    frame = _frame(points)
    check_points(frame)
    counted = tally(findings, len(frame))
    return PointsImport(
        frame=frame,
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={
            "points": len(frame),
            "retired": int((~frame["is_active"]).sum()),
            **{name: int(frame[name].sum()) for name in PROGRAMMES},
        },
    )


def point_code(village_code: str, kind: str, name: str) -> str:
    """Give what a point is known by: a village's own hall by the village, others by their name."""
    if kind == "village_hall":
        return village_code
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"{village_code}/{re.sub('[^a-z0-9]+', '-', plain).strip('-') or 'titik'}"


def _resolve(
    records: Sequence[Record], villages: pd.DataFrame, crosswalk: Crosswalk | None,
    changes: Crosswalk | None, place: str,
) -> tuple[dict[str, dict[str, str]], list[Finding]]:  # fmt: skip
    """Find today's code of every code printed, by row; the list is decided for the whole file."""
    printed: list[dict[str, Any]] = [
        {
            "row": record.row,
            "code": cell,
            "name": record.text("village") if is_own else "",
            "district": record.text("district") if is_own else "",
        }
        for record in records
        for cell, is_own in [
            (record.cells.get("code"), True),
            *((part, False) for part in _parts(record)),
        ]
    ]
    frame = pd.DataFrame(printed, columns=["row", "code", "name", "district"], dtype=object)
    codes, findings = resolve_codes(frame, villages, crosswalk, changes, place=place)
    known = set(villages["code"])
    found: dict[str, dict[str, str]] = {}
    unknown: list[Finding] = []
    for cells, code in zip(printed, codes, strict=True):
        if pd.isna(code):
            continue
        if code not in known:
            unknown.append(
                Finding(
                    code="village-unknown", severity="refused", row=cells["row"], village_code=code
                )
            )
            continue
        found.setdefault(str(cells["row"]), {})[text_of(cells["code"])] = code
    return found, [*findings, *unknown]


def _parts(record: Record) -> list[str]:
    return [part for part in re.split(r"[;,\s]+", record.text("serves")) if part]


class _Row(RowReader):
    """One service point."""

    def point(self, codes: Mapping[str, str], places: pd.DataFrame) -> dict[str, Any]:
        """Read the row; meaningless when it is refused."""
        printed = self.record.text("code")
        if not printed:
            self.refuse("value-missing", "code")
        village = codes.get(printed, "")
        name, (lon, lat) = self.text("name"), self.position()
        kind = self.word("kind", _KINDS, POINT_KINDS)
        people = {p: self.number(p, 0, MAX_PEOPLE) for p in PROGRAMMES}
        serves = [codes[part] for part in _parts(self.record) if part in codes]
        if len(serves) < len(_parts(self.record)) or not village:
            # Whatever is wrong with a code is a finding already; half a point helps nobody.
            village = ""
        if not serves and kind == "village_hall" and village:
            serves = [village]
        is_for_nobody = kind not in GATHERING or (not serves and village)
        if kind and is_for_nobody and not any(people.values()):
            self.refuse("point-without-people", "kind")
        if village and not self.is_refused:
            self._warn_far(village, lon, lat, places)
        return {
            "point": village and point_code(village, str(kind), name),
            "village_code": village,
            "name": name,
            "kind": kind,
            "lon": lon,
            "lat": lat,
            "serves": tuple(dict.fromkeys(serves)),
            "power": self._power(),
            "signal": self._signal(),
            "opens": self._opens(),
            **people,
            "is_active": self.yes("is_active", default=True),
            "row": self.record.row,
        }

    def refuse_repeated(
        self, point: Mapping[str, Any], first_rows: Mapping[str, RowLabel],
        served_by: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Set aside a point that stands above, or that serves a village another one serves."""
        if self.is_refused or not point["point"]:
            return
        if point["point"] in first_rows:
            self.refuse("row-duplicate", "name", first_row=first_rows[point["point"]])
            return
        twice = [code for code in point["serves"] if code in served_by]
        if twice and point["kind"] in GATHERING:
            self.refuse(
                "village-served-twice", "serves", village=twice[0], other=served_by[twice[0]]
            )

    def _warn_far(self, village: str, lon: float, lat: float, places: pd.DataFrame) -> None:
        away = WGS84.inv(lon, lat, *places.loc[village])[2] / 1000
        if away > FAR_KM:
            self.findings.append(
                Finding(
                    code="point-far", severity="warning", row=self.record.row,
                    village_code=village, value=self.record.text("name"),
                    params={"km": round(away)},
                )
            )  # fmt: skip

    def _power(self) -> str | None:
        word = POWER_OF_WORD.get(bare(self.record.cells.get("power")))
        if word is None:
            self.refuse("word-unknown", "power", accepted=ACCEPTED_POWER)
        return None if word == "unknown" else word

    def _signal(self) -> str | None:
        if not self.record.text("signal"):
            return None
        signal = signal_of_text(self.record.cells.get("signal"))
        if signal is None:
            self.refuse("word-unknown", "signal", accepted=ACCEPTED_WORDS)
        return signal

    def _opens(self) -> str:
        spans = parse_opening(self.record.text("opens"))
        if spans is None:
            self.refuse("opening-unreadable", "opens")
        return opening_text(spans or ())


def _frame(points: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = dict.fromkeys(("point", "village_code", "name", "kind", "opens"), "str")
    kinds |= dict.fromkeys(("lon", "lat"), "float64") | dict.fromkeys(PROGRAMMES, "Int64")
    kinds |= {"is_active": "bool"}
    return pd.DataFrame(points, columns=list(_FRAME), dtype=object).astype(kinds)
