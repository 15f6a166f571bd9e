"""Vector tiles, cached for as long as their layer's version stands."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from flask import Blueprint, Response, request

from geodata.errors import InvalidTile
from geodata.tiles import Tile
from gis_server import asked
from gis_server.access import Asking
from gis_server.db import Database
from layers import tiling
from layers.base import Layer, Query
from layers.outbox import version

MVT = "application/vnd.mapbox-vector-tile"
CACHE_BYTES = 64 * 2**20
GZIP_LEVEL = 5
SMALL_BYTES = 200

Key = tuple[str, int, Tile]


class TileCache:
    """Keep the tiles used last, up to a number of bytes; safe between threads."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._tiles: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> bytes | None:
        """Find a tile, and count it as used."""
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
            return self._tiles.get(key)

    def put(self, key: Key, tile: bytes) -> None:
        """Keep a tile, and forget those not used for longest."""
        with self._lock:
            self._held += len(tile) - len(self._tiles.pop(key, b""))
            self._tiles[key] = tile
            while self._held > self._most:
                self._held -= len(self._tiles.popitem(last=False)[1])


def make(layers: Mapping[str, Layer], asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/collections/<name>/tiles``."""
    pages = Blueprint("tiles", __name__)
    cache = TileCache()

    @pages.get("/collections/<name>/tiles/<int:z>/<int:x>/<int:y>")
    def tile(name: str, z: int, x: int, y: int) -> Response:
        layer, address = asked.layer_of(layers, name), Tile(z, x, y)
        query = asked.query(layer, asking())
        if layer.geom is None:
            raise InvalidTile(f"{name} have no place to draw", "name")
        if layer.live or layer.mask or query != Query():
            return _reply(_drawn(layer, address, query), None)
        with database.reading() as session:
            current = version(session, asking(), name)
        key = (name, current, address)
        held = cache.get(key)
        if held is None:
            held = _drawn(layer, address, query)
            cache.put(key, held)
        return _reply(held, f'"{current}"')

    def _drawn(layer: Layer, address: Tile, query: Query) -> bytes:
        if address.z < layer.minzoom:
            return b""
        with database.reading() as session:
            body = tiling.vector_tile(session, layer, asking(), address, query)
        return gzip.compress(body, GZIP_LEVEL, mtime=0) if len(body) > SMALL_BYTES else body

    return pages


def _reply(body: bytes, etag: str | None) -> Response:
    """Answer a tile; one that the browser has in this version is not sent again."""
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if etag:
        headers["ETag"] = etag
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers=headers)
    if not body:
        return Response(status=204, headers=headers)
    if body[:2] == b"\x1f\x8b":
        if request.accept_encodings.quality("gzip"):
            headers["Content-Encoding"] = "gzip"
        else:
            body = gzip.decompress(body)
    return Response(body, headers=headers, mimetype=MVT)
