"""The one table of parameters: what may be asked in an address or a header."""

from __future__ import annotations

from typing import Any

from geodata.served_crs import CRS84, SERVED
from gis_server.field_schema import field_schema
from gis_server.filter_guard import LANGUAGES
from layers.base import Layer

Json = dict[str, Any]

LIMIT, MOST, BIGINT = 100, 10_000, 2**63 - 1
FILTERED = frozenset({"string", "integer", "number", "boolean"})
_CRS_URIS = list(SERVED)
# Text without a null character, which PostgreSQL cannot hold.
PLAIN = "^[^\\x00]*$"


def _query(name: str, text: str, schema: Json, example: Any = None) -> Json:
    """Describe a parameter of the query; a list is written with commas."""
    described = {"name": name, "in": "query", "description": text, "required": False}
    told = {**described, "schema": schema, "style": "form", "explode": False}
    return told if example is None else {**told, "example": example}


def _path(name: str, text: str, schema: Json, example: Any) -> Json:
    described = {"name": name, "in": "path", "description": text, "required": True}
    return {**described, "schema": schema, "style": "simple", "explode": False, "example": example}


def _header(name: str, text: str, schema: Json, example: Any) -> Json:
    described = {"name": name, "in": "header", "description": text, "required": False}
    return {**described, "schema": schema, "style": "simple", "explode": False, "example": example}


def _text(least: int = 0, most: int | None = None, **more: Any) -> Json:
    bounds = {"minLength": least} if most is None else {"minLength": least, "maxLength": most}
    return {"type": "string", **bounds, **more}


def _whole(least: int, most: int, **more: Any) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most, **more}


_TIME = {"type": "string", "format": "date-time"}
_CRS = {"type": "string", "format": "uri", "enum": _CRS_URIS, "default": CRS84.uri}
BOX = {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}}
_NUMBER = {"type": "number"}


def _sized(count: int) -> Json:
    return {"minItems": count, "maxItems": count}


_LON = {"type": "number"}

PARAMETERS: dict[str, Json] = {
    one["name"]: one
    for one in (
        _query(
            "bbox",
            "Only what touches this box: its two corners, in the axis order of `bbox-crs`; heights"
            " are left out. West beyond east means across ±180°.",
            {**BOX, "maxItems": 6, "oneOf": [_sized(4), _sized(6)]},
            [113.93, 22.98, 113.95, 23.0],
        ),
        _query("bbox-crs", "The system of `bbox`.", _CRS),
        _query("crs", "The system that coordinates are answered in.", _CRS),
        _query(
            "datetime",
            "Only what was so at a moment or in an interval: RFC 3339, `/` between its ends, `..`"
            " for an open one.",
            _text(),
            "2026-01-01T00:00:00Z/..",
        ),
        _query("limit", "At most so many features.", _whole(1, MOST, default=LIMIT), 10),
        _query("offset", "Pass over so many features.", _whole(0, BIGINT, default=0), 0),
        _query("after", "Where the page before ended, as its `next` link says it.", _text()),
        _query(
            "ids",
            "Only these features.",
            {
                "type": "array",
                "minItems": 1,
                "maxItems": 1000,
                "items": _whole(0, BIGINT),
            },
            [1, 2],
        ),
        _query(
            "sortby",
            "Properties to sort by, each with `-` before it for descending; newest first else.",
            {"type": "array", "minItems": 1, "items": _text(1)},
        ),
        _query(
            "properties",
            "Only these properties.",
            {"type": "array", "items": _text()},
        ),
        _query(
            "filter",
            "Only what an expression in CQL2 says of the queryables; at most 8 kB.",
            _text(1, 8192),
        ),
        _query(
            "filter-lang",
            "The form of `filter`.",
            _text(enum=list(LANGUAGES), default=LANGUAGES[0]),
        ),
        _query("filter-crs", "The system of the shapes in `filter`.", _CRS),
        _query(
            "valid_at",
            "The editions that are in force at this moment; now when it is not given.",
            _TIME,
            "2026-01-01T00:00:00Z",
        ),
        _query(
            "as_of",
            "What was on record at this moment; now when it is not given.",
            _TIME,
            "2026-01-01T00:00:00Z",
        ),
        _query(
            "resulttype",
            "`hits` only counts.",
            _text(enum=["results", "hits"], default="results"),
        ),
        _query("lon", "Longitude, or the eastward coordinate in `crs`.", _LON, 113.94),
        _query("lat", "Latitude, or the northward coordinate in `crs`.", _NUMBER, 22.99),
        _query(
            "accuracy_m",
            "The 95 % radius of the position in metres.",
            {"type": "number", "minimum": 0, "maximum": 100_000},
            20,
        ),
        _path("id", "The feature's id.", _whole(0, BIGINT), 1),
        _path("z", "The zoom.", _whole(0, 22), 14),
        _path("x", "The tile's column.", _whole(0, 2**22 - 1), 13375),
        _path("y", "The tile's row.", _whole(0, 2**22 - 1), 7114),
        _header(
            "If-Match",
            "The ETag of the version that a change is based on, or `*`.",
            _text(1),
            '"1"',
        ),
        _header(
            "If-None-Match",
            "The ETag of what the client has: 304 when it is still the same.",
            _text(),
            '"1"',
        ),
        _header(
            "Prefer",
            "`return=representation` answers with the feature, `return=minimal` without.",
            _text(),
            "return=representation",
        ),
        _header(
            "Content-Crs",
            "The system of the coordinates that are sent.",
            _text(enum=[f"<{uri}>" for uri in _CRS_URIS]),
            f"<{CRS84.uri}>",
        ),
        _header(
            "Idempotency-Key",
            "Sent again with the same body it gets the same answer; nothing is stored twice.",
            _text(1, 200, pattern="^[ -~]+$"),
            "7f3a",
        ),
    )
}

# What lists, counts, tiles and summaries understand alike.
ASKED = ("bbox", "bbox-crs", "ids", "datetime", "valid_at", "as_of")
FILTER = ("filter", "filter-lang", "filter-crs")
PAGED = ("limit", "offset", "after", "sortby", "properties", "crs", "resulttype")


def refer(*names: str) -> list[Json]:
    """Refer to parameters of the table."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def formats(*offered: str) -> Json:
    """Describe the parameter that picks a form in place of ``Accept``."""
    return _query("f", "The form of the answer, in place of `Accept`.", _text(enum=list(offered)))


def words(name: str, text: str, most: int, example: str) -> Json:
    """Describe a parameter of words."""
    return _query(name, text, _text(1, most), example)


def count(name: str, text: str, most: int, default: int) -> Json:
    """Describe a parameter that is a number of things."""
    return _query(name, text, _whole(0, most, default=default))


def code(name: str, text: str, example: str) -> Json:
    """Describe a part of the path that is a name."""
    return _path(name, text, _text(1), example)


def given(name: str, text: str, schema: Json) -> Json:
    """Describe a parameter of the query by a schema of one's own."""
    return _query(name, text, schema)


def property_parameters(layer: Layer) -> list[Json]:
    """Describe the filters by a property's value, and the named ones."""
    alone = {
        str(name): _query(str(name), f"Only where `{name}` is this.", _sought(field_schema(field)))
        for name, field in layer.fields.items()
        if field.kind in FILTERED and name not in PARAMETERS
    }
    described = layer.schemas.get("filters", {})
    named = {
        name: _query(name, _told(schema, name), schema)
        for name, schema in described.items()
        if name not in PARAMETERS
    }
    return [*{**alone, **named}.values()]


def _told(schema: Json, name: str) -> str:
    return str(schema.get("description", f"The filter `{name}`."))


def _sought(schema: Json) -> Json:
    """Describe what may be asked of a property: what its rules exclude is asked for in vain."""
    told = ("type", "title", "enum") if schema["type"] == "boolean" else ("type", "title")
    return {name: schema[name] for name in told if name in schema}
