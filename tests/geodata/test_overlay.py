"""The overlay of nets into atomic faces."""

import numpy as np
import pytest
import shapely
from shapely import Polygon

from geodata.overlay import Faces, inside, joined, overlay
from tests.factories import at, block


def faces(*grids: Polygon, outline: Polygon | None = None) -> Faces:
    return overlay(np.array(grids, dtype=object), outline)


def covering(found: Faces) -> list[tuple[float, tuple[int, ...]]]:
    """Tell of each face its area in m², rounded, and which grids cover it."""
    pairs = list(zip(found.face.tolist(), found.grid.tolist(), strict=True))
    return sorted(
        (round(float(area), -2), tuple(sorted(g for f, g in pairs if f == n)))
        for n, area in enumerate(found.area_m2)
    )


def test_two_grids_that_overlap_make_three_faces() -> None:
    found = faces(block(0, 0, 100, 100), block(50, 0, 150, 100))

    assert covering(found) == [(5000, (0,)), (5000, (0, 1)), (5000, (1,))]


def test_ground_that_no_grid_covers_is_a_face_without_a_grid() -> None:
    found = faces(block(0, 0, 100, 100), outline=block(0, 0, 150, 100))

    assert covering(found) == [(5000, ()), (10000, (0,))]


def test_a_hole_inside_a_grid_is_a_face_of_its_own() -> None:
    holed = block(0, 0, 100, 100).difference(block(40, 40, 60, 60))

    assert covering(faces(holed)) == [(400, ()), (9600, (0,))]


def test_what_lies_outside_the_outline_is_left_out() -> None:
    found = faces(block(-50, 0, 100, 100), outline=block(0, 0, 100, 100))

    assert covering(found) == [(10000, (0,))]


def test_neighbours_that_touch_at_a_corner_stay_apart() -> None:
    found = faces(block(0, 0, 100, 100), block(100, 100, 200, 200))

    assert covering(found) == [(10000, (0,)), (10000, (1,))]


def test_rounding_far_below_a_millimetre_makes_no_face() -> None:
    one = block(0, 0, 100, 100)
    two = shapely.transform(block(100, 0, 200, 100), lambda xy: xy + 2e-10)

    assert len(faces(one, two).shape) == 2


def test_the_faces_of_many_random_grids_add_up_to_their_union() -> None:
    rng = np.random.default_rng(5)
    shapes = [
        Polygon([at(*xy) for xy in rng.uniform(0, 400, (3, 2))]).convex_hull for _ in range(25)
    ]

    found = faces(*shapes, outline=block(0, 0, 400, 400))

    covered = np.unique(found.face)
    union = shapely.union_all(shapes)
    assert shapely.area(found.shape).sum() == pytest.approx(block(0, 0, 400, 400).area, rel=1e-6)
    assert shapely.area(found.shape[covered]).sum() == pytest.approx(union.area, rel=1e-6)


def test_the_point_of_a_face_with_a_spike_lies_in_its_body() -> None:
    spiked = Polygon([at(0, 0), at(400, 0.00005), at(20, 0.00005), at(20, -5), at(0, -5)])

    (point,) = inside(np.array([spiked], dtype=object))

    assert shapely.distance(point, spiked.boundary) * 111_000 > 1


def test_pieces_that_touch_are_joined_and_slivers_dropped() -> None:
    parts = [block(0, 0, 10, 10), block(10, 0, 20, 10), block(50, 0, 50.05, 10)]

    shapes, areas = joined(np.array(parts, dtype=object))

    assert (len(shapes), round(float(areas[0]))) == (1, pytest.approx(200, abs=1))
