"""Borders that neighbours share: vertices brought together, and put into each other's edges.

Borders are straight in longitude and latitude, as they are stored, so noding works in degrees
scaled to metres at the frame's middle; a map projection would bend long borders by decimetres.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import Geometries
from geodata.fabric import multi
from geodata.offsets import LonLats

TOLERANCE_M = 0.1  # six decimals of a degree are 0.1 m
METRES_PER_DEGREE = 111_195.0  # of a great circle on the mean sphere
PASSES = 8
NO_SHAPES: Geometries = np.empty(0, dtype=object)
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Noded:
    """A frame whose neighbours share their vertices.

    Attributes:
        frame: the same rows with changed polygons.
        snapped: vertices moved onto another one, or onto a border that stays.
        inserted: vertices put into a neighbour's edge.
        collapsed: labels of rows left as they were, being narrower than the tolerance.
    """

    frame: gpd.GeoDataFrame
    snapped: int
    inserted: int
    collapsed: tuple[object, ...]


@dataclass(frozen=True)
class _Ground:
    """What is near, in metres: the scale of a degree, the tolerance, and borders that stay.

    ``fixed`` are the vertices of those borders in degrees, ``borders`` their lines in metres.
    """

    scale: LonLats
    tolerance_m: float
    fixed: LonLats
    borders: Geometries

    def points(self, lonlat: LonLats) -> Geometries:
        return np.asarray(shapely.points(lonlat * self.scale))


def node(
    frame: gpd.GeoDataFrame, tolerance_m: float = TOLERANCE_M, beside: Geometries = NO_SHAPES
) -> Noded:
    """Make neighbours share every vertex along their borders, so that no T-junction is left.

    Vertices closer than the tolerance become one, then each vertex that lies within it on a
    neighbour's edge is put into that edge. Where there was no overlap or gap wider than the
    tolerance, the result is a valid coverage. Vertices that nothing is near to stay as they are.

    Args:
        frame: valid polygons in EPSG:4326; not changed.
        tolerance_m: how far a vertex may move, in metres.
        beside: polygons in EPSG:4326 that stay as they are. Vertices within the tolerance move
            onto their vertices, else onto their edges, and the vertices along a common border are
            put into the frame's edges, but none into theirs.
    """
    present = np.flatnonzero(frame.geometry.notna())
    shapes = frame.geometry.to_numpy().copy()
    if not len(present):
        return Noded(frame.copy(), 0, 0, ())
    polygons = np.array([multi(shape) for shape in shapes[present]], dtype=object)
    _, lonlat, offsets = shapely.to_ragged_array(polygons)
    ground = _ground(lonlat, tolerance_m, beside)
    lonlat, snapped = _snap(lonlat, ground)
    before = len(lonlat)
    lonlat, rings = _split_edges(lonlat, offsets[0], ground)
    made = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, lonlat, (rings, *offsets[1:])
    )
    made, collapsed = _cleaned(made, polygons)
    shapes[present] = made
    out = frame.copy()
    out[frame.geometry.name] = gpd.GeoSeries(shapes, frame.index, crs=frame.crs)
    labels = tuple(frame.index[present[collapsed]])
    return Noded(out, snapped, len(lonlat) - before, labels)


def _ground(lonlat: LonLats, tolerance_m: float, beside: Geometries) -> _Ground:
    middle = np.radians((lonlat[:, 1].min() + lonlat[:, 1].max()) / 2)
    scale = np.array([np.cos(middle) * METRES_PER_DEGREE, METRES_PER_DEGREE])
    lines = shapely.transform(shapely.boundary(beside), lambda xy: xy * scale)
    fixed = np.unique(shapely.get_coordinates(beside), axis=0)
    return _Ground(scale, tolerance_m, fixed, np.asarray(lines))


def _snap(lonlat: LonLats, ground: _Ground) -> tuple[LonLats, int]:
    """Move vertices that are close together onto the first of them, or onto what stays."""
    unique, ids = np.unique(lonlat, axis=0, return_inverse=True)
    moved, held = _onto_vertices(unique, ground)
    points = ground.points(moved)
    tree = shapely.STRtree(points)
    pairs = tree.query(points, predicate="dwithin", distance=ground.tolerance_m)
    order = np.argsort(~held, kind="stable")  # what is held comes first, and so leads
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    leader = order[_leaders(len(unique), rank[pairs[:, pairs[0] < pairs[1]]])[rank]]
    leader[held] = np.flatnonzero(held)
    moved = _onto_edges(moved, held, ground)[leader]
    return moved[ids], int((moved != unique).any(axis=1)[ids].sum())


def _onto_vertices(unique: LonLats, ground: _Ground) -> tuple[LonLats, NDArray[np.bool_]]:
    """Move vertices onto the nearest of those that stay; tell which ones were near to any."""
    held = np.zeros(len(unique), dtype=np.bool_)
    if not len(ground.fixed):
        return unique, held
    near = shapely.STRtree(ground.points(ground.fixed)).query_nearest(
        ground.points(unique), max_distance=ground.tolerance_m, all_matches=False
    )
    moved = unique.copy()
    moved[near[0]], held[near[0]] = ground.fixed[near[1]], True
    return moved, held


def _onto_edges(unique: LonLats, held: NDArray[np.bool_], ground: _Ground) -> LonLats:
    """Move vertices that no fixed vertex holds onto the nearest border that stays."""
    free = np.flatnonzero(~held)
    if not len(ground.borders) or not len(free):
        return unique
    points = ground.points(unique[free])
    near = shapely.STRtree(ground.borders).query_nearest(
        points, max_distance=ground.tolerance_m, all_matches=False
    )
    lines, points = ground.borders[near[1]], points[near[0]]
    onto = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points))
    moved = unique.copy()
    moved[free[near[0]]] = shapely.get_coordinates(onto) / ground.scale
    return moved


def _leaders(count: int, pairs: Ids) -> Ids:
    """Give each vertex the lowest number in its cluster."""
    leader = np.arange(count)
    while True:
        lowest = np.minimum(leader[pairs[0]], leader[pairs[1]])
        after = leader.copy()
        np.minimum.at(after, pairs[0], lowest)
        np.minimum.at(after, pairs[1], lowest)
        if np.array_equal(after, leader):
            return leader
        leader = after


def _split_edges(lonlat: LonLats, rings: Ids, ground: _Ground) -> tuple[LonLats, Ids]:
    """Put vertices into the edges they lie on, until none is left to put."""
    for _ in range(PASSES):
        edges, vertices = _on_edges(lonlat, rings, ground)
        if not len(edges):
            break
        lonlat = np.insert(lonlat, edges + 1, vertices, axis=0)
        rings = rings + np.searchsorted(edges + 1, rings, side="left")
    return lonlat, rings


def _on_edges(lonlat: LonLats, rings: Ids, ground: _Ground) -> tuple[Ids, LonLats]:
    """Find vertices on edges they do not end: the edges' start positions, in order along them."""
    unique, ids = np.unique(np.vstack((lonlat, ground.fixed)), axis=0, return_inverse=True)
    starts = np.setdiff1d(np.arange(len(lonlat) - 1), rings[1:-1] - 1)
    starts = starts[ids[starts] != ids[starts + 1]]
    metres = lonlat * ground.scale
    lines = shapely.linestrings(np.stack((metres[starts], metres[starts + 1]), axis=1))
    points = ground.points(unique)
    vertex, line = shapely.STRtree(lines).query(
        points, predicate="dwithin", distance=ground.tolerance_m
    )
    edge = starts[line]
    along = shapely.line_locate_point(lines[line], points[vertex])
    free = (ids[edge] != vertex) & (ids[edge + 1] != vertex)
    free &= (along > 0) & (along < shapely.length(lines[line]))
    order = np.lexsort((along[free], edge[free]))
    return edge[free][order], unique[vertex[free][order]]


def _cleaned(made: Geometries, before: Geometries) -> tuple[Geometries, Ids]:
    """Drop repeated vertices and what collapsed to nothing; keep a row that vanished as it was."""
    broken = np.flatnonzero(~shapely.is_valid(made))
    mended = shapely.make_valid(made[broken], method="structure", keep_collapsed=False)
    made[broken] = [multi(shape) for shape in mended]
    collapsed = np.flatnonzero(shapely.is_empty(made) | ~shapely.is_valid(made))
    made[collapsed] = before[collapsed]
    return shapely.remove_repeated_points(made), collapsed
