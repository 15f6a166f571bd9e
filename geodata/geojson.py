"""Parse GeoJSON at the edge: what passes here is a place on Earth and plain properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import orjson
from shapely import Point, is_valid_reason
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidGeometry, InvalidInput

# Each type, and how deep its positions are nested.
TYPES = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
MEMBERS = frozenset({"type", "id", "geometry", "properties", "bbox", "links"})


@dataclass(frozen=True)
class Feature:
    """A posted feature: a valid geometry in (lon, lat) or none, and its properties."""

    geometry: BaseGeometry | None
    properties: Mapping[str, Any]


def parse_feature(body: bytes) -> Feature:
    """Read one GeoJSON Feature.

    Raises:
        InvalidInput: naming the member, if the text is not JSON or not a Feature.
        InvalidGeometry: naming the member, if the geometry is not one on Earth.

    Source: RFC 7946, sections 3, 4 and 9.
    """
    return feature_of(parse_json(body))


def parse_json(body: bytes) -> Any:
    """Read strict JSON: no NaN, no Infinity, UTF-8, no null characters.

    Raises:
        InvalidInput: naming the member, or ``body`` if the text is not JSON.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the body is not JSON: {error}", "body") from error
    if rb"\u0000" in body:
        _refuse_nulls(document)
    return document


def _refuse_nulls(document: Any) -> None:
    """Refuse null characters, which the database cannot store in any text."""
    left = [("", document)]
    while left:
        path, value = left.pop()
        inner: Iterable[tuple[str, Any]] = ()
        if isinstance(value, dict):
            inner = value.items()
            left += [(path, name) for name in value]
        elif isinstance(value, list):
            inner = ((f"[{i}]", v) for i, v in enumerate(value))
        elif isinstance(value, str) and "\x00" in value:
            raise InvalidInput("a text holds a null character", path or "body")
        dot = "." if path and isinstance(value, dict) else ""
        left += [(f"{path}{dot}{name}", v) for name, v in inner]


def feature_of(document: Any) -> Feature:
    """Make a Feature of parsed JSON.

    Coordinates are checked to be on the globe unless ``properties.crs`` declares what they are.

    Raises:
        InvalidInput: naming the member, as ``parse_feature``.
    """
    if not isinstance(document, dict):
        raise InvalidInput("the body is not a JSON object", "body")
    if document.get("type") != "Feature":
        raise InvalidInput(f"type is {document.get('type')!r}, not 'Feature'", "type")
    if "crs" in document:
        raise InvalidInput(
            "a crs member is not part of GeoJSON; name the source CRS in properties.crs", "crs"
        )
    if unknown := sorted(set(document) - MEMBERS):
        raise InvalidInput(f"unknown member {unknown[0]!r}", unknown[0])
    properties = document.get("properties")
    if not isinstance(properties, dict | None):
        raise InvalidInput("properties is not an object", "properties")
    properties = properties or {}
    if "geometry" not in document:
        raise InvalidInput("a feature has a geometry, which may be null", "geometry")
    in_degrees = properties.get("crs") is None
    return Feature(read_geometry(document["geometry"], in_degrees), properties)


def read_geometry(member: Any, in_degrees: bool) -> BaseGeometry | None:
    """Make a shape of a geometry member; None of null.

    Args:
        member: parsed JSON.
        in_degrees: whether coordinates must be on the globe, lon first; else any will do.

    Raises:
        InvalidGeometry: naming the member that is wrong.
    """
    if member is None:
        return None
    if not isinstance(member, dict):
        raise InvalidGeometry("geometry is neither an object nor null", "geometry")
    kind = member.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise InvalidGeometry(f"{kind!r} is no supported geometry type", "geometry.type")
    if "crs" in member:
        raise InvalidGeometry("a crs member is not part of GeoJSON", "geometry.crs")
    coordinates = member.get("coordinates")
    _check(coordinates, "geometry.coordinates", in_degrees, TYPES[kind])
    _check_rings(kind, coordinates)
    return _built(member)


def _built(member: dict[str, Any]) -> BaseGeometry:
    if member["type"] == "Point":
        return Point(member["coordinates"])  # finite, as was checked, and so valid
    try:
        geometry = shape(member)
    except GEOSException as error:
        raise InvalidGeometry(
            f"the coordinates do not make a {member['type']}: {error}", "geometry.coordinates"
        ) from error
    if geometry.is_empty:
        raise InvalidGeometry("the geometry is empty", "geometry.coordinates")
    if not geometry.is_valid:
        raise InvalidGeometry(
            f"the geometry is not valid: {is_valid_reason(geometry)}", "geometry.coordinates"
        )
    return geometry


def _check(value: Any, path: str, in_degrees: bool, depth: int) -> None:
    """Walk coordinates down to the positions, which are nested ``depth`` lists deep."""
    if not isinstance(value, list) or not value:
        raise InvalidGeometry(f"{path} is not a list of coordinates", path)
    if depth == 0:
        _check_position(value, path, in_degrees)
        return
    for i, inner in enumerate(value):
        _check(inner, f"{path}[{i}]", in_degrees, depth - 1)


def _check_position(position: list[Any], path: str, in_degrees: bool) -> None:
    for i, number in enumerate(position):
        if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
            raise InvalidGeometry(f"{path}[{i}] is {number!r}, not a number", f"{path}[{i}]")
    if len(position) != 2:
        raise InvalidGeometry(
            f"{path} has {len(position)} numbers; a position is [lon, lat] without height", path
        )
    if in_degrees:
        check_lonlat(position[0], position[1], f"{path}[0]", f"{path}[1]")


def check_lonlat(lon: float, lat: float, lon_member: str = "lon", lat_member: str = "lat") -> None:
    """Refuse a position off the globe, and say when lon and lat look swapped.

    Raises:
        InvalidGeometry: naming the member that is out of range.
    """
    if not -180 <= lon <= 180:
        message = f"longitude {lon!r} is outside -180…180"
        raise InvalidGeometry(message, lon_member, code="no_longitude", given=lon)
    if not -90 <= lat <= 90:
        hint = "; are lon and lat swapped?" if abs(lat) <= 180 and abs(lon) <= 90 else ""
        message = f"latitude {lat!r} is outside -90…90{hint}"
        raise InvalidGeometry(message, lat_member, code="no_latitude", given=lat)


def _check_rings(kind: str, coordinates: Any) -> None:
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, [])
    for p, polygon in enumerate(polygons):
        for r, ring in enumerate(polygon):
            at = f"[{r}]" if kind == "Polygon" else f"[{p}][{r}]"
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise InvalidGeometry("the ring is not closed", f"geometry.coordinates{at}")
