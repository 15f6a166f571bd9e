"""Read what a request asks for; past here nothing is checked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from flask import Response, after_this_request, request
from shapely.geometry.base import BaseGeometry
from sqlalchemy import and_, func

from geodata.crs import WGS84
from geodata.errors import InvalidInput, NotFound, Stale, WrongType
from geodata.served_crs import CRS84, served_crs
from gis_server import filters, parameters
from gis_server.filter_guard import check_language
from gis_server.parameters import BIGINT, whole
from layers import masks
from layers.base import Layer, Query, Scope, Sort
from layers.paging import check_order, place
from layers.queries import not_a_number, parse_flag

LIMIT, MOST = 100, 10_000
# What says how an answer is written, not what is in it.
LEFT = frozenset({"f", "resulttype"})
RESERVED = frozenset(
    {
        *("bbox", "bbox-crs", "crs", "datetime", "valid_at", "as_of", "filter", "filter-lang"),
        *("filter-crs", "sortby", "properties", "ids", "after", "offset", "limit"),
    }
)
# What picks rows and is turned into something else by being read.
PICKS = ("bbox", "bbox-crs", "filter", "filter-lang", "filter-crs", "datetime")
GEOJSON = frozenset({"application/geo+json", "application/json"})
GEOJSON_SEQ = frozenset({"application/geo+json-seq", "application/x-ndjson"})
TO_KNOWN = ";private"  # ends the tag of a feature that is told with what visitors are not told


def layer_of(layers: Mapping[str, Layer], name: str) -> Layer:
    """Find a layer by its name in the address.

    Raises:
        NotFound: if there is no such layer.
    """
    layer = layers.get(name)
    if layer is None:
        raise NotFound(f"no collection {name!r}", code="no_collection", name=name)
    if layer.mask is not None or layer.private:
        answered_to_one()
    return layer


def answered_to_one() -> None:
    """Keep the answer to this request out of shared caches: what it holds depends on who asks.

    A visitor's too, or a cache would give it to who signs in.
    """
    if request.method in ("GET", "HEAD"):
        after_this_request(_own)


def _own(reply: Response) -> Response:
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.vary.add("Cookie")
    return reply


def layer_for(layers: Mapping[str, Layer], name: str, scope: Scope) -> Layer:
    """Find a layer by its name in the address, as its reader is told of it.

    Raises:
        NotFound: if there is no such layer.
    """
    return masks.told(layer_of(layers, name), scope)


def query(layer: Layer, scope: Scope) -> Query:
    """Read what a request asks of a layer: where, when, which, how many, and how it is shown."""
    given = {name: value for name, value in single().items() if name not in LEFT}
    where = _place(layer, given)
    order = _order(layer, given)
    # Figures of a past moment are made by the layer itself, from what ``as_of`` means there.
    own = RESERVED - ({"as_of"} if layer.together else set())
    return Query(
        bbox=where if isinstance(where, tuple) else None,
        where={name: value for name, value in given.items() if name not in own},
        ids=parameters.ids(given["ids"]) if "ids" in given else None,
        condition=all_of([_within(layer, where), filtered(layer, scope, given)]),
        period=parameters.span(given["datetime"], scope.time_zone) if "datetime" in given else None,
        valid_at=_moment(given, "valid_at"),
        as_of=None if layer.reckons & given.keys() else _moment(given, "as_of"),
        sort=order,
        after=_after(layer, order, given),
        offset=whole(given.get("offset", "0"), "offset", BIGINT),
        limit=whole(given.get("limit", str(LIMIT)), "limit", MOST) or _zero_limit(),
        shown=_shown(layer, given),
        crs=served_crs(given["crs"], "crs") if "crs" in given else CRS84,
        said={name: given[name] for name in PICKS if name in given},
    )


def one(layer: Layer, number: int) -> Query:
    """Read how one feature is to be shown, and as of when."""
    given = {name: value for name, value in single().items() if name not in LEFT}
    if unknown := given.keys() - {"crs", "properties", "as_of"}:
        raise _unknown(min(unknown))
    return Query(
        ids=(number,),
        as_of=_moment(given, "as_of"),
        shown=_shown(layer, given),
        crs=served_crs(given["crs"], "crs") if "crs" in given else CRS84,
    )


def hits() -> bool:
    """Tell whether only the number of features is asked for.

    Raises:
        InvalidInput: if ``resulttype`` is neither ``hits`` nor ``results``.
    """
    given = request.args.get("resulttype", "results")
    if given not in ("hits", "results"):
        raise InvalidInput(f"resulttype is hits or results, not {given!r}", "resulttype")
    return given == "hits"


def single() -> dict[str, str]:
    """Read the parameters, none of which may be given twice or hold a null character."""
    given = request.args
    for name, value in given.items():
        if "\x00" in value:
            raise InvalidInput(f"{name} holds a null character", name)
        if len(given.getlist(name)) > 1:
            message = f"{name} is given more than once"
            raise InvalidInput(message, name, code="given_twice", name=name)
    return given.to_dict()


def only(*known: str) -> None:
    """Refuse parameters that mean nothing here."""
    for name in single():
        if name not in known:
            raise _unknown(name)


def _unknown(name: str) -> InvalidInput:
    message = f"there is no parameter {name!r} here"
    return InvalidInput(message, name, code="no_parameter", name=name)


def _place(layer: Layer, given: Mapping[str, str]) -> parameters.Bounds | BaseGeometry | None:
    crs = served_crs(given["bbox-crs"], "bbox-crs") if "bbox-crs" in given else CRS84
    return parameters.box_of(given["bbox"], crs) if "bbox" in given else None


def _within(layer: Layer, place: parameters.Bounds | BaseGeometry | None) -> Any:
    if place is None or isinstance(place, tuple):
        return None
    if layer.geom is None:
        raise InvalidInput(f"{layer.name} have no place", "bbox", code="no_place")
    return func.ST_Intersects(layer.geom, func.ST_GeomFromText(place.wkt, WGS84))


def filtered(layer: Layer, scope: Scope, given: Mapping[str, str]) -> Any:
    """Read the filter expression of a request as a condition; None when there is none."""
    crs = served_crs(given["filter-crs"], "filter-crs") if "filter-crs" in given else CRS84
    language = given.get("filter-lang", filters.USUAL)
    check_language(language)
    if "filter" not in given:
        return None
    return filters.condition(filters.parse(given["filter"], language, crs, scope.time_zone), layer)


def all_of(conditions: Sequence[Any]) -> Any:
    """Demand all conditions that there are; None when there is none."""
    found = [condition for condition in conditions if condition is not None]
    return and_(*found) if found else None


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    return parameters.moment(given[name], name) if name in given else None


def _order(layer: Layer, given: Mapping[str, str]) -> tuple[Sort, ...]:
    order = parameters.sort(given["sortby"]) if "sortby" in given else ()
    check_order(layer, order)
    return order


def _after(layer: Layer, order: tuple[Sort, ...], given: Mapping[str, str]) -> Any:
    return place(layer, order, parameters.after(given["after"])) if "after" in given else None


def _shown(layer: Layer, given: Mapping[str, str]) -> tuple[str, ...] | None:
    if "properties" not in given:
        return None
    return parameters.names(given["properties"], frozenset(layer.fields), "properties")


def _zero_limit() -> int:
    raise InvalidInput(f"limit is 1…{MOST}, not 0", "limit", code="no_limit", most=MOST)


def number(name: str) -> float | None:
    """Read a finite number from the request; None when it is not given."""
    value = request.args.get(name)
    if value is None:
        return None
    try:
        found = float(value)
    except ValueError as error:
        raise not_a_number(name, value) from error
    if not isfinite(found):
        message = f"{name} is a finite number, not {value!r}"
        raise InvalidInput(message, name, code="no_number", name=name, given=value)
    return found


def flag(name: str) -> bool:
    """Read true or false from the request; false when it is not given."""
    return parse_flag(name, request.args.get(name, "false"))


def needed(name: str) -> float:
    """Read a finite number that must be given."""
    found = number(name)
    if found is None:
        raise InvalidInput(f"{name} is missing", name)
    return found


def time(name: str) -> datetime:
    """Read an ISO 8601 time with a zone, as UTC; now when it is not given."""
    value = request.args.get(name)
    return datetime.now(UTC) if value is None else parameters.moment(value, name)


def version() -> int | None:
    """Read the row version of If-Match; None when it is not given or is ``*``.

    Raises:
        Stale: if it is an ETag that no feature ever had.

    Source: RFC 9110, section 13.1.1.
    """
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    number = given.strip().removeprefix('"').removesuffix('"').removesuffix(TO_KNOWN)
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
    """Read the whole body; one that is over the limit is refused, not cut off.

    Raises:
        InvalidInput: if it ends before it was said to: the rows that came are not all.
    """
    read = request.get_data()
    declared = request.content_length
    if declared is not None and len(read) < declared:
        raise InvalidInput(f"the body ended after {len(read)} of {declared} bytes", "body")
    # Werkzeug stops at the limit when no length was declared; only reading on raises its 413.
    request.stream.read(1)
    return read
