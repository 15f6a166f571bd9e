"""What tiles there are: tilesets of each layer and of all, and how the world is divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify

from geodata.errors import NotFound
from geodata.served_crs import CRS84
from geodata.tiles import MAX_ZOOM
from gis_server import asked, formats
from gis_server.db import Sessions
from gis_server.describing import REL, Bounds, Extents
from gis_server.links import JSON, href, link
from gis_server.tile_matrices import CRS, QUAD, URI, definition, limits
from gis_server.tile_replies import MVT
from gis_server.tiles import check_matrix_set
from layers import find_layers, tile_shapes
from layers.base import Field, Layer, Scope

TILEJSON = "application/vnd.mapbox.tile+json"
FORMS = {"json": JSON, "tilejson": TILEJSON}
DEEPEST = 18  # a unit of its tiles is 4 cm; deeper ones are served, but not advised
WORLD: Sequence[float] = (-180.0, -85.0511, 180.0, 85.0511)
COUNT = {"n": "Number"}


@dataclass(frozen=True)
class TileSets:
    """Describe tilesets.

    Source: OGC 20-057, sections 8 to 11; OGC 17-083r4, section 7.
    """

    layers: Mapping[str, Layer]
    reading: Sessions
    extents: Extents

    def of_layer(self, name: str) -> Response:
        """List the tilesets of a layer: there is one."""
        _json()
        layer = self._placed(name)
        listed = _listed(layer.title, f"/collections/{name}/tiles")
        links = [link("self", href(f"/collections/{name}/tiles"))]
        return jsonify({"tilesets": [listed], "links": links})

    def of_all(self) -> Response:
        """List the tilesets of all layers together: there is one."""
        _json()
        listed = _listed("All layers", "/tiles")
        return jsonify({"tilesets": [listed], "links": [link("self", href("/tiles"))]})

    def layer_set(self, name: str, matrix_set: str) -> Response:
        """Describe a layer's tileset."""
        check_matrix_set(matrix_set)
        layer = self._placed(name)
        return self._described(layer.title, f"/collections/{name}/tiles", {name: layer})

    def whole_set(self, matrix_set: str) -> Response:
        """Describe the tileset of all layers."""
        check_matrix_set(matrix_set)
        shown = {n: x for n, x in self.layers.items() if x.geom is not None and not x.hidden}
        return self._described("All layers", "/tiles", shown)

    def matrix_sets(self) -> Response:
        """List the tile matrix sets that are served: there is one."""
        _json()
        at = href(f"/tileMatrixSets/{QUAD}")
        listed = {"id": QUAD, "title": QUAD, "uri": URI, "crs": CRS, "links": [link("self", at)]}
        links = [link("self", href("/tileMatrixSets"))]
        return jsonify({"tileMatrixSets": [listed], "links": links})

    def matrix_set(self, matrix_set: str) -> Response:
        """Describe the tile matrix set."""
        check_matrix_set(matrix_set)
        _json()
        links = [link("self", href(f"/tileMatrixSets/{QUAD}"))]
        return jsonify({**definition(), "links": links})

    def _placed(self, name: str) -> Layer:
        layer = asked.layer_of(self.layers, name)
        if layer.geom is None:
            raise NotFound(f"{name} have no place to draw")
        return layer

    def _described(self, title: str, base: str, layers: Mapping[str, Layer]) -> Response:
        asked.only(formats.F)
        form = formats.wanted(FORMS)
        with self.reading() as session:
            boxes = self.extents.of(session, layers)
        if form == "tilejson":
            reply = jsonify(_tilejson(title, base, layers, boxes))
            reply.mimetype = TILEJSON
            return reply
        return jsonify(_tileset(title, base, layers, boxes))


def make(layers: Mapping[str, Layer], reading: Sessions, home: Scope) -> Blueprint:
    """Make the blueprint of what describes tiles."""
    pages = Blueprint("tile_sets", __name__)
    # A layer of the program: the database may be away when the server starts.
    ground = next(layer for layer in find_layers().values() if layer.home)
    sets = TileSets(layers, reading, Extents(home, ground))
    pages.get("/tiles")(sets.of_all)
    pages.get("/tiles/<matrix_set>")(sets.whole_set)
    pages.get("/collections/<name>/tiles")(sets.of_layer)
    pages.get("/collections/<name>/tiles/<matrix_set>")(sets.layer_set)
    pages.get("/tileMatrixSets")(sets.matrix_sets)
    pages.get("/tileMatrixSets/<matrix_set>")(sets.matrix_set)
    return pages


def first_zoom(layer: Layer) -> int:
    """Tell from which zoom on a layer's tiles hold anything: points are gathered before."""
    return 0 if layer.tile or tile_shapes.is_of_points(layer) else layer.minzoom


def _json() -> None:
    asked.only(formats.F)
    formats.wanted({"json": JSON})


def _listed(title: str, base: str) -> dict[str, Any]:
    at = f"{base}/{QUAD}"
    return {
        "title": title,
        "dataType": "vector",
        "crs": CRS,
        "tileMatrixSetURI": URI,
        "links": [
            link("self", href(at), title=title),
            link(f"{REL}/tiling-scheme", href(f"/tileMatrixSets/{QUAD}"), title=QUAD),
            _tiles(base),
        ],
    }


def _tiles(base: str) -> dict[str, Any]:
    template = href(f"{base}/{QUAD}") + "/{tileMatrix}/{tileRow}/{tileCol}"
    return link("item", template, MVT, templated=True)


def _tileset(
    title: str, base: str, layers: Mapping[str, Layer], boxes: Mapping[str, Bounds]
) -> dict[str, Any]:
    first = min((first_zoom(layer) for layer in layers.values()), default=0)
    listed, box = _listed(title, base), _around(boxes)
    at = href(f"{base}/{QUAD}", {"f": "tilejson"})
    around = {"lowerLeft": box[:2], "upperRight": box[2:], "crs": CRS84.uri}
    return {
        **listed,
        "layers": [_layer(layer) for layer in layers.values()],
        "boundingBox": around,
        "centerPoint": {"coordinates": _middle(box), "tileMatrix": str(max(first, 12))},
        "tileMatrixSetLimits": limits(box, range(first, MAX_ZOOM + 1)),
        "links": [*listed["links"], link("describedby", at, TILEJSON, title="TileJSON")],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    shown = {name: _property(layer, name) for name in layer.tile_properties}
    shown["n"] = {"type": "integer", "title": "features that stand together"}
    return {
        "id": layer.name,
        "title": layer.title,
        "dataType": "vector",
        "crs": CRS,
        "minTileMatrix": str(first_zoom(layer)),
        "maxTileMatrix": str(MAX_ZOOM),
        "propertiesSchema": {"type": "object", "properties": shown},
        "links": [link("about", href(f"/collections/{layer.name}"), title=layer.title)],
    }


def _property(layer: Layer, name: str) -> dict[str, Any]:
    field = layer.fields.get(name)
    return {"type": _kind(field), **({"title": field.title_zh} if field and field.title_zh else {})}


def _kind(field: Field | None) -> str:
    """Name the type that a property has in a tile, which knows fewer."""
    known = field.kind if field else "string"
    return known if known in ("integer", "number", "boolean") else "string"


def _tilejson(
    title: str, base: str, layers: Mapping[str, Layer], boxes: Mapping[str, Bounds]
) -> dict[str, Any]:
    """Describe a tileset as TileJSON 3.0.0, whose template is of column and row."""
    first = min((first_zoom(layer) for layer in layers.values()), default=0)
    box = _around(boxes)
    return {
        "tilejson": "3.0.0",
        "name": title,
        "scheme": "xyz",
        "tiles": [href(f"{base}/{QUAD}") + "/{z}/{y}/{x}"],
        "minzoom": first,
        "maxzoom": DEEPEST,
        "bounds": box,
        "center": [*_middle(box), max(first, 12)],
        "vector_layers": [
            {
                "id": layer.name,
                "description": layer.title,
                "fields": {n: _word(layer, n) for n in layer.tile_properties} | COUNT,
                "minzoom": first_zoom(layer),
                "maxzoom": DEEPEST,
            }
            for layer in layers.values()
        ],
    }


def _word(layer: Layer, name: str) -> str:
    return {"integer": "Number", "number": "Number", "boolean": "Boolean"}.get(
        _kind(layer.fields.get(name)), "String"
    )


def _around(boxes: Mapping[str, Bounds]) -> list[float]:
    known = [box for box in boxes.values() if box is not None]
    if not known:
        return list(WORLD)
    west, south, east, north = zip(*known, strict=True)
    return [min(west), min(south), max(east), max(north)]


def _middle(box: list[float]) -> list[float]:
    west, south, east, north = box
    return [(west + east) / 2, (south + north) / 2]
