"""Tiles as HTTP: type, compression, and what is not sent again."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

from gis_server.plain import Reply
from gis_server.tile_cache import SMALL_BYTES, Kept

MVT = "application/vnd.mapbox-vector-tile"
GATHERED = "Tile-Gathered"  # how features were gathered, where cells stand for them
PUBLIC, PRIVATE = "no-cache", "private, no-cache"
VARY = "Accept-Encoding"


def told(tile: Kept, accepted: str, known: str) -> Reply:
    """Answer a tile; one that the reader has is not sent again.

    Args:
        tile: the tile.
        accepted: what the reader said in Accept-Encoding.
        known: what he said in If-None-Match.
    """
    packed = len(tile.body) > SMALL_BYTES and _unpacks(accepted)
    has_it = bool(known) and _knows(known, _tag(tile, packed))
    if has_it:
        return Reply(304, _headers(tile, packed))
    made = tile.replies.get(packed)
    if made is None:
        made = tile.replies[packed] = _made(tile, packed)
    return made


def _tag(tile: Kept, packed: bool) -> str:
    return f"{tile.digest}-gz" if packed else tile.digest


def _headers(tile: Kept, packed: bool) -> dict[str, str]:
    return {
        "ETag": f'"{_tag(tile, packed)}"',
        "Cache-Control": PRIVATE if tile.private else PUBLIC,
        "Vary": f"{VARY}, Cookie" if tile.private else VARY,
    }


def _made(tile: Kept, packed: bool) -> Reply:
    headers = _headers(tile, packed)
    if tile.gathered:
        headers[GATHERED] = "cells"
    if not tile.body:
        return Reply(204, headers)
    body = tile.packed if packed else tile.body
    headers |= {"Content-Type": MVT, "Content-Length": str(len(body))}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Reply(200, headers, body)


@lru_cache(maxsize=256)
def _unpacks(accepted: str) -> bool:
    return bool(parse_accept_header(accepted, Accept).quality("gzip"))


def _knows(known: str, tag: str) -> bool:
    return known == f'"{tag}"' or parse_etags(known).contains_weak(tag)
