"""What a client sends of a row: merge patches, and shapes that fit."""

from __future__ import annotations

from typing import Any

import pytest
from shapely import LineString, MultiPolygon, Point, box

from geodata.errors import InvalidGeometry
from layers.buildings import Building
from layers.drafts import SOURCE, merge_patch, read_shape
from layers.duties import Duty
from layers.edits import Given
from layers.organisations import Organisation

SQUARE = box(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("stored", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_rfc_7396_lists(stored: Any, patch: Any, merged: Any) -> None:
    assert merge_patch(stored, patch) == merged


def test_a_merge_patch_leaves_what_is_stored_alone() -> None:
    stored = {"a": {"b": 1}}

    merge_patch(stored, {"a": {"b": 2}})

    assert stored == {"a": {"b": 1}}


def test_a_single_shape_becomes_a_multiple_one() -> None:
    told = read_shape(Building.__table__, Given({}, SQUARE, True, "EPSG:4547"))

    assert told == {"geom": MultiPolygon([SQUARE]), SOURCE: "EPSG:4547"}


@pytest.mark.parametrize("shape", [Point(0, 0), LineString([(0, 0), (1, 1)]), None])
def test_a_shape_of_another_kind_is_refused(shape: Any) -> None:
    with pytest.raises(InvalidGeometry):
        read_shape(Building.__table__, Given({}, shape, True))


def test_a_shape_may_be_taken_away_where_not_all_rows_have_one() -> None:
    assert read_shape(Organisation.__table__, Given({}, None, True)) == {"geom": None, SOURCE: None}


def test_a_layer_without_a_place_takes_no_shape_but_null() -> None:
    assert read_shape(Duty.__table__, Given({}, None, True)) == {}
    with pytest.raises(InvalidGeometry, match="no place"):
        read_shape(Duty.__table__, Given({}, Point(0, 0), True))
