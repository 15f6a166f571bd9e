"""A file becomes rows of a layer: read, fitted, compared with the town, stored, reported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import Point, Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import SourceCrs
from geodata.dataset import ReadOptions
from geodata.errors import InvalidInput, NotFound
from geodata.export import write
from gis_server import import_place, importing
from gis_server.import_report import Report, foretell, keep, tell
from gis_server.importing import Order
from layers import find_layers
from tests.factories import SCOPE, WEST, add_building, add_town, at, block, count

LAYERS = find_layers()
GK_114, GK_117 = "EPSG:4547", "EPSG:4548"
OSM = """<osm version="0.6">
<node id="1" lat="22.99" lon="113.94"/><node id="2" lat="22.991" lon="113.94"/>
<node id="3" lat="22.991" lon="113.941"/>
<node id="4" lat="22.99" lon="113.941"><tag k="amenity" v="school"/></node>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="2"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
<tag k="building" v="yes"/><tag k="building:levels" v="3;4"/></way></osm>"""


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=4326)).assign(**columns)


def order(layer: str, path: Path, values: Mapping[str, str] | None = None, **read: Any) -> Order:
    return Order(LAYERS[layer], path, ReadOptions(**read), values or {})


def imported(session: Session, asked: Order) -> Report:
    return importing.import_file(session, SCOPE, asked)


def halves(tmp_path: Path) -> Path:
    """Write two neighbours, of which only one has a vertex in the middle of their border."""
    west = Polygon([at(0, 0), at(100, 0), at(100, 50), at(100, 100), at(0, 100)])
    east = Polygon([at(100, 0), at(200, 0), at(200, 100), at(100, 100)])
    return write(frame([west, east], District=["1", "2"]), tmp_path / "halves.gpkg")


def columns(session: Session, table: str, *names: str) -> list[tuple[Any, ...]]:
    asked = text(f"SELECT {', '.join(names)} FROM {table} ORDER BY id")  # noqa: S608
    return [tuple(row) for row in session.execute(asked)]


def test_grids_come_without_kind_level_and_name(session: Session, tmp_path: Path) -> None:
    report = imported(session, order("grids", halves(tmp_path), fields={"code": "District"}))

    found = columns(session, "grids", "code", "name", "kind", "level", "net", "source_crs")
    assert found == [
        ("1", "1", "base", 1, "general", "EPSG:4326"),
        ("2", "2", "base", 1, "general", "EPSG:4326"),
    ]
    assert (report.rows_read, report.rows_written, len(report.rejected)) == (2, 2, 0)


def test_neighbours_share_their_vertices(session: Session, tmp_path: Path) -> None:
    report = imported(session, order("grids", halves(tmp_path), fields={"code": "District"}))

    assert columns(session, "grids", "ST_NPoints(geom)") == [(6,), (6,)]
    assert "1 put into a neighbour's edge" in "\n".join(tell(report))


def test_parts_of_one_code_are_united(session: Session, tmp_path: Path) -> None:
    parts = frame([block(0, 0, 10, 10), block(10, 0, 20, 10), block(50, 0, 60, 10)], code=[1, 1, 2])
    report = imported(session, order("grids", write(parts, tmp_path / "parts.gpkg")))

    assert (report.rows_read, report.rows_written, report.rows_united) == (3, 2, 1)
    assert columns(session, "grids", "code", "ST_NumGeometries(geom)") == [("1", 1), ("2", 1)]


def test_overlaps_and_gaps_are_listed_with_size_and_place(session: Session, tmp_path: Path) -> None:
    ring = block(0, 0, 100, 100).difference(block(40, 40, 60, 60))
    path = write(frame([ring, block(90, 0, 200, 100)], code=["1", "2"]), tmp_path / "a.gpkg")
    report = imported(session, order("grids", path))

    assert report.flaws is not None
    found = report.flaws.set_index("flaw")["area_m2"].round(-1).to_dict()
    assert found == {"overlap": 1000.0, "gap": 400.0}
    told = "\n".join(tell(report))
    assert "1 overlaps, 1,0" in told
    assert "of 1 and 2 at 113.94" in told


def test_invalid_shapes_are_repaired_and_told(session: Session, tmp_path: Path) -> None:
    bow_tie = Polygon([at(0, 0), at(100, 100), at(100, 0), at(0, 100)])
    report = imported(
        session, order("grids", write(frame([bow_tie], code=["1"]), tmp_path / "a.gpkg"))
    )

    assert report.repaired == {"made valid (Self-intersection)": 1}


def test_the_same_file_again_changes_nothing(session: Session, tmp_path: Path) -> None:
    path = write(frame([Point(at(1, 1))] * 2, kind=["fire", "gas"]), tmp_path / "spots.geojson")
    imported(session, order("hazards", path))

    report = imported(session, order("hazards", path))

    assert (report.rows_written, report.rows_same) == (0, 2)
    assert columns(session, "hazards", "code", "kind") == [("spots/1", "fire"), ("spots/2", "gas")]


def test_the_same_incidents_again_are_not_doubled(session: Session, tmp_path: Path) -> None:
    add_town(session)
    path = write(frame([Point(at(-1, 1)), Point(at(900, 1))]), tmp_path / "cases.geojson")
    first = imported(session, order("incidents", path, {"category": "302"}))
    again = imported(session, order("incidents", path, {"category": "302"}))

    assert (first.rows_written, first.outside, again.rows_written, again.rows_same) == (2, 1, 0, 2)
    assert columns(session, "incidents", "grid_code") == [(WEST,), (None,)]


def test_another_file_of_the_same_name_brings_other_incidents(
    session: Session, tmp_path: Path
) -> None:
    add_town(session)
    path = write(frame([Point(at(1, 1))]), tmp_path / "week.geojson")
    imported(session, order("incidents", path, {"category": "302"}))
    write(frame([Point(at(2, 2))]), path)

    assert imported(session, order("incidents", path, {"category": "302"})).rows_written == 1


def test_a_zone_prefixed_file_with_north_first_lands_in_place(
    session: Session, tmp_path: Path
) -> None:
    xy = SourceCrs.parse("EPSG:4526").from_wgs84(frame([Point(at(5, 5))]).get_coordinates())
    path = tmp_path / "survey.csv"
    path.write_text(f"编码,种类,x,y\nA1,fire,{xy[0, 1]},{xy[0, 0]}\n", encoding="gbk")

    imported(session, order("hazards", path, crs="EPSG:4526", axis_order="yx"))

    ((code, lon, lat, crs),) = columns(
        session, "hazards", "code", "ST_X(geom)", "ST_Y(geom)", "source_crs"
    )
    assert (code, crs) == ("A1", "EPSG:4526")
    assert (lon, lat) == pytest.approx(tuple(at(5, 5)), abs=1e-8)


def test_every_row_is_written_or_accounted_for(session: Session, tmp_path: Path) -> None:
    shapes = [Point(at(1, 1)), None, Point(at(2, 2)), Point(at(3, 3)), Point(at(4, 4))]
    rows = frame(shapes, code=["a", "b", "c", "c", "d"], nature=["defect"] * 4 + ["rumour"])
    report = imported(session, order("hazards", write(rows, tmp_path / "h.gpkg"), {"kind": "fire"}))

    assert report.rejected["reason"].to_dict() == {
        2: "no geometry",
        4: "code c stands twice in this file",
        5: "against the rule nature IN ('risk_point','defect')",
    }
    assert report.rows_read == report.rows_written + len(report.rejected) == 5


def test_rejected_rows_are_kept_beside_the_file(session: Session, tmp_path: Path) -> None:
    rows = frame([Point(at(1, 1))] * 2, code=["a", "a"], kind=["fire", "gas"])
    path = write(rows, tmp_path / "h.gpkg")

    (kept,) = keep(imported(session, order("hazards", path)))

    assert kept == tmp_path / "h.gpkg.hazards.rejected.gpkg"
    found = gpd.read_file(kept)
    assert found[["row", "reason", "kind"]].to_numpy().tolist() == [
        [2, "code a stands twice in this file", "gas"]
    ]
    assert found["source_geometry"][0].startswith("POINT (113.94")


def test_a_clean_import_clears_what_an_earlier_one_kept(session: Session, tmp_path: Path) -> None:
    path = write(frame([Point(at(1, 1))], kind=["fire"]), tmp_path / "h.gpkg")
    stale = tmp_path / "h.gpkg.hazards.rejected.gpkg"
    stale.touch()

    assert keep(imported(session, order("hazards", path))) == []
    assert not stale.exists()


def test_the_preview_counts_rows_inside_the_town(session: Session, tmp_path: Path) -> None:
    add_town(session)
    path = write(frame([Point(at(1, 1)), Point(at(900, 0))], kind="gas"), tmp_path / "h.gpkg")
    drafted = importing.draft(SCOPE, order("hazards", path))
    inside = import_place.look_around(session, SCOPE, drafted, LAYERS)

    told = "\n".join(foretell(drafted, inside))
    assert "50.0% of 2 rows lie inside the grids" in told
    assert count(session, "hazards") == 0


def test_grids_in_the_wrong_zone_are_refused(session: Session, tmp_path: Path) -> None:
    add_building(session, "B1", (50, 50))
    path = tmp_path / "halves.shp"
    write(gpd.read_file(halves(tmp_path)), path, SourceCrs.parse(GK_114))
    told = []
    for crs in (GK_117, GK_114):
        drafted = importing.draft(SCOPE, order("grids", path, crs=crs, fields={"code": "District"}))
        told.append((drafted, import_place.look_around(session, SCOPE, drafted, LAYERS)))

    (wrong, nothing), (right, all_of_it) = told
    with pytest.raises(InvalidInput, match=r"0\.0% of 1 buildings .* right --crs"):
        import_place.refuse_far(wrong, nothing)
    import_place.refuse_far(right, all_of_it)
    assert str(all_of_it[0]) == "100.0% of 1 buildings lie inside the grids"


def test_before_there_are_grids_nothing_is_compared(session: Session, tmp_path: Path) -> None:
    path = write(frame([Point(0, 0)], kind="gas"), tmp_path / "h.gpkg")
    drafted = importing.draft(SCOPE, order("hazards", path))

    assert import_place.look_around(session, SCOPE, drafted, LAYERS) == ()


def test_a_table_without_coordinates_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("east,north\n1,2\n")
    drafted = importing.draft(SCOPE, order("incidents", path, {"category": "302"}))

    with pytest.raises(InvalidInput, match="--map lon=COLUMN"):
        import_place.refuse_far(drafted, ())


def test_an_openstreetmap_file_goes_to_three_layers(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "campus.osm"
    path.write_text(OSM)
    orders = importing.orders(LAYERS, None, path, ReadOptions())
    reports = [importing.store(session, SCOPE, one) for one in importing.drafts(SCOPE, orders)]

    written = {report.layer: report.rows_written for report in reports}
    assert written == {"streets": 1, "buildings": 1, "facilities": 1}
    assert reports[1].repaired == {"floors left empty: no whole number": 1}


def test_one_layer_takes_its_part_of_an_openstreetmap_file(tmp_path: Path) -> None:
    path = tmp_path / "campus.osm"
    path.write_text(OSM)

    (one,) = importing.orders(LAYERS, "streets", path, ReadOptions())

    assert importing.draft(SCOPE, one).dataset.rows_read == 1


@pytest.mark.parametrize(
    ("layer", "values", "read", "error"),
    [
        ("hazards", {}, {}, r"hazards need kind; .*--map kind=COLUMN"),
        ("hazards", {"kin": "fire"}, {}, r"hazards have no field 'kin'; they have code"),
        ("hazards", {}, {"fields": {"kin": "a"}}, r"hazards have no field 'kin'"),
        ("hazards", {}, {"fields": {"kind": "nix"}}, r"no field 'nix' to map; the file has a"),
        ("grids", {}, {}, r"none of the 1 rows .* in grids: wrong geometry type: MultiPolygon"),
    ],
)
def test_a_wrong_order_is_refused_with_the_remedy(
    tmp_path: Path, layer: str, values: dict[str, str], read: dict[str, Any], error: str
) -> None:
    path = write(frame([Point(at(1, 1))], a=["1"]), tmp_path / "points.gpkg")

    with pytest.raises(InvalidInput, match=error):
        importing.draft(SCOPE, order(layer, path, values, **read))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')

    with pytest.raises(InvalidInput, match=r"none\.geojson holds no rows for hazards"):
        importing.draft(SCOPE, order("hazards", path, {"kind": "fire"}))


def test_a_file_needs_a_layer_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"--as streets\|.*or any other name"):
        importing.orders(LAYERS, None, tmp_path / "a.gpkg", ReadOptions())
    with pytest.raises(NotFound, match=r"no layer 'gird'; the layers are .*grids"):
        importing.orders(LAYERS, "gird", tmp_path / "a.gpkg", ReadOptions())
