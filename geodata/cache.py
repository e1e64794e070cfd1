"""Travel tables kept in a folder, each named by a digest of all that decides it.

A table is read back with the webs that its lines are found in: a path is the same as before.
Nothing else is remembered: another road, fare or speed is another digest.
"""

import hashlib
import json
import logging
import os
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.graph import Graph
from geodata.legs import Course, Lines, Stage
from geodata.links import DTYPES, links_on
from geodata.matrix import Travel, Trip, travel
from geodata.paths import Edges, Network
from geodata.road_server import RoadServer
from geodata.speeds import TravelParams
from geodata.webs import Manner, Roads, TravelMode

logger = logging.getLogger(__name__)

VERSION = 5  # to be raised whenever the same input gives another table
SUFFIX = ".travel.npz"
PART = ".part"
LEFT_AFTER_S = 3600.0
NUMBERS = ("durations", "distances", "costs")
TABLES = (*NUMBERS, "reachable", "modes")
STAGE = tuple(name for name in Stage._fields if name != "course")


class TravelCache:
    """A folder of travel tables.

    Parameters
    ----------
    folder
        Made when missing. Several processes may share it.
    max_bytes
        The tables used longest ago are deleted beyond this size; the newest is always kept.
    """

    def __init__(self, folder: Path, *, max_bytes: int = 2 * 2**30) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        # The graph itself is kept: its address is its name only as long as it lives.
        self._digests: dict[int, tuple[Graph, str]] = {}

    def travel(
        self,
        graphs: Mapping[str, Roads],
        links: pd.DataFrame,
        points: Sequence[tuple[float, float]],
        **trip: Unpack[Trip],
    ) -> tuple[Travel, bool]:
        """Give what ``matrix.travel`` gives, and whether it was in the folder.

        A damaged file is computed again; a folder that cannot be written to is only logged. For a
        table that is there ``on_progress`` hears 1 at once.
        """
        params = trip.get("params") or TravelParams()
        facts = {
            "vehicles": list(trip["vehicles"]),
            "depot": trip["depot"],
            "people": trip["people"],
            "piers": [[float(lon), float(lat)] for lon, lat in trip.get("piers", ())],
            "params": params.to_dict(),
        }
        running = links_on(links, trip["weekday"])
        name = self._digest(graphs, running, points, facts)
        path = self.folder / f"{name}{SUFFIX}"
        found = _load(path, graphs) if path.exists() else None
        logger.debug(
            "travel table %s", "computed" if found is None else "read", extra={"file": name}
        )
        if found is None:
            made = travel(graphs, links, points, **trip)
            self._save(path, made)
            return made, False
        if on_progress := trip.get("on_progress"):
            on_progress(1.0)
        return found, True

    def _digest(
        self,
        graphs: Mapping[str, Roads],
        running: pd.DataFrame,
        points: Sequence[tuple[float, float]],
        facts: Mapping[str, Any],
    ) -> str:
        """Name a table. A weekday matters by the links that run on it, and by nothing else."""
        content = {
            "version": VERSION,
            "graphs": {
                mode: self._graph_digest(graph, points[0]) for mode, graph in sorted(graphs.items())
            },
            "links": running[list(DTYPES)].astype(object).to_numpy().tolist(),
            "points": [[float(lon), float(lat)] for lon, lat in points],
            **facts,
        }
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _graph_digest(self, graph: Roads, at: tuple[float, float]) -> str:
        if isinstance(graph, RoadServer):
            return json.dumps(graph.identity(at))
        if id(graph) not in self._digests:
            self._digests[id(graph)] = (graph, _digest_of(graph))
        return self._digests[id(graph)][1]

    def _save(self, path: Path, table: Travel) -> None:
        """Write a table whole or not at all: another process may be reading or writing the same."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, suffix=PART, delete=False) as file:
                try:
                    np.savez(file, allow_pickle=False, **_arrays(table))
                    file.close()
                    Path(file.name).replace(path)
                finally:
                    Path(file.name).unlink(missing_ok=True)
            self._make_room(path)
        except OSError as error:  # a full disk must not cost the plan its table
            logger.warning("travel table not kept: %s (%s)", path.name, error)

    def _make_room(self, newest: Path) -> None:
        for left in self.folder.glob(f"*{PART}"):  # by a process that was killed
            if time.time() - left.stat().st_mtime > LEFT_AFTER_S:
                left.unlink(missing_ok=True)
        tables = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            try:
                status = path.stat()
            except FileNotFoundError:  # another process makes room as well
                continue
            tables.append((status.st_mtime, path, status.st_size))
        total = sum(size for _, _, size in tables)
        for _, path, size in sorted(tables):
            if total <= self.max_bytes:
                break
            if path != newest:
                path.unlink(missing_ok=True)
                total -= size


def _digest_of(graph: Graph) -> str:
    found = hashlib.sha256()
    for part in fields(graph):
        value = getattr(graph, part.name)
        found.update(f"{part.name}:".encode())
        if isinstance(value, np.ndarray) and value.dtype != object:
            found.update(f"{value.dtype}{value.shape}".encode())
            found.update(np.ascontiguousarray(value).tobytes())
        else:
            listed = value.tolist() if isinstance(value, np.ndarray) else value
            found.update(json.dumps(listed, default=str).encode())
    return found.hexdigest()


def _arrays(table: Travel) -> dict[str, npt.NDArray[Any]]:
    lines = table.lines
    courses = [lines.own, *(stage.course for stage in lines.stages)]
    meta = {
        "unreachable": list(table.unreachable.items()),
        "gateways": list(table.gateways.items()),
        "straight": sorted(table.straight),
        "modes": [course.graph.mode for course in courses],
        "manners": [course.manners for course in courses],
    }
    arrays = {name: _compact(getattr(table, name)) for name in TABLES}
    arrays["place_of_point"] = lines.place_of_point
    for number, course in enumerate(courses):
        arrays[f"{number}_xy"] = course.network.xy
        for column, values in course.network.edges._asdict().items():
            arrays[f"{number}_{column}"] = values
    for number, stage in enumerate(lines.stages, 1):
        arrays |= {f"{number}_{name}": getattr(stage, name) for name in STAGE}
    return {**arrays, "meta": np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)}


def _compact(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Store whole numbers in half the bytes where all of them fit."""
    is_small = values.dtype == np.int64 and values.max(initial=0) <= np.iinfo(np.int32).max
    return values.astype(np.int32) if is_small else values


def _load(path: Path, graphs: Mapping[str, Roads]) -> Travel | None:
    """Read a table; None when its file is damaged or has just been deleted."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        os.utime(path)
        meta = json.loads(arrays["meta"].tobytes())
        return _table(arrays, meta, graphs)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("damaged travel table, computed again: %s (%s)", path.name, error)
        return None


def _table(
    arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any], graphs: Mapping[str, Roads]
) -> Travel:
    courses = [
        Course(
            graphs[mode],
            Network(
                edges=Edges(*(arrays[f"{number}_{column}"] for column in Edges._fields)),
                xy=arrays[f"{number}_xy"],
            ),
            tuple(Manner(TravelMode(by), *rest) for by, *rest in manners),
        )
        for number, (mode, manners) in enumerate(zip(meta["modes"], meta["manners"], strict=True))
    ]
    stages = tuple(
        Stage(course, *(arrays[f"{number}_{name}"] for name in STAGE))
        for number, course in enumerate(courses[1:], 1)
    )
    return Travel(
        **{name: arrays[name].astype(np.int64) for name in NUMBERS},
        reachable=arrays["reachable"],
        modes=arrays["modes"],
        unreachable={int(point): str(reason) for point, reason in meta["unreachable"]},
        gateways={int(point): (lon, lat) for point, (lon, lat) in meta["gateways"]},
        straight=frozenset(meta["straight"]),
        lines=Lines(place_of_point=arrays["place_of_point"], own=courses[0], stages=stages),
    )
