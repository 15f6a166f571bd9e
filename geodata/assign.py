"""Assign masses of points to grids: the same answers as the database gives one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

NOWHERE = -1
SAMPLES = 200
BLOCK = 5_000  # points of which SAMPLES are drawn at a time
GOLDEN_ANGLE = 2.399963229728653
LON_M, LAT_M = 111_320.0, 110_574.0
REACH_SIGMAS = 3.5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Net:
    """The grids of one net, the one that answers first standing first.

    Attributes:
        geoms: polygons in EPSG:4326, shape (n,); prepared on first use.
        tiers: shape (n,), rising; a point is looked for in a tier only when none before covers it.
        since: shape (n,), seconds since 1970 from which an edition is in force.
        until: shape (n,), seconds since 1970 at which it ended.
    """

    geoms: NDArray[Any]
    tiers: Ints
    since: Floats
    until: Floats


class Chances(NamedTuple):
    """How surely each point lies in its grid, and in which others it may lie.

    Attributes:
        own: shape (n,), 0 to 1; 1 where the accuracy is not known, 0 outside every grid.
        points: shape (m,), rising: which of the points may lie elsewhere; one of them may more
            than once.
        others: shape (m,), the positions in the net of the grids where they may.
        elsewhere: shape (m,), the chances of that, 0 to 1.
    """

    own: Floats
    points: Ints
    others: Ints
    elsewhere: Floats


def assign(lon: Floats, lat: Floats, at: Floats, net: Net) -> Ints:
    """Find the grid that answers for each point.

    Args:
        lon: longitudes, degrees in EPSG:4326, shape (n,).
        lat: latitudes, shape (n,).
        at: seconds since 1970, shape (n,), the time whose edition is asked for.
        net: the grids; on a shared edge the one that stands first wins.

    Returns:
        Positions in ``net``, shape (n,); ``NOWHERE`` outside every grid.
    """
    shapely.prepare(net.geoms)
    found = np.full(len(lon), NOWHERE, dtype=np.int64)
    for tier in np.unique(net.tiers):
        left = np.flatnonzero(found == NOWHERE)
        if left.size:
            grids = np.flatnonzero(net.tiers == tier)
            found[left] = _assign_tier(lon[left], lat[left], at[left], (net, grids))
    return found


def _assign_tier(lon: Floats, lat: Floats, at: Floats, among: tuple[Net, Ints]) -> Ints:
    net, grids = among
    tree = shapely.STRtree(net.geoms[grids])
    points, boxes = tree.query(shapely.points(lon, lat))
    boxes = grids[boxes]
    timely = (net.since[boxes] <= at[points]) & (at[points] < net.until[boxes])
    if not timely.all():
        points, boxes = points[timely], boxes[timely]
    # Grid by grid, so that each prepared polygon stays in the processor's cache.
    order = np.argsort(boxes, kind="stable")
    points, boxes = points[order], boxes[order]
    hit = shapely.intersects_xy(net.geoms[boxes], lon[points], lat[points])
    found = np.full(len(lon), NOWHERE, dtype=np.int64)
    # Written from the last to the first, so that the grid that stands first stays.
    found[points[hit][::-1]] = boxes[hit][::-1]
    return found


def chances(lon: Floats, lat: Floats, sigma_m: Floats, fixed: tuple[Ints, Floats, Net]) -> Chances:
    """Tell the chance that each true position lies in the grid its point was assigned to.

    The grids beside are told of points that were assigned to one.

    Args:
        lon: longitudes, degrees in EPSG:4326, shape (n,).
        lat: latitudes, shape (n,).
        sigma_m: standard deviation on each axis in metres, shape (n,); NaN when not known.
        fixed: what ``assign`` answered, the times it was asked for, and its net.
    """
    found, at, net = fixed
    chance = np.where(found == NOWHERE, 0.0, 1.0)
    unsure = np.flatnonzero((found != NOWHERE) & (sigma_m > 0))
    degree_m = np.minimum(LAT_M, LON_M * np.cos(np.radians(lat[unsure])))
    reach = REACH_SIGMAS * sigma_m[unsure] / degree_m
    near = unsure[_undecided(shapely.points(lon[unsure], lat[unsure]), reach, found[unsure], net)]
    beside: list[tuple[Ints, Ints, Floats]] = []
    for start in range(0, len(near), BLOCK):
        some = near[start : start + BLOCK]
        x, y = _sunflower(lon[some], lat[some], sigma_m[some])
        hit = assign(x.ravel(), y.ravel(), np.repeat(at[some], SAMPLES), net).reshape(x.shape)
        own = hit == found[some, np.newaxis]
        chance[some] = own.mean(axis=1)
        beside.append(_beside(some, np.where(own, NOWHERE, hit), len(net.geoms)))
    points, others, elsewhere = zip(*beside, strict=True) if beside else ([], [], [])
    none = np.empty(0)
    return Chances(
        chance,
        np.concatenate([none.astype(np.int64), *points]),
        np.concatenate([none.astype(np.int64), *others]),
        np.concatenate([none, *elsewhere]),
    )


def _beside(points: Ints, hit: Ints, grids: int) -> tuple[Ints, Ints, Floats]:
    """Count in which other grids the positions drawn of each point lie."""
    rows, drawn = np.nonzero(hit != NOWHERE)
    which, counts = np.unique(rows * grids + hit[rows, drawn], return_counts=True)
    return points[which // grids], which % grids, counts / SAMPLES


def _undecided(places: NDArray[Any], reach: Floats, found: Ints, net: Net) -> Ints:
    """Find the places within reach of their grid's edge, or of a grid that answers before it."""
    edges = shapely.boundary(net.geoms)
    shapely.prepare(edges)
    at_edge = np.flatnonzero(shapely.dwithin(edges[found], places, reach))
    rows, grids = shapely.STRtree(net.geoms).query(places, predicate="dwithin", distance=reach)
    return np.union1d(at_edge, rows[grids < found[rows]])


def _sunflower(lon: Floats, lat: Floats, sigma_m: Floats) -> tuple[Floats, Floats]:
    """Spread equally likely positions of round Gaussians (n, SAMPLES), as grids_at.sql does."""
    i = np.arange(1, SAMPLES + 1)
    radius = sigma_m[:, np.newaxis] * np.sqrt(-2 * np.log(1 - (i - 0.5) / SAMPLES))
    width_m = LON_M * np.cos(np.radians(lat))[:, np.newaxis]
    x = lon[:, np.newaxis] + radius * np.cos(i * GOLDEN_ANGLE) / width_m
    return x, lat[:, np.newaxis] + radius * np.sin(i * GOLDEN_ANGLE) / LAT_M
