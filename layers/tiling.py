"""Vector tiles of a layer, written by PostGIS from the rows that its readers may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, func, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from geodata.crs import WEB_MERCATOR, WGS84
from geodata.tiles import BUFFER, EXTENT, Tile
from layers.base import Layer, Query, Scope
from layers.queries import visible

EARTH_M = 6_378_137.0  # radius of the sphere of EPSG:3857
MOST_LAT = 89.9  # no tile reaches so far, and the projection no further


def vector_tile(session: Session, layer: Layer, scope: Scope, tile: Tile, query: Query) -> bytes:
    """Draw a layer's tile as MVT, empty when nothing lies in it.

    Source: Mapbox Vector Tile Specification 2.1.
    """
    rows = (layer.tile or plain_tile)(layer, scope, tile, query).subquery("rows")
    asked = select(
        func.ST_AsMVT(literal_column("rows"), layer.name, EXTENT, "geom", "id")
    ).select_from(rows)
    return bytes(session.execute(asked).scalar_one())


def plain_tile(layer: Layer, scope: Scope, tile: Tile, query: Query) -> Select[Any]:
    """Select the rows of a tile, clipped to it with a small margin for strokes."""
    columns = layer.table.__table__.c
    mercator = func.ST_Transform(layer.geom, WEB_MERCATOR)
    shape = func.ST_AsMVTGeom(
        mercator, func.ST_TileEnvelope(tile.z, tile.x, tile.y), EXTENT, BUFFER, True
    )
    return select(
        columns["id"], shape.label("geom"), *[columns[name] for name in layer.tile_properties]
    ).where(
        and_(*visible(layer, scope, query)),
        func.ST_Intersects(layer.geom, _envelope(tile, BUFFER / EXTENT)),
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
    points = _metres(layer, visible(layer, scope, query), tile, shares)
    # Materialised, or the projection is reckoned again for each bound and each mean.
    inside = points.cte("inside").prefix_with("MATERIALIZED")
    west, south, east, _ = tile.bounds_m
    size = (east - west) / tile.cells
    one = func.count() == 1
    column = cast(func.floor((inside.c.x - west) / size), Integer)
    row = cast(func.floor((inside.c.y - south) / size), Integer)
    point = func.ST_SetSRID(
        func.ST_MakePoint(func.avg(inside.c.x), func.avg(inside.c.y)), WEB_MERCATOR
    )
    return (
        select(
            func.min(inside.c.id).label("id"),
            func.ST_AsMVTGeom(
                point, func.ST_TileEnvelope(tile.z, tile.x, tile.y), EXTENT, BUFFER, False
            ).label("geom"),
            cast(func.count(), Integer).label("n"),
            *[case((one, func.min(inside.c[name]))).label(name) for name in layer.tile_properties],
            *[cast(func.count().filter(inside.c[name]), Integer).label(name) for name in shares],
        )
        .group_by(column, row)
        # Bounds on the cells, not the points: of those the planner expects almost none, and sorts.
        .having(
            func.min(column).between(0, tile.cells - 1), func.min(row).between(0, tile.cells - 1)
        )
    )


def _metres(
    layer: Layer, wanted: list[ColumnElement[bool]], tile: Tile, shares: Mapping[str, Any]
) -> Select[Any]:
    """Select the points in and about a tile in EPSG:3857, with what their cells tell of them.

    The projection is spelt out: a third of the time of ST_Transform, which is called per point.
    """
    columns = layer.table.__table__.c
    lat = func.greatest(-MOST_LAT, func.least(MOST_LAT, func.ST_Y(layer.geom)))
    return select(
        (func.radians(func.ST_X(layer.geom)) * EARTH_M).label("x"),
        (func.ln(func.tan(func.pi() / 4 + func.radians(lat) / 2)) * EARTH_M).label("y"),
        columns["id"],
        *[columns[name] for name in layer.tile_properties],
        *[condition.label(name) for name, condition in shares.items()],
    ).where(*wanted, layer.geom.op("&&")(_envelope(tile, 0.01)))


def _envelope(tile: Tile, margin: float) -> Any:
    """Write a tile's box with a margin, a share of its size, in EPSG:4326."""
    return func.ST_MakeEnvelope(*tile.box(margin), WGS84)
