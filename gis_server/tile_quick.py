"""Answer tiles without a filter before Flask routes them: most of what a map asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from geodata.errors import GisError
from geodata.tiles import Tile
from gis_server import plain, tile_replies
from gis_server.plain import Environ, Reply
from gis_server.tile_drawing import Part, Tiles
from gis_server.tile_matrices import QUAD
from layers.base import Layer, Scope


@dataclass(frozen=True)
class QuickTiles:
    """Answer tiles that are the same for all, and leave all else to the routes.

    Args:
        layers: all layers.
        home: whose layers they are.
        tiles: draws them.
    """

    layers: Mapping[str, Layer]
    home: Scope
    tiles: Tiles

    def answer(self, environ: Environ) -> Reply | None:
        """Answer a GET; an error is left to the routes to find and tell."""
        if environ.get("QUERY_STRING") or (address := _address(environ["PATH_INFO"])) is None:
            return None
        try:
            layer = self.layers[address[0]]
            if layer.mask is not None:
                return None
            tile = self.tiles.one(Part(layer, self.home, Tile(*address[1:])))
        except (KeyError, GisError, SQLAlchemyError):
            return None
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        return tile_replies.told(tile, accepted, environ.get("HTTP_IF_NONE_MATCH", ""))


def before(app: Flask, layers: Mapping[str, Layer], home: Scope, tiles: Tiles) -> None:
    """Put the quick way before an application's routes."""
    plain.before(app, QuickTiles(layers, home, tiles).answer)


def _address(path: str) -> tuple[str, int, int, int] | None:
    """Read the layer's name, zoom, column and row from the path of a tile; None of any other."""
    if not path.startswith("/collections/") or not path.isascii():
        return None
    parts = path.split("/")
    if len(parts) < 7 or parts[3] != "tiles":
        return None
    numbers = parts[5:] if len(parts) == 8 and parts[4] == QUAD else parts[4:]
    if len(numbers) != 3 or not all(n.isdigit() and len(n) < 9 for n in numbers):
        return None
    z, a, b = (int(number) for number in numbers)
    return (parts[2], z, b, a) if len(parts) == 8 else (parts[2], z, a, b)
