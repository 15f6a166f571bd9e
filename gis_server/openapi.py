"""The description of the API as OpenAPI, made of the layers and of one table of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gis_server import (
    access,
    openapi_accounts,
    openapi_layers,
    openapi_pages,
    openapi_server,
    openapi_tiles,
)
from gis_server.openapi_operations import SESSION, Operation, refusals
from gis_server.openapi_parameters import PARAMETERS
from gis_server.openapi_schemas import SCHEMAS, as_3_0, layer_schemas
from layers.base import Layer

Json = dict[str, Any]

VERSIONS: Mapping[str, str] = {"3.0": "3.0.3", "3.1": "3.1.0"}
_COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": access.COOKIE,
    "description": "The cookie that `POST /login` answers with.",
}


def document(layers: Mapping[str, Layer], version: str, title: str = "GIS") -> Json:
    """Describe everything that is served.

    Args:
        layers: by name, in drawing order.
        version: 3.0 or 3.1.
        title: what the server is called.

    Source: OpenAPI Specification 3.0.3 and 3.1.0; OGC 17-069r4, section 9.1.
    """
    known = [
        *openapi_server.operations(),
        *openapi_accounts.operations(),
        *openapi_tiles.of_server(),
        *_of_layers(layers),
        *openapi_pages.operations(),
    ]
    told: Json = {
        "openapi": VERSIONS[version],
        "info": {
            "title": title,
            "version": "1",
            "description": "Every layer of the map, to be read and written by open standards.",
            "license": {"name": "see the publisher"},
        },
        "servers": [{"url": "/"}],
        "tags": _tags(layers),
        "paths": _paths(known),
        "components": _components(layers),
    }
    return told if version == "3.1" else {**as_3_0(told), "openapi": VERSIONS[version]}


def _of_layers(layers: Mapping[str, Layer]) -> Iterable[Operation]:
    for layer in layers.values():
        yield from openapi_layers.operations(layer)


def _paths(known: Iterable[Operation]) -> Json:
    paths: Json = {}
    for operation in known:
        paths.setdefault(operation.path, {})[operation.method] = operation.told()
    return paths


def _tags(layers: Mapping[str, Layer]) -> list[Json]:
    server = [
        {"name": "server", "description": "What is served, and by which standards."},
        {"name": "places", "description": "Questions about a place."},
        {"name": openapi_tiles.TAG, "description": "Vector tiles of several layers."},
        {"name": "events", "description": "What changes."},
        {"name": "accounts", "description": "Who asks."},
        {"name": "sources", "description": "What other systems send."},
    ]
    return [
        *server,
        *({"name": layer.name, "description": layer.title} for layer in layers.values()),
        {"name": openapi_pages.TAG, "description": "Pages for people, and their files."},
    ]


def _components(layers: Mapping[str, Layer]) -> Json:
    schemas = dict(SCHEMAS)
    for layer in layers.values():
        schemas |= layer_schemas(layer)
    return {
        "schemas": schemas,
        "parameters": dict(PARAMETERS),
        "responses": refusals(),
        "securitySchemes": {SESSION: _COOKIE},
    }
