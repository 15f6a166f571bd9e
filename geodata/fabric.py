"""The fabric of grids: parts of one code merged, overlaps and gaps listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.crs import WGS84, Geometries, metres_near
from geodata.dataset import GEOMETRY

MINIMUM_M2 = 1.0


@dataclass(frozen=True)
class Merged:
    """A frame with one row per key, and what was merged.

    Attributes:
        frame: the first row of each key, with the union of all its parts.
        report: per merged key the index labels of its ``rows`` and the columns that ``differ``.
    """

    frame: gpd.GeoDataFrame
    report: pd.DataFrame


def merge_parts(frame: gpd.GeoDataFrame, key: str = "code", apart: Sequence[str] = ()) -> Merged:
    """Unite the rows that have the same key; rows without one stay apart.

    Args:
        frame: polygons in EPSG:4326; not changed.
        key: the column that says what belongs together.
        apart: columns in which parts of one thing are the same.
    """
    by = [key, *apart]
    repeated = frame[key].notna() & frame.duplicated(by, keep=False)
    merged = frame[~(repeated & frame.duplicated(by))].copy()
    shapes, report = merged.geometry.to_numpy().copy(), []
    for (value, *_), parts in frame[repeated].groupby(by, sort=False, dropna=False):
        at = merged.index.get_loc(parts.index[0])
        shapes[at] = multi(shapely.union_all(parts.geometry.to_numpy()))
        others = parts.drop(columns=[key, frame.geometry.name])
        differ = [str(name) for name in others if others[name].nunique(dropna=False) > 1]
        report.append({key: value, "rows": list(parts.index), "differ": differ})
    merged[frame.geometry.name] = gpd.GeoSeries(shapes, merged.index, crs=frame.crs)
    return Merged(merged, pd.DataFrame(report, columns=[key, "rows", "differ"]))


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


def multi(shape: BaseGeometry) -> BaseGeometry:
    """Make a multi-polygon of the polygons in any shape."""
    if shape.geom_type == "MultiPolygon":
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))  # a collection may hold multi parts
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def _areas(shapes: Geometries) -> Geometries:
    """Keep the polygons of mixed results, such as a border that touches and overlaps."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    shapes[mixed] = [multi(shape) for shape in shapes[mixed]]
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
