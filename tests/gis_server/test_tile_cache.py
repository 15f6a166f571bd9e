"""The cache of tiles holds those used last, up to a number of bytes."""

from __future__ import annotations

import gzip
import random
import tracemalloc

import pytest

from gis_server import tile_replies
from gis_server.tile_cache import KEPT_BYTES, Kept, TileCache
from gis_server.wire import written

ROOM = KEPT_BYTES * 2 + 12


def _tile(body: bytes) -> Kept:
    return Kept(1, None, body)


def test_the_cache_forgets_what_was_not_used_for_longest() -> None:
    cache, tiles = TileCache(most_bytes=ROOM), [_tile(body) for body in (b"aa", b"bb", b"cc")]
    cache.put("a", tiles[0])
    cache.put("b", tiles[1])
    cache.get("a")

    cache.put("c", tiles[2])

    assert [cache.get(key) for key in "abc"] == [tiles[0], None, tiles[2]]


def test_the_cache_counts_a_replaced_tile_once() -> None:
    cache = TileCache(most_bytes=ROOM)
    cache.put("a", _tile(b"aaaa"))
    cache.put("a", _tile(b"aa"))

    cache.put("b", _tile(b"bbbb"))

    assert cache.get("a") is not None


def test_a_tile_larger_than_the_cache_is_not_kept() -> None:
    cache = TileCache(most_bytes=ROOM)

    cache.put("a", _tile(b"a" * ROOM))

    assert cache.get("a") is None


def test_a_tile_is_packed_once() -> None:
    tile = _tile(b"a" * 1000)

    assert tile.packed is tile.packed
    assert gzip.decompress(tile.packed) == tile.body


def test_tiles_of_one_content_have_one_digest() -> None:
    assert _tile(b"a").digest == Kept(2, 1.0, b"a").digest != _tile(b"b").digest


@pytest.mark.parametrize("length", [0, 180, 500, 5000])
def test_kept_tiles_take_no_more_than_they_may(length: int) -> None:
    most, chance = 4 * 2**20, random.Random(7)
    cache = TileCache(most_bytes=most)
    tracemalloc.start()
    for n in range(most // KEPT_BYTES + 100):
        tile = _tile(chance.randbytes(length))
        cache.put(("grids", 441900, n), tile)
        for coding in ("identity", "gzip"):
            assert written(tile_replies.told(tile, coding, ""))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most / 4 < taken < most
