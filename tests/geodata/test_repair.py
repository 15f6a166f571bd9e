"""Test which geometries are mended and which are rejected."""

from __future__ import annotations

import shapely

from geodata.files import ReadOptions, read
from tests.geodata.sample_files import (
    SQUARE,
    collection,
    feature,
    reasons,
)


def test_bad_geometries_are_mended_or_rejected_with_their_row_and_reason(tmp_path):
    bowtie = [[113, 23], [114, 24], [114, 23], [113, 24], [113, 23]]
    path = collection(
        tmp_path / "a.geojson",
        feature([SQUARE], "Polygon"),
        feature(None),
        feature([SQUARE[:-1]], "Polygon"),
        feature([bowtie], "Polygon"),
        feature([[[*xy, 7.0] for xy in SQUARE]], "Polygon"),
        feature([[[113, 23], [114, 24], [113, 23]]], "Polygon"),
        feature([[[xy[1], xy[0]] for xy in SQUARE]], "Polygon"),
        feature([113, 23]),
    )
    dataset = read(path, ReadOptions(geometry="MultiPolygon"))
    assert dataset.frame.index.tolist() == [1, 3, 4, 5]
    assert dataset.repaired["how"].str.split(" ").str[0].tolist() == ["ring", "made", "Z"]
    assert list(reasons(dataset)) == [2, 6, 7, 8]
    assert reasons(dataset)[2] == "no geometry"
    assert reasons(dataset)[6].startswith("irreparable")
    assert "swapped" in reasons(dataset)[7]
    assert reasons(dataset)[8] == "wrong geometry type: MultiPolygon wanted, found Point"
    assert dataset.frame.geometry.is_valid.all()
    assert not dataset.frame.geometry.has_z.any()


def test_a_bow_tie_keeps_both_its_halves(tmp_path):
    bowtie = [[113, 23], [114, 24], [114, 23], [113, 24], [113, 23]]
    dataset = read(collection(tmp_path / "a.geojson", feature([bowtie], "Polygon")))
    assert shapely.area(dataset.frame.geometry.to_numpy()).tolist() == [0.5]


def test_a_lone_point_of_a_multi_point_becomes_a_point(tmp_path):
    path = collection(tmp_path / "a.geojson", feature([[113, 23]], "MultiPoint"))
    dataset = read(path, ReadOptions(geometry="Point"))
    assert dataset.frame.geometry[1].geom_type == "Point"
    assert dataset.repaired["how"].tolist() == ["multi-part cast"]


def test_latitude_95_is_rejected(tmp_path):
    dataset = read(collection(tmp_path / "a.geojson", feature([113, 95])))
    assert reasons(dataset)[1].startswith("outside longitude ±180, latitude ±90")
