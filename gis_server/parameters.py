"""Read single parameters of an address: each is of its form, or is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

import orjson
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import WGS84
from geodata.errors import InvalidGeometry, InvalidInput
from geodata.geojson import check_lonlat
from geodata.served_crs import CRS84, ServedCrs
from layers.base import Sort

MOST_IDS, MOST_KEYS, MOST_NAMES = 1000, 8, 200
BIGINT = 2**63 - 1
SIDES = 16  # parts of a box's side, which is no straight line in another system
FARTHEST_M = 1e8  # more than twice round the Earth, where no projection has anything
OPEN = ("", "..")

Bounds = tuple[float, float, float, float]
Span = tuple[datetime | None, datetime | None]


def whole(value: str, name: str, most: int) -> int:
    """Read a whole number from 0 to ``most``."""
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) > most:
        message = f"{name} is a whole number up to {most}, not {value!r}"
        told = {"name": name, "most": most, "given": value}
        raise InvalidInput(message, name, code="no_whole_number", **told)
    return int(value)


def ids(text: str) -> tuple[int, ...]:
    """Read ids that are divided by commas."""
    parts = text.split(",")
    if len(parts) > MOST_IDS:
        raise InvalidInput(f"ids names {len(parts)} features; at most {MOST_IDS}", "ids")
    return tuple(whole(part, "ids", BIGINT) for part in parts)


def bbox(text: str) -> Bounds:
    """Read west,south,east,north in degrees; west > east is a box across ±180."""
    west, south, east, north = _four(text)
    check_lonlat(west, south, "bbox", "bbox")
    check_lonlat(east, north, "bbox", "bbox")
    if south > north:
        raise _reversed(text)
    return west, south, east, north


def box_of(text: str, crs: ServedCrs) -> Bounds | BaseGeometry:
    """Read a box in a served system, in its axis order.

    Returns:
        Its bounds in degrees where its sides are straight there, else a polygon in EPSG:4326.
    """
    if crs == CRS84:
        return bbox(text)
    first, second, third, fourth = _four(text)
    west, south, east, north = (
        (second, first, fourth, third) if crs.flipped else (first, second, third, fourth)
    )
    if pyproj.CRS(crs.srid).is_geographic:
        return bbox(f"{west!r},{south!r},{east!r},{north!r}")
    if west > east or south > north:
        raise _reversed(text)
    return _reprojected(shapely.box(west, south, east, north), crs, text)


def _reversed(text: str) -> InvalidGeometry:
    message = f"bbox ends before it begins: {text!r}"
    return InvalidGeometry(message, "bbox", code="box_reversed", given=text)


def _reprojected(box: BaseGeometry, crs: ServedCrs, text: str) -> BaseGeometry:
    west, south, east, north = box.bounds
    if max(abs(edge) for edge in box.bounds) > FARTHEST_M:
        raise InvalidGeometry(f"bbox reaches beyond {crs.uri}: {text!r}", "bbox")
    longest = max(east - west, north - south) / SIDES
    sides = shapely.segmentize(box, longest) if longest else box
    ways = pyproj.Transformer.from_crs(crs.srid, WGS84, always_xy=True)
    there = shapely.transform(sides, ways.transform, interleaved=False)
    lon, lat = shapely.get_coordinates(there).T
    if not (abs(lon) <= 180).all() or not (abs(lat) <= 90).all():
        raise InvalidGeometry(f"bbox reaches beyond {crs.uri}: {text!r}", "bbox")
    return shapely.make_valid(there)


def _four(text: str) -> Bounds:
    """Read two corners; of corners with heights these are left out, as nothing has one here."""
    parts = text.split(",")
    try:
        found = [float(part) for part in parts]
    except ValueError as error:
        raise _no_box(text) from error
    if len(found) not in (4, 6):
        raise _no_box(text)
    if not all(isfinite(v) for v in found):
        raise InvalidInput(f"bbox is not finite: {text!r}", "bbox", code="no_box", given=text)
    half = len(found) // 2
    return found[0], found[1], found[half], found[half + 1]


def _no_box(text: str) -> InvalidInput:
    message = f"bbox is of four or six numbers, not {text!r}"
    return InvalidInput(message, "bbox", code="no_box", given=text)


def moment(text: str, name: str) -> datetime:
    """Read an ISO 8601 time with a zone, as UTC: PostgreSQL does not know all zones."""
    try:
        # A plus sign in a query string arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+"))
        if found.tzinfo is None:
            message = f"{name} needs a time zone: {text!r}"
            raise InvalidInput(message, name, code="no_zone", name=name, given=text)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{name} is no ISO 8601 time: {text!r}"
        raise InvalidInput(message, name, code="no_moment", name=name, given=text) from error


def span(text: str, zone: str) -> Span:
    """Read ``datetime``: a time or a day of the town, or two divided by a slash; ``..`` is open.

    Source: OGC 17-069r4, section 7.15.4; RFC 3339, section 5.6.
    """
    parts = text.split("/")
    if len(parts) > 2 or text in OPEN:
        message = f"datetime is a time or an interval, not {text!r}"
        raise InvalidInput(message, "datetime", code="no_interval", given=text)
    first = None if parts[0] in OPEN else _edges(parts[0], zone)[0]
    last = None if parts[-1] in OPEN else _edges(parts[-1], zone)[1]
    if first is not None and last is not None and first > last:
        message = f"datetime ends before it begins: {text!r}"
        raise InvalidInput(message, "datetime", code="interval_reversed", given=text)
    return first, last


def _edges(text: str, zone: str) -> tuple[datetime, datetime]:
    """Give the first and the last moment of a day, or a time twice."""
    if len(text) != 10:
        at = moment(text, "datetime")
        return at, at
    try:
        day = datetime.combine(datetime.fromisoformat(text), time(), ZoneInfo(zone))
        after = (day + timedelta(days=1)).astimezone(UTC)
        return day.astimezone(UTC), after - timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        message = f"datetime has no such day: {text!r}"
        told = {"name": "datetime", "given": text}
        raise InvalidInput(message, "datetime", code="no_day", **told) from error


def sort(text: str) -> tuple[Sort, ...]:
    """Read ``sortby``: names divided by commas, each after + (which may lack) or −."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.lstrip("+-") for part in parts) or len(parts) > MOST_KEYS:
        raise InvalidInput(f"sortby names 1…{MOST_KEYS} properties, not {text!r}", "sortby")
    return tuple(Sort(part.removeprefix("-").removeprefix("+"), part[0] == "-") for part in parts)


def names(text: str, known: frozenset[str], member: str) -> tuple[str, ...]:
    """Read names divided by commas, each of which must be known."""
    parts = tuple(text.split(",")) if text else ()
    if unknown := [part for part in parts if part not in known]:
        message = f"there is no property {unknown[0]!r}"
        raise InvalidInput(message, member, code="no_property", name=unknown[0])
    return parts


def after(text: str) -> list[object]:
    """Read where a page ended: an id, or a JSON list of the values sorted by and the id."""
    if text.isascii() and text.isdigit():
        return [whole(text, "after", BIGINT)]
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"after is no place in a list: {text!r}", "after") from error
    if not isinstance(found, list):
        raise InvalidInput(f"after is no place in a list: {text!r}", "after")
    return found
