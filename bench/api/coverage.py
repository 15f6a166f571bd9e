"""Tiles of a district's grids: how wide the widest gap is, and what generalising saves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from sqlalchemy import NullPool, create_engine, func, literal_column, select
from sqlalchemy.orm import Session

from bench.api.stage import boxes, staged
from bench.api.tiles import around
from bench.figure import Figure, Finding, at_most
from bench.rig import Rig
from geodata.crs import WEB_MERCATOR
from geodata.tiles import BUFFER, EXTENT, Tile
from layers import tile_shapes, tiling
from layers.base import Query, Scope
from layers.grids import LAYER as GRIDS
from layers.grids import Grid
from layers.prepared import Prepared
from tests.mvt import in_units, read_tile, widths

ZOOMS = range(8, 17)
TILES_EACH = 4
MOST_UNITS = 1.0
EDGE = 12  # units that the district's own edge may move by


def coverage(rig: Rig) -> Iterator[Finding]:
    """Draw tiles of each zoom; measure gaps and overlaps, bytes and time."""
    with staged(rig) as settings:
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            scope = Scope(settings.district)
            ground = _ground(session)
            for zoom in ZOOMS:
                chosen = {around(*_middle(box), zoom) for box in boxes(rig, TILES_EACH, 0.001)}
                yield from _of_zoom(session, scope, zoom, (ground, chosen))
        engine.dispose()


def _of_zoom(
    session: Session, scope: Scope, zoom: int, what: tuple[Any, set[Tile]]
) -> Iterator[Finding]:
    ground, chosen = what
    gaps, drawn, plain = [], [], []
    for tile in chosen:
        drawn.append(_timed(lambda t=tile: _drawn(session, scope, t)))
        plain.append(_timed(lambda t=tile: _ungeneralised(session, scope, t)))
        gaps.append(_gap(drawn[-1][0], tile, ground))
    yield Figure(f"z{zoom}: widest gap or overlap", max(gaps), "units", at_most(MOST_UNITS))
    for name, index, unit in (("bytes a tile", 0, "kB"), ("a tile", 1, "ms")):
        ours, theirs = (
            float(np.mean([len(one[0]) / 1000 if index == 0 else one[1] for one in found]))
            for found in (drawn, plain)
        )
        yield Figure(f"z{zoom}: {name}", ours, unit, at_most(theirs, "not generalised", 1.2))


def _drawn(session: Session, scope: Scope, tile: Tile) -> bytes:
    """Draw a tile as the server does."""

    def fetch(statement: Prepared, asked: Mapping[str, Any]) -> Any:
        return statement.run(session, asked).all()

    found = tiling.plain(fetch, None, GRIDS, scope, tile)
    return found.drawn.body if found else tiling.vector_tile(session, GRIDS, scope, tile, Query())


def _gap(body: bytes, tile: Tile, ground: Any) -> float:
    if not body:
        return 0.0
    shapes = in_units(read_tile(body, (tile.z, tile.x, tile.y)).geometry, tile)
    inside = shapely.intersection(
        in_units([ground], tile)[0].buffer(-EDGE), shapely.box(0, 0, EXTENT, EXTENT)
    )
    return max(widths(shapes, inside))


def _ground(session: Session) -> Any:
    """Unite the grids, in EPSG:3857."""
    asked = select(func.ST_AsBinary(func.ST_Union(func.ST_Transform(Grid.geom, WEB_MERCATOR))))
    return shapely.from_wkb(bytes(session.execute(asked).scalar_one()))


def _ungeneralised(session: Session, scope: Scope, tile: Tile) -> bytes:
    """Draw a tile as PostGIS does by itself."""
    frame = func.ST_TileEnvelope(tile.z, tile.x, tile.y)
    mercator = func.ST_Transform(Grid.geom, WEB_MERCATOR)
    shape = func.ST_AsMVTGeom(mercator, frame, EXTENT, BUFFER, literal_column("true"))
    own = [Grid.id, shape.label("geom"), *tile_shapes.columns(GRIDS, GRIDS.tile_properties)]
    box = func.ST_MakeEnvelope(*tile.box(BUFFER / EXTENT), 4326)
    features = select(*own).where(
        Grid.district == scope.district, func.ST_Intersects(Grid.geom, box)
    )
    return bytes(session.execute(tiling.encoded(GRIDS, features)).scalar_one())


def _timed(draw: Any) -> tuple[bytes, float]:
    """Draw twice; the bytes, and the milliseconds of the second time."""
    draw()
    began = time.perf_counter()
    body = draw()
    return body, (time.perf_counter() - began) * 1000


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    west, south, east, north = box
    return (west + east) / 2, (south + north) / 2
