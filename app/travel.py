"""Travel times of a week: the network and links in the database, one table for each way to go.

A table depends on the vehicle alone, unless scheduled links run that day: then also on where the
team starts (its gateway), how many people pay fares, and which links run.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.models import DataImport, Link, NetworkLine, Team, Village
from geodata.graph import Graph, build_graphs
from geodata.links import DTYPES as LINK_DTYPES
from geodata.matrix import Travel, travel
from geodata.speeds import TravelParams, Vehicle
from geodata.webs import TravelMode
from routing import TravelMatrix

# Roads and rivers this far (degrees) around the villages and bases can carry a route.
MARGIN_DEG = 0.5

LINE_COLUMNS = (
    *("mode", "highway", "surface", "waterway", "name", "oneway"),
    *("structure", "flow", "fixed_min"),
)


class WeekTravel:
    """Travel tables over the villages and bases of a week, made when first asked for.

    Nodes 0 to n - 1 are the villages in order, then each distinct base.
    """

    def __init__(
        self,
        *,
        graphs: dict[str, Graph],
        links: pd.DataFrame,
        points: Sequence[tuple[float, float]],
        bases: dict[tuple[float, float], int],
        params: TravelParams,
        import_ids: frozenset[int],
    ) -> None:
        self.params = params
        self.import_ids = import_ids
        self._graphs = graphs
        self._links = links
        self._points = list(points)
        self._bases = bases
        self._places: dict[tuple[object, ...], int] = {}
        self._tables: list[Travel] = []

    @classmethod
    def load(
        cls,
        session: Session,
        villages: Sequence[Village],
        teams: Sequence[Team],
        *,
        params: TravelParams,
    ) -> Self:
        """Read the network around the villages and bases, and all links, that count today."""
        bases: dict[tuple[float, float], int] = {}
        for team in teams:
            bases.setdefault((team.lon, team.lat), len(villages) + len(bases))
        points = [*((v.lon, v.lat) for v in villages), *bases]
        lines = _lines(session, points)
        links = session.exec(
            select(Link).join(DataImport).where(col(DataImport.superseded_by).is_(None))
        ).all()
        return cls(
            graphs=build_graphs(
                gpd.GeoDataFrame(
                    [{name: getattr(line, name) for name in LINE_COLUMNS} for line in lines],
                    columns=list(LINE_COLUMNS),
                    geometry=gpd.GeoSeries([line.geometry for line in lines], crs=4326),
                )
            ),
            links=pd.DataFrame(
                [{name: getattr(link, name) for name in LINK_DTYPES} for link in links],
                columns=list(LINK_DTYPES),
            ).astype(LINK_DTYPES),
            points=points,
            bases=bases,
            params=params,
            import_ids=frozenset(
                (*(line.import_id for line in lines), *(link.import_id for link in links))
            ),
        )

    def base_node(self, team: Team) -> int:
        """Tell the node of a team's base."""
        return self._bases[team.lon, team.lat]

    def index(self, team: Team, weekday: int) -> int:
        """Tell the position in ``matrices`` of a team's table on an ISO weekday."""
        running = tuple(
            n for n, days in enumerate(self._links["weekdays"]) if str(weekday) in str(days)
        )
        key: tuple[object, ...] = (team.vehicle,)
        if running:
            key = (team.vehicle, running, self.base_node(team), team.staff)
        if key not in self._places:
            self._places[key] = len(self._tables)
            self._tables.append(
                travel(
                    self._graphs,
                    self._links,
                    self._points,
                    vehicle=Vehicle(team.vehicle),
                    depot=self.base_node(team),
                    weekday=weekday,
                    people=team.staff,
                    params=self.params,
                )
            )
        return self._places[key]

    def table(self, position: int) -> Travel:
        """Give a table with its lines."""
        return self._tables[position]

    @property
    def matrices(self) -> tuple[TravelMatrix, ...]:
        """All tables made so far, as the solver wants them."""
        return tuple(
            TravelMatrix(
                durations=t.durations, distances=t.distances, costs=t.costs, reachable=t.reachable
            )
            for t in self._tables
        )


def _lines(session: Session, points: Iterable[tuple[float, float]]) -> Sequence[NetworkLine]:
    return session.exec(
        select(NetworkLine)
        .join(DataImport)
        .where(*_counts_near(points))
        .order_by(col(NetworkLine.id))
    ).all()


def has_network(session: Session, points: Iterable[tuple[float, float]]) -> bool:
    """Tell whether any road or river that counts today is near the points."""
    query = select(NetworkLine.id).join(DataImport).where(*_counts_near(points)).limit(1)
    return session.exec(query).first() is not None


def _counts_near(points: Iterable[tuple[float, float]]) -> tuple[ColumnElement[bool], ...]:
    lons, lats = zip(*points, strict=True)
    return (
        col(DataImport.superseded_by).is_(None),
        col(NetworkLine.east) >= min(lons) - MARGIN_DEG,
        col(NetworkLine.west) <= max(lons) + MARGIN_DEG,
        col(NetworkLine.north) >= min(lats) - MARGIN_DEG,
        col(NetworkLine.south) <= max(lats) + MARGIN_DEG,
    )


def travel_mode(table: Travel, i: int, j: int) -> str:
    """Tell how a team mostly moves from one node to another: road, river, sea or air."""
    return TravelMode(int(table.modes[i, j])).name.lower()
