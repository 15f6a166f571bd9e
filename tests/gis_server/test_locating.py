"""Many points and addresses at once: each row's micro-grid and chance, or the reason."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import EAST, WEST, add_building, at, count

URL = "/locate:batch"
COLUMNS = (
    *("row", "id", "grid_code", "grid_name", "chance", "lon", "lat", "placed_by", "label"),
    *("score", "member", "reason"),
)


@pytest.fixture
def houses(town: Session) -> Session:
    """Add two houses with addresses, one in each half."""
    add_building(town, "B1", (-100, 0), road="黄屋街", door="3号", address="黄屋街3号")
    add_building(town, "B2", (100, 0), road="凤凰大道", door="18号", address="凤凰大道18号")
    return town


def table(*rows: str, head: str = "id,lon,lat,address") -> bytes:
    return "\n".join([head, *rows]).encode()


def sent(client: FlaskClient, body: bytes, kind: str = "text/csv", **asked: Any) -> TestResponse:
    return client.post(URL, data=body, content_type=kind, **asked)


def rows(client: FlaskClient, body: bytes, **asked: Any) -> list[dict[str, Any]]:
    reply = sent(client, body, headers={"Accept": "application/json"}, **asked)
    assert reply.status_code == 200, reply.text
    return list(reply.json["rows"])


def here(east_m: float, north_m: float) -> str:
    return ",".join(f"{degrees:.8f}" for degrees in at(east_m, north_m))


def test_a_point_is_told_its_micro_grid(client: FlaskClient, town: Session) -> None:
    (told,) = rows(client, table(f"甲,{here(-50, 0)},"))

    assert (told["row"], told["id"], told["grid_code"]) == (1, "甲", WEST)
    assert (told["chance"], told["placed_by"], told["reason"]) == (1.0, "point", None)


def test_an_address_is_told_its_place_and_micro_grid(client: FlaskClient, houses: Session) -> None:
    (told,) = rows(client, table("1,,,凤凰大道18号"))

    assert (told["grid_code"], told["placed_by"]) == (EAST, "address")
    assert (told["label"], told["score"]) == ("凤凰大道18号", pytest.approx(1, abs=0.1))
    assert [told["lon"], told["lat"]] == pytest.approx(at(100, 0), abs=1e-6)


def test_an_address_that_is_like_none_gets_the_reason(client: FlaskClient, houses: Session) -> None:
    (told,) = rows(client, table("1,,,月亮路999号"))

    assert (told["grid_code"], told["member"]) == (None, "address")
    assert told["reason"]


def test_a_point_in_no_grid_gets_the_reason(client: FlaskClient, town: Session) -> None:
    (told,) = rows(client, table(f"1,{here(5000, 0)},"))

    assert (told["grid_code"], told["reason"]) == (None, "it lies in no grid")


def test_a_point_at_a_border_is_less_sure(client: FlaskClient, town: Session) -> None:
    body = table(f"{here(-5, 0)},20", head="lon,lat,accuracy_m")

    assert 0.5 < rows(client, body)[0]["chance"] < 0.9


@pytest.mark.parametrize(
    ("row", "member"),
    [
        ("1,far,23,", "lon"),
        ("1,114,nan,", "lat"),
        ("1,114,,", "lat"),
        ("1,23,114,", "lat"),
        ("1,,,", "address"),
        (f"1,,,{'长' * 401}", "address"),
    ],
)
def test_a_bad_row_is_named_with_its_column(
    client: FlaskClient, town: Session, row: str, member: str
) -> None:
    first, second = rows(client, table(row, f"2,{here(50, 0)},"))

    assert (first["row"], first["member"], first["grid_code"]) == (1, member, None)
    assert first["reason"]
    assert second["grid_code"] == EAST


def test_a_table_in_gbk_with_chinese_columns_is_read(client: FlaskClient, houses: Session) -> None:
    (told,) = rows(client, "序号,地址\n1,黄屋街3号".encode("gbk"))

    assert (told["id"], told["grid_code"]) == ("1", WEST)


def test_coordinates_of_a_declared_system_are_converted(client: FlaskClient, town: Session) -> None:
    lon, lat = 113.945, 22.991
    shifted = table("g,113.9500,22.9885,", head="id,lon,lat,address")

    plain = rows(client, table(f"1,{lon},{lat},"))[0]
    moved = rows(client, shifted, query_string={"crs": "gcj02"})[0]

    assert plain["lon"] == lon
    assert 0.002 < 113.95 - moved["lon"] < 0.008


def test_a_row_may_name_its_own_system(client: FlaskClient, town: Session) -> None:
    body = table(f"{here(50, 0)},EPSG:4490", "1,2,mars", head="lon,lat,crs")

    first, second = rows(client, body)

    assert (first["grid_code"], second["member"]) == (EAST, "crs")


def test_the_answer_comes_as_the_table_was_sent(client: FlaskClient, town: Session) -> None:
    reply = sent(client, table(f"甲,{here(50, 0)},"))

    told = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert reply.mimetype == "text/csv"
    assert (tuple(told[0]), told[0]["grid_code"]) == (COLUMNS, EAST)


def test_a_cell_of_the_answer_is_never_a_formula(client: FlaskClient, town: Session) -> None:
    reply = sent(client, table(f"=1+1,{here(50, 0)},"))

    told = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert told[0]["id"] == "'=1+1"


def feature(geometry: Any, **properties: Any) -> bytes:
    told = {"type": "Feature", "id": 7, "geometry": geometry, "properties": properties}
    return orjson.dumps(told)


def test_a_sequence_of_features_comes_back_as_one(client: FlaskClient, houses: Session) -> None:
    point = {"type": "Point", "coordinates": at(-50, 0)}
    body = b"\x1e" + b"\n\x1e".join([feature(point), feature(None, address="凤凰大道18号")])

    reply = sent(client, body, "application/geo+json-seq")

    told = [orjson.loads(part) for part in reply.data.split(b"\x1e")[1:]]
    assert reply.mimetype == "application/geo+json-seq"
    assert [f["properties"]["grid_code"] for f in told] == [WEST, EAST]
    assert (told[0]["geometry"], told[0]["properties"]["id"]) == (point, "7")


def test_lines_of_features_come_back_as_lines(client: FlaskClient, town: Session) -> None:
    body = feature({"type": "Point", "coordinates": at(50, 0)}) + b"\n{broken\n[]\n"

    reply = sent(client, body, "application/x-ndjson")

    told = [orjson.loads(line) for line in reply.data.splitlines()]
    assert [f["properties"]["grid_code"] for f in told] == [EAST, None, None]
    assert [f["properties"]["member"] for f in told] == [None, "body", "type"]


def test_json_tells_how_many_rows_were_read_and_placed(client: FlaskClient, town: Session) -> None:
    reply = sent(client, table(f"1,{here(50, 0)},", "2,x,y,"), query_string={"f": "json"})

    assert (reply.json["rows_read"], reply.json["rows_placed"]) == (2, 1)


def test_more_rows_than_a_slice_keep_their_order(client: FlaskClient, town: Session) -> None:
    told = rows(client, table(*[f"{i},{here(50, 0)}," for i in range(600)]))

    assert [row["row"] for row in told] == list(range(1, 601))


def test_a_past_time_is_answered_by_the_grids_of_then(client: FlaskClient, town: Session) -> None:
    town.execute(
        text("UPDATE grids SET valid = tstzrange('2026-01-01', NULL) WHERE code = :code"),
        {"code": EAST},
    )

    body, before = table(f"1,{here(50, 0)},"), {"valid_at": "2025-12-31T00:00:00Z"}
    assert rows(client, body)[0]["grid_code"] == EAST
    assert rows(client, body, query_string=before)[0]["grid_code"] != EAST


def test_nothing_is_stored(client: FlaskClient, houses: Session) -> None:
    asked = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    tables = houses.execute(asked).scalars().all()
    before = {name: count(houses, name) for name in tables}

    rows(client, table("1,,,黄屋街3号", f"2,{here(50, 0)},"))

    assert {name: count(houses, name) for name in tables} == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "text/csv", 400),
        (b"lon,lat\n", "text/csv", 400),
        (b"a,b\n1,2", "text/csv", 400),
        (b"\xff\xfe\xff", "text/csv", 400),
        (b"lon,lat\n1,\x00", "text/csv", 400),
        (b"", "application/geo+json-seq", 400),
        (b"{}", "application/json", 415),
        (b"{}", "", 400),
        (b"lon,lat\n" + b"1,2\n" * 10_001, "text/csv", 413),
        (b"{}\n" * 10_001, "application/x-ndjson", 413),
        (b"x" * (2**24 + 1), "text/csv", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    client: FlaskClient, town: Session, body: bytes, kind: str, status: int
) -> None:
    reply = sent(client, body, kind)

    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("asked", ["?crs=mars", "?valid_at=soon", "?f=xml", "?limit=3"])
def test_a_parameter_that_means_nothing_is_refused(
    client: FlaskClient, town: Session, asked: str
) -> None:
    reply = client.post(URL + asked, data=table("1,1,1,"), content_type="text/csv")

    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")


def test_a_form_that_is_not_offered_is_not_acceptable(client: FlaskClient, town: Session) -> None:
    reply = sent(client, table("1,1,1,"), headers={"Accept": "image/png"})

    assert reply.status_code == 406
