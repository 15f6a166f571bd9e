"""Neighbours stay neighbours at any zoom, and nothing vanishes unaccounted for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from pyproj import Transformer
from shapely import Polygon
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from geodata.tiles import EXTENT, WORLD_M, Tile
from geodata.town import make_district
from layers import tile_shapes, tiling
from layers.base import Query
from layers.enterprises import LAYER as ENTERPRISES
from layers.grids import LAYER as GRIDS
from layers.tile_cells import EARTH_M
from tests.conftest import Databases
from tests.factories import SCOPE, add_grid, at, block
from tests.mvt import in_units, read_tile, widths

Stored = tuple[Session, GeoDataFrame]
TO_MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)
MARGIN = 12  # units that the ground's own edge may move by


@pytest.fixture(scope="module")
def district(new_databases: Databases) -> Iterator[Stored]:
    """Store a district of 60 grids that cover it without a gap."""
    frame = make_district(30).frames["grids"]
    base = frame[frame["level"] == 1].reset_index(drop=True)
    with new_databases.copy() as settings:
        engine = create_engine(settings.database_url)
        with Session(engine) as session:
            assert GRIDS.load is not None
            GRIDS.load(session, SCOPE, base)
            yield session, base.to_crs(3857)
        engine.dispose()


def _middle(frame: GeoDataFrame, zoom: int) -> Tile:
    """Find the tile that holds the middle of a frame in EPSG:3857."""
    west, south, east, north = frame.total_bounds
    return _holding((west + east) / 2, (south + north) / 2, zoom)


def _holding(x_m: float, y_m: float, zoom: int) -> Tile:
    side = EXTENT * Tile(zoom, 0, 0).unit_m
    return Tile(zoom, int((x_m + WORLD_M) / side), int((WORLD_M - y_m) / side))


@pytest.mark.parametrize("zoom", range(8, 17))
def test_grids_have_no_gap_and_no_overlap(district: Stored, zoom: int) -> None:
    session, frame = district
    tile = _middle(frame, zoom)
    drawn = read_tile(
        tiling.vector_tile(session, GRIDS, SCOPE, tile, Query()), (tile.z, tile.x, tile.y)
    )

    ground = shapely.union_all(in_units(frame.geometry, tile)).buffer(-MARGIN)
    inside = shapely.intersection(ground, shapely.box(0, 0, EXTENT, EXTENT))

    assert max(widths(in_units(drawn.geometry, tile), inside)) <= 1


def test_a_vertex_on_the_edge_of_two_tiles_is_drawn_at_one_place(district: Stored) -> None:
    session, frame = district
    one = _middle(frame, 13)
    other = Tile(one.z, one.x + 1, one.y)
    shapes = [
        read_tile(tiling.vector_tile(session, GRIDS, SCOPE, t, Query()), (t.z, t.x, t.y))
        for t in (one, other)
    ]
    edge = shapely.box(one.bounds_m[2] - 1e-3, one.bounds_m[1], one.bounds_m[2], one.bounds_m[3])

    crossed = [shapely.union_all(s.geometry.boundary.values).intersection(edge) for s in shapes]

    assert shapely.hausdorff_distance(*crossed) <= 2 * one.unit_m


def test_areas_too_small_to_be_drawn_are_squares_of_a_unit(session: Session) -> None:
    for number in range(9):
        add_grid(session, f"g{number}", block(number * 100, 0, number * 100 + 2, 2))
    tile = _holding(*TO_MERCATOR.transform(*at(400, 0)), 8)

    body = tiling.vector_tile(session, GRIDS, SCOPE, tile, Query())

    drawn = read_tile(body, (tile.z, tile.x, tile.y))
    assert len(drawn) == 9
    np.testing.assert_allclose(drawn.geometry.area, tile.unit_m**2, rtol=0.01)


def test_what_only_touches_a_tiles_box_is_not_drawn_in_it(session: Session) -> None:
    add_grid(session, "corner", Polygon([at(-900, -900), at(900, -900), at(-900, 900)]))
    tile = _holding(*TO_MERCATOR.transform(*at(600, 600)), 18)

    assert tiling.vector_tile(session, GRIDS, SCOPE, tile, Query()) == b""


@pytest.mark.parametrize("latitude", [0.0, 22.5, 60.0])
def test_a_flat_tile_bends_by_less_than_half_a_unit(latitude: float) -> None:
    y_m = np.arcsinh(np.tan(np.radians(latitude))) * EARTH_M
    tile = next(t for t in (_holding(0, y_m, zoom) for zoom in range(20)) if t.is_flat)
    _, south, _, north = tile.box()
    lats = np.linspace(south, north, 101)
    metres = np.arcsinh(np.tan(np.radians(lats))) * EARTH_M

    even = np.linspace(tile.bounds_m[1], tile.bounds_m[3], 101)

    assert np.abs(metres - even).max() < tile.unit_m / 2


def test_layers_of_points_are_told_from_others() -> None:
    told = [tile_shapes.is_of_points(layer) for layer in (ENTERPRISES, GRIDS)]

    assert told == [True, False]
