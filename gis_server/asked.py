"""Read what a request asks for; past here nothing is checked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite

from flask import request

from geodata.errors import InvalidGeometry, InvalidInput, NotFound, Stale, WrongType
from geodata.geojson import check_lonlat
from layers.base import Layer, Query

LIMIT, MOST = 100, 10_000
MOST_IDS = 1000
BIGINT = 2**63 - 1
RESERVED = frozenset({"bbox", "limit", "ids", "after"})
GEOJSON = frozenset({"application/geo+json", "application/json"})
GEOJSON_SEQ = frozenset({"application/geo+json-seq", "application/x-ndjson"})


def layer_of(layers: Mapping[str, Layer], name: str) -> Layer:
    """Find a layer by its name in the address.

    Raises:
        NotFound: if there is no such layer.
    """
    if name not in layers:
        raise NotFound(f"no collection {name!r}")
    return layers[name]


def query() -> Query:
    """Read bbox, limit, ids, after and the filters of the request."""
    given = request.args
    for name, value in given.items():
        if "\x00" in value:
            raise InvalidInput(f"{name} holds a null character", name)
        if len(given.getlist(name)) > 1:
            raise InvalidInput(f"{name} is given more than once", name)
    return Query(
        bbox=_bbox(given["bbox"]) if "bbox" in given else None,
        where={name: value for name, value in given.items() if name not in RESERVED},
        ids=_ids(given["ids"]) if "ids" in given else None,
        after=whole(given["after"], "after", BIGINT) if "after" in given else None,
        limit=whole(given.get("limit", str(LIMIT)), "limit", MOST) or _zero_limit(),
    )


def _zero_limit() -> int:
    raise InvalidInput(f"limit is 1…{MOST}, not 0", "limit")


def whole(value: str, name: str, most: int) -> int:
    """Read a whole number from 0 to ``most``."""
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) > most:
        raise InvalidInput(f"{name} is a whole number up to {most}, not {value!r}", name)
    return int(value)


def number(name: str) -> float | None:
    """Read a finite number from the request; None when it is not given."""
    value = request.args.get(name)
    if value is None:
        return None
    try:
        found = float(value)
    except ValueError as error:
        raise InvalidInput(f"{name} is a number, not {value!r}", name) from error
    if not isfinite(found):
        raise InvalidInput(f"{name} is a finite number, not {value!r}", name)
    return found


def needed(name: str) -> float:
    """Read a finite number that must be given."""
    found = number(name)
    if found is None:
        raise InvalidInput(f"{name} is missing", name)
    return found


def time(name: str) -> datetime:
    """Read an ISO 8601 time with a zone, as UTC; now when it is not given."""
    value = request.args.get(name)
    if value is None:
        return datetime.now(UTC)
    try:
        # A plus sign in a query string arrives as a space.
        found = datetime.fromisoformat(value.replace(" ", "+"))
        if found.tzinfo is None:
            raise InvalidInput(f"{name} needs a time zone: {value!r}", name)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{name} is no ISO 8601 time: {value!r}", name) from error


def version() -> int | None:
    """Read the row version of If-Match; None when it is not given or is ``*``.

    Raises:
        Stale: if it is an ETag that no feature ever had.

    Source: RFC 9110, section 13.1.1.
    """
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    number = given.strip().removeprefix('"').removesuffix('"')
    if not number.isascii() or not number.isdigit() or int(number) > 2**31 - 1:
        raise Stale(f"If-Match names no version of a feature: {given!r}", "If-Match")
    return int(number)


def content_type(known: frozenset[str]) -> None:
    """Refuse a body of a type that is not read here.

    Raises:
        WrongType: naming the types that are.
    """
    if request.mimetype not in known:
        raise WrongType(
            f"the body is {request.mimetype or 'of no type'}, not {' or '.join(sorted(known))}",
            "Content-Type",
        )


def body() -> bytes:
    """Read the whole body; one that is over the limit is refused, not cut off."""
    read = request.get_data()
    # Werkzeug stops at the limit when no length was declared; only reading on raises its 413.
    request.stream.read(1)
    return read


def _ids(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) > MOST_IDS:
        raise InvalidInput(f"ids names {len(parts)} features; at most {MOST_IDS}", "ids")
    return tuple(whole(part, "ids", BIGINT) for part in parts)


def _bbox(text: str) -> tuple[float, float, float, float]:
    """Read west,south,east,north in EPSG:4326."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput(f"bbox is west,south,east,north, not {text!r}", "bbox") from error
    if not all(isfinite(v) for v in (west, south, east, north)):
        raise InvalidInput(f"bbox is not finite: {text!r}", "bbox")
    if west > east or south > north:
        raise InvalidGeometry(f"bbox ends before it begins: {text!r}", "bbox")
    check_lonlat(west, south, "bbox", "bbox")
    check_lonlat(east, north, "bbox", "bbox")
    return west, south, east, north
