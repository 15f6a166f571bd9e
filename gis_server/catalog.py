"""The catalog: the layers that the program has, and the collections that are published now."""

from __future__ import annotations

import time
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from types import MappingProxyType

from gis_server.db import Sessions
from layers import reference
from layers.base import Layer, Scope

FRESH_S = 1.0


class Catalog(Mapping[str, Layer]):
    """All layers by name, in drawing order.

    A published collection is looked up whenever it is asked for by its name, so that nobody gets
    rows, or a tile, of an edition that was replaced before he asked; the names of all are at most a
    second old. A layer of the program is found without the database.

    Args:
        registered: the program's own layers.
        scope: whose collections are meant.
        reading: opens a session on the primary.

    Raises:
        DBAPIError: by anything but the name of a layer of the program, if the database is away.
    """

    def __init__(self, registered: Mapping[str, Layer], scope: Scope, reading: Sessions) -> None:
        self._registered, self._scope, self._reading = registered, scope, reading
        self._all: Mapping[str, Layer] = registered
        self._read_at = -FRESH_S

    def __getitem__(self, name: str) -> Layer:
        """Find a layer by its name."""
        if name in self._registered:
            return self._registered[name]
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        """Name all layers."""
        return iter(self._present())

    def __len__(self) -> int:
        """Count all layers."""
        return len(self._present())

    def values(self) -> ValuesView[Layer]:
        """List all layers, as they are at one moment."""
        return self._present().values()

    def items(self) -> ItemsView[str, Layer]:
        """List all layers with their names, as they are at one moment."""
        return self._present().items()

    def _present(self) -> Mapping[str, Layer]:
        stale = time.monotonic() - self._read_at >= FRESH_S
        return self._read() if stale else self._all

    def _read(self) -> Mapping[str, Layer]:
        """Read what is published now; two that do it at once do no harm."""
        began = time.monotonic()
        known = {layer.edition: layer for layer in self._all.values() if layer.edition}
        with self._reading() as session:
            others = reference.published(session, self._scope, known)
        found = {layer.name: layer for layer in others} | dict(self._registered)
        drawn = sorted(found.values(), key=lambda layer: layer.order)
        self._all, self._read_at = MappingProxyType({x.name: x for x in drawn}), began
        return self._all
