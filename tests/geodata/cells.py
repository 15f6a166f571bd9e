"""Grids drawn in cells of about 400 m."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

CORNER = np.array([113.9, 23.0])
CELL_DEG = 0.004  # about 400 m
METRE_DEG = 1 / 111_195


def grids(*shapes: shapely.Polygon, **columns: list[object]) -> gpd.GeoDataFrame:
    """Name shapes by letters."""
    names = {"code": [chr(ord("a") + at) for at in range(len(shapes))]} | columns
    return gpd.GeoDataFrame(names, geometry=list(shapes), crs=4326)


def cell(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Draw a rectangle by its edges, in cells of 400 m from the corner."""
    return shapely.box(
        *(CORNER + [west, south] * np.array(CELL_DEG)),
        *(CORNER + [east, north] * np.array(CELL_DEG)),
    )
