"""Test reading files of every format, and what becomes of bad rows."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geodata.crs import SourceCrs, gcj02_from_wgs84
from geodata.errors import InvalidCrs, InvalidInput
from geodata.files import ReadOptions, inside, inside_share, read, write, write_rejected

PLACES = np.array([[113.92, 23.01], [113.93, 23.02], [113.94, 23.03]])
NAMES = ["东坑镇幼儿园", "塔岗村 3 号", "=cmd|' /C calc'!A0"]
FORMATS = ["gpkg", "shp", "zip", "geojson", "geojsonl", "fgb", "parquet", "csv", "tsv", "xlsx"]
DECLARES_NOTHING = ("csv", "tsv", "xlsx")
WGS84 = ReadOptions(crs="EPSG:4326")
SQUARE = [[113.0, 23.0], [113.1, 23.0], [113.1, 23.1], [113.0, 23.1], [113.0, 23.0]]


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    columns = {"code": ["001", "002", "441900109003"], "name": NAMES}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(PLACES), crs=4326)


def feature(coordinates: object, kind: str = "Point") -> dict[str, object]:
    geometry = None if coordinates is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": "1"}, "geometry": geometry}


def collection(path: Path, *features: dict[str, object], **members: object) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", **members, "features": list(features)})
    )
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def reasons(dataset) -> dict[int, str]:
    return dataset.rejected["reason"].to_dict()


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


def test_a_leading_zero_of_a_code_is_kept_in_csv(tmp_path):
    path = text(tmp_path / "a.csv", "code,lon,lat\n001,113.9,23\n")
    assert read(path, WGS84).frame["code"].tolist() == ["001"]


def test_formulas_are_escaped_in_csv(town, tmp_path):
    assert "'=cmd" in write(town, tmp_path / "a.csv").read_text("utf-8-sig")


def test_a_formula_in_a_workbook_is_text(town, tmp_path):
    sheet = openpyxl.load_workbook(write(town, tmp_path / "a.xlsx")).active
    assert sheet["B4"].data_type == "s"
    assert sheet["B4"].value.startswith("'=")


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


def test_a_gcj02_table_is_converted(tmp_path):
    lon, lat = gcj02_from_wgs84(PLACES[:1])[0]
    path = text(tmp_path / "a.csv", f"经度,纬度\n{lon},{lat}\n")
    frame = read(path, ReadOptions(crs="gcj02")).frame
    assert shapely.get_coordinates(frame.geometry)[0] == pytest.approx(PLACES[0], abs=1e-7)


def test_a_declared_zone_is_honoured(town, tmp_path):
    dataset = read(write(town, tmp_path / "a.shp", SourceCrs.parse("EPSG:4547")))
    assert dataset.source_crs.name == "EPSG:4547"
    assert shapely.get_coordinates(dataset.frame.geometry) == pytest.approx(PLACES, abs=1e-7)


def test_a_survey_table_with_x_north_is_read_with_its_axis_order(town, tmp_path):
    east, north = SourceCrs.parse("EPSG:4526").from_wgs84(PLACES[:1])[0]
    path = text(tmp_path / "a.csv", f"名称,X,Y\n甲,{north},{east}\n")
    frame = read(path, ReadOptions(crs="EPSG:4526", axis_order="yx")).frame
    assert shapely.get_coordinates(frame.geometry)[0] == pytest.approx(PLACES[0], abs=1e-8)


def test_x_north_without_its_axis_order_is_rejected_with_a_hint(tmp_path):
    east, north = SourceCrs.parse("EPSG:4526").from_wgs84(PLACES[:1])[0]
    path = text(tmp_path / "a.csv", f"x,y\n{north},{east}\n")
    assert "--axis-order yx" in reasons(read(path, ReadOptions(crs="EPSG:4526")))[1]


def test_the_crs_asked_for_wins_over_the_declared_one_with_a_warning(town, tmp_path):
    dataset = read(write(town, tmp_path / "a.gpkg"), ReadOptions(crs="gcj02"))
    assert dataset.source_crs.name == "gcj02"
    assert "declares EPSG:4326" in dataset.warnings[0]


def test_a_crs_member_of_geojson_is_honoured_with_a_warning(tmp_path):
    x, y = SourceCrs.parse("EPSG:4547").from_wgs84(PLACES[:1])[0]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    dataset = read(collection(tmp_path / "a.geojson", feature([x, y]), crs=crs))
    assert "RFC 7946" in dataset.warnings[0]
    assert shapely.get_coordinates(dataset.frame.geometry)[0] == pytest.approx(PLACES[0], abs=1e-8)


def test_a_null_crs_member_of_geojson_is_unknown(tmp_path):
    with pytest.raises(InvalidCrs, match="--crs"):
        read(collection(tmp_path / "a.geojson", feature([113, 23]), crs=None))


def test_an_offset_system_is_refused_in_geojson(town, tmp_path):
    with pytest.raises(InvalidCrs, match="RFC 7946"):
        write(town, tmp_path / "a.geojson", SourceCrs.parse("gcj02"))


@pytest.mark.parametrize("cpg", ["GBK", "936", "ANSI 936", "gb18030", None])
def test_a_gbk_shapefile_is_read_by_its_cpg_or_without_one(town, tmp_path, cpg):
    path = _gbk_shapefile(town, tmp_path / "a.shp", cpg)
    frame = read(path).frame
    assert (frame.columns[1], frame["名称"].tolist()) == ("名称", NAMES)


def test_a_wrong_cpg_is_refused_with_the_remedy(town, tmp_path):
    path = _gbk_shapefile(town, tmp_path / "a.shp", "UTF-8")
    with pytest.raises(InvalidInput, match="--encoding GBK"):
        read(path)


def test_the_encoding_asked_for_wins_over_a_wrong_cpg(town, tmp_path):
    path = _gbk_shapefile(town, tmp_path / "a.shp", "UTF-8")
    assert read(path, ReadOptions(encoding="GBK")).frame["名称"].tolist() == NAMES


def test_a_zipped_gbk_shapefile_with_a_chinese_name_is_read(town, tmp_path):
    _gbk_shapefile(town, tmp_path / "a.shp", None)
    with zipfile.ZipFile(tmp_path / "网格.zip", "w") as archive:
        for part in tmp_path.glob("a.*"):
            archive.write(part, f"数据/网格{part.suffix.upper()}")
    assert read(tmp_path / "网格.zip").frame["名称"].tolist() == NAMES


def test_a_zip_with_two_shapefiles_asks_which(town, tmp_path):
    write(town, tmp_path / "one.shp")
    write(town, tmp_path / "two.shp")
    shutil.make_archive(str(tmp_path / "both"), "zip", tmp_path)
    with pytest.raises(InvalidInput, match="one, two; choose one with --layer"):
        read(tmp_path / "both.zip")
    assert len(read(tmp_path / "both.zip", ReadOptions(layer="two")).frame) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_is_read_in_any_usual_encoding(tmp_path, encoding, separator):
    content = "名称,经度,纬度\n东坑,113.9,23.0\n".replace(",", separator)
    frame = read(text(tmp_path / "a.csv", content, encoding), WGS84).frame
    assert (frame["名称"].tolist(), list(frame.columns)) == (["东坑"], ["名称", "geom"])


def test_coordinate_columns_can_be_named(tmp_path):
    path = text(tmp_path / "a.csv", "a,b,place\n113.9,23.0,甲\n")
    fields = {"lon": "a", "lat": "b", "name": "place"}
    frame = read(path, ReadOptions(crs="EPSG:4326", fields=fields)).frame
    assert (list(frame.columns), frame.geometry[1].x) == (["name", "geom"], 113.9)


def test_unnamed_coordinate_columns_are_asked_for(tmp_path):
    path = text(tmp_path / "a.csv", "a,b\n113.9,23.0\n")
    with pytest.raises(InvalidInput, match="--map lon=COLUMN"):
        read(path, WGS84)


def test_fields_are_renamed_whatever_their_case(town, tmp_path):
    path = write(town, tmp_path / "a.gpkg")
    frame = read(path, ReadOptions(fields={"title": "NAME"})).frame
    assert list(frame.columns) == ["code", "title", "geom"]


def test_a_mapped_field_that_is_missing_is_named(town, tmp_path):
    path = write(town, tmp_path / "a.gpkg")
    with pytest.raises(InvalidInput, match=r"no field 'missing'.*code, name") as refusal:
        read(path, ReadOptions(fields={"title": "missing"}))
    assert refusal.value.member == "map"


def test_broken_rows_of_a_csv_are_reported_with_their_numbers(tmp_path):
    rows = (
        'name,lon,lat\n甲,113,23\n乙,113\n"丙\n丙",113,23\n'
        "丁,abc,23\n戊,,\n己,NaN,23\n庚,1e309,23\n"
    )
    dataset = read(text(tmp_path / "a.csv", rows), WGS84)
    assert dataset.frame.index.tolist() == [1, 3]
    assert list(reasons(dataset)) == [2, 4, 5, 6, 7]
    assert reasons(dataset)[2] == "2 values where the header has 3"
    assert reasons(dataset)[4] == "lon is not a number: 'abc'"
    assert reasons(dataset)[5] == "no geometry"
    assert reasons(dataset)[6] == reasons(dataset)[7] == "coordinates are NaN or infinite"


def test_broken_rows_far_down_a_csv_keep_their_numbers(tmp_path):
    rows = [f"113.9,23,{'一' * 3000}"] * 2_000  # 18 MB, more than two blocks
    rows[1_500] = "113.9"
    path = text(tmp_path / "a.csv", "lon,lat,name\n" + "\n".join(rows))
    assert list(reasons(read(path, WGS84))) == [1_501]


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


def test_an_infinite_number_in_geojson_is_refused(tmp_path):
    path = collection(tmp_path / "a.geojson", feature([113, 23]))
    path.write_text(path.read_text().replace("113", "1e309"))
    with pytest.raises(InvalidInput, match=r"a\.geojson.*1e309"):
        read(path)


@pytest.mark.parametrize("separator", ["", "\x1e"])
def test_broken_records_of_a_sequence_keep_their_numbers(tmp_path, separator):
    good = json.dumps(feature([113, 23]))
    records = [good, "{broken", good.replace("113", "1e309"), "[]", good]
    path = text(tmp_path / "a.geojsonseq", "".join(f"{separator}{r}\n" for r in records))
    dataset = read(path)
    assert (dataset.rows_read, dataset.frame.index.tolist()) == (5, [1, 5])
    assert reasons(dataset) == {
        2: "not JSON",
        3: "number 1e309 is not finite",
        4: "not a GeoJSON feature",
    }


def test_rows_without_a_place_are_kept_when_asked(tmp_path):
    path = text(tmp_path / "a.csv", "address,lon,lat\n塔岗路 3 号,,\n塔岗路 4 号,113.9,23\n")
    dataset = read(path, ReadOptions(crs="EPSG:4326", placeless=True))
    assert dataset.frame.geometry.isna().tolist() == [True, False]


def test_a_table_without_places_needs_no_crs(tmp_path):
    path = text(tmp_path / "a.csv", "code,post\n001,网格组长\n")
    dataset = read(path, ReadOptions(geometry="none"))
    assert (dataset.source_crs, dataset.frame["code"].tolist()) == (None, ["001"])


def test_times_with_a_zone_become_utc(tmp_path):
    times = pd.to_datetime(["2024-05-01T08:00:00+08:00"])
    frame = gpd.GeoDataFrame({"at": times}, geometry=shapely.points(PLACES[:1]), crs=4326)
    again = read(write(frame, tmp_path / "a.fgb")).frame
    assert again["at"].tolist() == [pd.Timestamp("2024-05-01T00:00:00Z")]


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


def test_the_share_inside_an_outline_counts_the_edge(town):
    outline = shapely.box(113.9, 23.0, 113.93, 23.02)
    assert inside(town, outline).tolist() == [True, True, False]
    assert inside_share(town, outline) == pytest.approx(2 / 3)


def test_the_share_of_nothing_is_zero():
    assert inside_share(gpd.GeoDataFrame(geometry=[], crs=4326), shapely.box(0, 0, 1, 1)) == 0


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


def test_parquet_without_geometry_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidInput, match="not GeoParquet"):
        read(tmp_path / "a.parquet")


def test_a_sequence_whose_first_record_is_broken_is_read(tmp_path):
    path = text(tmp_path / "a.geojsonl", "{\n" + json.dumps(feature([113, 23])))
    assert list(reasons(read(path))) == [1]


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


def test_a_field_named_like_our_report_is_kept_apart(tmp_path):
    path = text(tmp_path / "a.csv", "row,reason,geom,lon,lat\n9,why,x,113,95\n")
    dataset = read(path, WGS84)
    table = gpd.read_file(write_rejected(dataset, path))
    assert table[["row", "source_row", "source_reason"]].values.tolist() == [[1, "9", "why"]]


def test_a_csv_with_a_header_only_has_no_rows(tmp_path):
    assert len(read(text(tmp_path / "a.csv", "lon,lat\n"), WGS84).frame) == 0


def test_repeated_and_blank_column_names_are_told_apart(tmp_path):
    path = text(tmp_path / "a.csv", "lon,lat,a,a,\n113,23,1,2,3\n")
    assert list(read(path, WGS84).frame.columns) == ["a", "a_4", "column_5", "geom"]


def test_geoarrow_parquet_is_read(town, tmp_path):
    town.to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow")
    frame = read(tmp_path / "a.parquet").frame
    assert shapely.get_coordinates(frame.geometry).tolist() == PLACES.tolist()


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4490"])
def test_geoparquet_declares_its_crs(town, tmp_path, crs):
    path = write(town, tmp_path / "a.parquet", SourceCrs.parse(crs))
    assert read(path).source_crs.name == crs


def _gbk_shapefile(town: gpd.GeoDataFrame, path: Path, cpg: str | None) -> Path:
    town.rename(columns={"name": "名称"}).to_file(path, encoding="GBK", engine="pyogrio")
    declared = path.with_suffix(".cpg")
    declared.unlink() if cpg is None else declared.write_text(cpg)
    return path
