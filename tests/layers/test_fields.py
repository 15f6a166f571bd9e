"""A file's columns become a layer's: found by name or title, read by type, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from geodata.errors import InvalidInput
from layers.buildings import LAYER as BUILDINGS
from layers.facilities import LAYER as FACILITIES
from layers.fields import Fitted, Origin, check_fields, fit
from layers.grids import LAYER as GRIDS
from layers.hazards import LAYER as HAZARDS
from layers.incidents import LAYER as INCIDENTS
from layers.loading import named_by_content, named_by_file


def fitted(layer: Any, columns: Mapping[str, Any], **values: str) -> Fitted:
    """Fit the rows of a file places.csv, numbered from 1."""
    table = pd.DataFrame(columns)
    index = pd.RangeIndex(1, len(table) + 1, name="row")
    points = gpd.GeoSeries([Point(114, 23)] * len(table), index, crs=4326)
    frame = gpd.GeoDataFrame(table.set_axis(index), geometry=points).rename_geometry("geom")
    return fit(layer, frame, Origin(Path("places.csv"), values, "Asia/Shanghai"))


@pytest.mark.parametrize("name", ["code", "CODE", "编码"])
def test_a_column_is_found_by_name_in_any_case_or_by_its_chinese_title(name: str) -> None:
    assert fitted(BUILDINGS, {name: ["A"]}).frame["code"].tolist() == ["A"]


def test_columns_without_a_field_are_named() -> None:
    assert fitted(BUILDINGS, {"code": ["A"], "colour": ["red"]}).unused == ("colour",)


def test_columns_without_a_field_are_kept_where_the_layer_has_a_place_for_them() -> None:
    found = fitted(FACILITIES, {"class": ["school", "camera"], "pupils": [3, None]})

    assert found.frame["attributes"].tolist() == [{"pupils": 3.0}, {}]
    assert found.unused == ()


def test_rows_without_a_code_are_named_by_file_and_row() -> None:
    found = fitted(BUILDINGS, {"name": ["甲", "乙"], "code": ["B7", " "]})

    assert found.frame["code"].tolist() == ["B7", "places/2"]


def test_a_grid_without_a_name_takes_its_code() -> None:
    assert fitted(GRIDS, {"code": ["1", "2"], "name": ["东", None]}).frame["name"].tolist() == [
        *("东", "2")
    ]


def test_a_value_for_every_row_wins_over_the_file() -> None:
    assert fitted(HAZARDS, {"kind": ["gas"]}, kind="fire").frame["kind"].tolist() == ["fire"]


def test_a_gap_takes_the_default_of_its_column() -> None:
    found = fitted(GRIDS, {"code": ["1", "2"], "kind": ["micro", None], "level": ["2", ""]})

    assert found.frame[["kind", "level"]].to_numpy().tolist() == [["micro", 2], ["base", 1]]


def test_a_field_that_every_row_needs_is_asked_for_with_the_remedy() -> None:
    with pytest.raises(InvalidInput, match=r"hazards need kind; .*--map kind=COLUMN.*--set kind="):
        fitted(HAZARDS, {"name": ["坑"]})


def test_a_file_of_incidents_needs_a_category_only() -> None:
    found = fitted(INCIDENTS, {"category": [101], "external_id": ["1"]})

    assert found.frame["category"].tolist() == ["101"]


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("floors", "6", 6),
        ("floors", 6.0, 6),
        ("height_m", " 12.5 ", 12.5),
        ("rental", "是", True),
        ("rental", "0", False),
        ("door", 12.0, "12"),
        ("door", 12, "12"),
        ("door", " 12号 ", "12号"),
    ],
)
def test_values_are_read_by_type(field: str, value: Any, read: Any) -> None:
    assert fitted(BUILDINGS, {field: [value]}).frame[field].tolist() == [read]


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("floors", "6+1", "whole number"),
        ("floors", "40000", "whole number"),
        ("height_m", "high", "number"),
        ("height_m", "inf", "number"),
        ("rental", "maybe", "yes or no"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_told(field: str, value: str, kind: str) -> None:
    found = fitted(BUILDINGS, {field: [value]})

    assert found.frame[field].isna().all()
    assert (found.repaired, found.rejected) == ({1: f"{field} left empty: no {kind}"}, {})


def test_a_row_whose_needed_value_cannot_be_read_is_rejected() -> None:
    found = fitted(GRIDS, {"code": ["1"], "level": ["top"]})

    assert found.rejected == {1: "level cannot be read: no whole number: 'top'"}


@pytest.mark.parametrize(
    ("given", "utc"),
    [
        ("2026-01-05 08:00", "2026-01-05T00:00:00+00:00"),
        ("2026/1/5 8:00:00", "2026-01-05T00:00:00+00:00"),
        ("2026-01-05", "2026-01-04T16:00:00+00:00"),
        ("2026-01-05T08:00:00+08:00", "2026-01-05T00:00:00+00:00"),
        ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_local(given: str, utc: str) -> None:
    found = fitted(INCIDENTS, {"category": ["101"], "external_id": ["1"], "reported_at": [given]})

    assert found.frame["reported_at"].iloc[0].isoformat() == utc


def test_times_of_a_typed_column_are_local_too() -> None:
    times = pd.to_datetime(["2026-01-05 08:00"])
    columns = {"category": ["101"], "external_id": ["1"], "reported_at": times}

    found = fitted(INCIDENTS, columns).frame["reported_at"]

    assert found.iloc[0].isoformat() == "2026-01-05T00:00:00+00:00"


def test_a_null_character_is_no_text() -> None:
    assert fitted(BUILDINGS, {"name": ["a\x00b"]}).repaired == {1: "name left empty: no text"}


def test_json_text_is_read() -> None:
    found = fitted(FACILITIES, {"class": ["a", "b"], "attributes": ['{"a":1}', "{"]})

    assert found.frame["attributes"].iloc[0] == {"a": 1}
    assert found.rejected == {2: "attributes cannot be read: no JSON: '{'"}


def test_an_unknown_field_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"grids have no field 'kode'; they have code, name"):
        check_fields(GRIDS, {"kode": "District"}, "map")


def test_a_file_is_named_by_what_it_holds_or_by_its_name(tmp_path: Path) -> None:
    one, two = tmp_path / "a.x.csv", tmp_path / "b.csv"
    one.write_text("1")
    two.write_text("2")

    assert named_by_file(one) == "a"
    assert named_by_content(one) == named_by_content(one) != named_by_content(two)


def test_a_period_that_ends_before_it_begins_is_rejected_with_both_times() -> None:
    given = {
        "code": ["a", "b", "c"],
        "valid_from": ["2026-03-01", None, "2026-03-01"],
        "valid_to": ["2026-02-01", "2026-02-01", "2026-03-01"],
    }

    found = fitted(GRIDS, given)

    told = "valid_to 2026-01-31T16:00:00+00:00 is not after valid_from 2026-02-28T16:00:00+00:00"
    assert set(found.rejected) == {1, 3}
    assert found.rejected[1] == told


def test_an_end_that_cannot_be_read_is_rejected() -> None:
    found = fitted(GRIDS, {"code": ["a"], "valid_to": ["never"]})

    assert found.rejected == {1: "valid_to cannot be read: no time: 'never'"}
