"""FlatGeobuf that GDAL reads as what was written, written without looking ahead."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.flatgeobuf import MAGIC, FlatGeobuf, feature
from geodata.streams import Column
from tests.geodata.sample_rows import BIG, MORNING, NOTHING, SHAPES, head, row, same, write


def test_every_kind_of_shape_comes_back(tmp_path: Path) -> None:
    path = write(FlatGeobuf(head()), tmp_path / "a.fgb", [row(shape) for shape in SHAPES])

    assert same(pyogrio.read_dataframe(path).geometry.to_numpy(), np.array(SHAPES))


def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    path = write(FlatGeobuf(head()), tmp_path / "a.fgb", [row(SHAPES[0])])

    found = pyogrio.read_dataframe(path).iloc[0]
    assert (found["id"], found["名称"], found["area_m2"]) == (BIG, "黄屋\n“一”村", -1.5)
    assert (found["open"], found["seen_at"], found["day"]) == (
        True, pd.Timestamp(MORNING), pd.Timestamp("2024-05-01"),
    )  # fmt: skip
    assert found["tags"] == '{"标": [1, null]}'


def test_values_and_places_may_be_missing(tmp_path: Path) -> None:
    rows = [row(None, *NOTHING), row(SHAPES[0], *NOTHING)]
    found = pyogrio.read_dataframe(write(FlatGeobuf(head()), tmp_path / "a.fgb", rows))

    assert found.drop(columns=["id", "geometry"]).isna().to_numpy().all()
    assert found.geometry.isna().tolist() == [True, False]


def test_the_head_tells_the_title_the_system_and_the_kinds(tmp_path: Path) -> None:
    path = write(FlatGeobuf(head("POINT", 4547)), tmp_path / "a.fgb")

    told = pyogrio.read_info(path)
    assert (told["layer_name"], told["crs"], told["geometry_type"]) == (
        "网格",
        "EPSG:4547",
        "Point",
    )
    assert told["fields"].tolist() == ["id", "名称", "area_m2", "open", "seen_at", "day", "tags"]


def test_a_file_without_rows_is_whole(tmp_path: Path) -> None:
    assert len(pyogrio.read_dataframe(write(FlatGeobuf(head()), tmp_path / "a.fgb"))) == 0


def test_a_table_without_places_comes_back(tmp_path: Path) -> None:
    path = write(FlatGeobuf(head(None)), tmp_path / "a.fgb", [row(None), row(None)])

    assert pyogrio.read_dataframe(path)["id"].tolist() == [BIG, BIG]


def test_rows_may_come_in_any_number_at_once(tmp_path: Path) -> None:
    rows = [row(shape) for shape in SHAPES]
    whole = write(FlatGeobuf(head()), tmp_path / "a.fgb", rows)
    parts = write(FlatGeobuf(head()), tmp_path / "b.fgb", rows[:1], rows[1:5], rows[5:])

    assert whole.read_bytes() == parts.read_bytes()


@pytest.mark.parametrize("shape", SHAPES[:8], ids=lambda shape: shape.geom_type)
def test_the_doubles_of_a_feature_stand_where_they_can_be_read_in_place(
    shape: shapely.Geometry,
) -> None:
    some = shapely.get_coordinates(shape)[:2][-1]
    told = feature(shapely.to_wkb(shape, byte_order=1), b"12345")

    assert told.index(struct.pack("<2d", *some)) % 8 == 0
    assert (struct.unpack_from("<I", told)[0] + 4, len(told) % 8) == (len(told), 0)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9))
def test_what_follows_a_feature_is_found_whatever_its_properties_are(name: str) -> None:
    named = FlatGeobuf(head("GEOMETRY", 4326, Column("name", "string")))
    rows = [row(shape, name) for shape in SHAPES]

    found = pyogrio.read_dataframe(io.BytesIO(named.begin() + named.add(rows)))

    assert found["name"].tolist() == [name] * len(SHAPES)
    assert same(found.geometry.to_numpy(), np.array(SHAPES))


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    columns = Column("name", "string"), Column("Name", "string")
    path = write(
        FlatGeobuf(head("POINT", 4326, *columns)), tmp_path / "a.fgb", [row(SHAPES[0], "甲", "乙")]
    )

    assert pyogrio.read_dataframe(path).iloc[0][["name", "Name_2"]].tolist() == ["甲", "乙"]


def test_the_file_says_what_it_is() -> None:
    assert FlatGeobuf(head()).begin().startswith(MAGIC)
