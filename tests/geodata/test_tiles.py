"""Tiles: what they cover, and that a point lies in exactly one of them."""

from __future__ import annotations

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geodata.errors import InvalidTile
from geodata.tiles import MAX_ZOOM, WORLD_M, Tile

TO_MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)
TILES = st.integers(0, MAX_ZOOM).flatmap(
    lambda z: st.builds(
        Tile, st.just(z), st.integers(0, 2**z - 1), st.integers(0, 2**z - 1)
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("z", "x", "y", "member"),
    [(-1, 0, 0, "z"), (MAX_ZOOM + 1, 0, 0, "z"), (3, 8, 0, "x"), (3, 0, 8, "y"), (0, -1, 0, "x")],
)
def test_a_tile_outside_its_matrix_is_refused(z: int, x: int, y: int, member: str) -> None:
    with pytest.raises(InvalidTile) as refusal:
        Tile(z, x, y)

    assert refusal.value.member == member


def test_the_only_tile_of_zoom_0_is_the_world() -> None:
    assert Tile(0, 0, 0).bounds_m == (-WORLD_M, -WORLD_M, WORLD_M, WORLD_M)


@given(tile=TILES)
def test_the_box_in_degrees_is_the_box_in_metres(tile: Tile) -> None:
    west, south, east, north = tile.box()

    corners = (*TO_MERCATOR.transform(west, south), *TO_MERCATOR.transform(east, north))

    assert corners == pytest.approx(tile.bounds_m, abs=0.01)


@given(tile=TILES)
def test_a_margin_widens_the_box_but_not_past_the_map(tile: Tile) -> None:
    inner, outer = tile.box(), tile.box(0.01)

    assert -180 <= outer[0] <= inner[0] < inner[2] <= outer[2] <= 180
    assert -85.06 < outer[1] <= inner[1] < inner[3] <= outer[3] < 85.06


@given(lon=st.floats(-179.999, 179.999), lat=st.floats(-85, 85), z=st.integers(0, 18))
def test_a_point_lies_in_the_tile_whose_half_open_bounds_hold_it(
    lon: float, lat: float, z: int
) -> None:
    x_m, y_m = TO_MERCATOR.transform(lon, lat)
    size = 2 * WORLD_M / 2**z
    tile = Tile(z, floor((x_m + WORLD_M) / size), floor((WORLD_M - y_m) / size))

    west, south, east, north = tile.bounds_m

    assert west - 1e-6 <= x_m <= east + 1e-6
    assert south - 1e-6 <= y_m <= north + 1e-6


def test_points_stand_closer_together_once_zoomed_in() -> None:
    assert (Tile(17, 0, 0).cells, Tile(18, 0, 0).cells) == (8, 64)
