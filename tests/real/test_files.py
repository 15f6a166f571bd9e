"""Read the real files: counts equal geopandas' own reading."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import InvalidCrs
from geodata.fabric import area_m2, gaps, is_coverage, merge_parts, overlaps
from geodata.files import ReadOptions, inside, read
from geodata.noding import node

DATA = Path(os.environ["GIS_REAL_DATA"])
BEATS = DATA / "chicago" / "beats.geojson"
AS_GRIDS = ReadOptions(fields={"code": "District"}, geometry="MultiPolygon")
PORTLAND = "EPSG:2913"


def test_the_chicago_beats_are_277_features_of_275_codes_with_two_mended():
    dataset = read(BEATS, AS_GRIDS)
    assert dataset.rows_read == len(gpd.read_file(BEATS)) == 277
    assert (len(dataset.frame), dataset.frame["code"].nunique()) == (277, 275)
    assert (len(dataset.repaired), len(dataset.rejected)) == (2, 0)


def test_the_chicago_beats_become_one_coverage_without_moving_ground():
    beats = merge_parts(read(BEATS, AS_GRIDS).frame)
    noded = node(beats.frame)
    assert beats.report["rows"].tolist() == [[2, 56, 264]]
    assert (len(noded.frame), is_coverage(beats.frame), is_coverage(noded.frame)) == (
        275,
        False,
        True,
    )
    moved = area_m2(noded.frame.geometry.to_numpy()) - area_m2(beats.frame.geometry.to_numpy())
    assert abs(moved).max() < 2
    assert overlaps(noded.frame).empty
    assert gaps(noded.frame).empty


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("sanitation_complaints", 19_733),
        ("abandoned_buildings", 3_653),
        ("liquor_retail", 937),
    ],
)
def test_the_chicago_points_are_all_read(name, rows):
    path = DATA / "chicago" / f"{name}.geojson"
    dataset = read(path, ReadOptions(geometry="Point"))
    theirs = gpd.read_file(path)
    assert len(dataset.frame) == len(theirs) == rows
    assert shapely.equals(dataset.frame.geometry.to_numpy(), theirs.geometry.to_numpy()).all()


def test_25_complaints_lie_outside_every_beat():
    beats = node(merge_parts(read(BEATS, AS_GRIDS).frame).frame).frame
    complaints = read(DATA / "chicago" / "sanitation_complaints.geojson").frame
    town = shapely.union_all(read(BEATS, AS_GRIDS).frame.geometry.to_numpy())
    assert int((~inside(complaints, town)).sum()) == 25
    joined = gpd.sjoin(complaints, beats, predicate="intersects", how="left")
    assert int(joined["code"].isna().sum()) == 25


@pytest.mark.parametrize(
    ("layer", "rows", "kind"),
    [("roads", 302, "LineString"), ("buildings", 257, "MultiPolygon")],
)
def test_the_campus_has_its_roads_and_buildings(layer, rows, kind):
    dataset = read(DATA / "campus" / "campus.osm", ReadOptions(layer=layer))
    assert (len(dataset.frame), set(dataset.frame.geometry.geom_type)) == (rows, {kind})
    assert dataset.frame["name"].str.contains(r"[\u4e00-\u9fff]").sum() > 30


def test_the_portland_districts_have_no_prj_and_are_refused_without_a_crs():
    path = DATA / "portland" / "Portland_Police_Districts.shp"
    with pytest.raises(InvalidCrs, match="--crs"):
        read(path)
    dataset = read(path, ReadOptions(crs=PORTLAND))
    theirs = gpd.read_file(path).set_crs(PORTLAND).to_crs(4326)
    assert len(dataset.frame) == len(theirs) == 60
    assert dataset.frame.total_bounds == pytest.approx(theirs.total_bounds, abs=1e-8)


def test_the_portland_burglaries_lie_in_the_districts():
    fields = {"x": "x_coordina", "y": "y_coordina"}
    path = DATA / "portland" / "burglaries.csv"
    dataset = read(path, ReadOptions(crs=PORTLAND, fields=fields, geometry="Point"))
    districts = read(DATA / "portland" / "Portland_Police_Districts.shp", ReadOptions(crs=PORTLAND))
    town = shapely.union_all(districts.frame.geometry.to_numpy())
    assert dataset.rows_read == len(pd.read_csv(path)) == 5_364
    assert inside(dataset.frame, town).mean() > 0.99
