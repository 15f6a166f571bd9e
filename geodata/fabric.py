"""The fabric of grids: parts of one code merged, borders shared, overlaps and gaps listed.

Borders are straight in longitude and latitude, as they are stored, so noding works in degrees
scaled to metres at the frame's middle; a map projection would bend long borders by decimetres.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.crs import WGS84, Geometries, metres_near
from geodata.dataset import GEOMETRY
from geodata.offsets import LonLats

TOLERANCE_M = 0.1  # six decimals of a degree are 0.1 m
MINIMUM_M2 = 1.0
METRES_PER_DEGREE = 111_195.0  # of a great circle on the mean sphere
PASSES = 8
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Merged:
    """A frame with one row per key, and what was merged.

    Attributes:
        frame: the first row of each key, with the union of all its parts.
        report: per merged key the index labels of its ``rows`` and the columns that ``differ``.
    """

    frame: gpd.GeoDataFrame
    report: pd.DataFrame


@dataclass(frozen=True)
class Noded:
    """A frame whose neighbours share their vertices.

    Attributes:
        frame: the same rows with changed polygons.
        snapped: vertices moved onto another one.
        inserted: vertices put into a neighbour's edge.
        collapsed: labels of rows left as they were, being narrower than the tolerance.
    """

    frame: gpd.GeoDataFrame
    snapped: int
    inserted: int
    collapsed: tuple[object, ...]


def merge_parts(frame: gpd.GeoDataFrame, key: str = "code") -> Merged:
    """Unite the rows that have the same key; rows without one stay apart.

    Args:
        frame: polygons in EPSG:4326; not changed.
        key: the column that says what belongs together.
    """
    repeated = frame[key].notna() & frame.duplicated(key, keep=False)
    merged = frame[~(repeated & frame.duplicated(key))].copy()
    shapes, report = merged.geometry.to_numpy().copy(), []
    for value, parts in frame[repeated].groupby(key, sort=False):
        at = merged.index.get_loc(parts.index[0])
        shapes[at] = _multi(shapely.union_all(parts.geometry.to_numpy()))
        others = parts.drop(columns=[key, frame.geometry.name])
        differ = [str(name) for name in others if others[name].nunique(dropna=False) > 1]
        report.append({key: value, "rows": list(parts.index), "differ": differ})
    merged[frame.geometry.name] = gpd.GeoSeries(shapes, merged.index, crs=frame.crs)
    return Merged(merged, pd.DataFrame(report, columns=[key, "rows", "differ"]))


def node(frame: gpd.GeoDataFrame, tolerance_m: float = TOLERANCE_M) -> Noded:
    """Make neighbours share every vertex along their borders, so that no T-junction is left.

    Vertices closer than the tolerance become one, then each vertex that lies within it on a
    neighbour's edge is put into that edge. Where there was no overlap or gap wider than the
    tolerance, the result is a valid coverage. Vertices that nothing is near to stay as they are.

    Args:
        frame: valid polygons in EPSG:4326; not changed.
        tolerance_m: how far a vertex may move, in metres.
    """
    present = np.flatnonzero(frame.geometry.notna())
    shapes = frame.geometry.to_numpy().copy()
    if not len(present):
        return Noded(frame.copy(), 0, 0, ())
    polygons = np.array([_multi(shape) for shape in shapes[present]], dtype=object)
    _, lonlat, offsets = shapely.to_ragged_array(polygons)
    scale = _metres_per_degree(lonlat)
    lonlat, snapped = _snap(lonlat, scale, tolerance_m)
    before = len(lonlat)
    lonlat, rings = _split_edges(lonlat, offsets[0], scale, tolerance_m)
    made = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, lonlat, (rings, *offsets[1:])
    )
    made, collapsed = _cleaned(made, polygons)
    shapes[present] = made
    out = frame.copy()
    out[frame.geometry.name] = gpd.GeoSeries(shapes, frame.index, crs=frame.crs)
    labels = tuple(frame.index[present[collapsed]])
    return Noded(out, snapped, len(lonlat) - before, labels)


def is_coverage(frame: gpd.GeoDataFrame) -> bool:
    """Tell whether the polygons share their borders exactly and do not overlap."""
    return bool(shapely.coverage_is_valid(frame.geometry.dropna().to_numpy()))


def overlaps(
    frame: gpd.GeoDataFrame, key: str = "code", minimum_m2: float = MINIMUM_M2
) -> gpd.GeoDataFrame:
    """List where two polygons cover the same ground.

    Args:
        frame: valid polygons in EPSG:4326 of one net and level.
        key: the column that names a polygon in the result.
        minimum_m2: smaller ones are left out.

    Returns:
        ``first`` and ``second`` (keys), ``area_m2``, ``lon`` and ``lat`` of a point inside, and
        the shape, largest first.
    """
    placed = frame[frame.geometry.notna()]
    shapes = placed.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common = _areas(shapely.intersection(shapes[first], shapes[second]))
    keys = placed[key].to_numpy()
    return _listed(common, minimum_m2, {"first": keys[first], "second": keys[second]})


def gaps(
    frame: gpd.GeoDataFrame, outer: BaseGeometry | None = None, minimum_m2: float = MINIMUM_M2
) -> gpd.GeoDataFrame:
    """List the ground that no polygon covers.

    Args:
        frame: valid polygons in EPSG:4326 of one net and level.
        outer: what they should cover; without it only enclosed gaps are found.
        minimum_m2: smaller ones are left out.

    Returns:
        ``area_m2``, ``lon`` and ``lat`` of a point inside, and the shape, largest first.
    """
    covered = shapely.union_all(frame.geometry.dropna().to_numpy())
    if outer is not None:
        missing = shapely.get_parts(shapely.difference(outer, covered))
    else:
        bodies = shapely.get_parts(covered)
        filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(bodies)))
        missing = shapely.get_parts(shapely.difference(filled, covered))
    return _listed(_areas(missing), minimum_m2, {})


def area_m2(shapes: Geometries) -> NDArray[np.float64]:
    """Measure polygons in EPSG:4326 in the 3° Gauss–Krüger zone of their middle."""
    if not len(shapes) or not np.isfinite(bounds := shapely.total_bounds(shapes)).all():
        return np.zeros(len(shapes))
    metres = metres_near((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return np.asarray(shapely.area(metres.geometries_from_wgs84(shapes)), dtype=np.float64)


def _metres_per_degree(lonlat: LonLats) -> LonLats:
    middle = np.radians((lonlat[:, 1].min() + lonlat[:, 1].max()) / 2)
    return np.array([np.cos(middle) * METRES_PER_DEGREE, METRES_PER_DEGREE])


def _snap(lonlat: LonLats, scale: LonLats, tolerance_m: float) -> tuple[LonLats, int]:
    """Move vertices that are close together onto the first of them."""
    unique, ids = np.unique(lonlat, axis=0, return_inverse=True)
    points = shapely.points(unique * scale)
    pairs = shapely.STRtree(points).query(points, predicate="dwithin", distance=tolerance_m)
    leader = _leaders(len(unique), pairs[:, pairs[0] < pairs[1]])
    moved = int((leader[ids] != ids).sum())
    return unique[leader[ids]], moved


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


def _split_edges(
    lonlat: LonLats, rings: Ids, scale: LonLats, tolerance_m: float
) -> tuple[LonLats, Ids]:
    """Put vertices into the edges they lie on, until none is left to put."""
    for _ in range(PASSES):
        edges, vertices = _on_edges(lonlat, rings, scale, tolerance_m)
        if not len(edges):
            break
        lonlat = np.insert(lonlat, edges + 1, vertices, axis=0)
        rings = rings + np.searchsorted(edges + 1, rings, side="left")
    return lonlat, rings


def _on_edges(
    lonlat: LonLats, rings: Ids, scale: LonLats, tolerance_m: float
) -> tuple[Ids, LonLats]:
    """Find vertices on edges they do not end: the edges' start positions, in order along them."""
    unique, ids = np.unique(lonlat, axis=0, return_inverse=True)
    starts = np.setdiff1d(np.arange(len(lonlat) - 1), rings[1:-1] - 1)
    starts = starts[ids[starts] != ids[starts + 1]]
    metres = lonlat * scale
    lines = shapely.linestrings(np.stack((metres[starts], metres[starts + 1]), axis=1))
    points = shapely.points(unique * scale)
    vertex, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=tolerance_m)
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
    made[broken] = [_multi(shape) for shape in mended]
    collapsed = np.flatnonzero(shapely.is_empty(made) | ~shapely.is_valid(made))
    made[collapsed] = before[collapsed]
    return shapely.remove_repeated_points(made), collapsed


def _multi(shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type == "MultiPolygon":
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))  # a collection may hold multi parts
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def _areas(shapes: Geometries) -> Geometries:
    """Keep the polygons of mixed results, such as a border that touches and overlaps."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    shapes[mixed] = [_multi(shape) for shape in shapes[mixed]]
    return shapes


def _listed(
    shapes: Geometries, minimum_m2: float, names: dict[str, Geometries]
) -> gpd.GeoDataFrame:
    measured = area_m2(shapes)
    found = np.flatnonzero((measured >= minimum_m2) & (shapely.get_dimensions(shapes) == 2))
    found = found[np.argsort(-measured[found], kind="stable")]
    points = shapely.get_coordinates(shapely.point_on_surface(shapes[found]))
    columns: dict[str, object] = {name: values[found] for name, values in names.items()}
    columns |= {"area_m2": measured[found], "lon": points[:, 0], "lat": points[:, 1]}
    geometry = gpd.GeoSeries(shapes[found], crs=WGS84)
    return gpd.GeoDataFrame(columns, geometry=geometry).rename_geometry(GEOMETRY)
