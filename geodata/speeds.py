"""How fast and at what price a team moves: one table, every number of which an office may edit.

Sources are the sections of the project's domain notes: observed travel times and speeds (domain 4
and 8), published rents and fares (domain 1.6). A number marked *assumed* was found nowhere and is
a judgement. Speeds are for a dry day and normal water; ``wet`` and ``low_water`` slow them down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from geodata.errors import BadValue

if TYPE_CHECKING:
    from geodata.graph import Graph

FloatArray = npt.NDArray[np.float64]
ObjectArray = npt.NDArray[np.object_]


class Vehicle(StrEnum):
    """What a team owns or charters for the week."""

    CAR = "car"
    FOUR_WHEEL_DRIVE = "four_wheel_drive"
    MOTORCYCLE = "motorcycle"
    LONGBOAT = "longboat"
    SPEEDBOAT = "speedboat"


def travel_mode(vehicle: Vehicle) -> str:
    """Name the network a vehicle moves on: ``road`` or ``river``."""
    return "river" if vehicle in BOATS else "road"


def vehicles_of(words: str) -> tuple[Vehicle, ...]:
    """Read what a team has: one vehicle, or one for the road and a boat (``car+longboat``).

    Returns
    -------
    tuple
        The vehicle of the road first.

    Raises
    ------
    BadValue
        When a word is unknown, or two vehicles move on one network.
    """
    parts = [part.strip() for part in words.split(JOINT)]
    known = [Vehicle(part) for part in parts if part in set(Vehicle)]
    modes = [travel_mode(vehicle) for vehicle in known]
    if len(known) < len(parts) or len(set(modes)) < len(modes):
        accepted = f"{', '.join(Vehicle)}; car{JOINT}longboat"
        raise _bad("vehicle", words, accepted)
    return tuple(sorted(known, key=travel_mode, reverse=True))


def has_boat(words: str) -> bool:
    """Tell whether one of a team's vehicles is a boat."""
    return not BOATS.isdisjoint(vehicles_of(words))


BOATS = frozenset({Vehicle.LONGBOAT, Vehicle.SPEEDBOAT})
JOINT = "+"  # between the vehicles of a team that has one on the road and one on the river
FERRY = "ferry"  # the class of a road that a ferry carries vehicles along
RAPIDS = "rapids"  # the structure of a stretch of river where boats are hauled
STRUCTURES = ("bridge", "tunnel", "ford", RAPIDS)
SURFACE_CLASSES = ("paved", "gravel", "earth")
SEASONS = ("dry", "wet", "low_water")  # ordinary; roads are wet; rivers are low
LINK_MODES = ("river", "sea", "air")

# OSM words for what lies on the road, by the three classes that have a speed.
_PAVED = "asphalt paved concrete concrete:plates concrete:lanes paving_stones sett chipseal metal"
_GRAVEL = "gravel fine_gravel compacted pebblestone unpaved cobblestone wood rock"
_EARTH = "ground earth dirt mud sand grass clay"
_SURFACES = {
    word: surface_class
    for surface_class, words in zip(SURFACE_CLASSES, (_PAVED, _GRAVEL, _EARTH), strict=True)
    for word in words.split()
}

# What is assumed of a road whose surface is not stated. A highway that is not listed here is not
# for vehicles. Provincial and district roads are mostly sealed, village roads mostly not (assumed).
_HIGHWAYS = {
    **dict.fromkeys(
        (
            f"{word}{suffix}"
            for word in ("motorway", "trunk", "primary", "secondary", "tertiary")
            for suffix in ("", "_link")
        ),
        "paved",
    ),
    **dict.fromkeys(("residential", "living_street"), "paved"),
    **dict.fromkeys(("unclassified", "service", "road"), "gravel"),
    "track": "earth",
    FERRY: "paved",
}


def _table(values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a field() is typed as its value
    return field(default_factory=lambda: dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelParams:
    """Speeds, waiting times, limits and costs of travel.

    Parameters
    ----------
    road_kmh
        By surface class (domain 8: paved 35-60, gravel 20-40, earth 10-30, dry), for every vehicle.
    boat_kmh, boat_down_kmh
        By vehicle, against and with the stream (domain 8: speedboat 28 and 40; longboat 18, and 25
        by the ratio 1.4). Where a file does not say which way a river runs, the slower speed is
        used both ways, so that a team is never later than told.
    rapids_min
        Minutes to pass rapids that do not state them: boats are hauled and people walk around
        (assumed; they come on top of the time by speed).
    ferry_kmh, ferry_wait_min
        A car ferry that is part of the road network: its speed where no duration is stated, and
        the wait for it (both assumed).
    walk_kmh
        On the straight line between a point and the network (assumed).
    surfaces
        OSM ``surface`` to surface class.
    highways
        OSM ``highway`` to the surface class of a road that does not state its surface; a highway
        that is not a key carries no vehicle.
    waterways
        OSM ``waterway`` words that carry boats.
    wet, wet_factor
        Whether roads are wet, and then the factor on time by surface class (domain 8: 1.5,
        Sampit-Antang Kalang 4 h dry, 5 to 7 h wet; sealed roads keep their speed, assumed).
    wet_share
        By road vehicle, the part of the slow-down by rain that it feels: 1 is all of it (assumed:
        half for a car with four driven wheels).
    server_dry, server_wet
        Factors on the times of an outside road server, which knows neither our speeds nor the
        season: in the dry (its own times, assumed), and on top of it in the wet, of which a vehicle
        feels its ``wet_share`` (as gravel and earth: a server does not tell the surface of a way).
    low_water, low_water_factor
        Whether rivers are low, and then the factor on time (domain 8: 2.0, range 1.5-2.7).
    wet_closed, low_water_closed
        What a vehicle cannot pass in the season: ``vehicle:word``, the word a surface class, a
        highway, a waterway or a structure (``ford``, ``rapids``). Fords are closed to cars in the
        wet (domain 4: floods cut roads), small streams and rapids to speedboats at low water
        (domain 4: they cannot run in drought for rocks).
    boarding_min
        Minutes added to each scheduled link for getting on it (assumed); a longer gap between two
        of its departures counts instead.
    transfer_min, transfer_m
        Minutes to carry people and kits from one vehicle of a team to the other, each way, and how
        far the place where that is done may lie from either network (both assumed).
    second_share
        A team of two vehicles goes on by the second where the first does not reach, or where that
        takes at most this part of the time there and back (assumed; 0: never for time alone).
    max_access_m
        How far a point may lie from the network, or from a boarding place, to be walked to.
    allow_straight_line, straight_detour, straight_kmh
        Whether a point farther than that, which no link helps either, is reached all the same: in a
        straight line to the nearest road or river, lengthened by a factor, at a speed (both
        assumed: paths on foot; an office that knows of a motorcycle path may write its speed).
        Such a way is marked wherever it is shown.
    day_rupiah
        A vehicle for one day, by vehicle (domain 8: car rent 640,000, speedboat 5 m all-in;
        domain 1.6: small longboat 2.5 m; motorcycle 100,000 assumed; four-wheel drive 1,200,000,
        within the range of rents 0.6-1.5 m, assumed).
    km_rupiah
        Fuel and wear by vehicle and kilometre (domain 8: car 2,000, range 1,300-4,000; four-wheel
        drive 3,000 and motorcycle 500 assumed; boats are paid all-in by the day).
    hired_km_rupiah
        A hired motorcycle with its driver, by passenger and kilometre: the ceiling the Ministry of
        Transport set for zone III, Kalimantan, from 10 September 2022.
    fare_rupiah
        A seat on a scheduled link that states no fare, by travel mode (domain 1.6: median of seven
        Kaltara speedboat fares of 2022, 120,000 to 315,000; subsidised flights 300,000 to 500,000;
        sea boats as speedboats, assumed).
    """

    road_kmh: Mapping[str, float] = _table({"paved": 45.0, "gravel": 30.0, "earth": 20.0})
    boat_kmh: Mapping[str, float] = _table({"longboat": 18.0, "speedboat": 28.0})
    boat_down_kmh: Mapping[str, float] = _table({"longboat": 25.0, "speedboat": 40.0})
    rapids_min: float = 20.0
    ferry_kmh: float = 10.0
    ferry_wait_min: float = 15.0
    walk_kmh: float = 4.0
    surfaces: Mapping[str, str] = _table(_SURFACES)
    highways: Mapping[str, str] = _table(_HIGHWAYS)
    waterways: tuple[str, ...] = (
        *("river", "stream", "canal", "tidal_channel", "fairway"),
        RAPIDS,
    )
    wet: bool = False
    wet_factor: Mapping[str, float] = _table({"paved": 1.0, "gravel": 1.5, "earth": 1.5})
    wet_share: Mapping[str, float] = _table(
        {"car": 1.0, "four_wheel_drive": 0.5, "motorcycle": 1.0}
    )
    wet_closed: tuple[str, ...] = ("car:ford", "motorcycle:ford")
    server_dry: float = 1.0
    server_wet: float = 1.5
    low_water: bool = False
    low_water_factor: float = 2.0
    low_water_closed: tuple[str, ...] = ("speedboat:stream", "speedboat:rapids")
    boarding_min: float = 15.0
    transfer_min: float = 15.0
    transfer_m: float = 1_000.0
    second_share: float = 0.5
    max_access_m: float = 5_000.0
    allow_straight_line: bool = False
    straight_detour: float = 1.5
    straight_kmh: float = 4.0
    day_rupiah: Mapping[str, int] = _table(
        {
            "car": 640_000,
            "four_wheel_drive": 1_200_000,
            "motorcycle": 100_000,
            "longboat": 2_500_000,
            "speedboat": 5_000_000,
        }
    )
    km_rupiah: Mapping[str, int] = _table(
        {"car": 2_000, "four_wheel_drive": 3_000, "motorcycle": 500, "longboat": 0, "speedboat": 0}
    )
    hired_km_rupiah: int = 2_750
    fare_rupiah: Mapping[str, int] = _table({"river": 280_000, "sea": 280_000, "air": 400_000})

    def __post_init__(self) -> None:
        self._need_keys("road_kmh", SURFACE_CLASSES)
        self._need_keys("wet_factor", SURFACE_CLASSES)
        self._need_keys("wet_share", sorted(set(Vehicle) - BOATS))
        self._need_keys("boat_kmh", sorted(BOATS))
        self._need_keys("boat_down_kmh", sorted(BOATS))
        self._need_keys("day_rupiah", tuple(Vehicle))
        self._need_keys("km_rupiah", tuple(Vehicle))
        self._need_keys("fare_rupiah", LINK_MODES)
        for name in ("road_kmh", "boat_kmh", "boat_down_kmh", "ferry_kmh", "walk_kmh"):
            self._need_numbers(name, above_zero=True)
        for name in (
            *("wet_factor", "low_water_factor", "server_dry", "server_wet"),
            *("straight_detour", "straight_kmh"),
        ):
            self._need_numbers(name, above_zero=True)
        for name in (
            *("rapids_min", "ferry_wait_min", "boarding_min", "max_access_m"),
            *("transfer_min", "transfer_m", "second_share"),
            *("day_rupiah", "km_rupiah", "hired_km_rupiah", "fare_rupiah", "wet_share"),
        ):
            self._need_numbers(name)
        self._need_closures("wet_closed")
        self._need_closures("low_water_closed")
        for name in ("surfaces", "highways"):
            for word, surface_class in getattr(self, name).items():
                if surface_class not in SURFACE_CLASSES:
                    raise _bad(f"{name}.{word}", surface_class, ", ".join(SURFACE_CLASSES))

    def _need_keys(self, name: str, keys: Sequence[str]) -> None:
        missing = [key for key in keys if key not in getattr(self, name)]
        if missing:
            raise _bad(name, ", ".join(getattr(self, name)) or "-", ", ".join(keys))

    def _need_numbers(self, name: str, *, above_zero: bool = False) -> None:
        value = getattr(self, name)
        items = value.items() if isinstance(value, Mapping) else [("", value)]
        for key, number in items:
            is_number = isinstance(number, int | float) and not isinstance(number, bool)
            if not is_number or not 0 <= number < np.inf or (above_zero and number == 0):
                accepted = "> 0" if above_zero else ">= 0"
                raise _bad(f"{name}.{key}".rstrip("."), number, accepted)

    def _need_closures(self, name: str) -> None:
        classes = ", ".join([*SURFACE_CLASSES, *STRUCTURES, *self.highways, *self.waterways])
        for closure in getattr(self, name):
            vehicle, _, word = str(closure).partition(":")
            if vehicle not in set(Vehicle) or word not in classes.split(", "):
                accepted = f"vehicle:word, of {', '.join(Vehicle)} and {classes}"
                raise _bad(name, closure, accepted)

    def in_season(self, season: str | None) -> Self:
        """Return the table of a season, one of ``SEASONS``; None changes nothing.

        Raises
        ------
        BadValue
            When there is no such season.
        """
        if season is None:
            return self
        if season not in SEASONS:
            raise _bad("season", season, ", ".join(SEASONS))
        return replace(self, wet=season == "wet", low_water=season == "low_water")

    @property
    def season(self) -> str:
        """Name the season that the table is of; of an office that set both, both."""
        names = [name for name in SEASONS[1:] if getattr(self, name)]
        return "+".join(names) or SEASONS[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain dicts, lists and numbers that JSON can hold."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: _plain(value) for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build the table from what an office changed; what is not named keeps its default.

        Raises
        ------
        BadValue
            When a name is unknown, or a value is of the wrong kind or out of range.
        """
        default = cls()
        known = {f.name: getattr(default, f.name) for f in fields(cls)}
        changed: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise _bad(name, value, ", ".join(known))
            changed[name] = _like(known[name], name, value)
        return cls(**changed)


def _bad(name: str, value: object, accepted: str) -> BadValue:
    return BadValue(place="travel parameters", value=value, column=name, accepted=accepted)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _like(default: Any, name: str, value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return ``value`` in the shape of ``default``; tables are laid over their default."""
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise _bad(name, value, "{...}")
        return {**default, **value}
    if isinstance(default, tuple):
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise _bad(name, value, "[...]")
        return tuple(value)
    if isinstance(default, bool) and not isinstance(value, bool):
        raise _bad(name, value, "true, false")
    return value


def piece_kmh(
    graph: "Graph", *, vehicle: Vehicle, params: TravelParams
) -> tuple[FloatArray, FloatArray]:
    """Give the speed of a vehicle on each piece, from tail to head and back; km/h.

    It is 0 where the vehicle cannot go, and infinite on a ferry that states its duration. A surface
    that is not stated, or not known, is the one assumed for the highway. Where it is not known
    which way a river runs, both ways have the speed against the stream.
    """
    n = len(graph.tails)
    if graph.mode != travel_mode(vehicle):
        return np.zeros(n), np.zeros(n)
    is_open = ~_is_closed(graph, vehicle, params)
    if graph.mode == "road":
        classes, of_piece = _classes(graph.highways, graph.surfaces)
        speeds = [_road_kmh(*words, vehicle, params) for words in classes]
        kmh = np.array(speeds, dtype=float)[of_piece]
        kmh[(graph.highways == FERRY) & ~np.isnan(graph.fixed_min)] = np.inf
        kmh = np.where(is_open, kmh, 0.0)
        return kmh, kmh
    factor = params.low_water_factor if params.low_water else 1.0
    up, down = params.boat_kmh[vehicle] / factor, params.boat_down_kmh[vehicle] / factor
    carries = np.isin(graph.waterways.astype(str), params.waterways) & is_open
    return (
        np.where(carries, np.where(graph.flows > 0, down, up), 0.0),
        np.where(carries, np.where(graph.flows < 0, down, up), 0.0),
    )


def _is_closed(graph: "Graph", vehicle: Vehicle, params: TravelParams) -> npt.NDArray[np.bool_]:
    """Tell which pieces the season closes to a vehicle."""
    closures = [
        *(params.wet_closed if params.wet else ()),
        *(params.low_water_closed if params.low_water else ()),
    ]
    words = {word for of, _, word in (c.partition(":") for c in closures) if of == vehicle}
    closed = np.zeros(len(graph.tails), dtype=np.bool_)
    if words:
        classes, of_piece = _classes(graph.highways, graph.surfaces)
        on = np.array([_surface_class(*pair, params) or "" for pair in classes], dtype=object)
        for column in (graph.highways, graph.waterways, graph.structures, on[of_piece]):
            closed |= np.isin(column.astype(str), sorted(words))
    return closed


def fixed_minutes(graph: "Graph", *, params: TravelParams) -> FloatArray:
    """Give the minutes on each piece that no speed changes: of ferries and rapids."""
    is_rapids = graph.structures == RAPIDS
    is_ferry = graph.highways == FERRY
    minutes = np.where(np.isnan(graph.fixed_min) & is_rapids, params.rapids_min, graph.fixed_min)
    minutes = np.nan_to_num(minutes) + np.where(is_ferry, params.ferry_wait_min, 0.0)
    shared: FloatArray = minutes * graph.shares
    return shared


def _classes(
    highways: ObjectArray, surfaces: ObjectArray
) -> tuple[list[tuple[str, str]], npt.NDArray[np.intp]]:
    """Find the distinct pairs of words, and which of them each row has; None becomes nothing."""
    words = [(h or "", s or "") for h, s in zip(highways, surfaces, strict=True)]
    number = {pair: k for k, pair in enumerate(dict.fromkeys(words))}
    return list(number), np.array([number[pair] for pair in words], dtype=np.intp)


def _surface_class(highway: str, surface: str, params: TravelParams) -> str | None:
    """Name what a vehicle drives on; None where it cannot."""
    assumed = params.highways.get(highway)
    return None if assumed is None else params.surfaces.get(surface, assumed)


def _road_kmh(highway: str, surface: str, vehicle: Vehicle, params: TravelParams) -> float:
    if highway == FERRY:
        return params.ferry_kmh
    surface_class = _surface_class(highway, surface, params)
    if surface_class is None:
        return 0.0
    slower = params.wet_factor[surface_class] - 1 if params.wet else 0.0
    return params.road_kmh[surface_class] / (1 + slower * params.wet_share[vehicle])


def server_factor(vehicle: Vehicle, params: TravelParams) -> float:
    """Give the factor on the times of a road server in the season."""
    slower = (params.server_wet - 1) * params.wet_share[vehicle] if params.wet else 0.0
    return params.server_dry * (1 + slower)
