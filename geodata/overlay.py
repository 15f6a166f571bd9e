"""The overlay of nets of grids: atomic faces, each with all grids that cover it.

All borders are noded together once, in degrees at 1e-9° (0.1 mm), so that no face is cut by any
border and one point inside tells whose all of it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.crs import Geometries
from geodata.fabric import area_m2

GRID_DEG = 1e-9
CLEAR_DEG = 1e-7  # a centimetre
# Two borders that should be one make slivers, by rounding alone: narrower than this is no ground.
MINIMUM_M2 = 1.0
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Faces:
    """The atomic faces of an overlay inside an outline.

    Attributes:
        shape: polygons in EPSG:4326.
        area_m2: of each, in the 3° Gauss–Krüger zone of their middle.
        face: numbers of faces; with ``grid`` the pairs of a face and a grid that covers it.
        grid: numbers of grids, in the order in which they were given.
    """

    shape: Geometries
    area_m2: NDArray[np.float64]
    face: Ints
    grid: Ints


def overlay(grids: Geometries, outline: BaseGeometry | None = None) -> Faces:
    """Cut the ground along every border of every grid.

    Args:
        grids: polygons in EPSG:4326, of any nets and levels; they may overlap and leave gaps.
        outline: the town; without it, the ground is what the grids cover or enclose.

    Returns:
        The faces inside the outline; what no grid covers is a face without a pair.
    """
    whole = grids if outline is None else np.append(grids, outline)
    lines = shapely.union_all(_segments(whole))
    shape = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    points = inside(shape)
    if outline is not None:
        shapely.prepare(outline)
        own = shapely.contains(outline, points)
        shape, points = shape[own], points[own]
    face, grid = shapely.STRtree(grids).query(points, predicate="within")
    return Faces(shape, area_m2(shape), face, grid)


def _segments(polygons: Geometries) -> Geometries:
    """Give every straight piece of the polygons' rings once, at the precision of the overlay."""
    rings = shapely.get_parts(shapely.boundary(polygons))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    cells = np.round(xy / GRID_DEG).astype(np.int64)
    same = ring[1:] == ring[:-1]
    ends = np.hstack((cells[:-1][same], cells[1:][same]))
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    once = np.unique(ends, axis=0)
    once = once[(once[:, :2] != once[:, 2:]).any(axis=1)]
    lines: Geometries = shapely.linestrings(once.reshape(-1, 2, 2) * GRID_DEG)
    return lines


def inside(shape: Geometries) -> Geometries:
    """Find a point well inside each face, not in a hair's breadth beside a border.

    Where a border has a vertex that its neighbour lacks, a face has a spike along it; there the
    usual point may fall.
    """
    points: Geometries = shapely.point_on_surface(shape)
    close = shapely.distance(points, shapely.boundary(shape)) < CLEAR_DEG
    close &= shapely.area(shape) > CLEAR_DEG**2
    widest = shapely.maximum_inscribed_circle(shape[close], tolerance=GRID_DEG)
    points[close] = shapely.get_point(widest, 0)
    return points


def joined(shapes: Geometries) -> tuple[Geometries, NDArray[np.float64]]:
    """Join polygons in EPSG:4326 that touch.

    Returns:
        The pieces of at least 1 m², largest first, and their areas in m².
    """
    pieces = shapely.get_parts(shapely.union_all(shapes))
    areas = area_m2(pieces)
    kept = np.flatnonzero(areas >= MINIMUM_M2)
    kept = kept[np.argsort(-areas[kept], kind="stable")]
    return pieces[kept], areas[kept]
