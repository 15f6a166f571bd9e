"""The synthetic town as a whole: its figures, its ground and its sameness."""

import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geodata.town import Town, make_town


@pytest.fixture(scope="module")
def town() -> Town:
    return make_town()


def test_same_seed_makes_the_same_town(town: Town) -> None:
    again = make_town()
    for name, frame in town.frames.items():
        assert_geodataframe_equal(frame, again.frames[name])
        assert frame.to_wkb().to_csv() == again.frames[name].to_wkb().to_csv()


def test_town_has_the_figures_of_dongkeng(town: Town) -> None:
    grids, areas = town.frames["grids"], town.frames["areas"]
    assert (areas["level"] == 3).sum() == 16
    assert ((grids["level"] == 1).sum(), (grids["level"] == 2).sum()) == (48, 132)


def test_codes_have_the_length_of_their_level_and_begin_with_their_parent(town: Town) -> None:
    grids = town.frames["grids"]
    assert set(grids["code"].str.len() - 2 * grids["level"]) == {13}
    micros = grids[grids["level"] == 2]
    assert (micros["code"].str[:15] == micros["parent_code"]).all()
    assert (grids["code"].str[:12] == grids["village_code"]).all()


@pytest.mark.parametrize("level", [1, 2])
def test_grids_tile_the_town_without_gap_or_overlap(town: Town, level: int) -> None:
    grids = town.frames["grids"]
    geom = grids.loc[grids["level"] == level, "geom"].to_numpy()
    assert shapely.coverage_is_valid(np.concatenate([shapely.get_parts(g) for g in geom]))
    assert shapely.area(geom).sum() == pytest.approx(town.outline.area, rel=1e-12)
    assert shapely.union_all(geom).symmetric_difference(town.outline).area == 0


def test_all_addresses_differ(town: Town) -> None:
    assert town.frames["buildings"]["address"].is_unique
