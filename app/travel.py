"""Travel times of a week: the network and links in the database, one table for each way to go.

A table depends on the vehicle alone, unless the team has two or scheduled links run that day: then
also on where the team starts (its gateways), how many people pay fares, and which links run.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.geometry import meets_box
from app.ingest.network import LINE_COLUMNS
from app.lodging import LodgingPlace
from app.models import DataImport, Link, NetworkLine, Pier, Team
from app.points import Point
from app.settings import Settings
from geodata.cache import TravelCache
from geodata.closures import Closure, without_closed
from geodata.graph import Graph, build_graphs
from geodata.links import DTYPES as LINK_DTYPES
from geodata.matrix import Travel, Trip, travel
from geodata.paths import Progress
from geodata.road_server import RoadServer, road_server
from geodata.speeds import TravelParams, vehicles_of
from geodata.speeds import travel_mode as vehicle_mode
from geodata.webs import Roads, TravelMode
from routing import TravelMatrix

# A search that is large is shared among the processors; each holds the whole network.
PROCESSES = min(4, os.cpu_count() or 1)

# Roads and rivers this far (degrees) around the villages and bases can carry a route.
MARGIN_DEG = 0.5

OnProgress = Callable[[float, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMeans:
    """What an installation makes travel tables with.

    Parameters
    ----------
    cache
        Where tables are kept from one plan to the next; None keeps none.
    roads
        The server that knows the roads; None where the imported roads are travelled.
    """

    cache: TravelCache | None = None
    roads: RoadServer | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Keep tables in the data folder, and ask the road server if there is one.

        Raises
        ------
        BadRoadServer
            When its address is none.
        """
        folder = settings.data_dir.resolve() / "travel"
        roads = None
        if settings.road_server:
            roads = road_server(
                settings.road_server, settings.road_server_url, block=settings.road_server_block
            )
        cache = TravelCache(folder, max_bytes=settings.travel_cache_mb << 20)
        return cls(cache=cache, roads=roads)


class WeekTravel:
    """Travel tables over the service points and bases of a week, made when first asked for.

    Nodes 0 to n - 1 are the points in order, then each distinct base, then the places to sleep.
    """

    def __init__(
        self,
        *,
        graphs: dict[str, Graph],
        links: pd.DataFrame,
        points: Sequence[tuple[float, float]],
        piers: Sequence[tuple[float, float]],
        bases: dict[tuple[float, float], int],
        params: TravelParams,
        import_ids: frozenset[int],
        means: TravelMeans | None = None,
        cut: dict[str, Graph] | None = None,
    ) -> None:
        """``cut`` are the graphs without what is closed; None where nothing is."""
        self.params = params
        self.import_ids = import_ids
        self._means = means or TravelMeans()
        self._graphs: dict[str, Roads] = dict(graphs)
        if self._means.roads is not None:
            self._graphs["road"] = self._means.roads
        self._cut: dict[str, Roads] = self._graphs if cut is None else dict(cut)
        self.network = graphs
        self.points = list(points)
        self._links = links
        self._piers = list(piers)
        self._bases = bases
        self._places: dict[tuple[object, ...], int] = {}
        self._trips: list[Trip] = []
        self._is_closed: list[bool] = []
        self._off: list[frozenset[int]] = []
        self._tables: dict[int, Travel] = {}
        self._n_kept = 0

    @classmethod
    def load(
        cls,
        session: Session,
        points: Sequence[Point],
        teams: Sequence[Team],
        *,
        params: TravelParams,
        means: TravelMeans | None = None,
        closed: Sequence[Closure] = (),
        lodgings: Sequence[LodgingPlace] = (),
    ) -> Self:
        """Read the network around the points and bases, and all links, that count today."""
        bases: dict[tuple[float, float], int] = {}
        for team in teams:
            bases.setdefault((team.lon, team.lat), len(points) + len(bases))
        sleeps = [(place.lon, place.lat) for place in lodgings]
        places = [*((p.lon, p.lat) for p in points), *bases, *sleeps]
        lines, piers = _lines(session, places), _piers(session, places)
        links = session.exec(
            select(Link).join(DataImport).where(col(DataImport.superseded_by).is_(None))
        ).all()
        frame = gpd.GeoDataFrame(
            [{name: getattr(line, name) for name in LINE_COLUMNS} for line in lines],
            columns=list(LINE_COLUMNS),
            geometry=gpd.GeoSeries([line.geometry for line in lines], crs=4326),
        )
        return cls(
            graphs=build_graphs(frame),
            cut=build_graphs(without_closed(frame, closed)) if closed else None,
            links=pd.DataFrame(
                [{name: getattr(link, name) for name in LINK_DTYPES} for link in links],
                columns=list(LINK_DTYPES),
            ).astype(LINK_DTYPES),
            points=places,
            piers=[(pier.lon, pier.lat) for pier in piers],
            bases=bases,
            params=params,
            means=means,
            import_ids=frozenset(row.import_id for rows in (lines, piers, links) for row in rows),
        )

    def lodging_nodes(self, n_places: int) -> range:
        """Tell the nodes of the places to sleep, the last of all."""
        return range(len(self.points) - n_places, len(self.points))

    def base_node(self, team: Team) -> int:
        """Tell the node of a team's base."""
        return self._bases[team.lon, team.lat]

    def index(
        self,
        team: Team,
        weekday: int,
        people: int | None = None,
        *,
        is_closed: bool = False,
        ends_off: frozenset[frozenset[str]] = frozenset(),
    ) -> int:
        """Tell the position in ``matrices`` of a team's table on an ISO weekday.

        So many people pay fares; None: all of the team. ``is_closed``: without what is closed.
        ``ends_off``: links between these do not go.
        """
        people = team.staff if people is None else people
        off = self._links_between(ends_off)
        running = tuple(
            n
            for n, days in enumerate(self._links["weekdays"])
            if str(weekday) in str(days) and n not in off
        )
        vehicles = vehicles_of(team.vehicle)
        key: tuple[object, ...] = (team.vehicle,)
        if running or len(vehicles) > 1:
            key = (team.vehicle, running, self.base_node(team), people)
        key = (*key, is_closed)
        if key not in self._places:
            self._places[key] = len(self._trips)
            self._is_closed.append(is_closed)
            self._off.append(off)
            self._trips.append(
                {
                    "vehicles": vehicles,
                    "depot": self.base_node(team),
                    "weekday": weekday,
                    "people": people,
                    "piers": self._piers if len(vehicles) > 1 else (),
                    "params": self.params,
                }
            )
        return self._places[key]

    def _links_between(self, ends: frozenset[frozenset[str]]) -> frozenset[int]:
        """Find the links between these ends, in either direction, by position."""
        if not ends:
            return frozenset()
        named = zip(self._links["from_name"], self._links["to_name"], strict=True)
        return frozenset(n for n, pair in enumerate(named) if frozenset(pair) in ends)

    def why_unreachable(self, village: int, positions: Iterable[int] | None = None) -> str:
        """Name what keeps all teams from a village, as ``Travel.unreachable`` does.

        ``positions`` are the tables of the teams that may go there; None: all.
        """
        asked = range(len(self._trips)) if positions is None else sorted(set(positions))
        tables = (self.table(position) for position in asked)
        reasons = {t.unreachable[village] for t in tables if village in t.unreachable}
        return "no-network-near" if reasons == {"no-network-near"} else "not-connected"

    def is_stuck(self, team: Team, position: int) -> bool:
        """Tell whether the vehicles of a team cannot leave its base.

        Of a base that a table was not made for, being out of reach of that table's says nothing.
        """
        return self.table(position).unreachable.get(self.base_node(team)) == "no-network-near"

    def day_rupiah(self, team: Team, position: int) -> int:
        """Tell what the vehicle that leaves the base costs for a day, Rp."""
        mode = self.table(position).first_mode
        first = next(v for v in vehicles_of(team.vehicle) if vehicle_mode(v) == mode)
        return int(self.params.day_rupiah[first])

    def compute(self, on_progress: OnProgress | None = None) -> None:
        """Make every table that was asked for and is not there yet.

        Parameters
        ----------
        on_progress
            Called with how many tables are done, the share of the current one included, and how
            many there are.
        """
        n = len(self._trips)
        for position in range(n):
            if position not in self._tables:
                self._make(position, partial(_report, on_progress, position, n))

    def _make(self, position: int, on_progress: Progress) -> None:
        trip: Trip = {
            **self._trips[position], "processes": PROCESSES, "on_progress": on_progress
        }  # fmt: skip
        graphs = self._cut if self._is_closed[position] else self._graphs
        goes = [n not in self._off[position] for n in range(len(self._links))]
        asked = (graphs, self._links.loc[goes], self.points)
        if self._means.cache is None:
            self._tables[position] = travel(*asked, **trip)
            return
        self._tables[position], is_kept = self._means.cache.travel(*asked, **trip)
        self._n_kept += is_kept

    @property
    def origins(self) -> dict[str, int]:
        """Tell how many tables were computed, and how many kept from an earlier plan."""
        return {"computed": len(self._tables) - self._n_kept, "kept": self._n_kept}

    def table(self, position: int) -> Travel:
        """Give a table with its lines."""
        if position not in self._tables:
            self._make(position, lambda _: None)
        return self._tables[position]

    @property
    def matrices(self) -> tuple[TravelMatrix, ...]:
        """All tables that were asked for, as the solver wants them."""
        self.compute()
        tables = (self._tables[position] for position in range(len(self._trips)))
        return tuple(
            TravelMatrix(
                durations=t.durations, distances=t.distances, costs=t.costs, reachable=t.reachable
            )
            for t in tables
        )


def _report(on_progress: OnProgress | None, done: int, n_tables: int, share: float) -> None:
    if on_progress:
        on_progress(done + share, n_tables)


def _lines(session: Session, points: Iterable[tuple[float, float]]) -> Sequence[NetworkLine]:
    return session.exec(
        select(NetworkLine)
        .join(DataImport)
        .where(*_counts_near(points))
        .order_by(col(NetworkLine.id))
    ).all()


def _piers(session: Session, points: Iterable[tuple[float, float]]) -> Sequence[Pier]:
    west, south, east, north = _around(points)
    return session.exec(
        select(Pier)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(col(Pier.lon).between(west, east), col(Pier.lat).between(south, north))
        .order_by(col(Pier.id))
    ).all()


def has_network(session: Session, points: Iterable[tuple[float, float]]) -> bool:
    """Tell whether any road or river that counts today is near the points."""
    query = select(NetworkLine.id).join(DataImport).where(*_counts_near(points)).limit(1)
    return session.exec(query).first() is not None


def _counts_near(points: Iterable[tuple[float, float]]) -> tuple[ColumnElement[bool], ...]:
    return (
        col(DataImport.superseded_by).is_(None),
        meets_box(NetworkLine, *_around(points)),
    )


def _around(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Give west, south, east and north of the points, with a margin."""
    lons, lats = zip(*points, strict=True)
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def travel_mode(table: Travel, i: int, j: int) -> str:
    """Tell how a team mostly moves from one node to another: road, river, sea or air."""
    return TravelMode(int(table.modes[i, j])).name.lower()
