"""Whatever is wrong with a request is named, and leaves nothing behind; never a 500."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import at, feature, incident, point, traces

ITEMS = "/collections/incidents/items"
GEOJSON = "application/geo+json"
AHEAD = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
DEEP = "[" * 3000 + "]" * 3000

# What stands in place of a right report: its text, and the member that the answer names.
BODIES = {
    "NaN": ('{"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,1]}}', "body"),
    "Infinity": ('{"type":"Feature","geometry":{"coordinates":[1,-Infinity]}}', "body"),
    "1e309": ('{"type":"Feature","geometry":{"type":"Point","coordinates":[1e309,1]}}', "body"),
    "nothing": ("", "body"),
    "cut off": ('{"type":"Feature","geometry":{"type":"Poi', "body"),
    "not UTF-8": ('{"type":"Feature","geometry":null,"properties":{"category":"\udcff"}}', "body"),
    "deeply nested": (DEEP, "body"),
    "half a surrogate": ('{"type":"\\ud800"}', "body"),
    "a list": ("[]", "body"),
    "null": ("null", "body"),
    "a number": ("7", "body"),
    "no type": ("{}", "type"),
    "a collection": ('{"type":"FeatureCollection","features":[]}', "type"),
    "no geometry": ('{"type":"Feature","properties":{"category":"101"}}', "geometry"),
}

GEOMETRIES: dict[str, tuple[Any, str]] = {
    "text as a number": ({"type": "Point", "coordinates": ["113.94", 22.99]}, "coordinates[0]"),
    "a truth as a number": ({"type": "Point", "coordinates": [113.94, True]}, "coordinates[1]"),
    "latitude 95": ({"type": "Point", "coordinates": [113.94, 95]}, "coordinates[1]"),
    "longitude 181": ({"type": "Point", "coordinates": [181, 22.99]}, "coordinates[0]"),
    "swapped axes": ({"type": "Point", "coordinates": [22.99, 113.94]}, "coordinates[1]"),
    "a height": ({"type": "Point", "coordinates": [113.94, 22.99, 5]}, "coordinates"),
    "one number": ({"type": "Point", "coordinates": [113.94]}, "coordinates"),
    "no coordinates": ({"type": "Point"}, "coordinates"),
    "empty": ({"type": "Point", "coordinates": []}, "coordinates"),
    "nested too deep": ({"type": "Point", "coordinates": [at(0, 0)]}, "coordinates[0]"),
    "not nested": ({"type": "LineString", "coordinates": at(0, 0)}, "coordinates[0]"),
    "a huge number": ({"type": "Point", "coordinates": [10**200, 1]}, "coordinates[0]"),
    "a crs": ({**point(0, 0), "crs": {"type": "name"}}, "crs"),
    "an unknown type": ({"type": "Circle", "coordinates": at(0, 0)}, "type"),
    "a list as type": ({"type": ["Point"], "coordinates": at(0, 0)}, "type"),
    "a collection": ({"type": "GeometryCollection", "geometries": []}, "type"),
    "an open ring": (
        {"type": "Polygon", "coordinates": [[at(0, 0), at(9, 0), at(9, 9), at(0, 9)]]},
        "coordinates[0]",
    ),
    "a bow-tie": (
        {"type": "Polygon", "coordinates": [[at(0, 0), at(9, 9), at(9, 0), at(0, 9), at(0, 0)]]},
        "coordinates",
    ),
    "a line": ({"type": "LineString", "coordinates": [at(0, 0), at(9, 9)]}, "type"),
}

PROPERTIES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown property": ({"colour": "red"}, "colour"),
    "no category": ({"category": None}, "category"),
    "an unknown category": ({"category": "999"}, "category"),
    "a number as category": ({"category": 101}, "category"),
    "an object as category": ({"category": {"code": "101"}}, "category"),
    "text as severity": ({"severity": "1"}, "severity"),
    "severity 5": ({"severity": 5}, "severity"),
    "a truth as severity": ({"severity": True}, "severity"),
    "a huge severity": ({"severity": 10**30}, "severity"),
    "a negative accuracy": ({"accuracy_m": -1}, "accuracy_m"),
    "text as accuracy": ({"accuracy_m": "20"}, "accuracy_m"),
    "an accuracy beyond the town": ({"accuracy_m": 1e300}, "accuracy_m"),
    "an hour ahead": ({"reported_at": AHEAD}, "reported_at"),
    "a time without a zone": ({"reported_at": "2026-01-01T08:00:00"}, "reported_at"),
    "a time before all": ({"reported_at": "0001-01-01T00:00:00+14:00"}, "reported_at"),
    "a number as time": ({"reported_at": 1767225600}, "reported_at"),
    "words as time": ({"reported_at": "yesterday"}, "reported_at"),
    "a null character": ({"description": "a\x00b"}, "description"),
    "a null character in a name": ({"a\x00b": 1}, "properties"),
    "a null character in a photo": ({"photos": ["a\x00b"]}, "photos[0]"),
    "a number as description": ({"description": 7}, "description"),
    "a long description": ({"description": "灾" * 4001}, "description"),
    "text as photos": ({"photos": "a.jpg"}, "photos"),
    "numbers as photos": ({"photos": [1]}, "photos"),
    "too many photos": ({"photos": ["a.jpg"] * 21}, "photos"),
    "an unknown CRS": ({"crs": "EPSG:999999"}, "crs"),
    "a number as CRS": ({"crs": 4326}, "crs"),
    "a file as CRS": ({"crs": "/etc/passwd"}, "crs"),
}


def _post(client: FlaskClient, body: Any, kind: str = GEOJSON, **headers: str) -> TestResponse:
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
    return client.post(ITEMS, data=data, content_type=kind, headers=headers)


def _refusal(reply: TestResponse) -> tuple[int, str, str]:
    assert reply.json is not None
    return reply.status_code, reply.mimetype, reply.json.get("member", "")


@pytest.mark.parametrize(("body", "member"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_feature_is_refused(
    client: FlaskClient, town: Session, body: str, member: str
) -> None:
    reply = _post(client, body)

    assert _refusal(reply) == (400, "application/problem+json", member)
    assert traces(town) == 0


@pytest.mark.parametrize(("geometry", "member"), GEOMETRIES.values(), ids=GEOMETRIES)
def test_a_geometry_that_is_no_place_is_refused(
    client: FlaskClient, town: Session, geometry: Any, member: str
) -> None:
    reply = _post(client, feature(geometry))

    assert _refusal(reply) == (400, "application/problem+json", f"geometry.{member}")
    assert traces(town) == 0


@pytest.mark.parametrize(("properties", "member"), PROPERTIES.values(), ids=PROPERTIES)
def test_a_property_that_means_nothing_is_refused(
    client: FlaskClient, town: Session, properties: dict[str, Any], member: str
) -> None:
    reply = _post(client, incident(10, 10, **properties))

    assert reply.status_code == 400
    assert reply.json is not None
    assert reply.json["member"] in (f"properties.{member}", member)
    assert traces(town) == 0


def test_swapped_axes_are_named_as_such(client: FlaskClient, town: Session) -> None:
    reply = _post(client, feature({"type": "Point", "coordinates": [22.99, 113.94]}))

    assert reply.json is not None
    assert "are lon and lat swapped?" in reply.json["detail"]


def test_a_declared_degree_is_still_a_degree(client: FlaskClient, town: Session) -> None:
    off = {"type": "Point", "coordinates": [113.94, 95]}

    reply = _post(client, feature(off, crs="EPSG:4326"))

    assert _refusal(reply) == (400, "application/problem+json", "geometry.coordinates[1]")


def test_a_place_that_its_crs_does_not_have_is_refused(client: FlaskClient, town: Session) -> None:
    off = {"type": "Point", "coordinates": [1e30, 1e30]}

    reply = _post(client, feature(off, crs="EPSG:4547"))

    assert _refusal(reply) == (400, "application/problem+json", "properties.crs")


def test_an_empty_crs_is_none(client: FlaskClient, town: Session) -> None:
    off = {"type": "Point", "coordinates": [113.94, 95]}

    reply = _post(client, feature(off, crs=" "))

    assert _refusal(reply) == (400, "application/problem+json", "geometry.coordinates[1]")


def test_an_unknown_crs_is_refused_without_a_point_too(client: FlaskClient, town: Session) -> None:
    reply = _post(client, feature(None, address="黄屋路1号", crs="mars"))

    assert _refusal(reply) == (400, "application/problem+json", "properties.crs")


def test_a_crs_member_is_refused(client: FlaskClient, town: Session) -> None:
    reply = _post(client, {**incident(0, 0), "crs": {"type": "name"}})

    assert _refusal(reply) == (400, "application/problem+json", "crs")


def test_an_unknown_member_is_refused(client: FlaskClient, town: Session) -> None:
    reply = _post(client, {**incident(0, 0), "style": {}})

    assert _refusal(reply) == (400, "application/problem+json", "style")


def test_properties_that_are_a_list_are_refused(client: FlaskClient, town: Session) -> None:
    reply = _post(client, {"type": "Feature", "geometry": point(0, 0), "properties": []})

    assert _refusal(reply) == (400, "application/problem+json", "properties")


def test_neither_place_nor_words_is_refused(client: FlaskClient, town: Session) -> None:
    reply = _post(client, feature(None))

    assert _refusal(reply) == (400, "application/problem+json", "geometry")


def test_a_report_that_arrived_before_it_was_made_by_a_clock_a_minute_fast_is_taken(
    client: FlaskClient, town: Session
) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()

    assert _post(client, incident(0, 0, reported_at=soon)).status_code == 201


def test_ten_megabytes_are_refused(client: FlaskClient, town: Session) -> None:
    reply = _post(client, incident(0, 0, description="x" * 10_000_000))

    assert _refusal(reply)[:2] == (413, "application/problem+json")
    assert traces(town) == 0


def test_another_content_type_is_refused(client: FlaskClient, town: Session) -> None:
    reply = _post(client, incident(0, 0), "text/plain")

    assert _refusal(reply) == (415, "application/problem+json", "Content-Type")
    assert traces(town) == 0


def test_a_form_is_refused(client: FlaskClient, town: Session) -> None:
    reply = client.post(ITEMS, data={"category": "101"})

    assert _refusal(reply) == (415, "application/problem+json", "Content-Type")


@pytest.mark.parametrize("key", ["", "x" * 201, "钥", "a\tb"])
def test_a_key_that_is_no_key_is_refused(client: FlaskClient, town: Session, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin1")}

    reply = client.post(ITEMS, json=incident(0, 0), headers=headers)

    assert _refusal(reply) == (400, "application/problem+json", "Idempotency-Key")


def test_a_batch_that_is_cut_off_between_two_rows_is_refused_whole(
    client: FlaskClient, town: Session
) -> None:
    row = json.dumps(incident(0, 0)).encode() + b"\n"

    reply = client.open(
        ITEMS,
        method="POST",
        input_stream=BytesIO(row),
        content_type="application/geo+json-seq",
        # As gunicorn gives it, which ends the body where the connection ends.
        environ_overrides={"CONTENT_LENGTH": str(2 * len(row)), "wsgi.input_terminated": True},
    )

    status, _, member = _refusal(reply)
    assert (status, member) == (400, "body")
    assert f"ended after {len(row)} of" in reply.get_data(as_text=True)
    assert client.get(f"{ITEMS}?resulttype=hits").get_json()["numberMatched"] == 0
