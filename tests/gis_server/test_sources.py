"""Sources send rows in their own form: each is taken once, or refused in the source's own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from geodata.adapters import adapters
from geodata.dataset import ReadOptions
from geodata.errors import InvalidInput
from gis_server.app import create_app
from gis_server.cli import cli
from gis_server.config import Settings
from gis_server.sources import import_file
from layers.organisations import Organisation
from tests.factories import (
    SCOPE,
    Json,
    add_building,
    at,
    count,
    incident,
    posted,
    traces,
)
from tests.geodata.sample_sources import SAMPLES

ORDER = SAMPLES["hotline"].row
CASES = text("SELECT source, external_id, category FROM incidents ORDER BY id")


@pytest.fixture
def client(dispatcher: FlaskClient) -> FlaskClient:
    """Send as the command centre."""
    return dispatcher


def _send(client: FlaskClient, rows: Any, source: str = "hotline") -> TestResponse:
    return client.post(f"/sources/{source}", json=rows)


def _taken(client: FlaskClient, rows: Any, source: str = "hotline") -> Json:
    reply = _send(client, rows, source)
    assert reply.status_code in (200, 201), reply.text
    return dict(reply.get_json(force=True))


def _order(number: str, **change: Any) -> Json:
    return ORDER | {"工单编号": number} | change


def test_the_sources_are_listed_with_their_fields(client: FlaskClient) -> None:
    told = client.get("/sources").get_json(force=True)["sources"]

    assert [source["name"] for source in told] == sorted(SAMPLES)
    hotline = next(source for source in told if source["name"] == "hotline")
    assert hotline["fields"]["address"] == ["事发地址", "诉求地址"]
    assert client.get("/sources/hotline").get_json(force=True) == hotline


def test_an_unknown_source_is_not_there(client: FlaskClient) -> None:
    assert client.get("/sources/fax").status_code == 404
    assert _send(client, {}, "fax").status_code == 404


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_of_each_source_is_stored(client: FlaskClient, town: Session, name: str) -> None:
    reply = _send(client, SAMPLES[name].row, name)

    assert reply.status_code == 201, reply.text
    (case,) = reply.get_json(force=True)["cases"]
    stored = client.get(f"/collections/incidents/items/{case['id']}")
    source = adapters(SCOPE.district)[name].source
    known = text("SELECT source FROM incidents WHERE id = :id")
    assert town.execute(known, {"id": case["id"]}).scalar_one() == source
    assert stored.status_code == 200


def test_a_row_in_gcj02_is_put_where_it_is(client: FlaskClient, town: Session) -> None:
    lon, lat = at(50, 50)
    given = {"eventId": "E1", "itemCode": "302", "lng": lon, "lat": lat}
    alike = incident(50, 50, crs="gcj02", category="302")

    _taken(client, given, "grid_worker")
    posted(client, alike)

    places = text("SELECT count(DISTINCT ST_AsText(geom, 7)), min(source_crs) FROM incidents")
    assert tuple(town.execute(places).one()) == (1, "gcj02")


def test_words_are_placed_as_those_of_a_post(client: FlaskClient, town: Session) -> None:
    add_building(town, "B1", (10, 10), road="黄屋路", door="12号", address="黄屋路12号")
    add_building(town, "B2", (60, 10), road="黄屋路", door="14号", address="黄屋路14号")

    _taken(client, _order("G1", 事发地址="黄屋路12号"))

    assert town.execute(text("SELECT placed_by FROM incidents")).scalar_one() == "address"


def test_rows_that_are_wrong_are_named_in_the_sources_words(
    client: FlaskClient, town: Session
) -> None:
    rows = [
        _order("G1"),
        _order("G2", 事项小类="外星人"),
        _order("G3", 事发地址="", 诉求地址=""),
        _order("G4", 来电时间="2090-01-01 00:00:00"),
        _order("G5"),
        _order("", 诉求内容="没有编号"),
    ]

    taken = _taken(client, rows)

    assert (taken["rows_read"], taken["rows_written"]) == (6, 2)
    assert [(r["row"], r["member"]) for r in taken["rejected"]] == [
        (2, "事项小类 / 事项大类"),
        (3, "事发地址 / 诉求地址"),
        (4, "来电时间 / 登记时间"),
        (6, "工单编号"),
    ]
    assert [case["row"] for case in taken["cases"]] == [1, 5]
    assert count(town, "incidents") == 2


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"事项小类": "", "事项大类": ""}, "事项小类 / 事项大类"),
        ({"事发地址": "无"}, "事发地址 / 诉求地址"),
        ({"来电时间": "2090-01-01 00:00:00"}, "来电时间 / 登记时间"),
        ({"经度": "213.9", "纬度": "22.9"}, "经度 / 纬度"),
        ({"诉求内容": "长" * 4001}, "诉求内容 / 诉求标题"),
    ],
)
def test_a_single_row_that_is_wrong_is_refused_and_leaves_nothing(
    client: FlaskClient, town: Session, change: Json, member: str
) -> None:
    reply = _send(client, ORDER | change)

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, member)
    assert reply.mimetype == "application/problem+json"
    assert traces(town) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_table_is_taken_like_objects(client: FlaskClient, town: Session, encoding: str) -> None:
    body = "工单编号,事项小类,事发地址\r\nG1,环境卫生,黄屋路2号\r\nG2,路灯故障,黄屋路4号\r\n"

    reply = client.post("/sources/hotline", data=body.encode(encoding), content_type="text/csv")

    assert reply.status_code == 201, reply.text
    assert [tuple(row) for row in town.execute(CASES)] == [
        ("12345", "G1", "302"),
        ("12345", "G2", "403"),
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("7", "application/json", 400),
        ("[null]", "application/json", 200),
        ("工单编号\r\n", "text/csv", 400),
        ("<a/>", "text/xml", 415),
        (json.dumps([{}] * 5001), "application/json", 413),
    ],
)
def test_what_are_no_rows_is_refused(
    client: FlaskClient, town: Session, body: str, content_type: str, status: int
) -> None:
    reply = client.post("/sources/hotline", data=body.encode(), content_type=content_type)

    assert (reply.status_code, traces(town)) == (status, 0)


def test_the_department_hears_of_a_cameras_alert_at_once(
    client: FlaskClient, town: Session
) -> None:
    place = {"code": "C9", "name": "城市管理和综合执法分局", "kind": "department"}
    town.add(Organisation(district=SCOPE.district, **place))
    town.flush()

    (case,) = _taken(client, SAMPLES["video_ai"].row, "video_ai")["cases"]

    told = client.get(f"/collections/incidents/items/{case['id']}").get_json(force=True)
    steps = client.get(f"/collections/incidents/items/{case['id']}/steps").get_json(force=True)
    moves = text("SELECT move FROM steps WHERE incident_id = :id ORDER BY id")
    assert told["properties"]["helpers"] == ["C9"]
    assert town.execute(moves, {"id": case["id"]}).scalars().all()[-1] == "join"
    assert len(steps) == 2


def test_a_device_that_repeats_its_alarm_is_proposed_as_a_duplicate(
    client: FlaskClient, town: Session
) -> None:
    alarm = SAMPLES["sensor"].row
    again = alarm | {"seq": 5118, "ts": alarm["ts"] + 300_000}

    (first,) = _taken(client, alarm, "sensor")["cases"]
    (second,) = _taken(client, again, "sensor")["cases"]

    address = f"/collections/incidents/items/{second['id']}/nearby"
    (likely,) = client.get(address).get_json(force=True)["likely"]
    assert (likely["id"], likely["probability"] > 0.9) == (first["id"], True)
    assert "same_device" in likely["why"]


def test_a_wrong_mapping_file_keeps_the_server_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "441900" / "sources").mkdir(parents=True)
    wrong = tmp_path / "441900" / "sources" / "fax.toml"
    wrong.write_text('[fields]\nexternal_id = "nr"\ncategory = "c"\naddress = "a"\nfax = "f"\n')
    monkeypatch.setattr("geodata.adapters.FOLDER", tmp_path)
    adapters.cache_clear()

    with pytest.raises(InvalidInput, match=r"sources/fax\.toml: an incident has no property 'fax'"):
        create_app(settings)
    adapters.cache_clear()


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_file_of_a_source_is_taken_in_once(
    own_database: Settings, own_engine: Engine, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"orders{ending}"
    rows = [["工单编号", "事项小类", "事发地址"], ["G1", "环境卫生", "黄屋路2号"], ["G2", "?", "x"]]
    _write(path, rows)

    first = import_file(own_database, "hotline", path, ReadOptions(geometry="none"))
    again = import_file(own_database, "hotline", path, ReadOptions(geometry="none"))

    assert (first["rows_written"], again["rows_written"], again["rows_known"]) == (1, 0, 1)
    assert [(r["row"], r["member"]) for r in first["rejected"]] == [(2, "事项小类 / 事项大类")]
    with own_engine.connect() as connection:
        assert connection.execute(CASES).all() == [("12345", "G1", "302")]


def test_the_command_tells_what_became_of_a_sources_rows(
    own_database: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    owner = own_database.owner_database_url.replace("+psycopg2", "")
    monkeypatch.setenv("DATABASE_URL", owner)
    path = tmp_path / "orders.csv"
    _write(
        path,
        [["工单编号", "事项小类", "事发地址"], ["G1", "环境卫生", "黄屋路2号"], ["G2", "?", "x"]],
    )

    told = CliRunner().invoke(cli, ["import", "--source", "hotline", str(path)])
    mixed = CliRunner().invoke(cli, ["import", "--source", "hotline", "--crs", "bd09", str(path)])

    assert "2 rows: 1 written, 0 known, 1 refused" in told.output
    assert "row 2: 事项小类 / 事项大类: '?' is not in the table of values" in told.output
    assert isinstance(mixed.exception, InvalidInput)


def _write(path: Path, rows: list[list[str]]) -> None:
    if path.suffix == ".csv":
        path.write_text("\n".join(",".join(row) for row in rows), encoding="gbk")
        return
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
