"""Tiles kept for as long as what they were drawn from stands."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from threading import Lock
from typing import Any

CACHE_BYTES = 64 * 2**20
GZIP_LEVEL = 4
SMALL_BYTES = 200
KEPT_BYTES = 2500  # what an entry takes beside its bodies, with what is made of it
DIGEST_BYTES = 12


@dataclass(frozen=True)
class Kept:
    """One tile as it was drawn.

    Attributes:
        versions: what it was drawn from.
        until: the monotonic time from which on it is drawn again all the same; None for never.
        body: MVT, empty when nothing lies in the tile.
        gathered: whether cells stand for features.
        private: whether it depends on who asks.
        replies: what was made of it, packed or not.
    """

    versions: Any
    until: float | None
    body: bytes
    gathered: bool = False
    private: bool = False
    replies: dict[bool, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def digest(self) -> str:
        """Tell one content from another."""
        return blake2b(self.body, digest_size=DIGEST_BYTES).hexdigest()

    @cached_property
    def packed(self) -> bytes:
        """The body as gzip, made once."""
        return gzip.compress(self.body, GZIP_LEVEL, mtime=0)


class TileCache:
    """Keep the tiles used last, up to a number of bytes; safe between threads."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._tiles: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Kept | None:
        """Find a tile, and count it as used."""
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
            return self._tiles.get(key)

    def put(self, key: Hashable, tile: Kept) -> None:
        """Keep a tile, and forget those not used for longest."""
        with self._lock:
            former = self._tiles.pop(key, None)
            self._held += _size(tile) - (_size(former) if former else 0)
            self._tiles[key] = tile
            while self._held > self._most:
                self._held -= _size(self._tiles.popitem(last=False)[1])


def _size(tile: Kept) -> int:
    # Packed, it takes as much again at most.
    return KEPT_BYTES + len(tile.body) * 2
