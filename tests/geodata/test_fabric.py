"""Test merging parts, noding shared borders, and listing overlaps and gaps."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.fabric import area_m2, gaps, is_coverage, merge_parts, overlaps
from geodata.noding import node

CORNER = np.array([113.9, 23.0])
CELL_DEG = 0.004  # about 400 m
METRE_DEG = 1 / 111_195


def grids(*shapes: shapely.Polygon, **columns: list[object]) -> gpd.GeoDataFrame:
    names = {"code": [chr(ord("a") + at) for at in range(len(shapes))]} | columns
    return gpd.GeoDataFrame(names, geometry=list(shapes), crs=4326)


def cell(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(
        *(CORNER + [west, south] * np.array(CELL_DEG)),
        *(CORNER + [east, north] * np.array(CELL_DEG)),
    )


def test_parts_with_one_code_become_one_row():
    merged = merge_parts(
        grids(
            cell(0, 0, 1, 1),
            cell(2, 0, 3, 1),
            cell(1, 0, 2, 1),
            code=["1", "2", "1"],
            name=["甲", "乙", "丙"],
        )
    )
    assert merged.frame["code"].tolist() == ["1", "2"]
    assert merged.frame.geometry[0].equals(cell(0, 0, 2, 1))
    assert merged.report.to_dict("records") == [{"code": "1", "rows": [0, 2], "differ": ["name"]}]


def test_parts_that_do_not_touch_become_a_multipolygon():
    merged = merge_parts(grids(cell(0, 0, 1, 1), cell(2, 0, 3, 1), code=["1", "1"]))
    assert len(merged.frame.geometry[0].geoms) == 2


def test_rows_without_a_code_are_not_merged():
    merged = merge_parts(grids(cell(0, 0, 1, 1), cell(2, 0, 3, 1), code=[None, None]))
    assert (len(merged.frame), len(merged.report)) == (2, 0)


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


def test_an_overlap_is_listed_with_its_size_and_place():
    found = overlaps(grids(cell(0, 0, 1, 1), cell(0.9, 0, 2, 1), cell(5, 5, 6, 6)))
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "b"]]
    geodesic, _ = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(cell(0.9, 0, 1, 1))
    assert found["area_m2"][0] == pytest.approx(abs(geodesic), rel=1e-3)
    assert cell(0.9, 0, 1, 1).contains(shapely.Point(found["lon"][0], found["lat"][0]))


def test_a_grid_inside_another_is_an_overlap():
    assert len(overlaps(grids(cell(0, 0, 3, 3), cell(1, 1, 2, 2)))) == 1


def test_neighbours_that_share_an_edge_or_a_corner_do_not_overlap():
    assert overlaps(grids(cell(0, 0, 1, 1), cell(1, 0, 2, 1), cell(1, 1, 2, 2))).empty


def test_overlaps_below_the_minimum_are_left_out():
    assert overlaps(grids(cell(0, 0, 1, 1), cell(0.9, 0, 2, 1)), minimum_m2=1e6).empty


def test_an_enclosed_gap_is_listed_with_its_size_and_place():
    found = gaps(grids(cell(0, 0, 3, 3).difference(cell(1, 1, 2, 2))))
    assert len(found) == 1
    assert found.geometry[0].equals(cell(1, 1, 2, 2))
    assert found["area_m2"][0] == pytest.approx(area_m2(np.array([cell(1, 1, 2, 2)]))[0])


def test_nothing_encloses_no_gap():
    assert gaps(grids()).empty


def test_ground_of_the_district_outside_every_grid_is_a_gap():
    found = gaps(grids(cell(0, 0, 1, 1)), outer=cell(0, 0, 2, 1))
    assert found.geometry[0].equals(cell(1, 0, 2, 1))


def test_without_grids_the_whole_district_is_a_gap():
    assert len(gaps(grids(), outer=cell(0, 0, 1, 1))) == 1


def test_the_largest_gap_comes_first():
    outer = cell(0, 0, 3, 1)
    found = gaps(grids(cell(0.1, 0, 1, 1)), outer)
    assert found["area_m2"].is_monotonic_decreasing
    assert len(found) == 2


def test_a_full_fabric_has_no_gap():
    assert gaps(grids(cell(0, 0, 1, 1), cell(1, 0, 2, 1)), cell(0, 0, 2, 1)).empty


def test_areas_outside_china_are_measured_too():
    square = np.array([shapely.box(-87.7, 41.8, -87.69, 41.81)])
    geodesic, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(square[0])
    assert area_m2(square)[0] == pytest.approx(abs(geodesic), rel=1e-3)


def _redrawn(x: int, y: int, extra: int, random: np.random.Generator) -> shapely.Polygon:
    """Draw a cell with vertices of its own on each side, all some centimetres off."""
    corners = np.array([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)], dtype=float)
    along = [np.sort(np.r_[0, random.uniform(0.02, 0.98, extra)]) for _ in range(4)]
    sides = [a + np.outer(t, b - a) for a, b, t in zip(corners, corners[1:], along, strict=False)]
    ring = CORNER + np.vstack(sides) * CELL_DEG
    off_m = random.uniform(-0.02, 0.02, ring.shape)
    return shapely.Polygon(ring + off_m * METRE_DEG)
