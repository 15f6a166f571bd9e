"""Masses of points find the grid that answers, and the chance that it is the right one."""

from __future__ import annotations

from math import erf, inf, sqrt

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from geodata.assign import LAT_M, LON_M, NOWHERE, Net, assign, chances

LEFT, RIGHT = box(0, 0, 1, 2), box(1, 0, 2, 2)
ABOVE_LEFT, ABOVE_RIGHT = box(0, 2, 1, 4), box(1, 2, 2, 4)
LAT = 0.5


def _net(*shapes: Polygon, tiers: list[int] | None = None) -> Net:
    count = len(shapes)
    return Net(
        np.array(shapes, dtype=object),
        np.array(tiers or [0] * count),
        np.full(count, -inf),
        np.full(count, inf),
    )


def _grid_at(lon: float, lat: float, net: Net, at: float = 0.0) -> int:
    return int(assign(np.array([lon]), np.array([lat]), np.array([at]), net)[0])


def _chance(lon: float, lat: float, sigma_m: float, net: Net) -> float:
    where = np.array([lon]), np.array([lat])
    at = np.array([0.0])
    found = assign(*where, at, net)
    return float(chances(*where, np.array([sigma_m]), (found, at, net)).own[0])


def _beside(lon: float, lat: float, net: Net) -> dict[int, float]:
    where = np.array([0.5, lon]), np.array([1, lat])
    at, sigma_m = np.zeros(2), np.full(2, 10.0)
    told = chances(*where, sigma_m, (assign(*where, at, net), at, net))
    assert set(told.points.tolist()) <= {1}
    return dict(zip(told.others.tolist(), told.elsewhere.tolist(), strict=True))


def test_a_point_inside_a_grid_is_its() -> None:
    assert _grid_at(1.5, 1, _net(LEFT, RIGHT)) == 1


def test_a_point_on_a_shared_edge_is_the_first_grids() -> None:
    assert _grid_at(1, 1, _net(LEFT, RIGHT)) == 0


def test_a_point_on_a_shared_corner_is_the_first_grids() -> None:
    assert _grid_at(1, 2, _net(ABOVE_RIGHT, ABOVE_LEFT, RIGHT, LEFT)) == 0


def test_a_point_outside_every_grid_is_nowhere() -> None:
    assert _grid_at(5, 1, _net(LEFT, RIGHT)) == NOWHERE


def test_a_point_in_a_hole_is_nowhere() -> None:
    holed = Polygon(LEFT.exterior, [box(0.4, 0.4, 0.6, 0.6).exterior])

    assert _grid_at(0.5, 0.5, _net(holed)) == NOWHERE


def test_a_point_on_the_edge_of_a_hole_is_in_the_grid() -> None:
    holed = Polygon(LEFT.exterior, [box(0.4, 0.4, 0.6, 0.6).exterior])

    assert _grid_at(0.4, 0.5, _net(holed)) == 0


def test_no_grid_holds_a_point_with_its_axes_swapped() -> None:
    assert _grid_at(22.99, 113.94, _net(box(113, 22, 114, 23))) == NOWHERE


def test_no_net_holds_no_point() -> None:
    assert _grid_at(1, 1, _net()) == NOWHERE


def test_a_dedicated_grid_answers_before_those_under_it() -> None:
    assert _grid_at(0.5, 0.5, _net(box(0, 0, 1, 1), LEFT, tiers=[0, 1])) == 0


def test_the_grid_of_the_time_answers() -> None:
    old_and_new = Net(
        np.array([LEFT, LEFT]), np.array([0, 0]), np.array([-inf, 10.0]), np.array([10.0, inf])
    )

    assert [_grid_at(0.5, 1, old_and_new, at) for at in (9.9, 10.0)] == [0, 1]


def test_many_points_get_what_each_would_get_alone() -> None:
    net = _net(LEFT, RIGHT, ABOVE_LEFT, ABOVE_RIGHT)
    lon, lat = np.random.default_rng(7).uniform(-0.5, 4.5, (2, 500))
    lon[:50] = np.round(lon[:50])

    together = assign(lon, lat, np.zeros(500), net)

    alone = [
        min(np.flatnonzero(shapely.intersects_xy(net.geoms, x, y)), default=NOWHERE)
        for x, y in zip(lon, lat, strict=True)
    ]
    assert together.tolist() == alone


@settings(deadline=None, max_examples=40)
@given(metres=st.floats(-40, 40), sigma_m=st.floats(1, 60))
def test_the_chance_beside_a_straight_edge_is_the_gaussians(metres: float, sigma_m: float) -> None:
    net = _net(LEFT, RIGHT)
    east = metres / (LON_M * np.cos(np.radians(LAT)))

    chance = _chance(1 + east, LAT, sigma_m, net)

    assert chance == pytest.approx((1 + erf(abs(metres) / sigma_m / sqrt(2))) / 2, abs=0.02)


def test_the_chance_above_a_level_edge_is_the_gaussians() -> None:
    chance = _chance(0.5, 2 + 8 / LAT_M, 8.17, _net(LEFT, ABOVE_LEFT))

    assert chance == pytest.approx(0.836, abs=0.02)


def test_at_a_corner_of_four_the_chance_is_a_quarter() -> None:
    net = _net(LEFT, RIGHT, ABOVE_LEFT, ABOVE_RIGHT)

    assert _chance(1, 2, 10, net) == pytest.approx(0.25, abs=0.02)


def test_far_from_any_edge_the_chance_is_one() -> None:
    assert _chance(0.5, 1, 10, _net(LEFT, RIGHT)) == 1


def test_without_an_accuracy_the_chance_is_one() -> None:
    assert _chance(1, 1, float("nan"), _net(LEFT, RIGHT)) == 1


def test_outside_every_grid_the_chance_is_none() -> None:
    assert _chance(2.00001, 1, 10, _net(LEFT, RIGHT)) == 0


def test_beside_a_dedicated_grid_the_chance_is_shared_with_it() -> None:
    net = _net(box(0.4, 0.4, 0.6, 0.6), LEFT, tiers=[0, 1])

    assert _chance(0.5, 0.2, 10, net) == 1
    assert _chance(0.5, 0.4 - 8 / LAT_M, 8.17, net) == pytest.approx(0.836, abs=0.02)


def test_beside_a_corner_the_three_others_are_told_with_their_chances() -> None:
    net = _net(LEFT, RIGHT, ABOVE_LEFT, ABOVE_RIGHT)

    assert _beside(1, 2, net) == pytest.approx({1: 0.25, 2: 0.25, 3: 0.25}, abs=0.02)


def test_far_from_any_edge_no_other_grid_is_told() -> None:
    assert _beside(0.5, 1, _net(LEFT, RIGHT)) == {}


def test_of_a_point_outside_every_grid_no_neighbour_is_told() -> None:
    assert _beside(2.00001, 1, _net(LEFT, RIGHT)) == {}
