"""Test reading CSV and XLSX with coordinate columns."""

from __future__ import annotations

import pytest
import shapely

from geodata.crs import SourceCrs, gcj02_from_wgs84
from geodata.errors import InvalidInput
from geodata.files import ReadOptions, read
from tests.geodata.sample_files import (
    PLACES,
    WGS84,
    reasons,
    text,
)


def test_a_leading_zero_of_a_code_is_kept_in_csv(tmp_path):
    path = text(tmp_path / "a.csv", "code,lon,lat\n001,113.9,23\n")
    assert read(path, WGS84).frame["code"].tolist() == ["001"]


def test_a_gcj02_table_is_converted(tmp_path):
    lon, lat = gcj02_from_wgs84(PLACES[:1])[0]
    path = text(tmp_path / "a.csv", f"经度,纬度\n{lon},{lat}\n")
    frame = read(path, ReadOptions(crs="gcj02")).frame
    assert shapely.get_coordinates(frame.geometry)[0] == pytest.approx(PLACES[0], abs=1e-7)


def test_a_survey_table_with_x_north_is_read_with_its_axis_order(town, tmp_path):
    east, north = SourceCrs.parse("EPSG:4526").from_wgs84(PLACES[:1])[0]
    path = text(tmp_path / "a.csv", f"名称,X,Y\n甲,{north},{east}\n")
    frame = read(path, ReadOptions(crs="EPSG:4526", axis_order="yx")).frame
    assert shapely.get_coordinates(frame.geometry)[0] == pytest.approx(PLACES[0], abs=1e-8)


def test_x_north_without_its_axis_order_is_rejected_with_a_hint(tmp_path):
    east, north = SourceCrs.parse("EPSG:4526").from_wgs84(PLACES[:1])[0]
    path = text(tmp_path / "a.csv", f"x,y\n{north},{east}\n")
    assert "--axis-order yx" in reasons(read(path, ReadOptions(crs="EPSG:4526")))[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_is_read_in_any_usual_encoding(tmp_path, encoding, separator):
    content = "名称,经度,纬度\n东坑,113.9,23.0\n".replace(",", separator)
    frame = read(text(tmp_path / "a.csv", content, encoding), WGS84).frame
    assert (frame["名称"].tolist(), list(frame.columns)) == (["东坑"], ["名称", "geom"])


def test_coordinate_columns_can_be_named(tmp_path):
    path = text(tmp_path / "a.csv", "a,b,place\n113.9,23.0,甲\n")
    fields = {"lon": "a", "lat": "b", "name": "place"}
    frame = read(path, ReadOptions(crs="EPSG:4326", fields=fields)).frame
    assert (list(frame.columns), frame.geometry[1].x) == (["name", "geom"], 113.9)


def test_unnamed_coordinate_columns_are_asked_for(tmp_path):
    path = text(tmp_path / "a.csv", "a,b\n113.9,23.0\n")
    with pytest.raises(InvalidInput, match="--map lon=COLUMN"):
        read(path, WGS84)


def test_broken_rows_of_a_csv_are_reported_with_their_numbers(tmp_path):
    rows = (
        'name,lon,lat\n甲,113,23\n乙,113\n"丙\n丙",113,23\n'
        "丁,abc,23\n戊,,\n己,NaN,23\n庚,1e309,23\n"
    )
    dataset = read(text(tmp_path / "a.csv", rows), WGS84)
    assert dataset.frame.index.tolist() == [1, 3]
    assert list(reasons(dataset)) == [2, 4, 5, 6, 7]
    assert reasons(dataset)[2] == "2 values where the header has 3"
    assert reasons(dataset)[4] == "lon is not a number: 'abc'"
    assert reasons(dataset)[5] == "no geometry"
    assert reasons(dataset)[6] == reasons(dataset)[7] == "coordinates are NaN or infinite"


def test_broken_rows_far_down_a_csv_keep_their_numbers(tmp_path):
    rows = [f"113.9,23,{'一' * 3000}"] * 2_000  # 18 MB, more than two blocks
    rows[1_500] = "113.9"
    path = text(tmp_path / "a.csv", "lon,lat,name\n" + "\n".join(rows))
    assert list(reasons(read(path, WGS84))) == [1_501]


def test_rows_without_a_place_are_kept_when_asked(tmp_path):
    path = text(tmp_path / "a.csv", "address,lon,lat\n塔岗路 3 号,,\n塔岗路 4 号,113.9,23\n")
    dataset = read(path, ReadOptions(crs="EPSG:4326", placeless=True))
    assert dataset.frame.geometry.isna().tolist() == [True, False]


def test_a_table_without_places_needs_no_crs(tmp_path):
    path = text(tmp_path / "a.csv", "code,post\n001,网格组长\n")
    dataset = read(path, ReadOptions(geometry="none"))
    assert (dataset.source_crs, dataset.frame["code"].tolist()) == (None, ["001"])


def test_a_csv_with_a_header_only_has_no_rows(tmp_path):
    assert len(read(text(tmp_path / "a.csv", "lon,lat\n"), WGS84).frame) == 0


def test_repeated_and_blank_column_names_are_told_apart(tmp_path):
    path = text(tmp_path / "a.csv", "lon,lat,a,a,\n113,23,1,2,3\n")
    assert list(read(path, WGS84).frame.columns) == ["a", "a_4", "column_5", "geom"]
