"""GeoParquet that GeoPandas reads as what was written, written as a stream."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geodata import geoparquet
from geodata.geoparquet import GeoParquet
from geodata.streams import Column
from tests.geodata.sample_rows import BIG, MORNING, NOTHING, SHAPES, head, row, same, write


def test_every_kind_of_shape_and_value_comes_back(tmp_path: Path) -> None:
    path = write(GeoParquet(head()), tmp_path / "a.parquet", [row(shape) for shape in SHAPES])

    found = gpd.read_parquet(path)
    assert same(found.geometry.to_numpy(), np.array(SHAPES))
    told = found.iloc[0]
    assert (told["id"], told["名称"], told["area_m2"]) == (BIG, "黄屋\n“一”村", -1.5)
    assert (told["open"], told["seen_at"], str(told["day"])) == (
        True, pd.Timestamp(MORNING), "2024-05-01",
    )  # fmt: skip
    assert told["tags"] == '{"标": [1, null]}'


def test_values_and_places_may_be_missing(tmp_path: Path) -> None:
    rows = [row(None, *NOTHING), row(SHAPES[0], *NOTHING)]
    found = gpd.read_parquet(write(GeoParquet(head()), tmp_path / "a.parquet", rows))

    assert found.drop(columns=["id", "geometry"]).isna().to_numpy().all()
    assert found.geometry.isna().tolist() == [True, False]


def test_the_footer_tells_the_system_the_kinds_and_the_bounds(tmp_path: Path) -> None:
    encoder = GeoParquet(head(srid=4547))
    path = write(encoder, tmp_path / "a.parquet", [row(SHAPES[0])], [row(SHAPES[6]), row(None)])

    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])
    about = geo["columns"]["geometry"]
    assert (geo["version"], geo["primary_column"], about["encoding"]) == (
        "1.1.0", "geometry", "WKB",
    )  # fmt: skip
    assert about["geometry_types"] == ["MultiPolygon", "Point"]
    assert about["bbox"] == [0, 0, 113.94, 22.99]
    assert gpd.read_parquet(path).crs.to_epsg() == 4547


def test_a_file_without_rows_is_whole(tmp_path: Path) -> None:
    found = gpd.read_parquet(write(GeoParquet(head()), tmp_path / "a.parquet"))

    assert (len(found), found.columns.tolist()[:2]) == (0, ["id", "名称"])


def test_a_table_without_places_has_no_geometry(tmp_path: Path) -> None:
    path = write(GeoParquet(head(None)), tmp_path / "a.parquet", [row(None)])

    assert "geometry" not in pq.read_schema(path).names
    assert b"geo" not in pq.read_metadata(path).metadata


def test_row_groups_are_written_as_they_fill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geoparquet, "GROUP_ROWS", 3)
    encoder = GeoParquet(head())
    rows = [row(shape) for shape in SHAPES[:2]]

    parts = [encoder.begin(), encoder.add(rows), encoder.add(rows), encoder.add(rows)]

    assert [bool(part) for part in parts] == [True, False, True, False]
    (tmp_path / "a.parquet").write_bytes(b"".join([*parts, *encoder.end()]))
    about = pq.read_metadata(tmp_path / "a.parquet")
    assert [about.row_group(i).num_rows for i in range(about.num_row_groups)] == [4, 2]


def test_large_shapes_make_smaller_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoparquet, "GROUP_BYTES", 100)
    encoder = GeoParquet(head())
    encoder.begin()

    assert encoder.add([row(SHAPES[6])])


def test_a_property_named_like_the_geometry_is_kept_apart(tmp_path: Path) -> None:
    named = head("POINT", 4326, Column("Geometry", "string"))
    path = write(GeoParquet(named), tmp_path / "a.parquet", [row(SHAPES[0], "甲")])

    assert gpd.read_parquet(path)["Geometry_2"].tolist() == ["甲"]


def test_times_are_in_utc(tmp_path: Path) -> None:
    path = write(GeoParquet(head()), tmp_path / "a.parquet", [row(SHAPES[0])])

    assert pq.read_schema(path).field("seen_at").type == pa.timestamp("us", "UTC")
