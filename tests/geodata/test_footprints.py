"""Buildings inside their blocks."""

import numpy as np
import shapely

from geodata.footprints import LAYOUTS, Layout, lay_out
from tests.geodata.sample_town import demo_scene

SCENE = demo_scene()
PRINTS = SCENE.prints


def test_no_two_buildings_overlap() -> None:
    a, b = shapely.STRtree(PRINTS.shape).query(PRINTS.shape, predicate="intersects")
    assert (a == b).all()


def test_no_building_stands_on_a_street_or_in_the_water() -> None:
    streets = shapely.STRtree(SCENE.plan.edges)
    assert len(streets.query(PRINTS.shape, predicate="intersects")[0]) == 0
    assert not shapely.intersects(SCENE.plan.river, PRINTS.shape).any()


def test_every_building_is_inside_its_block() -> None:
    assert shapely.covers(SCENE.plan.blocks[PRINTS.block], PRINTS.shape).all()


def test_factories_are_larger_than_houses() -> None:
    size = shapely.area(PRINTS.shape)
    assert np.median(size[PRINTS.use == "industry"]) > 6 * np.median(size[PRINTS.use == "village"])


def test_floors_keep_to_the_layout_of_their_use() -> None:
    least, most = np.array([LAYOUTS[use].floors for use in PRINTS.use.tolist()]).T
    assert ((PRINTS.floors >= least) & (PRINTS.floors <= most)).all()


def test_site_too_small_for_a_building_stays_empty() -> None:
    layout = Layout((10, 12), (10, 12), (2, 2), 3, 1.0, (1, 2))
    assert len(lay_out(shapely.box(0, 0, 9, 9), layout, 0.0, np.random.default_rng(1))) == 0


def test_rows_fill_a_site_and_stay_inside_it() -> None:
    layout = Layout((10, 12), (10, 12), (2, 2), 3, 1.0, (1, 2))
    site = shapely.box(0, 0, 100, 60)
    built = lay_out(site, layout, 0.4, np.random.default_rng(1))
    assert shapely.covers(site, built).all()
    assert shapely.area(built).sum() > 0.3 * site.area
