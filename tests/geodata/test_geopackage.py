"""GeoPackages that GDAL reads as what was written, and that leave nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from geodata import geopackage
from geodata.geopackage import GeoPackage
from geodata.streams import Column
from tests.geodata.sample_rows import BIG, MORNING, NOTHING, SHAPES, head, row, same, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have temporary files made in a folder of the test's own."""
    made = tmp_path / "temporary"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


def test_every_kind_of_shape_and_value_comes_back(tmp_path: Path) -> None:
    path = write(GeoPackage(head()), tmp_path / "a.gpkg", [row(shape) for shape in SHAPES])

    found = pyogrio.read_dataframe(path)
    assert same(found.geometry.to_numpy(), np.array(SHAPES))
    told = found.iloc[0]
    assert (told["id"], told["名称"], told["area_m2"]) == (BIG, "黄屋\n“一”村", -1.5)
    assert (told["open"], told["seen_at"], told["day"]) == (
        True, pd.Timestamp(MORNING), pd.Timestamp("2024-05-01"),
    )  # fmt: skip
    assert told["tags"] == '{"标": [1, null]}'


def test_values_and_places_may_be_missing(tmp_path: Path) -> None:
    rows = [row(None, *NOTHING), row(SHAPES[0], *NOTHING)]
    found = pyogrio.read_dataframe(write(GeoPackage(head()), tmp_path / "a.gpkg", rows))

    assert found.drop(columns=["id", "geometry"]).isna().to_numpy().all()
    assert found.geometry.isna().tolist() == [True, False]


def test_it_tells_the_title_the_system_and_the_kind(tmp_path: Path) -> None:
    path = write(GeoPackage(head("POINT", 4547)), tmp_path / "a.gpkg", [row(SHAPES[0])])

    told = pyogrio.read_info(path)
    assert (told["layer_name"], told["crs"], told["geometry_type"]) == (
        "网格",
        "EPSG:4547",
        "Point",
    )


def test_a_file_without_rows_is_whole(tmp_path: Path) -> None:
    assert len(pyogrio.read_dataframe(write(GeoPackage(head()), tmp_path / "a.gpkg"))) == 0


def test_a_table_without_places_comes_back(tmp_path: Path) -> None:
    path = write(GeoPackage(head(None)), tmp_path / "a.gpkg", [row(None)])

    assert pyogrio.read_info(path)["geometry_type"] is None
    assert pyogrio.read_dataframe(path)["id"].tolist() == [BIG]


def test_batches_go_into_one_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "BATCH_ROWS", 2)
    batches = [[row(shape)] for shape in SHAPES[:5]]

    found = pyogrio.read_dataframe(write(GeoPackage(head()), tmp_path / "a.gpkg", *batches))

    assert same(found.geometry.to_numpy(), np.array(SHAPES[:5]))


def test_a_property_named_like_the_key_is_kept_apart(tmp_path: Path) -> None:
    named = head("POINT", 4326, Column("FID", "string"), Column("geom", "string"))
    path = write(GeoPackage(named), tmp_path / "a.gpkg", [row(SHAPES[0], "甲", "乙")])

    found = pyogrio.read_dataframe(path)
    assert (found["FID_2"].tolist(), found["geom_2"].tolist()) == (["甲"], ["乙"])


def test_nothing_is_left_when_it_is_given_up(folder: Path) -> None:
    encoder = GeoPackage(head())
    encoder.begin()
    encoder.add([row(SHAPES[0])])
    next(encoder.end())

    encoder.close()

    assert list(folder.iterdir()) == []
