"""The synthetic town as a whole: its figures, its ground and its sameness."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geodata.crs import SourceCrs
from geodata.town import make_district, make_town
from tests.geodata.sample_town import NOW, demo_town

FRAMES = demo_town().frames
LAYERS = sorted(FRAMES)


def _level(number: int) -> gpd.GeoDataFrame:
    return FRAMES["grids"][FRAMES["grids"]["level"] == number]


def test_same_seed_makes_the_same_town_to_the_byte() -> None:
    again = make_town(now=NOW).frames
    assert sorted(again) == LAYERS
    for name in LAYERS:
        assert_geodataframe_equal(FRAMES[name], again[name])
        assert FRAMES[name].to_wkb().to_csv() == again[name].to_wkb().to_csv()


def test_another_seed_makes_another_town_with_the_same_figures() -> None:
    other = make_town(seed=2).frames
    assert other["grids"]["level"].value_counts().to_dict() == {1: 48, 2: 132}
    assert not other["grids"]["geom"].iloc[0].equals(FRAMES["grids"]["geom"].iloc[0])


def test_town_has_the_figures_of_dongkeng() -> None:
    assert (FRAMES["areas"]["level"] == 3).sum() == 16
    assert (len(_level(1)), len(_level(2))) == (48, 132)
    assert 8_000 <= len(FRAMES["buildings"]) <= 12_000


def test_people_and_households_add_up_to_the_settings() -> None:
    totals = FRAMES["buildings"][["households", "residents", "floating"]].sum().tolist()
    assert totals == [19_600, 61_000, 82_000]


def test_nearly_every_grid_keeps_the_norm_of_300_to_500_households() -> None:
    of_grid = FRAMES["buildings"].groupby(FRAMES["buildings"]["code"].str[:15])["households"].sum()
    assert len(of_grid) == 48
    assert of_grid.between(300, 500).sum() >= 46


def test_town_lies_at_dongkeng_and_is_as_large() -> None:
    outline = demo_town().outline
    (metres,) = SourceCrs.parse("EPSG:4547").geometries_from_wgs84(np.array([outline]))
    assert outline.contains(shapely.Point(113.94, 22.99))
    assert metres.area == pytest.approx(27.5e6, rel=1e-4)


def test_codes_have_the_length_of_their_level_and_begin_with_their_parent() -> None:
    assert set(_level(1)["code"].str.len()) == {15}
    assert set(_level(2)["code"].str.len()) == {17}
    assert (_level(2)["code"].str[:15] == _level(2)["parent_code"]).all()
    assert (FRAMES["grids"]["code"].str[:12] == FRAMES["grids"]["village_code"]).all()


@pytest.mark.parametrize("level", [1, 2])
def test_grids_tile_the_town_without_gap_or_overlap(level: int) -> None:
    geom = _level(level)["geom"].to_numpy()
    assert shapely.coverage_is_valid(shapely.get_parts(geom))
    assert shapely.area(geom).sum() == pytest.approx(demo_town().outline.area, rel=1e-12)
    assert shapely.union_all(geom).symmetric_difference(demo_town().outline).area == 0


def test_every_grid_is_in_one_piece() -> None:
    assert set(shapely.get_num_geometries(FRAMES["grids"]["geom"].to_numpy())) == {1}


def test_micro_grids_make_up_their_grid_and_grids_their_village() -> None:
    made = _level(2).dissolve("parent_code")["geom"]
    assert made.geom_equals(_level(1).set_index("code")["geom"].loc[made.index]).all()
    villages = _level(1).dissolve("village_code")["geom"]
    areas = FRAMES["areas"].set_index("code")["geom"]
    assert villages.geom_equals(areas.loc[villages.index]).all()


def test_grids_follow_streets_the_river_or_the_outline() -> None:
    metric = {name: FRAMES[name].to_crs(4547)["geom"].to_numpy() for name in ("grids", "streets")}
    rings = shapely.get_parts(shapely.boundary(metric["grids"][:48]))
    places = np.concatenate(
        [shapely.line_interpolate_point(r, np.arange(0, r.length, 25)) for r in rings]
    )
    _, far_m = shapely.STRtree(metric["streets"]).query_nearest(
        places, return_distance=True, all_matches=False
    )
    free = places[far_m > 0.2]
    other = FRAMES["water"].to_crs(4547)["geom"].iloc[0]
    edge = FRAMES["areas"].to_crs(4547)["geom"].iloc[0].boundary
    off = (shapely.distance(free, other) > 12) & (shapely.distance(free, edge) > 0.2)
    assert len(places) > 3_000
    assert off.sum() == 0


def test_numbers_run_west_to_east_inside_each_village() -> None:
    west = _level(1).groupby("village_code").head(1)["geom"].representative_point().x.to_numpy()
    east = _level(1).groupby("village_code").tail(1)["geom"].representative_point().x.to_numpy()
    assert (west <= east).all()
    assert _level(1)["code"].is_unique
    assert _level(2)["code"].is_unique


def test_every_building_lies_inside_one_micro_grid_of_its_village_and_grid() -> None:
    buildings = FRAMES["buildings"]
    inside = buildings[["code", "village_code", "geom"]].sjoin(
        _level(2)[["parent_code", "village_code", "geom"]], predicate="within"
    )
    assert len(inside) == len(buildings)
    assert (inside["code"].str[:15] == inside["parent_code"]).all()
    assert (inside["village_code_left"] == inside["village_code_right"]).all()


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "duties"])
def test_shapes_are_valid_in_wgs84_and_named_geom(name: str) -> None:
    frame = FRAMES[name]
    assert (frame.geometry.name, frame.crs.to_epsg()) == ("geom", 4326)
    assert frame.geometry.is_valid.all()
    assert not frame.geometry.is_empty.any()


@pytest.mark.parametrize("name", LAYERS)
def test_codes_are_unique_in_every_layer(name: str) -> None:
    assert FRAMES[name]["code"].is_unique


def test_points_lie_inside_the_town_and_repeat_with_the_seed() -> None:
    points = demo_town().points(5_000, seed=3)
    assert points.shape == (5_000, 2)
    assert shapely.contains_xy(demo_town().outline, points).all()
    assert (points == demo_town().points(5_000, seed=3)).all()
    assert demo_town().points(0).shape == (0, 2)


def test_district_of_another_size_tiles_exactly_too() -> None:
    district = make_district(grids=60)
    grids = district.frames["grids"]
    base = grids.loc[grids["level"] == 1, "geom"].to_numpy()
    assert (len(base), (grids["level"] == 2).sum()) == (60, 165)
    assert shapely.coverage_is_valid(shapely.get_parts(base))
    assert shapely.area(base).sum() == pytest.approx(district.outline.area, rel=1e-12)
