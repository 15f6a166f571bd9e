"""Test that exports are safe to open, whole, and read again the same."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from uuid import UUID

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import SourceCrs
from geodata.errors import InvalidCrs, InvalidInput
from geodata.export import write
from geodata.files import ReadOptions, read, write_rejected
from tests.geodata.sample_files import (
    FORMATS,
    WGS84,
    text,
)

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
)
dangerous = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "'=", "''@", "'"]), texts)


@settings(max_examples=15, deadline=None)
@given(st.lists(texts | dangerous, min_size=1, max_size=10))
def test_any_text_comes_back_from_csv_as_it_was(names):
    with tempfile.TemporaryDirectory() as folder:
        path = write(_points(name=names), Path(folder) / "a.csv")
        assert read(path, ReadOptions(crs="CRS84")).frame["name"].tolist() == names


@settings(max_examples=15, deadline=None)
@given(st.lists(dangerous, min_size=1, max_size=5))
def test_no_cell_of_a_csv_begins_a_formula(names):
    with tempfile.TemporaryDirectory() as folder:
        path = write(_points(name=names), Path(folder) / "a.csv")
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)["name"]
        assert not cells.str.contains(r"^[=+\-@]").any()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=5))
def test_coordinates_come_back_from_csv_to_the_last_bit(lonlat):
    frame = gpd.GeoDataFrame(geometry=shapely.points(np.array(lonlat)), crs=4326)
    with tempfile.TemporaryDirectory() as folder:
        again = read(write(frame, Path(folder) / "a.csv"), ReadOptions(crs="CRS84")).frame
        assert shapely.get_coordinates(again.geometry).tolist() == [list(xy) for xy in lonlat]


def test_numbers_below_zero_are_not_escaped(tmp_path):
    assert "-5" in write(_points(depth_m=[-5.0]), tmp_path / "a.csv").read_text("utf-8")


def test_a_csv_begins_with_a_byte_order_mark(tmp_path):
    assert write(_points(name=["甲"]), tmp_path / "a.csv").read_bytes()[:3] == b"\xef\xbb\xbf"


def test_a_projected_csv_names_its_columns_x_and_y(tmp_path):
    path = write(_points(name=["甲"]), tmp_path / "a.csv", SourceCrs.parse("EPSG:4547"))
    assert path.read_text("utf-8-sig").splitlines()[0] == '"name","x","y"'


def test_rows_without_a_place_leave_their_columns_empty(tmp_path):
    frame = _points(name=["甲", "乙"])
    frame.loc[1, "geometry"] = None
    assert write(frame, tmp_path / "a.csv").read_text("utf-8").splitlines()[2] == '"乙",,'


def test_lists_become_json_text(tmp_path):
    path = write(_points(photos=[["a.jpg", "b.jpg"]]), tmp_path / "a.gpkg")
    assert read(path).frame["photos"].tolist() == ['["a.jpg", "b.jpg"]']


def test_a_second_geometry_becomes_wkt(tmp_path):
    frame = _points(name=["甲"])
    frame["seat"] = gpd.GeoSeries([shapely.Point(1, 2)], crs=4326)
    assert read(write(frame, tmp_path / "a.gpkg")).frame["seat"].tolist() == ["POINT (1 2)"]


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson", "fgb", "csv", "xlsx", "zip"])
def test_an_export_replaces_the_file_before(tmp_path, ending):
    write(_points(name=["old", "older"]), tmp_path / f"a.{ending}")
    path = write(_points(name=["new"]), tmp_path / f"a.{ending}")
    assert read(path, ReadOptions(crs="CRS84")).frame["name"].tolist() == ["new"]


def test_a_failed_export_leaves_the_file_before_as_it_was(tmp_path):
    path = write(_points(name=["old"]), tmp_path / "a.csv")
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match=r"cannot write a\.csv"):
        write(_points(name=[object()]), path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["a.csv"]


def test_formulas_are_escaped_in_csv(town, tmp_path):
    assert "'=cmd" in write(town, tmp_path / "a.csv").read_text("utf-8-sig")


def test_a_formula_in_a_workbook_is_text(town, tmp_path):
    sheet = openpyxl.load_workbook(write(town, tmp_path / "a.xlsx")).active
    assert sheet["B4"].data_type == "s"
    assert sheet["B4"].value.startswith("'=")


def test_an_offset_system_is_refused_in_geojson(town, tmp_path):
    with pytest.raises(InvalidCrs, match="RFC 7946"):
        write(town, tmp_path / "a.geojson", SourceCrs.parse("gcj02"))


def test_rejected_rows_are_written_beside_the_file(tmp_path):
    path = text(tmp_path / "a.csv", "fid,name,lon,lat\n9,甲,113,95\n8,乙,1,\n7,丙,113,23\n")
    beside = write_rejected(read(path, WGS84), path)
    table = gpd.read_file(beside)
    assert beside.name == "a.csv.rejected.gpkg"
    assert table["row"].tolist() == [1, 2]
    assert table["source_geometry"].fillna("").tolist() == ["POINT (113 95)", ""]
    assert table["name"].tolist() == ["甲", "乙"]


def test_no_file_is_written_when_nothing_is_rejected(town, tmp_path):
    path = write(town, tmp_path / "a.gpkg")
    assert write_rejected(read(path), path) is None
    assert [found.name for found in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_field_named_like_our_report_is_kept_apart(tmp_path):
    path = text(tmp_path / "a.csv", "row,reason,geom,lon,lat\n9,why,x,113,95\n")
    dataset = read(path, WGS84)
    table = gpd.read_file(write_rejected(dataset, path))
    assert table[["row", "source_row", "source_reason"]].values.tolist() == [[1, "9", "why"]]


@pytest.mark.parametrize("ending", FORMATS)
def test_rows_without_a_place_and_odd_values_fit_every_format(tmp_path, ending):
    frame = _points(
        at=pd.to_datetime(["2024-05-01T08:00:00+08:00", None], utc=True).tolist(),
        key=[UUID(int=1), None],
        tags=[{"a": 1}, None],
        day=[date(2024, 5, 1), None],
    )
    frame.loc[1, "geometry"] = None
    options = ReadOptions(crs="CRS84", placeless=True)
    again = read(write(frame, tmp_path / f"a.{ending}"), options).frame.sort_index()
    found = again[again.geometry.notna()].iloc[0]
    assert len(again) == 2
    assert pd.to_datetime(found["at"]) == pd.Timestamp("2024-05-01T00:00:00Z")
    assert (found["key"], json.loads(found["tags"])) == (str(UUID(int=1)), {"a": 1})
    assert str(found["day"])[:10] == "2024-05-01"


def test_a_table_without_places_is_exported_too(tmp_path):
    duties = pd.DataFrame({"code": ["001"], "post": ["网格组长"]})
    path = write(duties, tmp_path / "duties.csv")
    frame = read(path, ReadOptions(geometry="none")).frame
    assert frame[["code", "post"]].to_numpy().tolist() == [["001", "网格组长"]]


def _points(**columns: list[object]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    shapes = shapely.points(np.linspace(113, 114, count), np.full(count, 23.0))
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
