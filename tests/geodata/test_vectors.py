"""Test reading through GDAL and Arrow."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geodata.crs import SourceCrs
from geodata.errors import InvalidCrs, InvalidInput
from geodata.files import ATTRIBUTE, ReadOptions, read, write
from tests.geodata.sample_files import (
    PLACES,
    collection,
    feature,
    text,
)


def test_a_crs_member_of_geojson_is_honoured_with_a_warning(tmp_path):
    x, y = SourceCrs.parse("EPSG:4547").from_wgs84(PLACES[:1])[0]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    dataset = read(collection(tmp_path / "a.geojson", feature([x, y]), crs=crs))
    assert "RFC 7946" in dataset.warnings[0]
    assert shapely.get_coordinates(dataset.frame.geometry)[0] == pytest.approx(PLACES[0], abs=1e-8)


def test_a_null_crs_member_of_geojson_is_unknown(tmp_path):
    with pytest.raises(InvalidCrs, match="--crs"):
        read(collection(tmp_path / "a.geojson", feature([113, 23]), crs=None))


def test_an_infinite_number_in_geojson_is_refused(tmp_path):
    path = collection(tmp_path / "a.geojson", feature([113, 23]))
    path.write_text(path.read_text().replace("113", "1e309"))
    with pytest.raises(InvalidInput, match=r"a\.geojson.*1e309"):
        read(path)


def test_times_with_a_zone_become_utc(tmp_path):
    times = pd.to_datetime(["2024-05-01T08:00:00+08:00"])
    frame = gpd.GeoDataFrame({"at": times}, geometry=shapely.points(PLACES[:1]), crs=4326)
    again = read(write(frame, tmp_path / "a.fgb")).frame
    assert again["at"].tolist() == [pd.Timestamp("2024-05-01T00:00:00Z")]


def test_a_geopackage_with_two_layers_asks_which(town, tmp_path):
    path = tmp_path / "a.gpkg"
    town.to_file(path, layer="grids")
    town.to_file(path, layer="buildings")
    with pytest.raises(InvalidInput, match="grids, buildings; choose one with --layer"):
        read(path)
    with pytest.raises(InvalidInput, match="no layer 'x'"):
        read(path, ReadOptions(layer="x"))


def test_an_empty_layer_has_no_rows(town, tmp_path):
    dataset = read(write(town[:0], tmp_path / "a.gpkg"))
    assert (len(dataset.frame), dataset.rows_read) == (0, 0)


def test_progress_ends_at_the_total(town, tmp_path):
    seen: list[tuple[int, int | None]] = []
    options = ReadOptions(progress=lambda done, total: seen.append((done, total)))
    read(write(town, tmp_path / "a.gpkg"), options)
    assert seen[-1] == (3, 3)


def test_parquet_without_geometry_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidInput, match="not GeoParquet"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb", "geojsonl", "shp"])
@pytest.mark.parametrize(
    "content",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>',
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read b.gpkg"}',
    ],
)
def test_a_file_that_tells_gdal_to_read_others_is_refused(tmp_path, ending, content):
    with pytest.raises(InvalidInput, match=r"no \.|UTF-8|no GeoJSON"):
        read(text(tmp_path / f"a.{ending}", content))


def test_geoarrow_parquet_is_read(town, tmp_path):
    town.to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow")
    frame = read(tmp_path / "a.parquet").frame
    assert shapely.get_coordinates(frame.geometry).tolist() == PLACES.tolist()


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4490"])
def test_geoparquet_declares_its_crs(town, tmp_path, crs):
    path = write(town, tmp_path / "a.parquet", SourceCrs.parse(crs))
    assert read(path).source_crs.name == crs


def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path):
    numbers = pd.array([2**53 + 1, None], "Int64")
    frame = gpd.GeoDataFrame({"n": numbers}, geometry=shapely.points(PLACES[:2]), crs=4326)
    again = read(write(frame, tmp_path / "a.gpkg")).frame
    assert again["n"].tolist() == [2**53 + 1, pd.NA]


def test_a_property_that_is_called_as_the_shape_is_kept_beside_it(tmp_path):
    one = feature([113, 23]) | {"properties": {"geom": "g"}}
    frame = read(collection(tmp_path / "a.geojson", one)).frame
    assert (frame[ATTRIBUTE].tolist(), frame.geometry.name) == (["g"], "geom")


def test_columns_of_one_name_are_both_read(tmp_path):
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    shapes = pa.array([shapely.to_wkb(shapely.Point(113, 23))])
    table = pa.table([pa.array([1]), pa.array(["x"]), shapes], names=["a", "a", "geometry"])
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), tmp_path / "a.parquet")
    frame = read(tmp_path / "a.parquet").frame
    assert frame[["a", "a_2"]].values.tolist() == [[1, "x"]]


def test_what_a_file_says_of_its_columns_is_kept(tmp_path):
    told = {"at": "2024-01-05T10:00:00", "more": {"a": 1}, "code": "1"}
    path = collection(tmp_path / "a.geojson", feature([113, 23]) | {"properties": told})
    renamed = ReadOptions(fields={"moment": "at"})
    assert read(path, renamed).said == {"moment": "date-time", "more": "document"}
