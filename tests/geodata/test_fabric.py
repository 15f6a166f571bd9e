"""Test merging parts, and listing overlaps and gaps."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from geodata.fabric import area_m2, gaps, merge_parts, overlaps
from tests.geodata.cells import cell, grids


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


def test_parts_of_different_times_stay_apart():
    parts = grids(
        cell(0, 0, 1, 1),
        cell(1, 0, 2, 1),
        cell(2, 0, 3, 1),
        code=["1", "1", "1"],
        since=[None, None, 2020],
    )
    merged = merge_parts(parts, apart=["since"])
    assert merged.frame.index.tolist() == [0, 2]
    assert merged.report["rows"].tolist() == [[0, 1]]


def test_rows_without_a_code_are_not_merged():
    merged = merge_parts(grids(cell(0, 0, 1, 1), cell(2, 0, 3, 1), code=[None, None]))
    assert (len(merged.frame), len(merged.report)) == (2, 0)


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
