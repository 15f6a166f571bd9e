"""Answer tiles without a filter before Flask routes them: most of what a map asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from geodata.errors import GisError
from geodata.tiles import Tile
from gis_server import plain, tile_replies
from gis_server.plain import Environ, Reply
from gis_server.tile_drawing import Part, Tiles
from gis_server.tile_matrices import QUAD
from layers.base import Layer, Scope

KNOWN = 4096  # addresses that are kept as they were read


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
    _parts: dict[str, Part] = field(default_factory=dict, init=False, repr=False, compare=False)

    def answer(self, environ: Environ) -> Reply | None:
        """Answer a GET; an error is left to the routes to find and tell."""
        if environ.get("QUERY_STRING"):
            return None
        try:
            part = self._part(environ["PATH_INFO"])
            if part is None:
                return None
            tile = self.tiles.one(part)
        except (KeyError, GisError, SQLAlchemyError):
            return None
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        return tile_replies.told(tile, accepted, environ.get("HTTP_IF_NONE_MATCH", ""))

    def _part(self, path: str) -> Part | None:
        """Find what a path asks for; None for what is no tile or not the same for all."""
        known = self._parts.get(path)
        if known is not None and self.layers[known.layer.name] is known.layer:
            return known
        address = _address(path)
        if address is None or (layer := self.layers[address[0]]).mask is not None:
            return None
        if len(self._parts) >= KNOWN:
            self._parts.clear()
        part = self._parts[path] = Part(layer, self.home, Tile(*address[1:]))
        return part


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
