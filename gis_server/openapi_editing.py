"""What can be written of a layer's features, as operations of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gis_server import schemas, written
from gis_server.field_schema import field_schema, or_null
from gis_server.openapi_operations import (
    ETAG,
    GEOJSON,
    GEOJSON_SEQ,
    JSON,
    LOCATION,
    Operation,
    answer,
    media,
)
from gis_server.openapi_parameters import given, refer
from gis_server.openapi_schemas import TEXT, component, feature_name, made_of, ref
from layers.base import Layer
from layers.edits import Edits

Json = dict[str, Any]

POINT = {"type": "Point", "coordinates": [113.94, 22.99]}
REFUSED = (403, 404, 405, 409, 412, 413, 415, 428)
HEADERS = refer("If-Match", "Prefer", "Content-Crs")
POSITION: Json = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "items": {"type": "number", "minimum": -180, "maximum": 180},
    "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -90, "maximum": 90},
    ],
}
_MERGE_PATCH = min(written.MERGE_PATCH)
# A sequence of features, whose wrong rows are named and whose good ones are stored.
_MANY = {GEOJSON_SEQ: media(TEXT, '{"type": "Feature", "geometry": null, "properties": {}}\n')}
_MANY_TAKEN = answer("What was stored of a sequence.", JSON, schema=ref("taken"))
_DRY_RUN = given(
    "dry_run",
    "Of a sequence: tell what would be stored and what not, and store nothing.",
    {"type": "boolean"},
)
_ALLOW = {"schema": TEXT, "description": "The methods that who asks may use."}


def operations(layer: Layer) -> Iterator[Operation]:
    """Describe what can be written of a layer's features, and who asks what can."""
    items = f"/collections/{layer.name}/items"
    item = f"{items}/{{id}}"
    yield from _created(layer, items)
    edits = layer.edits or Edits()
    if edits.replace is not None:
        yield _change(layer, "put", item, "Put another in the place of one of")
    if edits.update is not None:
        yield _change(layer, "patch", item, "Change some members of one of")
    if edits.remove is not None:
        yield Operation(
            "delete",
            item,
            layer.name,
            f"End one of {layer.title.lower()}",
            {204: {"description": "It is no more."}},
            refer("id", "If-Match"),
            problems=REFUSED,
            signed_in=True,
        )
    for path, names in ((items, ()), (item, ("id",))):
        told = {200: {"description": "The methods.", "headers": {"Allow": _ALLOW}}}
        summary = f"What who asks may do with {layer.title.lower()}"
        problems = (404,) if names else ()
        yield Operation(
            "options", path, layer.name, summary, told, refer(*names), problems=problems
        )


def _created(layer: Layer, path: str) -> Iterator[Operation]:
    if layer.create is not None:
        yield _reported(layer, path)
    elif layer.edits is not None and layer.edits.create is not None:
        replies = {
            200: _MANY_TAKEN,
            201: {**_shown(layer), "headers": {**LOCATION, **ETAG}, "links": _links(layer)},
        }
        yield Operation(
            "post",
            path,
            layer.name,
            f"Store one of {layer.title.lower()}, or a sequence",
            replies,
            [*refer("Prefer", "Content-Crs", "Idempotency-Key"), _DRY_RUN],
            {**{kind: media(_whole(layer)) for kind in (GEOJSON, JSON)}, **_MANY},
            problems=(403, 409, 413, 415),
            signed_in=True,
        )


def _reported(layer: Layer, path: str) -> Operation:
    """Describe the posting of what anybody may report, alone or as a sequence."""
    feature = _feature(layer.schemas.get("create", {"type": "object"}))
    replies = {201: {**_shown(layer), "headers": LOCATION, "links": _links(layer)}}
    bodies = {GEOJSON: media(feature), JSON: media(feature)}
    if layer.create_many is not None:
        replies[200] = _MANY_TAKEN
        bodies |= _MANY
    return Operation(
        "post",
        path,
        layer.name,
        f"Store one of {layer.title.lower()}, or a sequence",
        replies,
        [*refer("Idempotency-Key"), *([_DRY_RUN] if layer.create_many else [])],
        bodies,
        problems=(401, 403, 409, 413, 415),
    )


def _shown(layer: Layer) -> Json:
    return answer("The feature as stored.", GEOJSON, schema=ref(feature_name(layer)))


def _feature(properties: Json | Any) -> Json:
    """Describe a point that is posted, or a report in words only."""
    feature = made_of(
        "type geometry properties",
        type={"type": "string", "enum": ["Feature"]},
        geometry={
            "type": ["object", "null"],
            "required": ["type", "coordinates"],
            "properties": {"type": {"type": "string", "enum": ["Point"]}, "coordinates": POSITION},
            "additionalProperties": False,
        },
        properties=dict(properties),
    )
    told = properties.get("examples", [{}])[0]
    example = {"type": "Feature", "geometry": POINT, "properties": told}
    return {**feature, "additionalProperties": False, "examples": [example]}


def _change(layer: Layer, method: str, path: str, summary: str) -> Operation:
    whole = method == "put"
    schema = _whole(layer) if whole else _part(layer)
    stored = {**_shown(layer), "headers": ETAG}
    replies = {200: stored, 204: {"description": "It is stored.", "headers": ETAG}}
    return Operation(
        method,
        path,
        layer.name,
        f"{summary} {layer.title.lower()}",
        replies,
        [*refer("id"), *HEADERS],
        {kind: media(schema) for kind in ((GEOJSON, JSON) if whole else (_MERGE_PATCH,))},
        problems=REFUSED,
        signed_in=True,
    )


def _whole(layer: Layer) -> Json:
    """Describe a feature as it is sent for its creation, or in place of another."""
    needed = schemas.required(layer) - {"geometry"}
    properties = {**_sent(layer), "required": sorted(needed)} if needed else _sent(layer)
    return made_of(
        "type geometry properties",
        type={"type": "string", "enum": ["Feature"]},
        geometry=ref("geometry"),
        properties=properties,
    )


def _part(layer: Layer) -> Json:
    return made_of(geometry=ref("geometry"), properties=_sent(layer))


def _sent(layer: Layer) -> Json:
    """Describe the properties that a client may send."""
    described = {
        str(name): or_null(field_schema(field)) if field.nullable else field_schema(field)
        for name, field in layer.fields.items()
        if schemas.is_written(layer, name)
    }
    return {"type": "object", "properties": described, "additionalProperties": False}


def _links(layer: Layer) -> Json:
    """Say what can be asked of what was just stored."""
    items = f"get_collections_{component(layer)}_items_id"
    return {"read": {"operationId": items, "parameters": {"id": "$response.body#/id"}}}
