"""Tiles, drawn or as they are kept: none is older than what was told before it was asked for."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.orm import Session

from geodata.errors import InvalidTile
from geodata.tiles import Tile
from gis_server.db import Database
from gis_server.line import Lines
from gis_server.tile_cache import Kept, TileCache
from gis_server.tile_freshness import Freshness
from layers import masks, outbox, tiling
from layers.base import Layer, Query, Scope


@dataclass(frozen=True)
class Part:
    """What is asked of one layer for one tile.

    Attributes:
        words: the question as it was put, which tells one from another.
    """

    layer: Layer
    scope: Scope
    tile: Tile
    query: Query = tiling.PLAIN
    words: tuple[tuple[str, str], ...] = ()

    @cached_property
    def is_private(self) -> bool:
        """Whether the answer depends on who asks."""
        return self.layer.mask is not None or (bool(self.words) and self.layer.together is not None)

    @cached_property
    def is_plain(self) -> bool:
        """Whether all that there is now is asked for, and nobody sees less than others."""
        return not self.words and self.layer.mask is None

    @cached_property
    def is_kept(self) -> bool:
        """Whether the answer stands for as long as the layer does."""
        query, layer = self.query, self.layer
        named = query.where.keys() - layer.fields.keys() or layer.filters.keys() & query.where
        timed = query.period or query.valid_at or query.as_of
        return not self.words or not (layer.together or named or timed)

    @cached_property
    def key(self) -> Hashable:
        """Tell one answer from another, whatever the layer's version."""
        marks = masks.marks(self.scope) if self.layer.mask else None
        told = self.layer.name, self.scope.district, bool(self.layer.private)
        return *told, marks, self.tile, self.words


def tiles(database: Database, home: Scope) -> Tiles:
    """Make what draws the tiles of an application."""
    return Tiles(database, Freshness(database, home), database.lines)


@dataclass(frozen=True)
class Tiles:
    """Draw tiles, and keep them; safe between threads.

    A tile is drawn after its versions were read, or with them in one snapshot, and is kept under
    those: it may be newer than they tell, and is then drawn once more than is needed, but never
    older.

    Attributes:
        database: where features are read.
        fresh: tells what a tile must have been drawn from.
        lines: run prepared statements on the primary.
        cache: keeps the tiles.
    """

    database: Database
    fresh: Freshness
    lines: Lines
    cache: TileCache = field(default_factory=TileCache)

    def one(self, part: Part) -> Kept:
        """Give a tile of one layer.

        Raises:
            InvalidTile: if the layer has no place.
            SQLAlchemyError: if the database is away.
        """
        if part.layer.geom is None:
            raise InvalidTile(f"{part.layer.name} have no place to draw", "name")
        if not part.is_kept:
            return self._drawn(part, None)
        if self._is_gone(part):
            return self._anew(part)
        (told,) = self.fresh.versions([part.layer])
        return self._one(part, told)

    def _is_gone(self, part: Part) -> bool:
        """Tell whether a plain tile of a register must be drawn, whatever its version is now."""
        if (
            not part.is_plain
            or part.layer.live
            or self.database.reading is not self.database.single
        ):
            return False
        held = self.cache.get(part.key)
        return held is None or not self.fresh.may_be(part.layer, held.versions)

    def _anew(self, part: Part) -> Kept:
        """Draw a tile and read its version in one round trip, or in more where it is not plain."""
        layer, began = part.layer, time.monotonic()
        found = self._plain(part)
        if found is None:
            (told,) = self.fresh.versions([layer])
            drawn = self._drawn(part, told, may_be_plain=False)
        else:
            told = self.fresh.seen(layer, found.history, found.version)
            until = self.fresh.until(layer, told, began)
            drawn = Kept(told, until, *found.drawn, private=part.is_private)
        self.cache.put(part.key, drawn)
        return drawn

    def several(self, parts: Sequence[Part]) -> Kept:
        """Give one tile with several layers, as read one after the other.

        Raises:
            SQLAlchemyError: if the database is away.
        """
        layers = [part.layer for part in parts]
        told = tuple(self.fresh.versions(layers))
        key = tuple(part.key for part in parts)
        held = self.cache.get(key)
        if held is not None and _stands(held, told):
            return held
        drawn = [self._one(part, version) for part, version in zip(parts, told, strict=True)]
        ends = [one.until for one in drawn if one.until is not None]
        whole = Kept(
            told,
            min(ends, default=None),
            # Layers of MVT follow one another in a tile, as messages of Protocol Buffers do.
            b"".join(one.body for one in drawn),
            any(one.gathered for one in drawn),
            any(one.private for one in drawn),
        )
        self.cache.put(key, whole)
        return whole

    def _one(self, part: Part, told: Hashable) -> Kept:
        held = self.cache.get(part.key)
        if held is not None and _stands(held, told):
            return held
        drawn = self._drawn(part, told)
        self.cache.put(part.key, drawn)
        return drawn

    def _drawn(self, part: Part, told: Hashable, *, may_be_plain: bool = True) -> Kept:
        until = self.fresh.until(part.layer, told) if told is not None else None
        body, gathered = self._read(part, may_be_plain)
        return Kept(told, until, body, gathered, part.is_private)

    def _read(self, part: Part, may_be_plain: bool) -> tiling.Drawn:
        """Draw from a replica, unless it has not yet what the primary told."""
        layer, scope = part.layer, part.scope
        if self.database.reading is not self.database.single and not layer.live:
            with self.database.single() as primary:
                present = outbox.version(primary, scope, layer.name)
            with self.database.reading() as session:
                if outbox.version(session, scope, layer.name) >= present:
                    return _draw(session, part)
        elif may_be_plain and part.is_plain and (found := self._plain(part)):
            return found.drawn
        with self.database.single() as session:
            return _draw(session, part)

    def _plain(self, part: Part) -> tiling.Standing | None:
        lane = self.database.drawing
        return tiling.plain(self.lines.rows, lane, part.layer, part.scope, part.tile)


def _draw(session: Session, part: Part) -> tiling.Drawn:
    return tiling.draw(session, part.layer, part.scope, part.tile, part.query)


def _stands(held: Kept, told: Hashable) -> bool:
    return held.versions == told and (held.until is None or time.monotonic() < held.until)
