"""The parameters of travel: speeds, waits, seasons, fares."""

from collections.abc import Iterable

from app.params.definition import Definition, Kind
from geodata.speeds import BOATS, LINK_MODES, SURFACE_CLASSES, Vehicle

_ROAD = tuple(vehicle for vehicle in Vehicle if vehicle not in BOATS)


def _each(
    name: str, keys: Iterable[str], unit: str, limits: tuple[float, float], en: str, id_: str,
    sources: dict[str, str], kind: Kind = Kind.NUMBER,
) -> tuple[Definition, ...]:  # fmt: skip
    return tuple(
        Definition(
            name=f"travel.{name}.{key}", kind=kind, unit=unit, low=limits[0], high=limits[1],
            meaning={"en": f"{en} ({key})", "id": f"{id_} ({key})"},
            source=sources.get(key, "assumed"),
        )
        for key in keys
    )  # fmt: skip


def _one(
    name: str, unit: str, limits: tuple[float, float], en: str, id_: str, source: str = "assumed",
    kind: Kind = Kind.NUMBER,
) -> Definition:  # fmt: skip
    return Definition(
        name=f"travel.{name}", kind=kind, unit=unit, low=limits[0], high=limits[1],
        meaning={"en": en, "id": id_}, source=source,
    )  # fmt: skip


def _words(
    name: str, kind: Kind, en: str, id_: str, source: str, words: tuple[str, ...] = ()
) -> Definition:
    return Definition(
        name=f"travel.{name}", kind=kind, meaning={"en": en, "id": id_}, source=source, words=words
    )


TRAVEL: tuple[Definition, ...] = (
    *_each(
        "road_kmh", SURFACE_CLASSES, "km/h", (1, 130), "On a dry road", "Di jalan kering",
        {"paved": "domain 8, usual 35 to 60", "gravel": "domain 8, usual 20 to 40",
         "earth": "domain 8, usual 10 to 30"},
    ),
    *_each(
        "boat_kmh", sorted(BOATS), "km/h", (1, 100), "Against the stream", "Melawan arus",
        {"longboat": "domain 8, give or take 40 %", "speedboat": "domain 8, usual 20 to 35"},
    ),
    *_each(
        "boat_down_kmh", sorted(BOATS), "km/h", (1, 100), "With the stream", "Searah arus",
        {"longboat": "domain 8, ratio 1.4", "speedboat": "domain 8, usual 30 to 60"},
    ),
    _one("rapids_min", "minutes", (0, 600), "To pass rapids", "Untuk melewati riam"),
    _one("ferry_kmh", "km/h", (1, 60), "Of a car ferry", "Kecepatan feri kendaraan"),
    _one("ferry_wait_min", "minutes", (0, 1440), "Wait for a ferry", "Menunggu feri"),
    _one(
        "walk_kmh", "km/h", (0.5, 8), "On foot, in a straight line", "Berjalan kaki, garis lurus"
    ),
    _words(
        "surfaces", Kind.TABLE, "OSM surface to surface class", "Surface OSM ke kelas permukaan",
        "OpenStreetMap", SURFACE_CLASSES,
    ),
    _words(
        "highways", Kind.TABLE, "OSM highway to the class when no surface is stated",
        "Highway OSM ke kelas permukaan bila tidak disebut", "assumed", SURFACE_CLASSES,
    ),
    _words(
        "waterways", Kind.WORDS, "OSM waterways that carry boats",
        "Waterway OSM yang dilalui perahu", "OpenStreetMap",
    ),
    _words(
        "wet", Kind.FLAG, "Whether roads are wet", "Apakah jalan sedang basah", "season"
    ),
    *_each(
        "wet_factor", SURFACE_CLASSES, "factor", (1, 10), "On time, on a wet road",
        "Pengali waktu di jalan basah",
        {"gravel": "domain 8, usual 1.25 to 1.75", "earth": "domain 8, usual 1.25 to 1.75"},
    ),
    *_each(
        "wet_share", sorted(_ROAD), "share", (0, 1), "Of that slow-down, what a vehicle feels",
        "Bagian perlambatan yang dialami kendaraan", {},
    ),
    _words(
        "wet_closed", Kind.WORDS, "Closed in the wet, vehicle:word",
        "Tertutup di musim hujan, kendaraan:kata", "domain 4",
    ),
    _one(
        "server_dry", "factor", (0.2, 5), "On the times of a road server",
        "Pengali waktu dari server jalan",
    ),
    _one(
        "server_wet", "factor", (1, 10), "On them, on wet roads", "Pengalinya di jalan basah",
        "as gravel and earth",
    ),
    _words(
        "low_water", Kind.FLAG, "Whether rivers are low", "Apakah sungai sedang surut", "season"
    ),
    _one(
        "low_water_factor", "factor", (1, 10), "On time, at low water",
        "Pengali waktu saat air surut", "domain 8, usual 1.5 to 2.7",
    ),
    _words(
        "low_water_closed", Kind.WORDS, "Closed at low water, vehicle:word",
        "Tertutup saat air surut, kendaraan:kata", "domain 4",
    ),
    _one("boarding_min", "minutes", (0, 600), "To board a link", "Naik angkutan terjadwal"),
    _one(
        "transfer_min", "minutes", (0, 600), "To change from one vehicle of a team to the other",
        "Berpindah dari satu kendaraan tim ke yang lain",
    ),
    _one(
        "transfer_m", "m", (0, 50_000), "How far a transfer place may lie from road and river",
        "Jarak terjauh tempat berpindah kendaraan dari jalan dan sungai",
    ),
    _one(
        "second_share", "share", (0, 1),
        "A team's second vehicle is taken where it needs at most this part of the first one's time",
        "Kendaraan kedua dipakai bila waktunya paling banyak sekian bagian dari yang pertama",
    ),
    _one(
        "max_access_m", "m", (0, 50_000), "How far one walks to road, river or pier",
        "Jarak berjalan terjauh ke jalan, sungai, atau dermaga",
    ),
    _words(
        "allow_straight_line", Kind.FLAG,
        "Whether a village far from road and river is reached in a straight line, and marked so",
        "Apakah desa jauh dari jalan dan sungai dicapai menurut garis lurus, dan ditandai",
        "office",
    ),
    _one(
        "straight_detour", "factor", (1, 5), "On a straight line, for its detours",
        "Pengali jarak garis lurus",
    ),
    _one("straight_kmh", "km/h", (0.5, 60), "On a straight line", "Kecepatan garis lurus"),
    *_each(
        "day_rupiah", tuple(Vehicle), "Rp", (0, 10**9), "A vehicle for a day",
        "Kendaraan untuk sehari",
        {"car": "PMK 32/2025", "speedboat": "domain 8, usual 2 to 8 m",
         "longboat": "domain 1.6"}, Kind.WHOLE,
    ),
    *_each(
        "km_rupiah", tuple(Vehicle), "Rp/km", (0, 10**6), "Fuel and wear", "Bahan bakar dan aus",
        {"car": "domain 8, usual 1,300 to 4,000"}, Kind.WHOLE,
    ),
    _one(
        "hired_km_rupiah", "Rp/km", (0, 10**6), "A hired motorcycle, a passenger",
        "Ojek, per penumpang", "ministerial ceiling for zone III, 2022", Kind.WHOLE,
    ),
    *_each(
        "fare_rupiah", LINK_MODES, "Rp", (0, 10**8), "A seat where no fare is stated",
        "Tempat duduk bila tarif tidak disebut",
        {"river": "domain 1.6, median of seven fares", "air": "domain 1.6, subsidised"},
        Kind.WHOLE,
    ),
)  # fmt: skip
