"""Vector tiles of a layer, written by PostGIS from the rows that its readers may see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, literal_column, null, select
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import Session

from geodata.tiles import EXTENT, Tile
from layers import tile_cells, tile_shapes
from layers.base import Layer, Query, Scope
from layers.gathering import Gathered, Lane
from layers.prepared import Prepared
from layers.versions import Fetch, standing_of

MOST_BYTES = 1_000_000
MOST_POINTS, MOST_SHAPES = 5_000, 20_000
COARSER = 4  # times the lattice, where a tile would be too large
PLAIN = Query()
SEVERAL = """
SELECT tile.nr, ({body}), {standing}
FROM json_to_recordset(:asked) AS tile (nr integer, {columns})
"""
NAME = re.compile(r"(?<![:\w]):(\w+)")
NAMED: Any = PGDialect_psycopg2(paramstyle="named")  # type: ignore[no-untyped-call]


class Drawn(NamedTuple):
    """A tile as MVT, empty when nothing lies in it; ``gathered`` where cells stand for features."""

    body: bytes
    gathered: bool = False


class Standing(NamedTuple):
    """A tile with what it was drawn from: a history of the database, and the layer's version."""

    drawn: Drawn
    history: str
    version: int


def vector_tile(session: Session, layer: Layer, scope: Scope, tile: Tile, query: Query) -> bytes:
    """Draw a layer's tile as MVT, empty when nothing lies in it."""
    return draw(session, layer, scope, tile, query).body


def draw(session: Session, layer: Layer, scope: Scope, tile: Tile, query: Query) -> Drawn:
    """Draw a layer's tile.

    It holds the features; but cells with the number of those that lie in each, below the layer's
    zoom and where the features would make it larger than ``MOST_BYTES``.

    Source: Mapbox Vector Tile Specification 2.1.
    """
    if layer.tile is not None:
        return Drawn(_run(session, encoded(layer, layer.tile(layer, scope, tile, query))) or b"")
    if tile.z >= layer.minzoom:
        for body in _drawings(session, layer, scope, tile, query):
            if body is not None and len(body) <= MOST_BYTES:
                return Drawn(body)
    elif not tile_shapes.is_of_points(layer):
        return Drawn(b"")
    return _gathered(session, layer, scope, tile, query)


def _drawings(
    session: Session, layer: Layer, scope: Scope, tile: Tile, query: Query
) -> Iterator[bytes | None]:
    """Draw the features, and again more coarsely; None where there are too many."""
    statement = guarded(layer, scope, query, tile.is_flat)
    for times in (1,) if tile_shapes.is_of_points(layer) else (1, COARSER):
        yield _run(session, statement, tile_shapes.numbers(tile, times))


def plain(
    fetch: Fetch, lane: Lane | None, layer: Layer, scope: Scope, tile: Tile
) -> Standing | None:
    """Draw a tile by a prepared statement, where it is the same for all and has no filter.

    The statement reads the layer's version in the same snapshot.

    Args:
        fetch: runs a statement.
        lane: draws small tiles together with those that others wait for, where there is one.
        layer: what is drawn.
        scope: whose district.
        tile: where.

    Returns:
        None where it must be drawn in another way, as cells perhaps.
    """
    if layer.tile is not None or layer.mask is not None or tile.z < layer.minzoom:
        return None
    statement = _prepared(layer, scope.district, tile.is_flat)
    body, history, version = statement.drawn(fetch, lane, tile_shapes.numbers(tile))
    if body is None or len(body) > MOST_BYTES:
        return None
    return Standing(Drawn(bytes(body)), history, version)


def is_plain(query: Query) -> bool:
    """Tell whether all that there is now is asked for; conditions of SQL have no equality."""
    return query.condition is None and query == PLAIN


def _gathered(session: Session, layer: Layer, scope: Scope, tile: Tile, query: Query) -> Drawn:
    for shown in (layer.tile_properties, ()):
        cells = tile_cells.gathered(layer, scope, tile, query, shown)
        body = _run(session, encoded(layer, cells)) or b""
        if len(body) <= MOST_BYTES:
            break
    return Drawn(body, gathered=bool(body))


def encoded(layer: Layer, features: Select[Any]) -> Select[Any]:
    """Write features with a ``geom`` in units of a tile as MVT."""
    rows = features.subquery("features")
    return select(
        func.ST_AsMVT(
            literal_column("features"),
            layer.name,
            literal_column(str(EXTENT)),
            literal_column("'geom'"),
            literal_column("'id'"),
        )
    ).select_from(rows)


def guarded(layer: Layer, scope: Scope, query: Query, flat: bool) -> Select[Any]:
    """Write a tile's features as MVT, or NULL when there are too many of them."""
    most = MOST_POINTS if tile_shapes.is_of_points(layer) else MOST_SHAPES
    crowd = tile_shapes.rows(layer, scope, query, (literal_column("1").label("one"),))
    crowded: Any = crowd.with_only_columns(literal_column("1")).offset(literal_column(str(most)))
    body = encoded(layer, tile_shapes.features(layer, scope, query, flat)).scalar_subquery()
    return select(case((crowded.exists(), null()), else_=body))


def _run(
    session: Session, statement: Select[Any], numbers: Mapping[str, float] | None = None
) -> bytes | None:
    body = session.execute(statement, numbers or {}).scalar_one()
    return None if body is None else bytes(body)


def written(layer: Layer, district: int, flat: bool) -> tuple[str, dict[str, Any]]:
    """Write a tile's statement as text with ``:names``; the values of those that no tile tells."""
    compiled = guarded(layer, Scope(district), PLAIN, flat).compile(dialect=NAMED)
    known = {n: v for n, v in compiled.params.items() if n not in tile_shapes.NUMBERS}
    return compiled.string, known


class _Statement:
    """A layer's tile without filters, for all who may see all of it; planned once a connection."""

    def __init__(self, layer: Layer, district: int, flat: bool) -> None:
        text, known = written(layer, district, flat)
        text = NAME.sub(
            lambda name: _literal(known[name[1]]) if name[1] in known else name[0], text
        )
        standing = standing_of(_literal(layer.name), district)
        name = f"tile_{abs(hash((layer.name, layer.edition, text)))}"
        types = dict.fromkeys(tile_shapes.NUMBERS, "double precision")
        self._one = Prepared(name, f"SELECT ({text}), {standing}", types)
        self._many = Gathered(f"{name}s", _many(text, standing)) if flat else None

    def drawn(self, fetch: Fetch, lane: Lane | None, numbers: Mapping[str, float]) -> Any:
        """Draw a tile: its body or None, the history and the version that it was read in."""
        rows: Any = self._many.rows(lane, numbers) if lane and self._many else None
        (row,) = rows or fetch(self._one, numbers)
        return row


def _literal(value: Any) -> str:
    """Write a value that no tile changes; a colon would begin the name of a parameter."""
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\u003A")
    return f"E'{escaped}'"


def _many(text: str, standing: str) -> str:
    """Write the statement that draws several tiles; one after the other, as their plan is one."""
    columns = ", ".join(f'"{name}" double precision' for name in tile_shapes.NUMBERS)
    body = NAME.sub(r'tile."\1"', text)
    return SEVERAL.format(body=body, standing=standing, columns=columns)


_STATEMENTS: dict[tuple[str, int, int, bool], tuple[Layer, _Statement]] = {}


def _prepared(layer: Layer, district: int, flat: bool) -> _Statement:
    key = (layer.name, layer.edition, district, flat)
    held = _STATEMENTS.get(key)
    if held is None or held[0] is not layer:
        held = _STATEMENTS[key] = (layer, _Statement(layer, district, flat))
    return held[1]
