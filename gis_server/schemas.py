"""The schema of a collection: its properties, what each may be, and which of them are written.

Source: OGC API – Features Part 5 / Common Part 3: Schemas (23-058r2).
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Response

from gis_server import asked, formats
from gis_server.describing import describe
from gis_server.field_schema import ID, Schema, field_schema, geometry_schema
from gis_server.links import href
from layers.base import Layer
from layers.periods import time_of
from web_map import browse

SCHEMA_JSON = "application/schema+json"
FORMS = {"schema": SCHEMA_JSON, "json": "application/json", "html": "text/html"}
# What says of which type a feature is, where a layer has it.
TYPES = ("class", "kind", "category")
INSTANTS = frozenset({"date-time", "date"})


def make(layers: Mapping[str, Layer]) -> Blueprint:
    """Make the blueprint of ``/collections/<name>/schema``."""
    pages = Blueprint("schemas", __name__)

    @pages.get("/collections/<name>/schema")
    def schema(name: str) -> Response:
        asked.only(formats.F)
        layer = asked.layer_of(layers, name)
        return answer(layer, schema_of(layer))

    return pages


def answer(layer: Layer, document: Schema) -> Response:
    """Answer a schema of a layer in the form that is asked for."""
    form = formats.wanted(FORMS)
    if form == "html":
        return browse.schema(document, describe(layer, None))
    return Response(orjson.dumps(document), mimetype=FORMS[form])


def schema_of(layer: Layer) -> Schema:
    """Describe what a layer returns and receives, as JSON Schema."""
    properties = members(layer)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": href(f"/collections/{layer.name}/schema"),
        "type": "object",
        "title": layer.title,
        "description": layer.title_zh,
        "properties": properties,
        "required": [name for name in properties if name in required(layer)],
        "additionalProperties": False,
    }


def members(layer: Layer) -> dict[str, Schema]:
    """Describe the id, the geometry and the properties of a layer, in the order that it shows."""
    own = {name: _described(layer, name) for name in layer.fields}
    shape = geometry_schema(layer)
    first = {free("id", own): ID}
    if shape is not None:
        first[free("geometry", own)] = _readable(layer, "geom", shape)
    return {
        name: {**schema, "x-ogc-propertySeq": position}
        for position, (name, schema) in enumerate({**first, **own}.items(), 1)
    }


def free(name: str, taken: Mapping[str, object]) -> str:
    """Find a name for the id or the geometry that no property of an imported file has."""
    return name if name not in taken else free(f"_{name}", taken)


def required(layer: Layer) -> frozenset[str]:
    """Name what every feature has, and who writes one has to say."""
    geom = layer.table.__table__.columns.get("geom")
    named = {
        name
        for name, one in layer.fields.items()
        if not one.nullable
        and getattr(one.column, "server_default", None) is None
        and is_written(layer, name)
    }
    if geom is not None and not geom.nullable and is_written(layer, "geom"):
        named.add("geometry")
    return frozenset(named)


def is_written(layer: Layer, name: str) -> bool:
    """Tell whether a client may send a property (``geom`` for the geometry), at least at first."""
    edits = layer.edits
    if edits is None:
        # What is created, but not edited, says itself what it takes.
        return name in layer.schemas.get("create", {}).get("properties", {}) or (
            name == "geom" and layer.create is not None
        )
    if edits.create is not None:
        return name in edits.written or name == "geom"
    return name in edits.written and name not in edits.fixed


def _described(layer: Layer, name: str) -> Schema:
    return _readable(layer, name, {**field_schema(layer.fields[name]), **_role(layer, name)})


def _readable(layer: Layer, name: str, schema: Schema) -> Schema:
    return schema if is_written(layer, name) else {**schema, "readOnly": True}


def _role(layer: Layer, name: str) -> Schema:
    """Tell the role of a property, if it has one.

    Source: Part 5, requirements class Core roles for features.
    """
    fields = layer.fields
    types = [n for n in TYPES if n in fields and fields[n].kind == "string"]
    if types and name == types[0]:
        return {"x-ogc-role": "type"}
    primary = time_of(layer)
    if primary is not None and primary.name == name and primary.kind in INSTANTS:
        return {"x-ogc-role": "primary-instant"}
    return {}
