"""A made-up regency, in the files an office would send.

Proportions follow Kotawaringin Timur; names, borders, roads and numbers are invented. Its code,
99.01, belongs to no real regency. The same seed and day make the same files.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xlsxwriter
from numpy.typing import NDArray

from app.demo_land import Land, draw_land, to_degrees

REGENCY_CODE = "99.01"
REGENCY = "Kabupaten Sungai Contoh"
N_DISTRICTS, N_VILLAGES, N_KELURAHAN = 17, 185, 17
WAJIB_KTP = 308_309
# 300,110 recorded: 8,273 people to look for, less 74 recorded above wajib KTP in nine villages.
PEOPLE_TO_LOOK_FOR, SURPLUS, N_SURPLUS = 8_273, 74, 9
N_NO_SIGNAL, N_WEAK, N_STRONG = 62, 45, 58  # and the rest very strong
# Of the villages without signal, those that a statement after the survey made known.
N_LATE_BLANK_SPOT, N_OLD_BLANK_SPOT, N_SINCE_COVERED = 12, 30, 6
RIVER_UP_KMH, RIVER_DOWN_KMH = 28, 40

PLACE_WORDS = ("Tumbang", "Muara", "Rantau", "Tanjung", "Teluk", "Bukit", "Danau", "Kuala", "Batu")
OPENINGS = ("Ka", "Se", "Ba", "Me", "Ta", "Pa", "La", "Ru", "Sa", "Ge", "Ja", "Bu", "Ma", "Ha")
MIDDLES = ("la", "ri", "te", "nga", "ru", "wa", "nyu", "li", "pe", "ga", "su", "man")
ENDINGS = ("bai", "tas", "ngei", "rih", "duk", "jau", "lan", "poi", "wu", "hei", "nit", "kun")

COUNTS = {
    "wajib_ktp": "WAJIB KTP",
    "sudah_rekam": "SUDAH REKAM",
    "belum_rekam": "BELUM REKAM",
    "usia_16_17": "USIA 16-17",
    "anak_0_17": "JUMLAH",
    "memiliki_kia": "MEMILIKI KIA",
    "belum_akta": "BELUM AKTA",
    "ikd_aktif": "AKTIF",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """The files of the demo regency."""

    villages: Path
    counts: Path
    blank_spots: Path
    signal: Path
    network: Path
    links: Path
    teams: Path

    @property
    def imports(self) -> tuple[tuple[str, Path], ...]:
        """Kind and file of each import, in the order in which they build on each other."""
        return (
            ("villages", self.villages),
            ("counts", self.counts),
            ("connectivity", self.blank_spots),
            ("connectivity", self.signal),
            ("network", self.network),
            ("links", self.links),
            ("teams", self.teams),
        )


def write_demo(folder: Path, *, today: date, seed: int = 1) -> DemoFiles:
    """Write the demo regency as an office would send it on a day.

    Parameters
    ----------
    folder
        Where the files go; made when missing, files of the same name are replaced.
    today
        The counts are those of the last semester that ended before this day.
    seed
        Another seed, another regency of the same proportions.
    """
    land = draw_land(_rng(seed, "land"), n_villages=N_VILLAGES, n_districts=N_DISTRICTS)
    villages = _name_villages(_rng(seed, "names"), land)
    signal = _signal_classes(_rng(seed, "signal"), land)
    counts = _count(_rng(seed, "counts"), land, signal)
    folder.mkdir(parents=True, exist_ok=True)
    files = DemoFiles(
        villages=folder / "batas_desa.gpkg",
        counts=folder / "rekap_perekaman_desa.xlsx",
        blank_spots=folder / "blankspot.csv",
        signal=folder / "sinyal_desa.csv",
        network=folder / "jaringan.gpkg",
        links=folder / "penghubung.csv",
        teams=folder / "tim.csv",
    )
    order = villages.sort_values("village_code").index
    cells = [_in_degrees(land.cells[at]) for at in order]
    _write_layer(villages.loc[order], cells, files.villages, "desa")
    _write_counts(villages.join(counts), files.counts, semester_end(today))
    _write_signal(_rng(seed, "statements"), villages, signal, today, files)
    _write_network(land, files.network)
    _write_csv(_links(villages, land), files.links)
    _write_csv(_teams(villages, land), files.teams)
    return files


def semester_end(today: date) -> date:
    """Return the last 30 June or 31 December before a day."""
    if today > date(today.year, 6, 30):
        return date(today.year, 6, 30)
    return date(today.year - 1, 12, 31)


def _rng(seed: int, subject: str) -> np.random.Generator:
    """Give each subject its own stream, so that a change to one leaves the others as they were."""
    return np.random.default_rng([seed, *subject.encode()])


def _name_villages(rng: np.random.Generator, land: Land) -> pd.DataFrame:
    """Name and number the villages, rows in the order of ``land.villages``."""
    words = [a.capitalize() + b + c for a in OPENINGS for b in MIDDLES for c in ENDINGS]
    rng.shuffle(words)
    district_words, village_words = words[:N_DISTRICTS], words[N_DISTRICTS:]
    prefixes = rng.choice(("", "", "", *PLACE_WORDS), N_VILLAGES)
    names = [f"{a} {b}".strip() for a, b in zip(prefixes, village_words[:N_VILLAGES], strict=True)]
    for k, seat in enumerate(land.seats):
        names[seat] = f"Kuala {district_words[k]}" if k % 3 == 0 else f"{district_words[k]} Kota"
    # The town around the capital and the seats of the next districts are urban.
    apart = np.hypot(*(land.villages - land.villages[0]).T)
    urban = [int(k) for k in np.argsort(apart, kind="stable")[:10]]
    urban += [int(seat) for seat in land.seats if seat not in urban]
    kind = np.full(N_VILLAGES, "desa", dtype=object)
    kind[urban[:N_KELURAHAN]] = "kelurahan"
    frame = pd.DataFrame({"name": names, "kind": kind.astype(str)})
    district = pd.Series(land.district)
    frame["district_code"] = [f"{REGENCY_CODE}.{k + 1:02}" for k in district]
    frame["district"] = [district_words[k] for k in district]
    rank = frame.groupby(["district_code", "kind"]).cumcount() + 1
    thousands = frame["kind"].map({"kelurahan": 1000, "desa": 2000})
    frame.insert(0, "village_code", frame["district_code"] + "." + (thousands + rank).astype(str))
    return frame.assign(regency_code=REGENCY_CODE, regency=REGENCY)


def _apportion(total: int, weights: NDArray[np.float64], floor: int) -> NDArray[np.int64]:
    """Split a total in proportion to weights, at least ``floor`` each (largest remainder)."""
    shares = weights / weights.sum() * (total - floor * len(weights))
    parts = np.floor(shares).astype(np.int64)
    missing = total - floor * len(weights) - int(parts.sum())
    parts[np.argsort(parts - shares, kind="stable")[:missing]] += 1
    whole: NDArray[np.int64] = parts + floor
    return whole


def _signal_classes(rng: np.random.Generator, land: Land) -> NDArray[np.str_]:
    """Give each village a signal in the words of the village census, worse when far away."""
    farness = land.distance * rng.lognormal(0, 0.45, N_VILLAGES) + 40 * land.off_road
    worst_first = np.argsort(-farness, kind="stable")
    words = np.full(N_VILLAGES, "sangat kuat", dtype="U11")
    ends = np.cumsum([0, N_NO_SIGNAL, N_WEAK, N_STRONG])
    for word, start, end in zip(("tidak ada", "lemah", "kuat"), ends, ends[1:], strict=False):
        words[worst_first[start:end]] = word
    return words


def _count(rng: np.random.Generator, land: Land, signal: NDArray[np.str_]) -> pd.DataFrame:
    """Invent the counts: totals are exact, villages are spread as in the model regency."""
    apart = np.hypot(*(land.villages - land.villages[0]).T)
    size = rng.lognormal(0, 0.7, N_VILLAGES) * (1 + 9 * np.exp(-((apart / 4.5) ** 2)))
    wajib = _apportion(WAJIB_KTP, size, 160)
    surplus = rng.choice(np.flatnonzero(wajib < 3000), N_SURPLUS, replace=False)
    others = np.setdiff1d(np.arange(N_VILLAGES), surplus)
    missed = np.sqrt(wajib) * np.where(signal == "tidak ada", 2.2, 1.0)
    missed *= rng.lognormal(0, 0.5, N_VILLAGES)
    not_recorded = np.zeros(N_VILLAGES, dtype=np.int64)
    not_recorded[surplus] = -_apportion(SURPLUS, wajib[surplus].astype(float), 1)
    not_recorded[others] = _apportion(PEOPLE_TO_LOOK_FOR, missed[others], 1)

    def share(of: NDArray[np.int64], mean: float, spread: float) -> NDArray[np.int64]:
        rate = rng.normal(mean, spread, N_VILLAGES).clip(mean / 3, mean * 2)
        people: NDArray[np.int64] = np.rint(of * rate).astype(np.int64)
        return people

    children = share(wajib, 0.429, 0.044)
    recorded = wajib - not_recorded
    return pd.DataFrame(
        {
            "wajib_ktp": wajib,
            "sudah_rekam": recorded,
            "belum_rekam": not_recorded,
            "usia_16_17": share(wajib, 0.0199, 0.0046),
            "anak_0_17": children,
            "memiliki_kia": share(children, 0.279, 0.074),
            "belum_akta": share(children, 0.076, 0.039),
            "ikd_aktif": share(recorded, 0.0024, 0.0018),
        }
    )


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n")


def _write_layer(
    frame: pd.DataFrame, shapes: list[shapely.Geometry], path: Path, layer: str
) -> None:
    layer_frame = gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")
    layer_frame.to_file(path, layer=layer, driver="GPKG")


def _in_degrees(cell: shapely.Geometry) -> shapely.MultiPolygon:
    return shapely.multipolygons(shapely.get_parts(shapely.transform(cell, to_degrees)))


def _write_counts(frame: pd.DataFrame, path: Path, as_of: date) -> None:
    """Write the office's workbook: titles, a header of two rows, sums after each district."""
    frame = frame.sort_values("village_code", kind="stable")
    semester = "I" if as_of.month == 6 else "II"
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)})
        sheet = book.add_worksheet("REKAP")
        bold = book.add_format({"bold": True, "align": "center"})
        sheet.set_column("B:D", 24)
        sheet.write("A1", "REKAPITULASI PEREKAMAN KTP-EL PER DESA/KELURAHAN", bold)
        sheet.write("A2", REGENCY.upper(), bold)
        sheet.write("A3", f"DATA KONSOLIDASI BERSIH SEMESTER {semester} TAHUN {as_of.year}", bold)
        _write_header(sheet, bold)
        rows = _sheet_rows(frame)
        for at, row in enumerate(rows, start=6):
            sheet.write_row(at, 0, row)
        sheet.write(len(rows) + 7, 0, "Sumber: data buatan untuk peragaan, bukan angka sebenarnya")


def _write_header(sheet: xlsxwriter.worksheet.Worksheet, bold: xlsxwriter.format.Format) -> None:
    singles = {"A": "NO", "B": "KODE WILAYAH", "C": "KECAMATAN", "D": "DESA / KELURAHAN"}
    for column, title in (singles | {"I": COUNTS["usia_16_17"]}).items():
        sheet.merge_range(f"{column}5:{column}6", title, bold)
    sheet.merge_range("E5:H5", "KTP-EL", bold)
    sheet.merge_range("J5:L5", "ANAK 0-17 TAHUN", bold)
    sheet.write("M5", "IKD", bold)
    titles = list(COUNTS.values())
    sheet.write_row("E6", [*titles[:3], "%"], bold)
    sheet.write_row("J6", titles[4:], bold)


def _sheet_rows(frame: pd.DataFrame) -> list[list[str | int | None]]:
    """Lay out the rows: the district is named on its first row, a sum follows its last."""
    rows: list[list[str | int | None]] = []
    number = 0
    for _, group in frame.groupby("district_code", sort=True):
        title = ""
        for village in group.to_dict("records"):
            number += 1
            is_first = not title
            title = village["district"].upper()
            percent = f"{100 * village['sudah_rekam'] / village['wajib_ktp']:.2f}".replace(".", ",")
            values = [int(village[column]) for column in COUNTS]
            place = [village["village_code"], title if is_first else None, village["name"].upper()]
            rows.append([number, *place, *values[:3], percent, *values[3:]])
        rows.append(_sum_row(f"JUMLAH {title}", group))
    return [*rows, _sum_row("JUMLAH TOTAL", frame)]


def _sum_row(title: str, frame: pd.DataFrame) -> list[str | int | None]:
    sums = [int(frame[column].sum()) for column in COUNTS]
    return [None, None, title, None, *sums[:3], None, *sums[3:]]


def _write_signal(
    rng: np.random.Generator,
    villages: pd.DataFrame,
    signal: NDArray[np.str_],
    today: date,
    files: DemoFiles,
) -> None:
    """Write the survey and the statements; where they disagree, the newer one is the truth.

    A statement of last month names villages where the survey still saw a weak signal; older ones
    name villages without signal and some that have been covered since.
    """
    newest = today - timedelta(days=30)
    survey_year = newest.year - 1
    none = rng.permutation(np.flatnonzero(signal == "tidak ada"))
    late, old = none[:N_LATE_BLANK_SPOT], none[N_LATE_BLANK_SPOT:][:N_OLD_BLANK_SPOT]
    covered = rng.choice(np.flatnonzero(signal == "kuat"), N_SINCE_COVERED, replace=False)
    surveyed = signal.copy()
    surveyed[late] = "lemah"
    survey = pd.DataFrame(
        {
            "kode": villages["village_code"],
            "desa": villages["name"],
            "sinyal_telepon": surveyed,
            "tahun": survey_year,
        }
    )
    _write_csv(survey.sort_values("kode"), files.signal)
    named = villages.loc[[*late, *old, *covered]]
    dates = [newest] * len(late) + [date(survey_year - 1, 3, 5)] * (len(old) + len(covered))
    statements = pd.DataFrame(
        {
            "kabupaten": REGENCY,
            "kecamatan": named["district"],
            "desa": named["name"],
            "status": ["no_signal"] * len(late) + ["blank_spot"] * (len(old) + len(covered)),
            "tanggal": [day.isoformat() for day in dates],
            "sumber": "keterangan dinas (data buatan)",
        }
    )
    _write_csv(statements.sort_values(["tanggal", "kecamatan", "desa"]), files.blank_spots)


def _write_network(land: Land, path: Path) -> None:
    """Write roads and waters in the words of OpenStreetMap; places are shared vertices."""
    highway = ("secondary", "tertiary", "unclassified", "track")
    surface = ("asphalt", "asphalt", "gravel", "ground")
    kinds = [kind for _, kind in land.roads]
    roads = pd.DataFrame(
        {
            "highway": [highway[kind] for kind in kinds],
            "surface": [surface[kind] for kind in kinds],
            "name": ["Jalan Lintas Contoh" if kind == 0 else None for kind in kinds],
            "oneway": "no",
        }
    )
    path.unlink(missing_ok=True)  # a layer is added to what the file holds
    _write_layer(roads, [_line(course) for course, _ in land.roads], path, "jalan")
    # Reaches of some 15 km, drawn downstream; the last point of one is the first of the next.
    reaches = [land.river[at : at + 61] for at in range(0, len(land.river) - 1, 60)]
    waters = pd.DataFrame(
        {
            "waterway": ["river"] * len(reaches) + ["stream"] * len(land.streams),
            "name": ["Sungai Contoh"] * len(reaches) + [None] * len(land.streams),
        }
    )
    courses = [_line(course) for course in (*reaches, *land.streams)]
    _write_layer(waters, courses, path, "sungai")


def _line(course: NDArray[np.float64]) -> shapely.LineString:
    return shapely.LineString(to_degrees(course))


def _links(villages: pd.DataFrame, land: Land) -> pd.DataFrame:
    """Run one scheduled boat from the capital to the middle of the villages without a road."""
    upriver = np.flatnonzero(land.off_road)
    there = int(upriver[np.argsort(land.villages[upriver, 1])[len(upriver) // 2]])
    steps = np.hypot(*np.diff(land.river, axis=0).T)
    between = land.river[1:, 1] > land.villages[0, 1]
    between &= land.river[1:, 1] < land.villages[there, 1]
    km = float(steps[between].sum())
    (from_lon, from_lat), (to_lon, to_lat) = to_degrees(land.villages[[0, there]])
    link = {
        "dari": villages["name"][0],
        "dari_lon": from_lon,
        "dari_lat": from_lat,
        "ke": villages["name"][there],
        "ke_lon": to_lon,
        "ke_lat": to_lat,
        "moda": "speedboat",
        "menit": round(60 * km / RIVER_UP_KMH),
        "menit_balik": round(60 * km / RIVER_DOWN_KMH),
        "hari": "135",
    }
    return pd.DataFrame([link])


def _teams(villages: pd.DataFrame, land: Land) -> pd.DataFrame:
    """Set up four cars, one of them in a far district seat, and a boat; one satellite kit."""
    on_road = land.seats[~land.off_road[land.seats]]
    outpost = int(on_road[np.argmin(np.abs(land.distance[on_road] - 65))])
    rows = []
    for team, base, mode, satellite, overnight in (
        ("A", 0, "mobil", 1, "ya"),
        ("B", 0, "mobil", 0, "tidak"),
        ("C", 0, "mobil", 0, "ya"),
        ("D", outpost, "mobil", 0, "tidak"),
        ("E", 0, "perahu", 0, "ya"),
    ):
        lon, lat = to_degrees(land.villages[base])
        boat = mode == "perahu"
        rows.append(
            {
                "tim": f"{REGENCY_CODE}-{team}",
                "kabupaten": REGENCY,
                "pangkalan": villages["name"][base],
                "lon": lon,
                "lat": lat,
                "moda": mode,
                "alat_rekam": 2 if boat else 1,
                "petugas": 8 if boat else 5,
                "kit_satelit": satellite,
                "jam_mulai": "07:30",
                "jam_selesai": "16:00",
                "boleh_bermalam": overnight,
            }
        )
    return pd.DataFrame(rows)
