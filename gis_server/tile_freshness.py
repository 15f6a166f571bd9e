"""What the tiles of a moment must have been drawn from, so that none is older than was told."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from gis_server.db import Database
from gis_server.together import Together
from layers.base import Layer, Scope
from layers.versions import Standing, changed, edges, standing

AGES_S = 5.0  # what becomes overdue does so without an event


class Live(NamedTuple):
    """How often each live layer was seen to change, since the counting began for the nth time."""

    round: int
    counts: Mapping[str, int]


class _Edges(NamedTuple):
    """The monotonic times at which a version changed by itself last, and will next; None: never."""

    version: Hashable
    last: float | None
    coming: float | None


class Freshness:
    """Tell the versions of layers as they are now, or a moment later; safe between threads.

    Args:
        database: its primary is asked, as a replica may lag behind what was told.
        scope: whose layers.
    """

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database, self._scope = database, scope
        self._standing = Together(self._read_standing)
        self._moving = Together(self._read_moving)
        self._snapshot, self._seen_at, self._live = "", -AGES_S, Live(0, {})
        self._seen: dict[str, Hashable] = {}
        self._edges: dict[str, _Edges] = {}
        self._looking = Lock()

    def versions(self, layers: Sequence[Layer]) -> list[Hashable]:
        """Tell for each layer what its tiles must be drawn from; equal until it changes.

        Raises:
            SQLAlchemyError: if the database is away.
        """
        told = self._standing.now()
        live = self._moving.now() if any(layer.live for layer in layers) else Live(0, {})
        return [
            (
                *self.seen(layer, told.history, told.versions.get(layer.name, 0)),
                *((live.round, live.counts.get(layer.name, 0)) if layer.live else ()),
            )
            for layer in layers
        ]

    def seen(self, layer: Layer, history: str, version: int) -> tuple[Hashable, ...]:
        """Note what was read of a register, and tell it as ``versions`` does."""
        told = self._seen[layer.name] = (history, layer.edition, version)
        return told

    def may_be(self, layer: Layer, version: Hashable) -> bool:
        """Tell whether a register may still be what it was; not if it was seen to be another."""
        return self._seen.get(layer.name) == version

    def until(self, layer: Layer, version: Hashable, since: float | None = None) -> float | None:
        """Tell the monotonic time at which a layer changes by itself; None when it does not.

        Args:
            layer: the layer.
            version: what is known of it.
            since: the monotonic time from which on it must not have changed; now when None.
                Of what has changed since, this time is told.

        Raises:
            SQLAlchemyError: if the database is away.
        """
        if layer.live:
            return time.monotonic() + AGES_S
        since = time.monotonic() if since is None else since
        # One asks for all who draw the first tiles of a version.
        with self._looking:
            known = self._edges.get(layer.name)
            if known is None or not _holds(known, version):
                known = self._edges[layer.name] = self._read_edges(layer, version)
        return since if known.last is not None and since <= known.last else known.coming

    def _read_edges(self, layer: Layer, version: Hashable) -> _Edges:
        began = time.monotonic()
        last, coming = edges(self._database.checks.rows, layer, self._scope)
        # The database looked at its clock between these two moments.
        ended = time.monotonic()
        return _Edges(
            version,
            None if last is None else ended - last,
            None if coming is None else began + coming,
        )

    def _read_standing(self) -> Standing:
        return standing(self._database.checks.rows, self._scope)

    def _read_moving(self) -> Live:
        """Count what changed since the last look; no tile is kept for longer than that is known."""
        now, (nth, counts) = time.monotonic(), self._live
        since = self._snapshot if now - self._seen_at < AGES_S else None
        self._snapshot, moved = changed(self._database.checks.rows, self._scope, since)
        self._seen_at = now
        if since is None:
            self._live = Live(nth + 1, {})
        elif moved:
            more = {name: counts.get(name, 0) + 1 for name in moved}
            self._live = Live(nth, {**counts, **more})
        return self._live


def _holds(known: _Edges, version: Hashable) -> bool:
    passed = known.coming is not None and known.coming <= time.monotonic()
    return known.version == version and not passed
