"""Geometry in filter expressions: literals in any served system, boxes, and how shapes lie.

The stored column is compared as it is, so that its index serves; literals are brought to EPSG:4326.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry
from sqlalchemy import LargeBinary, func, literal

from geodata.crs import WGS84
from geodata.errors import InvalidGeometry
from geodata.geojson import TYPES, check_lonlat
from geodata.served_crs import ServedCrs
from gis_server.filter_terms import Reading, Term, need
from gis_server.filter_text import MEMBER, Node

SIDES = 16  # parts of a box's side, which is no straight line in another system
PREDICATES: Mapping[str, str] = {
    "s_contains": "ST_Contains",
    "s_crosses": "ST_Crosses",
    "s_disjoint": "ST_Disjoint",
    "s_equals": "ST_Equals",
    "s_intersects": "ST_Intersects",
    "s_overlaps": "ST_Overlaps",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
}
# What means the same, or its opposite, when both sides change places.
_TURNED = {"s_contains": "s_within", "s_within": "s_contains"}


def spatial(reading: Reading, name: str, nodes: list[Node]) -> Term:
    """Tell how two shapes lie to each other.

    Source: OGC 21-065r2, requirement class Spatial Functions.
    """
    left, right = (need(term, {"geometry"}, name) for term in reading.terms(name, nodes, 2))
    if left.value is not None and right.value is None:
        left, right, name = right, left, _TURNED.get(name, name)
    return Term("boolean", getattr(func, PREDICATES[name])(left.sql, right.sql), name)


def geometry_term(reading: Reading, node: Node) -> Term:
    """Read a GeoJSON geometry in the system of the expression.

    Raises:
        InvalidGeometry: if it is not a valid one on Earth.
    """
    shape = _shape(node)
    positions = shapely.get_coordinates(shape)
    return _term(_on_earth(shape, positions, reading.crs), str(node["type"]))


def bbox_term(reading: Reading, node: Node) -> Term:
    """Read ``{"bbox": [west, south, east, north]}``, in the system's axis order.

    In degrees a box whose west is east of its east lies across ±180.

    Raises:
        InvalidGeometry: if it is no box on Earth.
    """
    numbers = node["bbox"]
    if set(node) != {"bbox"} or not isinstance(numbers, list) or len(numbers) not in (4, 6):
        raise InvalidGeometry("BBOX takes four numbers", MEMBER)
    half = len(numbers) // 2  # heights are left out: nothing here has one
    first, second = (_position(numbers[at : at + 2]) for at in (0, half))
    west, south = reversed(first) if reading.crs.flipped else first
    east, north = reversed(second) if reading.crs.flipped else second
    if south > north or (west > east and not in_degrees(reading.crs)):
        raise InvalidGeometry(f"BBOX ends before it begins: {_listed(numbers)}", MEMBER)
    parts = [(west, 180.0), (-180.0, east)] if west > east else [(west, east)]
    boxes = [_box(low, south, high, north) for low, high in parts]
    shape = boxes[0] if len(boxes) == 1 else shapely.union_all(boxes)
    return _term(_checked(_projected(shape, reading.crs)), "BBOX")


def in_degrees(crs: ServedCrs) -> bool:
    """Tell whether a system's coordinates are longitude and latitude."""
    return _is_geographic(crs.srid)


@cache
def _is_geographic(srid: int) -> bool:
    return bool(pyproj.CRS(srid).is_geographic)


def _listed(numbers: list[Any]) -> str:
    return ", ".join(str(n) for n in numbers)


def _term(shape: BaseGeometry, said: str) -> Term:
    sql = func.ST_GeomFromWKB(literal(shapely.to_wkb(shape), LargeBinary), WGS84)
    return Term("geometry", sql, said, shape)


def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Draw a box; one without width or height is a point or a line, as a polygon is not."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _shape(node: Node) -> BaseGeometry:
    kind = node.get("type")
    inner = "geometries" if kind == "GeometryCollection" else "coordinates"
    if not isinstance(kind, str) or kind not in (*TYPES, "GeometryCollection"):
        raise InvalidGeometry(f"{kind!r} is no geometry type", MEMBER)
    if set(node) != {"type", inner} or not isinstance(node[inner], list | tuple):
        raise InvalidGeometry(f"a {kind} has type and {inner}", MEMBER)
    if not node[inner]:
        raise InvalidGeometry(f"the {kind} is empty", MEMBER)
    if inner == "geometries":
        return shapely.GeometryCollection([_shape(_member(part)) for part in node[inner]])
    return _built({"type": kind, "coordinates": _numbers(node[inner], TYPES[kind])})


def _member(node: Node) -> Node:
    if not isinstance(node, dict) or node.get("type") not in TYPES:
        raise InvalidGeometry("a GeometryCollection holds plain geometries", MEMBER)
    return node


def _built(member: Mapping[str, Any]) -> BaseGeometry:
    try:
        return shapely.geometry.shape(member)
    except (GEOSException, ShapelyError, ValueError) as error:
        raise InvalidGeometry(
            f"the coordinates make no {member['type']}: {error}", MEMBER
        ) from error


def _numbers(value: Node, depth: int) -> list[Any]:
    """Walk coordinates down to the positions, which are nested ``depth`` lists deep."""
    if not isinstance(value, list | tuple) or not value:
        raise InvalidGeometry(f"no list of coordinates: {str(value)[:60]}", MEMBER)
    return [_numbers(inner, depth - 1) for inner in value] if depth else _position(value)


def _position(value: Node) -> list[float]:
    if len(value) != 2:
        raise InvalidGeometry("a position has two numbers and no height", MEMBER)
    return [_coordinate(number) for number in value]


def _coordinate(value: Node) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InvalidGeometry(f"no coordinate: {str(value)[:60]}", MEMBER)
    if not isfinite(value):
        raise InvalidGeometry(f"no coordinate: {value}", MEMBER)
    return float(value)


def _on_earth(shape: BaseGeometry, positions: Any, crs: ServedCrs) -> BaseGeometry:
    turned = shapely.transform(shape, lambda xy: xy[:, ::-1]) if crs.flipped else shape
    if in_degrees(crs):
        return _checked(turned)
    return _checked(shapely.transform(turned, _to_wgs84(crs)))


def _projected(box: BaseGeometry, crs: ServedCrs) -> BaseGeometry:
    """Bring a box, whose sides are straight in its own system, to EPSG:4326."""
    if in_degrees(crs):
        return box
    west, south, east, north = box.bounds
    longest = max(east - west, north - south) / SIDES
    sides = shapely.segmentize(box, longest) if longest else box
    return shapely.transform(sides, _to_wgs84(crs))


def _to_wgs84(crs: ServedCrs) -> Callable[[Any], Any]:
    ways = _ways(crs.srid)

    def to_wgs84(xy: Any) -> Any:
        lon, lat = ways.transform(*xy.T)
        back = ways.transform(lon, lat, direction="INVERSE")
        # Beyond its bounds a projection goes round the globe once more.
        if not (np.isfinite(back).all() and np.allclose(back, xy.T, rtol=0, atol=1)):
            raise InvalidGeometry(f"the geometry reaches beyond {crs.uri}", MEMBER)
        return np.column_stack((lon, lat))

    return to_wgs84


@cache
def _ways(srid: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(srid, WGS84, always_xy=True)


def _checked(shape: BaseGeometry) -> BaseGeometry:
    """Refuse a shape that is off the globe or not valid, as those of a body."""
    for lon, lat in _outermost(shape):
        check_lonlat(float(lon), float(lat), MEMBER, MEMBER)
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        raise InvalidGeometry(f"the geometry is not valid: {reason}", MEMBER)
    return shape


def _outermost(shape: BaseGeometry) -> Iterator[tuple[float, float]]:
    xy = shapely.get_coordinates(shape)
    yield from xy[~((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))]
    yield from xy[:1]
