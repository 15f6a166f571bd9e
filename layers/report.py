"""Understand a posted incident: check each of its members, and bring its place to EPSG:4326."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from shapely import Point

from geodata.crs import SourceCrs
from geodata.errors import InvalidGeometry, InvalidInput
from geodata.geojson import Feature, check_lonlat
from layers.places import EXACT_M

AHEAD = timedelta(minutes=5)
WGS84_NAME = "EPSG:4326"
TEXT_LIMITS = {
    "category": 32,
    "source": 64,
    "external_id": 128,
    "description": 4000,
    "address": 400,
    "crs": 4000,
    "grid_code": 32,
}
KNOWN = frozenset(TEXT_LIMITS) | {"severity", "accuracy_m", "reported_at", "photos"}
ACCURACY_LIMIT_M = 100_000
MOST_PHOTOS = 20


@dataclass(frozen=True)
class Report:
    """A posted incident that is understood but not yet placed.

    ``lon`` and ``lat`` are EPSG:4326; None when there are words only. ``chosen`` is the code of
    the grid that the reporter chose at a border.
    """

    category: str
    severity: int | None
    source: str
    external_id: str | None
    description: str | None
    address: str | None
    accuracy_m: float | None
    source_crs: str
    reported_at: datetime
    photos: list[str]
    chosen: str | None
    lon: float | None
    lat: float | None

    @classmethod
    def parse(cls, feature: Feature, now: datetime) -> Report:
        """Check a feature member by member.

        Raises:
            InvalidInput: naming the member that is wrong.
        """
        given = feature.properties
        if unknown := sorted(set(given) - KNOWN):
            raise InvalidInput(
                f"an incident has no property {unknown[0]!r}", f"properties.{unknown[0]}"
            )
        if not given.get("category"):
            raise InvalidInput("an incident needs a category", "properties.category")
        words = {name: _words(given, name) for name in TEXT_LIMITS}
        crs = words["crs"] or WGS84_NAME
        lon, lat = _position(feature, crs)
        if lon is None and not (words["address"] or words["description"]):
            raise InvalidInput("an incident needs a point, an address or a description", "geometry")
        return cls(
            category=words["category"] or "",
            severity=_severity(given.get("severity")),
            source=words["source"] or "api",
            external_id=words["external_id"],
            description=words["description"],
            address=words["address"],
            accuracy_m=_accuracy(given.get("accuracy_m")),
            source_crs=crs,
            reported_at=_time(given.get("reported_at"), now),
            photos=_photos(given.get("photos")),
            chosen=words["grid_code"],
            lon=lon,
            lat=lat,
        )


def _words(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    member = f"properties.{name}"
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is text, not {value!r}", member)
    if len(value) > TEXT_LIMITS[name]:
        raise InvalidInput(f"{name} has more than {TEXT_LIMITS[name]} characters", member)
    return value.strip() or None


def _severity(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 4:
        raise InvalidInput(f"severity is 1, 2, 3 or 4, not {value!r}", "properties.severity")
    return value


def _accuracy(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise InvalidInput(f"accuracy_m is a number, not {value!r}", "properties.accuracy_m")
    if not 0 <= value <= ACCURACY_LIMIT_M:
        raise InvalidInput(
            f"accuracy_m is 0…{ACCURACY_LIMIT_M} metres, not {value!r}", "properties.accuracy_m"
        )
    return float(value) if value >= EXACT_M else 0.0


def _time(value: Any, now: datetime) -> datetime:
    member = "properties.reported_at"
    if value is None:
        return now
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"reported_at is no ISO 8601 time: {value!r}", member) from error
    if at.tzinfo is None:
        raise InvalidInput(f"reported_at needs a time zone: {value!r}", member)
    if at > now + AHEAD:
        raise InvalidInput(f"reported_at {value} is more than 5 minutes ahead", member)
    if at.year < 1970:
        raise InvalidInput(f"reported_at {value} is before 1970", member)
    return at.astimezone(UTC)


def _photos(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, str) and len(v) < 400 for v in value):
        raise InvalidInput("photos is a list of references", "properties.photos")
    if len(value) > MOST_PHOTOS:
        raise InvalidInput(f"more than {MOST_PHOTOS} photos: {len(value)}", "properties.photos")
    return value


def _position(feature: Feature, crs: str) -> tuple[float | None, float | None]:
    if feature.geometry is None:
        _known_crs(crs, "properties.crs")
        return None, None
    if not isinstance(feature.geometry, Point):
        raise InvalidGeometry(
            f"an incident is a point, not a {feature.geometry.geom_type}", "geometry.type"
        )
    lon, lat = to_lonlat(feature.geometry.x, feature.geometry.y, crs)
    check_lonlat(lon, lat, "geometry.coordinates[0]", "geometry.coordinates[1]")
    return lon, lat


def _known_crs(crs: str, member: str) -> SourceCrs:
    try:
        return SourceCrs.parse(crs)
    except InvalidInput as error:
        raise InvalidInput(error.message, member) from error


def to_lonlat(x: float, y: float, crs: str, member: str = "properties.crs") -> tuple[float, float]:
    """Convert one position of a declared CRS to EPSG:4326.

    Raises:
        InvalidInput: naming ``member`` if the CRS is unknown or has no such place. Degrees that
            are EPSG:4326 already are not checked.
    """
    if crs == WGS84_NAME:
        return x, y
    source = _known_crs(crs, member)
    try:
        return source.point_to_wgs84(x, y)
    except InvalidInput as error:
        raise InvalidInput(error.message, member) from error
