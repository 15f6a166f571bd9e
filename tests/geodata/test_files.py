"""Test reading files of every format: CRS, fields, report."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geodata.crs import SourceCrs
from geodata.errors import InvalidCrs, InvalidInput
from geodata.files import ReadOptions, inside, inside_share, read, write
from tests.geodata.sample_files import (
    DECLARES_NOTHING,
    FORMATS,
    PLACES,
    SQUARE,
    WGS84,
    text,
)


@pytest.mark.parametrize("ending", FORMATS)
def test_what_is_written_is_read_again_the_same(town, tmp_path, ending):
    path = write(town, tmp_path / f"places.{ending}")
    again = read(path, WGS84 if ending in DECLARES_NOTHING else None)
    frame = again.frame.sort_values("code")
    assert shapely.get_coordinates(frame.geometry) == pytest.approx(PLACES, abs=1e-9)
    assert frame[["code", "name"]].to_numpy().tolist() == town[["code", "name"]].values.tolist()
    assert (again.rows_read, sorted(again.frame.index)) == (3, [1, 2, 3])


@pytest.mark.parametrize("ending", FORMATS)
def test_shapes_survive_every_format(tmp_path, ending):
    shapes = [shapely.Polygon(SQUARE), shapely.Polygon(SQUARE).buffer(0.5, quad_segs=2)]
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=shapes, crs=4326)
    path = write(frame, tmp_path / f"grids.{ending}")
    again = read(path, ReadOptions(crs="EPSG:4326", geometry="MultiPolygon")).frame
    pairs = zip(again.sort_values("code").geometry, shapes, strict=True)
    assert all(
        (one.geom_type == "MultiPolygon" and one.equals_exact(two, 1e-8))
        or one.symmetric_difference(two).area < 1e-9
        for one, two in pairs
    )


def test_the_result_is_wgs84_with_the_geometry_in_geom(town, tmp_path):
    frame = read(write(town, tmp_path / "a.gpkg")).frame
    assert (frame.crs.to_epsg(), frame.geometry.name, frame.index.name) == (4326, "geom", "row")


@pytest.mark.parametrize("ending", DECLARES_NOTHING)
def test_a_table_without_crs_is_refused_with_the_remedy(town, tmp_path, ending):
    with pytest.raises(InvalidCrs, match=r"--crs.*EPSG:4547"):
        read(write(town, tmp_path / f"a.{ending}"))


@pytest.mark.parametrize("ending", ["shp", "gpkg", "fgb"])
def test_a_file_that_declares_no_crs_is_refused_with_the_remedy(town, tmp_path, ending):
    path = write(town, tmp_path / f"a.{ending}", SourceCrs.parse("gcj02"))
    with pytest.raises(InvalidCrs, match=r"--crs.*EPSG:4547"):
        read(path)


def test_a_gcj02_file_is_converted(town, tmp_path):
    path = write(town, tmp_path / "a.gpkg", SourceCrs.parse("gcj02"))
    dataset = read(path, ReadOptions(crs="gcj02"))
    assert dataset.source_crs.name == "gcj02"
    assert shapely.get_coordinates(dataset.frame.geometry) == pytest.approx(PLACES, abs=1e-7)


def test_a_declared_zone_is_honoured(town, tmp_path):
    dataset = read(write(town, tmp_path / "a.shp", SourceCrs.parse("EPSG:4547")))
    assert dataset.source_crs.name == "EPSG:4547"
    assert shapely.get_coordinates(dataset.frame.geometry) == pytest.approx(PLACES, abs=1e-7)


def test_the_crs_asked_for_wins_over_the_declared_one_with_a_warning(town, tmp_path):
    dataset = read(write(town, tmp_path / "a.gpkg"), ReadOptions(crs="gcj02"))
    assert dataset.source_crs.name == "gcj02"
    assert "declares EPSG:4326" in dataset.warnings[0]


def test_fields_are_renamed_whatever_their_case(town, tmp_path):
    path = write(town, tmp_path / "a.gpkg")
    frame = read(path, ReadOptions(fields={"title": "NAME"})).frame
    assert list(frame.columns) == ["code", "title", "geom"]


def test_a_mapped_field_that_is_missing_is_named(town, tmp_path):
    path = write(town, tmp_path / "a.gpkg")
    with pytest.raises(InvalidInput, match=r"no field 'missing'.*code, name") as refusal:
        read(path, ReadOptions(fields={"title": "missing"}))
    assert refusal.value.member == "map"


def test_the_share_inside_an_outline_counts_the_edge(town):
    outline = shapely.box(113.9, 23.0, 113.93, 23.02)
    assert inside(town, outline).tolist() == [True, True, False]
    assert inside_share(town, outline) == pytest.approx(2 / 3)


def test_the_share_of_nothing_is_zero():
    assert inside_share(gpd.GeoDataFrame(geometry=[], crs=4326), shapely.box(0, 0, 1, 1)) == 0


@pytest.mark.parametrize("ending", [*FORMATS, "json", "osm", "osm.pbf", "geojsonseq"])
def test_a_file_of_noise_is_refused(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(InvalidInput):
        read(path, ReadOptions(crs="EPSG:4326", layer="roads" if "osm" in ending else None))


@pytest.mark.parametrize("ending", FORMATS)
def test_an_empty_file_is_refused(tmp_path, ending):
    path = text(tmp_path / f"a.{ending}", "")
    with pytest.raises(InvalidInput):
        read(path, WGS84)


def test_an_unknown_ending_names_the_known_ones(tmp_path):
    with pytest.raises(InvalidInput, match=r"\.gpkg"):
        read(text(tmp_path / "a.dwg", ""))
    with pytest.raises(InvalidInput, match=r"\.gpkg"):
        write(gpd.GeoDataFrame(geometry=[], crs=4326), tmp_path / "a.dwg")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="no file"):
        read(tmp_path / "a.gpkg")


def test_a_name_that_would_open_another_file_is_refused(town, tmp_path):
    path = write(town, tmp_path / "places.geojson").rename(tmp_path / "a!places.geojson")
    with pytest.raises(InvalidInput, match="exclamation mark"):
        read(path)
