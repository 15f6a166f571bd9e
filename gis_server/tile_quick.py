"""Answer tiles without a filter before Flask routes them: most of what a map asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from geodata.errors import GisError
from geodata.tiles import Tile
from gis_server import tile_replies
from gis_server.quick import Application, Environ
from gis_server.tile_drawing import Part, Tiles
from gis_server.tile_matrices import QUAD
from layers.base import Layer, Scope

STATUS = {200: "200 OK", 204: "204 NO CONTENT", 304: "304 NOT MODIFIED"}


@dataclass(frozen=True)
class QuickTiles:
    """Answer tiles that are the same for all, and leave all else to the routes.

    Args:
        routes: the application that answers everything.
        layers: all layers.
        home: whose layers they are.
        tiles: draws them.
    """

    routes: Application
    layers: Mapping[str, Layer]
    home: Scope
    tiles: Tiles

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333); an error is left to the routes to find and tell."""
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return self.routes(environ, start)
        if (address := _address(environ["PATH_INFO"])) is None:
            return self.routes(environ, start)
        try:
            layer = self.layers[address[0]]
            if layer.mask is not None:
                return self.routes(environ, start)
            tile = self.tiles.one(Part(layer, self.home, Tile(*address[1:])))
        except (KeyError, GisError, SQLAlchemyError):
            return self.routes(environ, start)
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        status, headers, body = tile_replies.told(
            tile, accepted, environ.get("HTTP_IF_NONE_MATCH", "")
        )
        start(STATUS[status], list(headers.items()))
        return [body]


def before(app: Flask, layers: Mapping[str, Layer], home: Scope, tiles: Tiles) -> None:
    """Put the quick way before an application's routes."""
    quick = QuickTiles(app.wsgi_app, layers, home, tiles)
    app.wsgi_app = quick  # type: ignore[method-assign, assignment]


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
