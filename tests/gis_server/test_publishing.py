"""A file becomes a collection of its own: with its names, its types and its rows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyogrio
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.dataset import ReadOptions
from geodata.errors import Conflict, InvalidCrs, InvalidInput
from gis_server import importing, publishing
from gis_server.import_report import Report, foretell, keep
from layers import find_layers
from layers.publishing import drop
from tests.factories import SCOPE, at

LAYERS = find_layers()
Json = dict[str, Any]


def wish(path: Path, name: str = "人口", **about: Any) -> publishing.Wish:
    options = ReadOptions(crs=about.pop("crs", None), fields=about.pop("fields", {}))
    return publishing.Wish(name, path, options, about.pop("values", {}), **about)


def publish(session: Session, asked: publishing.Wish) -> Report:
    publishing.check(session, SCOPE, asked, LAYERS)
    return importing.store(session, SCOPE, publishing.draft(SCOPE, asked, importing.quiet))


def geojson(path: Path, *features: Json) -> Path:
    document = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def spot(**properties: Any) -> Json:
    shape = {"type": "Point", "coordinates": at(0, 0)}
    return {"type": "Feature", "geometry": shape, "properties": properties}


def csv(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def read(client: FlaskClient) -> Callable[[str], Any]:
    """Give what asks the collection 人口."""

    def ask(rest: str = "") -> Any:
        return client.get(f"/collections/{quote('人口')}{rest}").get_json(force=True)

    return ask


def types(described: Json) -> dict[str, str]:
    return {one["name"]: one["type"] for one in described["properties"]}


def only(items: Json) -> Json:
    (feature,) = items["features"]
    return dict(feature["properties"])


def test_each_property_keeps_its_name_type_and_value(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    told = {
        "名称": "黄屋村",
        "Name of Place": "Huangwu",
        "人数": 4321,
        "密度": 12.5,
        "有效": True,
        "普查日": "2020-11-01",
        "更新于": "2020-11-01T08:00:00+08:00",
        "备注": None,
        "明细": {"男": 1, "女": [2, 3]},
        "代码": "044",
    }
    publish(session, wish(geojson(tmp_path / "a.geojson", spot(**told))))

    assert only(read("/items")) == {**told, "更新于": "2020-11-01T00:00:00+00:00"}
    assert types(read("")) == {
        **dict.fromkeys(("名称", "Name of Place", "备注", "代码"), "string"),
        **{"人数": "integer", "密度": "number", "有效": "boolean", "普查日": "date"},
        **{"更新于": "date-time", "明细": "object"},
    }


def test_a_table_of_texts_gets_the_types_that_all_its_values_have(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    path = csv(
        tmp_path / "a.csv",
        "名称,人数,面积,区划,电话,日期,时间,开放,lon,lat",
        "黄屋,12,1.50,044,13800138000,2024/1/5,2024-01-05 08:00,true,113.94,22.99",
        "井美,,2,12,,,,,113.95,22.99",
    )
    publish(session, wish(path, crs="EPSG:4326"))

    assert types(read("")) == {
        **{"名称": "string", "人数": "integer", "面积": "number", "区划": "string"},
        **{"电话": "string", "日期": "date", "时间": "date-time", "开放": "boolean"},
    }
    assert only(read("/items?ids=1")) == {
        **{"名称": "黄屋", "人数": 12, "面积": 1.5, "区划": "044", "电话": "13800138000"},
        **{"日期": "2024-01-05", "时间": "2024-01-05T00:00:00+00:00", "开放": True},
    }
    assert only(read("/items?ids=2"))["人数"] is None


def test_whole_numbers_stay_exact_where_some_are_missing(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    big = 2**53 + 1
    publish(session, wish(geojson(tmp_path / "a.geojson", spot(n=big), spot(n=None))))

    assert only(read("/items?ids=1"))["n"] == big
    assert len(read(f"/items?n={big}")["features"]) == 1


def test_names_that_cannot_stand_as_they_are_are_changed_and_told(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    odd = {"id": 7, "geom": "g", "a \"b\" 'c'; --": 1, "two\nlines": 2, " x ": 3, "x": 4, "": 5}
    asked = wish(geojson(tmp_path / "a.geojson", spot(**odd)))
    told = "\n".join(foretell(publishing.draft(SCOPE, asked, importing.quiet), ()))
    publish(session, asked)

    assert "'two\\nlines' is 'two lines'" in told
    assert only(read("/items")) == {
        **{"id": 7, "geom": "g", "a \"b\" 'c'; --": 1, "two lines": 2, "x": 3, "x_6": 4},
        "column_7": 5,
    }


def test_three_hundred_columns_are_read_and_picked(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    many = {f"指标{n}": n for n in range(300)}
    publish(session, wish(geojson(tmp_path / "a.geojson", spot(**many))))

    assert only(read("/items")) == many
    picked = ",".join(many)
    assert only(read(f"/items?properties={quote(picked)}")) == many


def test_a_text_with_a_null_character_is_rejected_and_kept_beside_the_file(
    session: Session, tmp_path: Path
) -> None:
    path = csv(tmp_path / "a.csv", "名,lon,lat", "a\x00b,113.94,22.99", "\\u0000,113.94,22.99")
    report = publish(session, wish(path, crs="EPSG:4326"))

    assert (report.rows_read, report.rows_written) == (2, 1)
    assert report.rejected["reason"].to_dict() == {1: "a text holds a null character"}
    assert [kept.name for kept in keep(report)] == ["a.csv.人口.rejected.gpkg"]


def test_rejected_rows_are_kept_whatever_their_columns_are_called(
    session: Session, tmp_path: Path
) -> None:
    header = '名,"a ""b""",Name,name,,fid,FID,reason,lon,lat'
    path = csv(
        tmp_path / "a.csv", header, "x,1,2,3,4,5,6,7,?,22.99", "y,1,2,3,4,5,6,7,113.94,22.99"
    )
    (kept,) = keep(publish(session, wish(path, crs="EPSG:4326")))

    assert pyogrio.read_dataframe(kept)["Name"].tolist() == ["2"]


def test_rows_keep_the_number_that_they_have_in_the_file(session: Session, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "名,lon,lat", "a,x,22.99", "b,113.94,22.99")
    publish(session, wish(path, crs="EPSG:4326"))

    assert session.execute(text("SELECT id FROM reference")).scalars().all() == [2]


def test_a_file_without_places_is_published_as_a_table(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    publish(session, wish(csv(tmp_path / "a.csv", "村,人数", "黄屋,12")))

    assert read("")["geometry"] is None
    assert read("/items")["features"][0]["geometry"] is None


def test_lines_and_areas_of_one_kind_become_multi_part(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    ring = [at(0, 0), at(9, 0), at(9, 9), at(0, 0)]
    single = {"type": "Polygon", "coordinates": [ring]}
    several = {"type": "MultiPolygon", "coordinates": [[ring]]}
    areas = [{"type": "Feature", "geometry": g, "properties": {}} for g in (single, several)]
    publish(session, wish(geojson(tmp_path / "a.geojson", *areas)))

    assert read("")["geometry"] == "MULTIPOLYGON"
    assert {f["geometry"]["type"] for f in read("/items")["features"]} == {"MultiPolygon"}


def test_shapes_of_several_kinds_stay_what_they_are(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    line = {"type": "LineString", "coordinates": [at(0, 0), at(9, 9)]}
    features = [spot(), {"type": "Feature", "geometry": line, "properties": {}}]
    features.append({"type": "Feature", "geometry": None, "properties": {}})
    publish(session, wish(geojson(tmp_path / "a.geojson", *features)))

    assert read("")["geometry"] == "GEOMETRY"
    shapes = [f["geometry"] and f["geometry"]["type"] for f in read("/items")["features"]]
    assert shapes == [None, "LineString", "Point"]


def test_a_column_may_be_renamed_and_another_filled(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    path = geojson(tmp_path / "a.geojson", spot(F1="x"))
    publish(session, wish(path, fields={"名称": "f1"}, values={"年份": "2024"}))

    assert only(read("/items")) == {"名称": "x", "年份": 2024}


def test_a_name_like_that_of_a_layer_is_remarked_on(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", spot(a=1))
    notes = publishing.draft(SCOPE, wish(path, "gird"), importing.quiet).notes

    assert "the layer grids is another: to fill it, import --as grids" in notes


def test_a_file_that_does_not_say_its_crs_is_refused(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "名,lon,lat", "a,113.94,22.99")

    with pytest.raises(InvalidCrs, match="give it with --crs"):
        publishing.draft(SCOPE, wish(path), importing.quiet)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no rows for 人口"):
        publishing.draft(SCOPE, wish(geojson(tmp_path / "a.geojson")), importing.quiet)


def test_a_name_that_is_there_is_refused_with_the_remedy(session: Session, tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", spot(a=1))
    publish(session, wish(path))

    with pytest.raises(Conflict, match="--replace"):
        publish(session, wish(path))


def test_nothing_can_be_replaced_that_is_not_there(session: Session, tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", spot(a=1))

    with pytest.raises(Conflict, match="leave out --replace"):
        publish(session, wish(path, replaces=True))


def test_a_replacement_brings_new_rows_and_a_new_schema(
    session: Session, read: Callable[[str], Any], tmp_path: Path
) -> None:
    publish(session, wish(geojson(tmp_path / "a.geojson", spot(a=1), spot(a=2)), title_zh="人口数"))
    before = read("/items/1")["version"]
    publish(session, wish(geojson(tmp_path / "b.geojson", spot(b="x")), replaces=True))
    time.sleep(1)

    assert only(read("/items")) == {"b": "x"}
    assert (types(read("")), read("")["title_zh"]) == ({"b": "string"}, "人口数")
    assert read("/items/1")["version"] > before


def test_a_dropped_collection_is_no_more(
    session: Session, client: FlaskClient, read: Callable[[str], Any], tmp_path: Path
) -> None:
    publish(session, wish(geojson(tmp_path / "a.geojson", spot(a=1))))
    assert read("/count") == {"count": 1}
    drop(session, SCOPE, "人口")
    time.sleep(1)

    assert client.get(f"/collections/{quote('人口')}/items").status_code == 404


def test_each_change_of_a_collection_is_one_event(session: Session, tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", spot(a=1), spot(a=2))
    publish(session, wish(path))
    publish(session, wish(path, replaces=True))
    drop(session, SCOPE, "人口")

    told = session.execute(text("SELECT layer, kind, feature_id FROM outbox ORDER BY id")).all()
    kinds = ("imported", "replaced", "dropped")
    assert [tuple(row) for row in told] == [("人口", kind, None) for kind in kinds]
