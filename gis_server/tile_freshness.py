"""What the tiles of a moment must have been drawn from, so that none is older than was told."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from gis_server.db import Database
from gis_server.together import Together
from layers.base import Layer, Scope
from layers.versions import Standing, changed, good_for_s, standing

AGES_S = 5.0  # what becomes overdue does so without an event
SLACK_S = 1.0  # those who draw the first tiles of a version began at different moments


class Live(NamedTuple):
    """How often each live layer was seen to change, since the counting began for the nth time."""

    round: int
    counts: Mapping[str, int]


class _End(NamedTuple):
    """Until when a version stands that was read after ``since``; None for ever."""

    version: Hashable
    since: float
    at: float | None


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
        self._ends: dict[str, _End] = {}
        self._ending = Lock()

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

        Raises:
            SQLAlchemyError: if the database is away.
        """
        if layer.live:
            return time.monotonic() + AGES_S
        since = time.monotonic() if since is None else since
        # One asks for all who draw the first tiles of a version.
        with self._ending:
            known = self._ends.get(layer.name)
            if known is None or not _holds(known, version, since):
                known = self._ends[layer.name] = self._read_end(layer, version, since - SLACK_S)
        return known.at if known.since <= since else since

    def _read_end(self, layer: Layer, version: Hashable, since: float) -> _End:
        began = time.monotonic()
        left = good_for_s(self._database.checks.rows, layer, self._scope, began - since)
        # The database may have looked at its clock as late as now.
        later = time.monotonic() - began
        return _End(version, since + later, None if left is None else began + left)

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


def _holds(known: _End, version: Hashable, since: float) -> bool:
    ended = known.at is not None and known.at <= time.monotonic()
    return known.version == version and known.since <= since and not ended
