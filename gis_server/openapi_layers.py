"""What is served of each layer, as operations of OpenAPI: made of what the layer itself says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gis_server import bulk, openapi_editing, openapi_tiles
from gis_server.openapi_operations import (
    CONTENT_CRS,
    ETAG,
    GEOJSON,
    HTML,
    JSON,
    NOT_MODIFIED,
    XLSX,
    Operation,
    answer,
    media,
)
from gis_server.openapi_parameters import (
    ASKED,
    FILTER,
    PAGED,
    formats,
    given,
    property_parameters,
    refer,
)
from gis_server.openapi_schemas import BINARY, feature_name, made_of, page_name, ref
from layers.base import Layer

Json = dict[str, Any]

FILTERS = "filters"  # among what a summary takes: all that lists take too
CHANGED = (401, 403, 404, 409, 412, 413, 415, 428)


def operations(layer: Layer) -> Iterator[Operation]:
    """Describe all that is served of a layer."""
    editing = openapi_editing.operations
    parts = (_described, _listed, _single, _tiles, editing, _asked_of_one, _asked_of_all)
    for part in parts:
        yield from part(layer)


def _path(layer: Layer) -> str:
    return f"/collections/{layer.name}"


def _filters(layer: Layer) -> list[Json]:
    without = () if layer.geom is not None else ("bbox", "bbox-crs")
    names = [name for name in (*ASKED, *FILTER) if name not in without]
    return [*refer(*names), *property_parameters(layer)]


def _described(layer: Layer) -> Iterator[Operation]:
    path, forms = _path(layer), [formats("json", "html")]
    told = answer("The collection.", JSON, HTML, schema=ref("collection"))
    yield Operation("get", path, layer.name, f"About {layer.title}", {200: told}, forms)
    for part, kind in (("queryables", "What filters may name"), ("schema", "All properties")):
        told = answer(kind, "application/schema+json", JSON, HTML, schema=ref("jsonSchema"))
        summary = f"{kind} of {layer.title}"
        yield Operation("get", f"{path}/{part}", layer.name, summary, {200: told}, forms)


def _listed(layer: Layer) -> Iterator[Operation]:
    path, asked = _path(layer), _filters(layer)
    page = answer("Features.", GEOJSON, JSON, HTML, schema=ref(page_name(layer)))
    page["content"] |= {kind: {"schema": BINARY} for kind in bulk.OFFERED.values()}
    yield Operation(
        "get",
        f"{path}/items",
        layer.name,
        f"List {layer.title.lower()}",
        {200: {**page, "headers": CONTENT_CRS}},
        [*asked, *refer(*PAGED), formats("geojson", "json", "html", *bulk.OFFERED)],
    )
    yield Operation(
        "get",
        f"{path}/items.xlsx",
        layer.name,
        f"List {layer.title.lower()} as a workbook",
        {200: answer("The workbook.", XLSX, schema=BINARY)},
        asked,
        problems=(413,),
    )
    number = made_of("count", count={"type": "integer", "minimum": 0})
    yield Operation(
        "get",
        f"{path}/count",
        layer.name,
        f"Count {layer.title.lower()}",
        {200: answer("How many there are.", JSON, schema=number)},
        asked,
    )


def _single(layer: Layer) -> Iterator[Operation]:
    path = f"{_path(layer)}/items/{{id}}"
    feature = answer("The feature.", GEOJSON, JSON, HTML, schema=ref(feature_name(layer)))
    yield Operation(
        "get",
        path,
        layer.name,
        f"Read one of {layer.title.lower()}",
        {200: {**feature, "headers": {**ETAG, **CONTENT_CRS}}, 304: NOT_MODIFIED},
        [
            *refer("id", "crs", "properties", "as_of", "If-None-Match"),
            formats("geojson", "json", "html"),
        ],
        problems=(404,),
    )
    if layer.sheets is not None:
        yield Operation(
            "get",
            f"{path}.xlsx",
            layer.name,
            f"Read one of {layer.title.lower()} as a workbook",
            {200: answer("The workbook.", XLSX, schema=BINARY)},
            refer("id"),
            problems=(404,),
        )


def _tiles(layer: Layer) -> Iterator[Operation]:
    if layer.geom is not None:
        yield from openapi_tiles.of_layer(layer, _filters(layer))


def _asked_of_one(layer: Layer) -> Iterator[Operation]:
    path = f"{_path(layer)}/items/{{id}}"
    for name, view in layer.views.items():
        told = answer(_said(view), JSON)
        yield Operation(
            "get",
            f"{path}/{name}",
            layer.name,
            _said(view),
            {200: told},
            refer("id"),
            problems=(401, 403, 404, 409),
        )
    bodies = layer.schemas.get("actions", {})
    for name, action in layer.actions.items():
        after = answer("The feature after it.", GEOJSON, schema=ref(feature_name(layer)))
        yield Operation(
            "post",
            f"{path}/{name}",
            layer.name,
            _said(action),
            {201: {**after, "headers": ETAG}},
            refer("id", "If-Match"),
            {JSON: media(bodies.get(name, {"type": "object"}))},
            problems=CHANGED,
            signed_in=True,
        )


def _asked_of_all(layer: Layer) -> Iterator[Operation]:
    for name, summary in layer.summaries.items():
        told = {200: answer(_said(summary), JSON)}
        path = f"{_path(layer)}/{name}"
        asked = _parameters(layer, name)
        yield Operation("get", path, layer.name, _said(summary), told, asked)
    bodies = layer.schemas.get("actions_many", {})
    for name, action in layer.actions_many.items():
        yield Operation(
            "post",
            f"{_path(layer)}/{name}",
            layer.name,
            _said(action),
            {200: answer("What was done.", JSON)},
            (),
            {JSON: media(bodies.get(name, {"type": "object"}))},
            problems=(409, 413, 415),
            signed_in=True,
        )


def _parameters(layer: Layer, summary: str) -> list[Json]:
    """Describe what a summary is asked with: what it says itself, and what lists are.

    One that says all itself names no filters among it.
    """
    asked = layer.schemas.get("summaries", {}).get(summary, {FILTERS: {}})
    own = [
        given(name, str(schema.get("description", name)), schema)
        for name, schema in asked.items()
        if name != FILTERS
    ]
    rest = _filters(layer) if FILTERS in asked else []
    return [*own, *(one for one in rest if one.get("name") not in asked)]


def _said(function: Callable[..., Any]) -> str:
    """Say what a function does by the first line of its description."""
    first = (function.__doc__ or "").strip().partition("\n")[0]
    return first.replace(", as JSON text", "").rstrip(".")
