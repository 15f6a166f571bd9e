"""The schemas that the description of the API refers to, as JSON Schema 2020-12.

OpenAPI 3.1 takes them as they are; ``as_3_0`` writes them as OpenAPI 3.0 wants them.
"""

from __future__ import annotations

from typing import Any

from gis_server.field_schema import field_schema, or_null
from layers.base import Layer

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
TIME: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {}
OBJECT: Schema = {"type": "object"}
BINARY: Schema = {"type": "string", "format": "binary"}


def ref(name: str) -> Schema:
    """Refer to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Schema) -> Schema:
    """Describe an array."""
    return {"type": "array", "items": items}


def made_of(required: str = "", **properties: Schema) -> Schema:
    """Describe an object; ``required`` names members, separated by spaces."""
    described: Schema = {"type": "object", "properties": properties}
    return {"required": required.split(), **described} if required else described


_FAULT = made_of("detail", detail=TEXT, parameter=TEXT, pointer=TEXT, header=TEXT)
_FEATURE: Schema = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "integer"},
        "version": {"type": "integer", "description": "What a change is based on, as its ETag."},
        "geometry": ref("geometry"),
        "properties": {"type": "object"},
        "links": listed(ref("link")),
    },
}
_SHAPE_TYPES = (
    *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "GeometryCollection",
)
SCHEMAS: dict[str, Schema] = {
    "problem": {
        "description": "What is wrong (RFC 9457); `errors` points to the input at fault.",
        **made_of(
            "type title status detail",
            type=TEXT,
            title=TEXT,
            status={"type": "integer", "minimum": 400, "maximum": 599},
            detail=TEXT,
            code=TEXT,
            member=TEXT,
            errors=listed(_FAULT),
        ),
    },
    "link": made_of(
        "rel href",
        rel=TEXT,
        href=TEXT,
        type=TEXT,
        title=TEXT,
        hreflang=TEXT,
        templated={"type": "boolean"},
    ),
    "landing": made_of("links", title=TEXT, description=TEXT, links=listed(ref("link"))),
    "conformance": made_of("conformsTo", conformsTo=listed(TEXT)),
    "collections": made_of(
        "collections links", collections=listed(ref("collection")), links=listed(ref("link"))
    ),
    "collection": made_of(
        "id links",
        id=TEXT,
        title=TEXT,
        description=TEXT,
        extent=OBJECT,
        itemType=TEXT,
        crs=listed(TEXT),
        storageCrs=TEXT,
        links=listed(ref("link")),
    ),
    "geometry": {
        "type": ["object", "null"],
        "required": ["type"],
        "properties": {
            "type": {"type": "string", "enum": list(_SHAPE_TYPES)},
            "coordinates": {"type": "array", "items": ANYTHING},
            "geometries": {"type": "array", "items": OBJECT},
        },
    },
    "feature": _FEATURE,
    "located": made_of("point grids", point=listed({"type": "number"}), grids=listed(OBJECT)),
    "taken": made_of(
        "rejected",
        rows_read=WHOLE,
        rows_written=WHOLE,
        rows_known=WHOLE,
        rejected=listed(made_of("row member detail", row=WHOLE, member=TEXT, detail=TEXT)),
    ),
    "reader": OBJECT,
    "view": made_of("name query", name=TEXT, query=TEXT),
    "source": OBJECT,
    "jsonSchema": made_of("type", type=TEXT, properties=OBJECT),
}


def layer_schemas(layer: Layer) -> dict[str, Schema]:
    """Describe a layer's features, one by one and in pages."""
    fields = layer.fields.items()
    properties = {str(name): or_null(field_schema(field)) for name, field in fields}
    feature = {
        **_FEATURE,
        "properties": {
            **_FEATURE["properties"],
            "properties": {"type": "object", "properties": properties},
        },
    }
    page = made_of(
        "type features links",
        type={"type": "string", "enum": ["FeatureCollection"]},
        numberMatched=WHOLE,
        numberReturned=WHOLE,
        timeStamp=TIME,
        links=listed(ref("link")),
        features=listed(ref(feature_name(layer))),
    )
    return {feature_name(layer): feature, page_name(layer): page}


def feature_name(layer: Layer) -> str:
    """Name the schema of a layer's feature."""
    return f"{component(layer)}.feature"


def page_name(layer: Layer) -> str:
    """Name the schema of a page of a layer's features."""
    return f"{component(layer)}.page"


def component(layer: Layer) -> str:
    """Write a layer's name with the characters that the name of a component may have."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "." for c in layer.name)
    return plain if plain == layer.name else f"{plain}.{layer.name.encode().hex()}"


def as_3_0(part: Any) -> Any:
    """Write a part of an OpenAPI 3.1 document as OpenAPI 3.0 has it.

    Null is a keyword beside one type there, exclusive bounds are flags, and a schema has one
    example; members that it does not know are left out.
    """
    if isinstance(part, list):
        return [as_3_0(one) for one in part]
    if not isinstance(part, dict):
        return part
    told = {name: as_3_0(value) for name, value in part.items() if name != "prefixItems"}
    if isinstance(kinds := told.get("type"), list):
        (told["type"],) = [kind for kind in kinds if kind != "null"]
        told["nullable"] = True
    for bound, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(told.get(flag), int | float) and not isinstance(told[flag], bool):
            told[bound], told[flag] = told[flag], True
    if isinstance(examples := told.get("examples"), list):
        del told["examples"]
        told["example"] = examples[0]
    return told
