"""What filters may name: the queryables of each collection, and the functions.

Source: OGC API – Features Part 3: Filtering (19-079r2).
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Response

from gis_server import asked, formats, schemas
from gis_server.access import Asking
from gis_server.field_schema import Schema, field_schema
from gis_server.filter_functions import FUNCTIONS, TYPE, Argument, Function
from gis_server.links import href, link
from layers.base import Layer

# What a schema says beside, which means nothing to who asks.
SCALARS = frozenset({"string", "integer", "number", "boolean", "date-time", "date"})
LEFT_OUT = frozenset({"readOnly", "x-ogc-propertySeq"})


def make(layers: Mapping[str, Layer], asking: Asking) -> Blueprint:
    """Make the blueprint of ``/collections/<name>/queryables`` and ``/functions``."""
    pages = Blueprint("queryables", __name__)

    @pages.get("/collections/<name>/queryables")
    def queryables(name: str) -> Response:
        asked.only(formats.F)
        layer = asked.layer_for(layers, name, asking())
        return schemas.answer(layer, queryables_of(layer))

    @pages.get("/functions")
    def functions() -> Response:
        asked.only(formats.F)
        formats.wanted({"json": "application/json"})
        return Response(orjson.dumps(functions_json()), mimetype="application/json")

    return pages


def queryables_of(layer: Layer) -> Schema:
    """Describe what a filter may ask of a layer, as JSON Schema."""
    members = schemas.members(layer)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": href(f"/collections/{layer.name}/queryables"),
        "type": "object",
        "title": layer.title,
        "description": layer.title_zh,
        "properties": {name: _sought(schema) for name, schema in members.items()},
        "additionalProperties": False,
        # The draft's form, by which GDAL learns what it may ask for (seen in 3.12.4).
        "queryables": [
            {"id": name, "type": field_schema(field)["type"]}
            for name, field in layer.fields.items()
            if field.kind in SCALARS
        ],
    }


def _sought(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name not in LEFT_OUT}


def functions_json() -> Schema:
    """Describe the functions that a filter may call."""
    return {
        "functions": [_function(name, one) for name, one in FUNCTIONS.items()],
        "links": [link("self", href("/functions"))],
    }


def _function(name: str, function: Function) -> Schema:
    return {
        "name": name,
        "description": function.description,
        "arguments": [_argument(one) for one in function.arguments],
        "returns": [function.returns],
    }


def _argument(argument: Argument) -> Schema:
    return {"title": argument.name, "type": [TYPE[argument.kinds]]}
