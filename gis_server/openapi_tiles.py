"""Vector tiles and what describes them, as operations of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geodata.tiles import MAX_ZOOM
from gis_server.openapi_operations import ETAG, JSON, MVT, NOT_MODIFIED, Operation, answer
from gis_server.openapi_parameters import formats, given, refer
from gis_server.openapi_schemas import BINARY, listed, made_of
from gis_server.tile_matrices import QUAD
from gis_server.tile_sets import TILEJSON
from layers.base import Layer

Json = dict[str, Any]

TAG = "tiles"
SETS = made_of("tilesets", tilesets=listed({"type": "object"}))
OBJECT = {"type": "object"}
IN_SET = "{matrix_set}/{z}/{y}/{x}"
MATRIX_SET = {
    "name": "matrix_set",
    "in": "path",
    "description": "How the world is divided.",
    "required": True,
    "schema": {"type": "string", "enum": [QUAD]},
    "style": "simple",
    "explode": False,
    "example": QUAD,
}
TILE = {
    200: {**answer("The tile, perhaps gzipped.", MVT, schema=BINARY), "headers": ETAG},
    204: {"description": "Nothing lies in the tile.", "headers": ETAG},
    304: NOT_MODIFIED,
}
_FORMS = [MATRIX_SET, formats("json", "tilejson")]
_AT = [*refer("z", "x", "y", "If-None-Match"), formats("mvt")]


def of_server() -> Iterator[Operation]:
    """Describe the tiles of several layers, and how the world is divided."""
    chosen = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    named = given("collections", "Only these collections; all that maps show else.", chosen)
    yield _described("/tiles", TAG, "The tilesets of all layers", SETS)
    yield _tileset("/tiles", TAG, "all layers")
    yield Operation(
        "get",
        f"/tiles/{IN_SET}",
        TAG,
        "Draw several layers as one vector tile",
        TILE,
        [MATRIX_SET, *_AT, named],
        problems=(404,),
    )
    sets = made_of("tileMatrixSets", tileMatrixSets=listed(OBJECT))
    yield _described("/tileMatrixSets", TAG, "How the world is divided", sets)
    yield Operation(
        "get",
        "/tileMatrixSets/{matrix_set}",
        TAG,
        f"How {QUAD} divides the world, down to zoom {MAX_ZOOM}",
        {200: answer("The tile matrix set.", JSON, schema=OBJECT)},
        [MATRIX_SET, formats("json")],
        problems=(404,),
    )


def of_layer(layer: Layer, filters: list[Json]) -> Iterator[Operation]:
    """Describe the tiles of one layer.

    Args:
        layer: the layer.
        filters: the parameters by which its features are asked for.
    """
    base, name = f"/collections/{layer.name}/tiles", layer.name
    title = layer.title.lower()
    yield _described(base, name, f"The tilesets of {title}", SETS)
    yield _tileset(base, name, title)
    for path, more in ((f"{base}/{IN_SET}", [MATRIX_SET]), (f"{base}/{{z}}/{{x}}/{{y}}", [])):
        yield Operation(
            "get",
            path,
            name,
            f"Draw {title} as a vector tile",
            TILE,
            [*more, *_AT, *filters],
            problems=(404,),
        )


def _described(path: str, tag: str, summary: str, schema: Json) -> Operation:
    told = {200: answer(f"{summary}.", JSON, schema=schema)}
    return Operation("get", path, tag, summary, told, [formats("json")], problems=(404,))


def _tileset(base: str, tag: str, title: str) -> Operation:
    return Operation(
        "get",
        f"{base}/{{matrix_set}}",
        tag,
        f"The tileset of {title}",
        {200: answer("The tileset, or its TileJSON.", JSON, TILEJSON, schema=OBJECT)},
        _FORMS,
        problems=(404,),
    )
