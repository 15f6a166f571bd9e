"""Assigning a million points to a district's grids, against geopandas on the same arrays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.figure import Figure, Finding, at_most
from bench.rig import Rig
from geodata.assign import NOWHERE, Net, assign
from geodata.town import Town, make_district

POINTS = 1_000_000
GRIDS = 2434
ROUNDS = 5


class Task(NamedTuple):
    """What is assigned to what: points (lon, lat) in EPSG:4326, grids as WKB in code order."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    grids: NDArray[np.object_]


def district(quick: bool) -> Town:
    """Make the district that a million points fall into."""
    return make_district(100 if quick else GRIDS)


def assignment(rig: Rig) -> Iterator[Finding]:
    """Time both on fresh grids in turns, and compare the answers."""
    town = district(rig.quick)
    grids = town.frames["grids"].query("level == 1").sort_values("code")
    points = town.points(10_000 if rig.quick else POINTS, seed=3)
    task = Task(points[:, 0], points[:, 1], shapely.to_wkb(grids.geom.to_numpy()))
    pairs = [(_timed(_ours, task), _timed(_theirs, task)) for _ in range(ROUNDS)]
    ours, theirs = (float(np.median([pair[i][0] for pair in pairs])) for i in (0, 1))
    ratio = float(np.median([mine / other for (mine, _), (other, _) in pairs]))
    size = f"{len(points):,} points x {len(grids):,} grids"
    yield Figure(f"assign {size}", ours, "s", at_most(theirs, "geopandas.sjoin"))
    yield Figure("assign: median of the paired ratios", ratio, "x", at_most(1.0))
    unlike = int((pairs[0][0][1] != pairs[0][1][1]).sum())
    yield Figure("assign: answers unlike geopandas'", unlike, "points", at_most(0))


def _timed(way, task: Task) -> tuple[float, NDArray[np.int64]]:
    geoms = shapely.from_wkb(task.grids)
    return way(task, geoms)


def _ours(task: Task, geoms: NDArray[np.object_]) -> tuple[float, NDArray[np.int64]]:
    many = len(geoms)
    at = np.zeros(len(task.lon))
    started = time.perf_counter()
    net = Net(geoms, np.zeros(many, np.int64), np.full(many, -np.inf), np.full(many, np.inf))
    found = assign(task.lon, task.lat, at, net)
    return time.perf_counter() - started, found


def _theirs(task: Task, geoms: NDArray[np.object_]) -> tuple[float, NDArray[np.int64]]:
    """Join, and let the lowest code win on a shared edge, as ours does."""
    started = time.perf_counter()
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(task.lon, task.lat))
    joined = points.sjoin(gpd.GeoDataFrame(geometry=geoms), how="left", predicate="intersects")
    took_s = time.perf_counter() - started
    first = joined["index_right"].groupby(level=0).min()
    return took_s, first.fillna(NOWHERE).to_numpy(np.int64)
