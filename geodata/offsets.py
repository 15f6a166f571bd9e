"""The two offset systems of public Chinese web maps: GCJ-02 and BD-09.

Both displace WGS84 by some hundred metres inside a box around China and are WGS84 outside it.
The constants are the published ones of the Krasovsky 1940 ellipsoid and of Baidu's rotation.
The formulas take ``numpy`` or ``math`` as their last argument, so that an array and a single
point go through the same text.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LonLats = NDArray[np.float64]
Formula = Callable[[Any, Any, Any], tuple[Any, Any]]

WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
MARGIN_DEG = 0.05  # a shifted point may leave the box by less than this
SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
GCJ_STEPS = 4  # each gains more than two digits: 0.006° → below 1e-11°
BD_STEPS = 9  # each gains 1.7 digits
BD_TURN = math.pi * 3000.0 / 180.0
BD_EAST_DEG, BD_NORTH_DEG = 0.0065, 0.006


@dataclass(frozen=True)
class Offset:
    """Convert between WGS84 and one offset system, arrays or single points.

    Within about 600 m outside the box's edge the inverse is ambiguous; it prefers the point inside.
    """

    forward: Formula
    inverse: Formula

    def from_wgs84(self, lonlat: LonLats) -> LonLats:
        """Shift points of shape (n, 2); points outside China, NaN and infinity are kept."""
        out = np.array(lonlat, dtype=np.float64)
        inside = _in_china(out[:, 0], out[:, 1])
        out[inside] = np.column_stack(self.forward(out[inside, 0], out[inside, 1], np))
        return out

    def to_wgs84(self, lonlat: LonLats) -> LonLats:
        """Undo the shift of points of shape (n, 2)."""
        out = np.array(lonlat, dtype=np.float64)
        near = np.flatnonzero(_in_china(out[:, 0], out[:, 1], MARGIN_DEG))
        found = np.column_stack(self.inverse(out[near, 0], out[near, 1], np))
        inside = _in_china(found[:, 0], found[:, 1])
        out[near[inside]] = found[inside]
        return out

    def point_from_wgs84(self, lon: float, lat: float) -> tuple[float, float]:
        """Shift one point."""
        return self.forward(lon, lat, math) if _in_china(lon, lat) else (lon, lat)

    def point_to_wgs84(self, lon: float, lat: float) -> tuple[float, float]:
        """Undo the shift of one point."""
        if not _in_china(lon, lat, MARGIN_DEG):
            return lon, lat
        found = self.inverse(lon, lat, math)
        return found if _in_china(*found) else (lon, lat)


def _in_china(lon: Any, lat: Any, margin: float = 0.0) -> Any:
    return (
        (lon > WEST - margin)
        & (lon < EAST + margin)
        & (lat > SOUTH - margin)
        & (lat < NORTH + margin)
    )


def _gcj_shift(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    x, y = lon - 105.0, lat - 35.0
    root = m.sqrt(abs(x))
    ripple = _waves(x, ((20.0, 6.0), (20.0, 2.0)), m)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east_m = east_m + _waves(x, ((20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)), m)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north_m = north_m + _waves(y, ((20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)), m)
    return _degrees(east_m, north_m, lat * (math.pi / 180.0), m)


def _waves(x: Any, terms: tuple[tuple[float, float], ...], m: Any) -> Any:
    return sum(height * m.sin(x * (math.pi * rate)) for height, rate in terms) * (2.0 / 3.0)


def _degrees(east_m: Any, north_m: Any, latitude: Any, m: Any) -> tuple[Any, Any]:
    sine = m.sin(latitude)
    bend = 1.0 - ECCENTRICITY_SQUARED * sine * sine
    across_m = SEMI_MAJOR_M / m.sqrt(bend) * m.cos(latitude)
    along_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (bend * m.sqrt(bend))
    per_radian = 180.0 / math.pi
    return east_m / across_m * per_radian, north_m / along_m * per_radian


def _gcj_from_wgs(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    east, north = _gcj_shift(lon, lat, m)
    return lon + east, lat + north


def _wgs_from_gcj(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    return _solve(_gcj_from_wgs, (lon, lat), GCJ_STEPS, m)


def _bd_from_gcj(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    radius = m.sqrt(lon * lon + lat * lat) + 2e-5 * m.sin(lat * BD_TURN)
    angle = _atan2(lat, lon, m) + 3e-6 * m.cos(lon * BD_TURN)
    return radius * m.cos(angle) + BD_EAST_DEG, radius * m.sin(angle) + BD_NORTH_DEG


def _gcj_from_bd(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    return _solve(_bd_from_gcj, (lon, lat), BD_STEPS, m)


def _atan2(y: Any, x: Any, m: Any) -> Any:
    return m.arctan2(y, x) if m is np else m.atan2(y, x)


def _bd_from_wgs(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    return _bd_from_gcj(*_gcj_from_wgs(lon, lat, m), m)


def _wgs_from_bd(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    return _wgs_from_gcj(*_gcj_from_bd(lon, lat, m), m)


def _solve(forward: Formula, target: tuple[Any, Any], steps: int, m: Any) -> tuple[Any, Any]:
    """Find the point that ``forward`` maps to the target, by fixed-point iteration."""
    lon, lat = target
    for _ in range(steps):
        east, north = forward(lon, lat, m)
        lon, lat = lon + (target[0] - east), lat + (target[1] - north)
    return lon, lat


GCJ02 = Offset(_gcj_from_wgs, _wgs_from_gcj)
BD09 = Offset(_bd_from_wgs, _wgs_from_bd)
