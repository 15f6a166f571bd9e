"""Features of a tile gathered in cells with their number, where they are too many to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from geodata.crs import WEB_MERCATOR, WGS84
from geodata.tiles import BUFFER, EXTENT, TILE_PX, Tile
from layers import tile_shapes
from layers.base import Layer, Query, Scope
from layers.queries import visible
from layers.records import as_recorded

EARTH_M = 6_378_137.0  # radius of the sphere of EPSG:3857
MOST_LAT = 89.9  # no tile reaches so far, and the projection no further
FINE = TILE_PX // 8  # cells a side, of 8 px


def gathered(
    layer: Layer, scope: Scope, tile: Tile, query: Query, shown: Sequence[str]
) -> Select[Any]:
    """Select a tile's features gathered in cells of 8 px, each with the number ``n`` of its own.

    Every feature lies in the half-open cell of exactly one tile, by the middle of its box, so that
    numbers add up.

    Args:
        layer: any layer with a place.
        scope: who asks.
        tile: the tile.
        query: which features.
        shown: the properties that are told of a feature that is alone in its cell.
    """
    x, y = _metres(*_middle(layer))
    own = [layer.table.id.label("id"), x.label("x"), y.label("y")]
    found = as_recorded(layer, query, select(*own).where(*_near(layer, scope, tile, query)))
    cells = _cells(found, tile, FINE).subquery("cells")
    place = func.ST_MakePoint(cells.c.x, cells.c.y)
    known = tile_shapes.columns(layer, shown)
    table = [layer.table.id.label("id"), *known]
    kept = and_(layer.table.district == scope.district, *layer.only)
    alone = as_recorded(layer, query, select(*table).where(kept)).subquery("alone")
    return select(
        cells.c.id,
        _drawn(place, tile).label("geom"),
        cells.c.n,
        *[alone.c[name] for name in shown],
    ).select_from(cells.outerjoin(alone, and_(cells.c.n == 1, alone.c.id == cells.c.id)))


def _middle(layer: Layer) -> tuple[Any, Any]:
    geom = layer.geom
    if str(geom.type.geometry_type).upper() == "POINT":
        return func.ST_X(geom), func.ST_Y(geom)
    return (
        (func.ST_XMin(geom) + func.ST_XMax(geom)) / 2,
        (func.ST_YMin(geom) + func.ST_YMax(geom)) / 2,
    )


def _cells(points: Select[Any], tile: Tile, many: int) -> Select[Any]:
    # Materialised, or the projection is reckoned again for each bound and each mean.
    inside = points.cte("inside").prefix_with("MATERIALIZED")
    column, row = _cell(inside, tile, many)
    return (
        select(
            func.min(inside.c.id).label("id"),
            func.avg(inside.c.x).label("x"),
            func.avg(inside.c.y).label("y"),
            cast(func.count(), Integer).label("n"),
        )
        .group_by(column, row)
        .having(_within(column, row, many))
    )


def clustered_tile(
    layer: Layer, scope: Scope, tile: Tile, query: Query, shares: dict[str, Any]
) -> Select[Any]:
    """Select a tile's points gathered in cells, each with its count and shares.

    Every point lies in the half-open cell of exactly one tile, so that counts add up.

    Args:
        layer: a layer of points.
        scope: who asks.
        tile: the tile.
        query: which points.
        shares: name to the condition whose members are counted in each cell.
    """
    points = _points(layer, _near(layer, scope, tile, query), shares)
    inside = as_recorded(layer, query, points).cte("inside").prefix_with("MATERIALIZED")
    one = func.count() == 1
    column, row = _cell(inside, tile, tile.cells)
    return (
        select(
            func.min(inside.c.id).label("id"),
            _drawn(func.ST_MakePoint(func.avg(inside.c.x), func.avg(inside.c.y)), tile).label(
                "geom"
            ),
            cast(func.count(), Integer).label("n"),
            *[case((one, func.min(inside.c[name]))).label(name) for name in layer.tile_properties],
            *[cast(func.count().filter(inside.c[name]), Integer).label(name) for name in shares],
        )
        .group_by(column, row)
        .having(_within(column, row, tile.cells))
    )


def _points(
    layer: Layer, wanted: list[ColumnElement[bool]], shares: Mapping[str, Any]
) -> Select[Any]:
    """Select points in EPSG:3857, with what their cells tell of them."""
    x, y = _metres(func.ST_X(layer.geom), func.ST_Y(layer.geom))
    return select(
        x.label("x"),
        y.label("y"),
        layer.table.id.label("id"),
        *tile_shapes.columns(layer, layer.tile_properties),
        *[condition.label(name) for name, condition in shares.items()],
    ).where(*wanted)


def _near(layer: Layer, scope: Scope, tile: Tile, query: Query) -> list[ColumnElement[bool]]:
    box = func.ST_MakeEnvelope(*tile.box(0.01), WGS84)
    return [*visible(layer, scope, query), layer.geom.op("&&", is_comparison=True)(box)]


def _metres(lon: Any, lat: Any) -> tuple[Any, Any]:
    """Project to EPSG:3857, in a third of the time of ST_Transform, which is called per point."""
    kept = func.greatest(-MOST_LAT, func.least(MOST_LAT, lat))
    north = func.ln(func.tan(func.pi() / 4 + func.radians(kept) / 2))
    return func.radians(lon) * EARTH_M, north * EARTH_M


def _cell(inside: Any, tile: Tile, many: int) -> tuple[Any, Any]:
    west, south, east, _ = tile.bounds_m
    size = (east - west) / many
    return (
        cast(func.floor((inside.c.x - west) / size), Integer),
        cast(func.floor((inside.c.y - south) / size), Integer),
    )


def _within(column: Any, row: Any, many: int) -> Any:
    # Bounds on the cells, not the points: of those the planner expects almost none, and sorts.
    return and_(
        func.min(column).between(0, many - 1),
        func.min(row).between(0, many - 1),
    )


def _drawn(point: Any, tile: Tile) -> Any:
    frame = func.ST_TileEnvelope(tile.z, tile.x, tile.y)
    return func.ST_AsMVTGeom(func.ST_SetSRID(point, WEB_MERCATOR), frame, EXTENT, BUFFER, False)
