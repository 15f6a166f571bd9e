"""Neighbours come to share their borders; borders that stay draw those of a file onto them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.fabric import area_m2, is_coverage
from geodata.noding import node
from tests.geodata.cells import CELL_DEG, CORNER, METRE_DEG, cell, grids

OFF = 0.05 * METRE_DEG / CELL_DEG  # 5 cm in cells
STORED = np.array([cell(0, 0, 1, 1)])


def test_a_t_junction_vanishes():
    noded = node(grids(cell(0, 0, 2, 1), cell(0, 1, 1, 2), cell(1, 1, 2, 2)))
    assert (noded.inserted, noded.snapped, is_coverage(noded.frame)) == (1, 0, True)


def test_a_valid_coverage_is_left_as_it_is():
    before = grids(cell(0, 0, 1, 1), cell(1, 0, 2, 1))
    noded = node(before)
    assert (noded.inserted, noded.snapped) == (0, 0)
    assert shapely.equals_exact(
        shapely.get_parts(noded.frame.geometry.to_numpy()), before.geometry.to_numpy(), 0
    ).all()


def test_a_hole_filled_by_another_grid_shares_its_vertices():
    ring = cell(0, 0, 3, 3).difference(cell(1, 1, 2, 2))
    noded = node(grids(ring, cell(1, 1, 2, 1.5), cell(1, 1.5, 2, 2)))
    assert is_coverage(noded.frame)


def test_noding_keeps_rows_without_a_shape():
    noded = node(grids(cell(0, 0, 1, 1), None, cell(1, 0, 2, 1)))
    assert noded.frame.geometry.isna().tolist() == [False, True, False]


def test_noding_nothing_gives_nothing():
    assert len(node(grids()).frame) == 0


def test_a_grid_narrower_than_the_tolerance_is_kept_and_named():
    sliver = cell(0, 0, 0.0001, 1)  # 4 cm
    noded = node(grids(sliver, cell(0.5, 0, 1, 1)), tolerance_m=0.1)
    assert noded.collapsed == (0,)
    assert noded.frame.geometry[0].equals(sliver)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.integers(0, 6))
def test_borders_drawn_twice_within_the_tolerance_become_one(seed, side, extra):
    random = np.random.default_rng(seed)
    corners = [(x, y) for x in range(side) for y in range(side)]
    drawn = node(grids(*(_redrawn(x, y, extra, random) for x, y in corners)), tolerance_m=0.1)
    assert is_coverage(drawn.frame)
    assert drawn.collapsed == ()
    assert area_m2(drawn.frame.geometry.to_numpy()).sum() == pytest.approx(
        area_m2(np.array([cell(0, 0, side, side)])).sum(), rel=1e-3
    )


def test_a_vertex_near_one_that_stays_moves_onto_it():
    noded = node(grids(cell(1 + OFF, OFF, 2, 1)), beside=STORED)
    assert noded.snapped == 2
    assert is_coverage(gpd.GeoDataFrame(geometry=[*STORED, *noded.frame.geometry], crs=4326))


def test_a_vertex_near_an_edge_that_stays_moves_onto_the_edge():
    noded = node(grids(cell(1 + OFF, 0.2, 2, 0.8)), beside=STORED)
    assert noded.snapped == 2
    assert shapely.distance(shapely.boundary(STORED[0]), _west_of(noded.frame)).max() < 1e-12


def test_a_vertex_that_stays_is_put_into_an_edge_beside_it():
    noded = node(grids(cell(1 + OFF, -1, 2, 2)), beside=STORED)
    assert noded.inserted == 2
    assert is_coverage(gpd.GeoDataFrame(geometry=[*STORED, *noded.frame.geometry], crs=4326))


def test_two_neighbours_meet_an_edge_that_stays_in_one_vertex():
    south, north = cell(1 + OFF, 0, 2, 0.5), cell(1 - OFF / 2, 0.5 + OFF, 2, 1)
    noded = node(grids(south, north), beside=STORED)
    assert is_coverage(noded.frame)
    assert noded.frame.touches(STORED[0]).all()


def test_what_is_farther_than_the_tolerance_stays():
    far = cell(1 + 3 * OFF, 0, 2, 1)
    noded = node(grids(far), beside=STORED)
    assert (noded.snapped, noded.inserted) == (0, 0)
    assert noded.frame.geometry[0].equals(far)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.integers(0, 6))
def test_a_part_drawn_again_fits_the_rest_that_stays(seed, side, extra):
    random = np.random.default_rng(seed)
    cells = [_redrawn(x, y, extra, random) for x in range(side) for y in range(side)]
    rest = node(grids(*cells[1::2])).frame.geometry.to_numpy()
    part = node(grids(*cells[::2]), beside=rest).frame
    both = [*part.geometry, *rest]
    covered = shapely.union_all(both).area / METRE_DEG**2
    assert shapely.area(both).sum() / METRE_DEG**2 == pytest.approx(covered, abs=0.001)  # m²
    assert covered == pytest.approx((side * CELL_DEG / METRE_DEG) ** 2, rel=1e-3)


def _west_of(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Pick the vertices of the only grid that lie in the west."""
    vertices = shapely.get_coordinates(frame.geometry[0])
    return shapely.points(vertices[vertices[:, 0] < CORNER[0] + 1.5 * CELL_DEG])


def _redrawn(x: int, y: int, extra: int, random: np.random.Generator) -> shapely.Polygon:
    """Draw a cell with vertices of its own on each side, all some centimetres off."""
    corners = np.array([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)], dtype=float)
    along = [np.sort(np.r_[0, random.uniform(0.02, 0.98, extra)]) for _ in range(4)]
    sides = [a + np.outer(t, b - a) for a, b, t in zip(corners, corners[1:], along, strict=False)]
    ring = CORNER + np.vstack(sides) * CELL_DEG
    off_m = random.uniform(-0.02, 0.02, ring.shape)
    return shapely.Polygon(ring + off_m * METRE_DEG)
