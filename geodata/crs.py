"""Coordinate reference systems: their names, and the way from each of them to WGS84 and back.

Everything is stored in WGS84 with the axis order (lon, lat); ``always_xy`` holds for every system,
so the first coordinate is east and the second north unless the caller says ``yx``.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from geodata.errors import InvalidCrs, InvalidGeometry
from geodata.offsets import BD09, GCJ02, LonLats, Offset

WGS84 = 4326
CGCS2000 = 4490
WEB_MERCATOR = 3857
FIRST_ZONE, FIRST_ZONE_LON = 4534, 75  # CGCS2000 / 3-degree Gauss-Kruger CM 75E
LAST_ZONE_LON = 135
DEFINITION_LIMIT = 8192  # characters; the longest WKT of EPSG is under 6,000
REMEDY = (
    "write an EPSG code such as EPSG:4547 (CGCS2000, 3° zone of 114°E) or EPSG:4326, "
    "gcj02, bd09, CRS84, a WKT or a PROJ string"
)

AxisOrder = Literal["xy", "yx"]
Geometries = NDArray[np.object_]

_OFFSETS: dict[str, Offset] = {"gcj02": GCJ02, "bd09": BD09}
_PLAIN = frozenset({f"EPSG:{WGS84}", f"EPSG:{CGCS2000}", "CRS84"})
_AUTHORITY = re.compile(r"(?:urn:ogc:def:crs:)?epsg:(?:[\d.]*:)?(\d{4,6})")
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?(?:ogc:(?:[\d.]*:)?)?crs84")
_WKT = re.compile(r"\s*[A-Z][A-Z_]{3,}\d{0,2}\s*\[", re.IGNORECASE)


def gauss_kruger(lon: float) -> int:
    """Return the EPSG code of the CGCS2000 3° Gauss–Krüger zone, without prefix, of a longitude.

    Args:
        lon: degrees east, from 73.5 to 136.5; 114 gives 4547.

    Raises:
        InvalidCrs: outside the zones that EPSG defines.
    """
    if not FIRST_ZONE_LON - 1.5 <= lon <= LAST_ZONE_LON + 1.5:
        raise InvalidCrs(f"no 3° Gauss–Krüger zone of CGCS2000 holds longitude {lon}", "lon")
    zone = min(max(math.floor(lon / 3 + 0.5), FIRST_ZONE_LON // 3), LAST_ZONE_LON // 3)
    return FIRST_ZONE + zone - FIRST_ZONE_LON // 3


def gcj02_from_wgs84(lonlat: LonLats) -> LonLats:
    """Convert (n, 2) WGS84 points to GCJ-02; outside China they are kept as they are."""
    return GCJ02.from_wgs84(lonlat)


def wgs84_from_gcj02(lonlat: LonLats) -> LonLats:
    """Convert (n, 2) GCJ-02 points to WGS84, to better than 1e-9°."""
    return GCJ02.to_wgs84(lonlat)


def bd09_from_wgs84(lonlat: LonLats) -> LonLats:
    """Convert (n, 2) WGS84 points to BD-09; outside China they are kept as they are."""
    return BD09.from_wgs84(lonlat)


def wgs84_from_bd09(lonlat: LonLats) -> LonLats:
    """Convert (n, 2) BD-09 points to WGS84, to better than 1e-9°."""
    return BD09.to_wgs84(lonlat)


@dataclass(frozen=True)
class SourceCrs:
    """The system that coordinates come in.

    Attributes:
        name: what is stored with a row: ``EPSG:4547``, ``gcj02``, ``bd09``, ``CRS84`` or a title.
        definition: what PROJ understands; the name again for the offset systems.
        axis_order: ``yx`` when the first coordinate is the northing, as in Chinese surveys.
    """

    name: str
    definition: str
    axis_order: AxisOrder = "xy"

    @staticmethod
    def parse(text: str, axis_order: str | None = None) -> SourceCrs:
        """Read an EPSG code, CRS84, gcj02, bd09, a WKT or a PROJ string.

        Args:
            text: in any case; ``EPSG:4547``, the OGC's URN and http forms, ``gcj02``, ….
            axis_order: ``xy`` (east first, the default) or ``yx`` (north first).

        Raises:
            InvalidCrs: if the text or the order is not understood; the message has the remedy.
        """
        if axis_order not in (None, "xy", "yx"):
            raise InvalidCrs(
                f"axis order {axis_order!r} is neither xy (east first) nor yx (north first)",
                "axis_order",
            )
        if not isinstance(text, str):
            raise InvalidCrs(f"the coordinate reference system is no text; {REMEDY}", "crs")
        return _parse(text, cast(AxisOrder, axis_order or "xy"))

    @property
    def is_lonlat(self) -> bool:
        """Tell whether coordinates are already WGS84 for our purpose (CGCS2000 is, to 0.1 m)."""
        return self.name in _PLAIN

    def to_wgs84(self, xy: LonLats) -> LonLats:
        """Convert (n, 2) coordinates; what has no place in WGS84 becomes NaN or infinite."""
        xy = self._ordered(np.asarray(xy, dtype=np.float64))
        if self.is_lonlat:
            return xy
        if offset := _OFFSETS.get(self.name):
            return offset.to_wgs84(xy)
        return np.column_stack(_transformer(self.definition).transform(xy[:, 0], xy[:, 1]))

    def from_wgs84(self, lonlat: LonLats) -> LonLats:
        """Convert (n, 2) WGS84 points into this system, in its axis order."""
        lonlat = np.asarray(lonlat, dtype=np.float64)
        if self.is_lonlat:
            return self._ordered(lonlat)
        if offset := _OFFSETS.get(self.name):
            return self._ordered(offset.from_wgs84(lonlat))
        x, y = _transformer(self.definition).transform(
            lonlat[:, 0], lonlat[:, 1], direction="INVERSE"
        )
        return self._ordered(np.column_stack((x, y)))

    def point_to_wgs84(self, x: float, y: float) -> tuple[float, float]:
        """Convert one point; nothing is built per call.

        Raises:
            InvalidGeometry: if the result is not a longitude and a latitude.
        """
        first, second = (y, x) if self.axis_order == "yx" else (x, y)
        lon, lat = first, second
        if offset := _OFFSETS.get(self.name):
            lon, lat = offset.point_to_wgs84(first, second)
        elif not self.is_lonlat and math.isfinite(first) and math.isfinite(second):
            lon, lat = _transformer(self.definition).transform(first, second)
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            raise InvalidGeometry(f"({x}, {y}) is not a place in {self.name}", "coordinates")
        return float(lon), float(lat)

    def geometries_to_wgs84(self, geometries: Geometries) -> Geometries:
        """Convert an array of shapely geometries; Z is dropped, None is kept."""
        if self.is_lonlat and self.axis_order == "xy":
            return geometries
        return cast(Geometries, shapely.transform(geometries, self.to_wgs84))

    def geometries_from_wgs84(self, geometries: Geometries) -> Geometries:
        """Convert an array of shapely geometries in WGS84 into this system."""
        if self.is_lonlat and self.axis_order == "xy":
            return geometries
        return cast(Geometries, shapely.transform(geometries, self.from_wgs84))

    def warning(self) -> str | None:
        """Say when no published shift leads from this system's datum to WGS84, else None."""
        if self.is_lonlat or self.name in _OFFSETS or not _is_ballpark(self.definition):
            return None
        return (
            f"no published datum shift from {self.name} to WGS84: places may be off by 100 m or "
            "more; give the local shift in a PROJ string with +towgs84"
        )

    def _ordered(self, xy: LonLats) -> LonLats:
        return xy[:, ::-1] if self.axis_order == "yx" else xy


def metres_near(lon: float, lat: float) -> SourceCrs:
    """Return a system in metres, true at a place: its 3° Gauss–Krüger zone when it has one.

    Outside the zones of CGCS2000 it is a transverse Mercator centred on the longitude.
    """
    if FIRST_ZONE_LON - 1.5 <= lon <= LAST_ZONE_LON + 1.5 and lat > 0:
        return SourceCrs.parse(f"EPSG:{gauss_kruger(lon)}")
    return SourceCrs.parse(f"+proj=tmerc +lon_0={round(lon)} +x_0=500000 +datum=WGS84 +units=m")


@lru_cache(maxsize=128)
def _parse(text: str, order: AxisOrder) -> SourceCrs:
    plain = text.strip()
    if not plain or len(plain) > DEFINITION_LIMIT:
        raise InvalidCrs(f"no usable coordinate reference system; {REMEDY}", "crs")
    word = _short(plain)
    if (offset := word.replace("-", "")) in _OFFSETS:
        return SourceCrs(offset, offset, order)
    if _CRS84.fullmatch(word):
        return SourceCrs("CRS84", "OGC:CRS84", order)
    if code := _AUTHORITY.fullmatch(word):
        return _projected(f"EPSG:{code[1]}", order)
    if "+proj=" in plain or _WKT.match(plain):
        return _projected(plain, order)
    raise InvalidCrs(f"{_cut(plain)!r} names no coordinate reference system; {REMEDY}", "crs")


def _short(text: str) -> str:
    """Fold the OGC's http form of a name into its colon form."""
    folded = text.casefold()
    if match := re.fullmatch(r"https?://www\.opengis\.net/def/crs/(.+)", folded):
        return match[1].replace("/", ":")
    return folded


def _projected(definition: str, order: AxisOrder) -> SourceCrs:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyproj remarks on +init, which it still reads
            crs = pyproj.CRS.from_user_input(definition)
            authority = crs.to_authority(min_confidence=100)
    except CRSError as error:
        raise InvalidCrs(f"PROJ does not know {_cut(definition)!r}; {REMEDY}", "crs") from error
    if not (crs.is_geographic or crs.is_projected):
        raise InvalidCrs(f"{_cut(crs.name)!r} has no plane or geographic coordinates", "crs")
    title = definition if crs.name == "unknown" else crs.name
    return SourceCrs(":".join(authority) if authority else _cut(title), definition, order)


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


@lru_cache(maxsize=128)
def _transformer(definition: str) -> Any:
    return pyproj.Transformer.from_crs(definition, WGS84, always_xy=True)


@lru_cache(maxsize=128)
def _is_ballpark(definition: str) -> bool:
    datum = pyproj.CRS.from_user_input(definition).datum
    if datum and "China" in datum.name and "2000" in datum.name:
        return False  # EPSG lists no operation from CGCS2000, which is WGS84 to about 0.1 m
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a better grid that is not installed
        group = TransformerGroup(definition, WGS84, always_xy=True, allow_ballpark=False)
    return not group.transformers
