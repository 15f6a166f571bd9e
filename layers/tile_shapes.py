"""The features of a tile, each moved onto a lattice so that neighbours stay neighbours.

A vertex goes to the nearest place of the lattice, wherever it stands in whatever shape: two grids
that share it share it still, and between them there is neither a gap nor an overlap. PostGIS then
drops what lies within half a unit of a straight line, shape by shape, and this is all that two
sides of one border can differ by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Double, Integer, Select, and_, bindparam, case, func, literal_column, select

from geodata.crs import WEB_MERCATOR, WGS84
from geodata.tiles import BUFFER, EXTENT, Tile
from layers.base import Layer, Query, Scope
from layers.queries import visible
from layers.records import as_recorded

POINTS = frozenset({"POINT", "MULTIPOINT"})
# The box with its margin and the lattice in degrees; frame and unit in degrees where the tile is
# flat, else in metres of EPSG:3857.
NUMBERS = (
    *("west", "south", "east", "north", "left", "bottom", "right", "top"),
    *("step_x", "step_y", "unit_x", "unit_y"),
)
KEPT = 4096  # tiles whose numbers are remembered, as they are drawn again at each change
# Written out: each parameter of a prepared statement costs a little.
WIDE, MARGIN = literal_column(str(EXTENT), Integer), literal_column(str(BUFFER), Integer)
CLIPPED: Any = literal_column("true")
ORIGIN, HALF = literal_column("0", Integer), literal_column("0.5::float8", Double)


def is_of_points(layer: Layer) -> bool:
    """Tell whether all features of a layer are points."""
    return str(layer.geom.type.geometry_type).upper() in POINTS


@lru_cache(KEPT)
def numbers(tile: Tile, times: int = 1) -> Mapping[str, float]:
    """Tell the numbers of a tile that its statement is run with.

    Args:
        tile: the tile.
        times: how many times the usual lattice its vertices are moved onto.
    """
    frame = tile.box() if tile.is_flat else tile.bounds_m
    unit = tile.units if tile.is_flat else (tile.unit_m, tile.unit_m)
    steps = (times * step for step in tile.lattice_degrees)
    told = (*tile.box(BUFFER / EXTENT), *frame, *steps, *unit)
    return dict(zip(NUMBERS, told, strict=True))


def rows(layer: Layer, scope: Scope, query: Query, columns: Sequence[Any]) -> Select[Any]:
    """Select columns of the features whose boxes touch a tile's."""
    near = layer.geom.op("&&", is_comparison=True)(_box("west", "south", "east", "north", WGS84))
    return as_recorded(
        layer, query, select(*columns).where(and_(*visible(layer, scope, query)), near)
    )


def columns(layer: Layer, names: Sequence[str]) -> list[Any]:
    """List the columns of some properties under their names."""
    table = layer.table.__table__.columns
    fields = layer.fields
    return [(fields[n].column if n in fields else table[n]).label(n) for n in names]


def features(layer: Layer, scope: Scope, query: Query, flat: bool) -> Select[Any]:
    """Select a tile's features in units of the tile, clipped with a small margin for strokes.

    Args:
        layer: the layer.
        scope: who asks.
        query: which features.
        flat: whether the tile is drawn in degrees, as they are, instead of in EPSG:3857.
    """
    own = [layer.table.id.label("id"), layer.geom.label("shape")]
    found = rows(layer, scope, query, [*own, *columns(layer, layer.tile_properties)])
    near = found.subquery("near")
    shape = _points(near.c["shape"], flat) if is_of_points(layer) else _areas(near.c["shape"], flat)
    return select(near.c.id, shape.label("geom"), *[near.c[name] for name in layer.tile_properties])


def _points(shape: Any, flat: bool) -> Any:
    return _drawn(_placed(shape, flat), flat)


def _areas(shape: Any, flat: bool) -> Any:
    moved = _placed(_snapped(shape, "step_x", "step_y"), flat)
    drawn = _drawn(moved if flat else _snapped(moved, "unit_x", "unit_y"), flat)
    return func.coalesce(drawn, case((_vanishes(shape), _dot(shape, flat))))


def _snapped(shape: Any, x: str, y: str) -> Any:
    return func.ST_SnapToGrid(shape, ORIGIN, ORIGIN, _number(x), _number(y))


def _placed(shape: Any, flat: bool) -> Any:
    return shape if flat else func.ST_Transform(shape, literal_column(str(WEB_MERCATOR)))


def _drawn(shape: Any, flat: bool) -> Any:
    frame = _box("left", "bottom", "right", "top", WGS84 if flat else WEB_MERCATOR)
    return func.ST_AsMVTGeom(shape, frame, WIDE, MARGIN, CLIPPED)


def _vanishes(shape: Any) -> Any:
    """Tell whether what could not be drawn is an area; one outside the tile is none of its own."""
    inside = func.ST_Intersects(shape, _box("west", "south", "east", "north", WGS84))
    return and_(func.ST_Dimension(shape) == literal_column("2"), inside)


def _dot(shape: Any, flat: bool) -> Any:
    """Draw a square of a unit in place of an area that vanishes."""
    middle = _placed(func.ST_PointOnSurface(shape), flat)
    side = _number("unit_x") * HALF, _number("unit_y") * HALF
    return _drawn(func.ST_Expand(middle, *side), flat)


def _box(west: str, south: str, east: str, north: str, srid: int) -> Any:
    edges = (_number(name) for name in (west, south, east, north))
    return func.ST_MakeEnvelope(*edges, literal_column(str(srid)))


def _number(name: str) -> Any:
    return bindparam(name, type_=Double, required=True)
