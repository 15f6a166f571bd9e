"""Vector tiles of a layer, and of several layers in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request

from geodata.errors import InvalidInput, NotFound
from geodata.tiles import Tile
from gis_server import asked, formats, tile_replies
from gis_server.access import Asking
from gis_server.tile_cache import Kept
from gis_server.tile_drawing import Part, Tiles
from gis_server.tile_matrices import QUAD
from layers.base import Layer

COLLECTIONS = "collections"
# What is about pages of a list; a tile has none.
PAGING = ("after", "crs", "limit", "offset", "properties", "resulttype", "sortby")


@dataclass(frozen=True)
class Drawing:
    """Answer tiles: those of the wall by column and row, those of the standard by row and column.

    Source: OGC 20-057, sections 8 to 10.
    """

    layers: Mapping[str, Layer]
    asking: Asking
    tiles: Tiles

    def tile(self, name: str, z: int, x: int, y: int) -> Response:
        """Draw a layer's tile."""
        scope, address = self.asking(), Tile(z, x, y)
        layer = asked.layer_for(self.layers, name, scope)
        words = _words()
        query = asked.query(layer, scope)
        return _reply(self.tiles.one(Part(layer, scope, address, query, words)))

    def of_layer(self, name: str, matrix_set: str, z: int, y: int, x: int) -> Response:
        """Draw a layer's tile of a tile matrix set."""
        check_matrix_set(matrix_set)
        return self.tile(name, z, x, y)

    def of_all(self, matrix_set: str, z: int, y: int, x: int) -> Response:
        """Draw several layers in one tile, all that have a place if none are named."""
        check_matrix_set(matrix_set)
        address, scope = Tile(z, x, y), self.asking()
        asked.only(formats.F, COLLECTIONS)
        _words()
        chosen = self._chosen()
        return _reply(self.tiles.several([Part(layer, scope, address) for layer in chosen]))

    def _chosen(self) -> list[Layer]:
        placed = {name: layer for name, layer in self.layers.items() if layer.geom is not None}
        given = request.args.get(COLLECTIONS)
        if given is None:
            return [layer for layer in placed.values() if not layer.hidden]
        names = list(dict.fromkeys(given.split(",")))
        for name in names:
            if name not in placed:
                raise InvalidInput(f"no collection with a place is called {name!r}", COLLECTIONS)
        return [placed[name] for name in names]


def check_matrix_set(name: str) -> None:
    """Refuse other ways to divide the world than the one that is served.

    Raises:
        NotFound: naming it.
    """
    if name != QUAD:
        raise NotFound(f"no tile matrix set {name!r} is served, only {QUAD}")


def make(layers: Mapping[str, Layer], asking: Asking, tiles: Tiles) -> Blueprint:
    """Make the blueprint of all tiles."""
    pages = Blueprint("tiles", __name__)
    drawing = Drawing(layers, asking, tiles)
    at = "<matrix_set>/<int:z>/<int:y>/<int:x>"
    pages.get("/collections/<name>/tiles/<int:z>/<int:x>/<int:y>")(drawing.tile)
    pages.get(f"/collections/<name>/tiles/{at}")(drawing.of_layer)
    pages.get(f"/tiles/{at}")(drawing.of_all)
    return pages


def _words() -> tuple[tuple[str, str], ...]:
    """Tell the question of a request as it was put; that it is one of tiles."""
    given = asked.single()
    if (form := given.pop(formats.F, "mvt")) != "mvt":
        raise InvalidInput(f"tiles are mvt, not {form!r}", formats.F)
    for name in PAGING:
        if name in given:
            raise InvalidInput(f"there is no parameter {name!r} of tiles", name)
    return tuple(sorted(given.items()))


def _reply(tile: Kept) -> Response:
    accepted = request.headers.get("Accept-Encoding", "")
    told = tile_replies.told(tile, accepted, request.headers.get("If-None-Match", ""))
    reply = Response(told.body, told.status, dict(told.headers))
    if "Content-Type" not in told.headers:
        del reply.headers["Content-Type"]
    return reply
