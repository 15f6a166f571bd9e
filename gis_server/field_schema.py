"""Say as JSON Schema what a layer's properties, ids and shapes may be.

What the database checks of one column is read from the rules of its table, so that a schema, a
filter and the description of the API never tell something else than what is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table

from layers.base import Field, Layer
from layers.property_values import bounds, most_characters

Schema = dict[str, Any]

TYPES: Mapping[str, Schema] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date-time": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "period": {
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
        "items": {"type": ["string", "null"], "format": "date-time"},
    },
}
CODE = r"^\S(.*\S)?$"
UNITS = {"m": "m", "m2": "m2", "h": "h"}  # the ends of names that are units, as UCUM writes them
ID: Schema = {"title": "ID", "type": "integer", "minimum": 1, "readOnly": True, "x-ogc-role": "id"}

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_BETWEEN = re.compile(rf"(\w+) BETWEEN ({_NUMBER}) AND ({_NUMBER})")
_AMONG = re.compile(r"(\w+) IN \(([^()]+)\)")
_BOUND = re.compile(rf"(\w+) (>=|<=|>|<) ({_NUMBER})")
_PATTERN = re.compile(r"(\w+) ~ '([^']+)'")
_GIVEN = re.compile(r"(\w+) <> ''")
_BOUNDS = {
    ">=": "minimum",
    "<=": "maximum",
    ">": "exclusiveMinimum",
    "<": "exclusiveMaximum",
}


def field_schema(field: Field) -> Schema:
    """Describe the values of a property: type, title, and what its column's rules allow.

    Null is not among them: what a feature lacks is null in GeoJSON (see ``or_null``).

    Source: JSON Schema 2020-12; OGC API – Features Part 5 (23-058r2), 7.1 and 7.2.
    """
    described = {**TYPES[field.kind], **_unit(field), **_rules_of(field)}
    return {"title": field.title_zh, **described} if field.title_zh else described


def or_null(schema: Schema) -> Schema:
    """Let null be among the values of a schema, as JSON Schema 2020-12 and OpenAPI 3.1 write it."""
    widened = {**schema, "type": [schema["type"], "null"]}
    return {**widened, "enum": [*schema["enum"], None]} if "enum" in schema else widened


def geometry_schema(layer: Layer) -> Schema | None:
    """Describe the shapes of a layer; None where it has none.

    Source: OGC API – Features Part 5 (23-058r2), 7.1, requirement properties, C.
    """
    if layer.geom is None:
        return None
    kind = str(layer.geom.type.geometry_type).lower()
    named = "any" if kind == "geometry" else kind
    return {"format": f"geometry-{named}", "x-ogc-role": "primary-geometry"}


def _unit(field: Field) -> Schema:
    ending = field.name.rpartition("_")[2]
    return {"x-ogc-unit": UNITS[ending]} if field.kind == "number" and ending in UNITS else {}


def _rules_of(field: Field) -> Schema:
    column = field.column
    if not isinstance(column, Column) or column.table is None:
        return {}
    return {**_size(column), **rules(column.table).get(column.name, {})}


def _size(column: Column[Any]) -> Schema:
    if limits := bounds(column):
        return {"minimum": limits[0], "maximum": limits[1]}
    # Only what a client writes is held to a length.
    most = most_characters(column) if "recorded_at" in column.table.c else None
    code = {"minLength": 1, "pattern": CODE} if most and column.name == "code" else {}
    return {} if most is None else {"maxLength": most, **code}


@cache
def rules(table: Table) -> Mapping[str, Schema]:
    """Read the rules of a table that are about one column each, by the name of the column."""
    found: dict[str, Schema] = {}
    for rule in table.constraints:
        if isinstance(rule, CheckConstraint):
            for name, schema in _read(str(rule.sqltext)):
                found.setdefault(name, {}).update(schema)
    return found


def _read(rule: str) -> Iterator[tuple[str, Schema]]:
    """Read what a conjunction demands; what is not understood is left out."""
    if " OR " in rule:
        return
    plain = _BETWEEN.sub(r"\1 >= \2 AND \1 <= \3", rule)
    for term in plain.split(" AND "):
        if among := _AMONG.fullmatch(term):
            yield among[1], {"enum": [_value(part) for part in among[2].split(",")]}
        elif bound := _BOUND.fullmatch(term):
            yield bound[1], {_BOUNDS[bound[2]]: _value(bound[3])}
        elif pattern := _PATTERN.fullmatch(term):
            yield pattern[1], {"pattern": pattern[2]}
        elif given := _GIVEN.fullmatch(term):
            yield given[1], {"minLength": 1}


def _value(text: str) -> str | int | float:
    plain = text.strip()
    if plain.startswith("'"):
        return plain.strip("'")
    return float(plain) if "." in plain else int(plain)
