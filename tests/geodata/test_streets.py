"""The street network and the blocks between."""

import numpy as np
import shapely

from geodata.ground import RIVER_HALF_WIDTH_M, land_use, make_ground, warp
from geodata.regions import town_settings
from geodata.streets import RIVER, make_plan
from tests.geodata.sample_town import demo_scene

GROUND = make_ground(1, town_settings(441900))
PLAN = demo_scene().plan


def test_blocks_share_all_vertices() -> None:
    assert shapely.coverage_is_valid(PLAN.blocks)
    assert shapely.is_valid(PLAN.blocks).all()


def test_plan_is_the_same_each_time() -> None:
    again = make_plan(GROUND)
    assert shapely.to_wkb(again.blocks).tolist() == shapely.to_wkb(PLAN.blocks).tolist()


def test_every_kind_of_ground_and_street_is_there() -> None:
    assert set(PLAN.use) == {"village", "centre", "mixed", "estate", "industry", "green"}
    assert set(PLAN.line_class) == {
        *("outline", "river", "trunk", "primary", "secondary", "residential", "lane")
    }


def test_old_villages_have_small_blocks_and_factories_large_ones() -> None:
    size = shapely.area(PLAN.blocks)
    village, industry = size[PLAN.use == "village"], size[PLAN.use == "industry"]
    assert np.median(industry) > 5 * np.median(village)


def test_streets_are_no_lattice() -> None:
    start, end = (shapely.get_coordinates(shapely.get_point(PLAN.edges, n)) for n in (0, -1))
    angle = np.rad2deg(np.arctan2(*(end - start).T)) % 90
    share = np.histogram(angle, bins=18, range=(0, 90))[0] / len(angle)
    assert share.max() < 0.3


def test_main_roads_bridge_the_river() -> None:
    wide = np.isin(PLAN.line_class[PLAN.line], ("trunk", "primary"))
    crossing = shapely.intersection(PLAN.edges[wide], PLAN.river)
    assert shapely.length(crossing).sum() > 3 * 2 * RIVER_HALF_WIDTH_M


def test_river_runs_from_one_side_of_the_town_to_the_other() -> None:
    river = shapely.union_all(PLAN.edges[PLAN.line == RIVER])
    assert river.length > 4_000
    assert PLAN.outline.boundary.intersects(PLAN.river)


def test_equal_points_stay_equal_however_they_are_batched() -> None:
    xy = np.random.default_rng(1).uniform(-3000, 3000, (1001, 2))
    one_by_one = np.concatenate([warp(GROUND, row[None]) for row in xy])
    assert (warp(GROUND, xy) == one_by_one).all()


def test_village_cores_are_villages_and_rivers_banks_are_green() -> None:
    assert set(land_use(GROUND, GROUND.cores)) == {"village"}
    bank = shapely.get_coordinates(GROUND.river.intersection(GROUND.outline))
    assert set(land_use(GROUND, bank)) <= {"green", "village", "centre", "industry"}
