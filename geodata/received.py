"""Bring a shape that a client sends in one of the served systems to WGS84."""

from __future__ import annotations

from math import isfinite

import numpy as np
import shapely
from shapely import is_valid_reason
from shapely.geometry.base import BaseGeometry

from geodata.crs import SourceCrs
from geodata.errors import InvalidGeometry
from geodata.geojson import check_lonlat
from geodata.served_crs import CRS84, ServedCrs

AT = "geometry.coordinates"
SAME = 1.0  # metres; degrees come back as they were


def name_of(crs: ServedCrs) -> str | None:
    """Name a system as it is kept with a row; None for degrees of WGS84, lon first."""
    return None if crs == CRS84 else f"EPSG:{crs.srid}"


def in_wgs84(shape: BaseGeometry, crs: ServedCrs) -> BaseGeometry:
    """Convert a shape to EPSG:4326 with the axis order (lon, lat).

    Raises:
        InvalidGeometry: if it is not a valid shape on the globe there.
    """
    if crs == CRS84:
        return shape
    source = SourceCrs.parse(f"EPSG:{crs.srid}", "yx" if crs.flipped else "xy")
    given = np.array([shape], dtype=object)
    moved: BaseGeometry = source.geometries_to_wgs84(given)[0]
    west, south, east, north = moved.bounds
    if not all(map(isfinite, (west, south, east, north))) or _is_far(shape, moved, source):
        raise InvalidGeometry(f"the coordinates are no place in {crs.uri}", AT)
    check_lonlat(west, south, AT, AT)
    check_lonlat(east, north, AT, AT)
    if not moved.is_valid:
        raise InvalidGeometry(f"the geometry is not valid: {is_valid_reason(moved)}", AT)
    return moved


def _is_far(shape: BaseGeometry, moved: BaseGeometry, source: SourceCrs) -> bool:
    """Tell whether a shape comes back elsewhere: PROJ wraps what lies beyond a system's edge."""
    back = source.geometries_from_wgs84(np.array([moved], dtype=object))
    apart = np.abs(shapely.get_coordinates(back[0]) - shapely.get_coordinates(shape))
    return not bool((apart < SAME).all())
