"""Test reading the three layers of an OpenStreetMap file."""

from __future__ import annotations

import json
from pathlib import Path

import osmium
import pytest

from geodata.errors import InvalidInput
from geodata.files import ReadOptions, read

NODES = {1: (113.90, 23.0), 2: (113.91, 23.0), 3: (113.91, 23.01), 4: (113.90, 23.01)}
HOLE = {11: (113.903, 23.003), 12: (113.907, 23.003), 13: (113.907, 23.007), 14: (113.903, 23.007)}
WAYS = {
    1: ([1, 2, 3], {"highway": "primary_link", "name": "东坑大道", "oneway": "yes"}),
    2: ([1, 3], {"highway": "footway"}),
    3: ([1, 2, 3, 4, 1], {"building": "dormitory", "name": "宿舍", "building:levels": "6"}),
    4: ([1, 2, 3], {"building": "yes"}),
    5: ([1, 2, 3, 4, 1], {"amenity": "school", "name": "school", "name:zh": "学校"}),
    6: ([1, 2, 3, 4, 1], {}),
    7: ([11, 12, 13, 14, 11], {}),
    8: ([1, 99], {"highway": "residential"}),
}


@pytest.fixture(params=["osm", "osm.pbf", "osm.gz"])
def town(request, tmp_path) -> Path:
    path = tmp_path / f"town.{request.param}"
    camera = {"man_made": "surveillance"}
    with osmium.SimpleWriter(path) as out:
        for number, place in (NODES | HOLE).items():
            out.add_node(
                osmium.osm.mutable.Node(
                    id=number, location=place, tags=camera if number == 2 else {}
                )
            )
        for number, (nodes, tags) in WAYS.items():
            out.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        ring = [("w", 6, "outer"), ("w", 7, "inner")]
        tags = {"type": "multipolygon", "building": "yes"}
        out.add_relation(osmium.osm.mutable.Relation(id=1, members=ring, tags=tags))
    return path


def test_roads_have_our_classes_and_their_names(town):
    frame = read(town, ReadOptions(layer="roads", geometry="MultiLineString")).frame
    assert frame[["code", "class"]].to_numpy().tolist() == [["way/1", "primary"], ["way/2", "lane"]]
    assert (frame["name"][1], frame.geometry[1].geom_type) == ("东坑大道", "MultiLineString")


def test_a_road_whose_nodes_are_missing_is_rejected(town):
    rejected = read(town, ReadOptions(layer="roads")).rejected
    assert rejected["reason"].tolist() == [
        "irreparable: way/8 misses nodes that the file does not hold"
    ]


def test_buildings_come_from_closed_ways_and_multipolygons(town):
    frame = read(town, ReadOptions(layer="buildings")).frame.sort_values("code")
    assert frame["code"].tolist() == ["relation/1", "way/3"]
    assert [len(shape.geoms[0].interiors) for shape in frame.geometry] == [1, 0]
    assert frame["floors"].tolist()[1] == "6"


def test_a_building_that_does_not_close_is_rejected(town):
    dataset = read(town, ReadOptions(layer="buildings"))
    assert dataset.rejected["reason"].tolist() == ["irreparable: way/4 does not close"]
    assert dataset.rows_read == 3


def test_facilities_are_points_and_areas_with_all_their_tags(town):
    frame = read(town, ReadOptions(layer="facilities")).frame
    assert frame["class"].tolist() == ["surveillance", "school"]
    assert frame.geometry.geom_type.tolist() == ["Point", "MultiPolygon"]
    assert (frame["name"].tolist()[1], json.loads(frame["attributes"].tolist()[1])["amenity"]) == (
        "学校",
        "school",
    )


def test_the_layer_has_to_be_chosen(town):
    with pytest.raises(InvalidInput, match="roads, buildings, facilities; choose one"):
        read(town)


def test_another_layer_is_refused(town):
    with pytest.raises(InvalidInput, match="no layer 'rivers'"):
        read(town, ReadOptions(layer="rivers"))


def test_a_file_without_such_things_has_no_rows(tmp_path):
    path = tmp_path / "empty.osm"
    osmium.SimpleWriter(path).close()
    assert len(read(path, ReadOptions(layer="buildings")).frame) == 0
