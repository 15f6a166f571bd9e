"""What cannot be written: each refusal names the member at fault, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import at, count
from tests.gis_server.editors import ITEMS, MERGE, created, house, patched, ring


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": at(0, 0)},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [ring()[:-1]]},
        {"type": "Polygon", "coordinates": [[[x, y + 90] for x, y in ring()]]},
        {"type": "Polygon", "coordinates": [[[x, y, 3] for x, y in ring()]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Polygon", "coordinates": [ring()], "crs": {}},
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
    ],
)
def test_a_wrong_geometry_is_named(planner: FlaskClient, geometry: Any) -> None:
    reply = planner.post(ITEMS, json={**house(), "geometry": geometry})

    assert (reply.status_code, reply.json["member"].partition(".")[0]) == (400, "geometry")


@pytest.mark.parametrize("crs", ["EPSG:2433", "mars", "", "<>", "http://x/EPSG/0/4326"])
def test_a_system_that_is_not_served_is_refused(planner: FlaskClient, crs: str) -> None:
    reply = planner.post(ITEMS, json=house(), headers={"Content-Crs": f"<{crs}>"})

    assert (reply.status_code, reply.json["member"]) == (400, "Content-Crs")


def test_coordinates_that_are_nowhere_in_their_system_are_refused(planner: FlaskClient) -> None:
    far = {"type": "Polygon", "coordinates": [[[1e9, 0], [2e9, 0], [2e9, 1e9], [1e9, 0]]]}

    reply = planner.post(
        ITEMS, json={**house(), "geometry": far}, headers={"Content-Crs": "<EPSG:4547>"}
    )

    assert (reply.status_code, reply.json["member"]) == (400, "geometry.coordinates")


def test_what_every_feature_has_must_be_given(planner: FlaskClient) -> None:
    bare = planner.post(ITEMS, json={**house(), "properties": None})
    placeless = planner.post(ITEMS, json={k: v for k, v in house().items() if k != "geometry"})

    assert (bare.status_code, bare.json["member"]) == (400, "properties.code")
    assert (placeless.status_code, placeless.json["member"]) == (400, "geometry")


def test_a_replacement_must_be_whole(planner: FlaskClient) -> None:
    address = created(planner, house())

    reply = planner.put(address, json={**house(), "geometry": None}, headers={"If-Match": '"1"'})

    assert (reply.status_code, reply.json["member"]) == (400, "geometry")


@pytest.mark.parametrize(
    ("patch", "member"),
    [
        ({"properties": {"code": None}}, "properties.code"),
        ({"properties": {"colour": None}}, "properties.colour"),
        ({"properties": None}, "properties"),
        ({"properties": []}, "properties"),
        ({"geometry": None}, "geometry"),
        ({"geometry": {"coordinates": [ring()]}}, "geometry.type"),
        ({"id": 999}, "id"),
        ({"id": "1"}, "id"),
        ({"type": "Building"}, "type"),
        ({"name": "甲"}, "name"),
        ([], "body"),
        ("x", "body"),
        (None, "body"),
    ],
)
def test_a_wrong_patch_is_named(planner: FlaskClient, patch: Any, member: str) -> None:
    reply = patched(planner, created(planner, house()), patch)

    assert (reply.status_code, reply.json["member"]) == (400, member)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    ("kind", "status"), [(None, 400), ("", 400), ("text/plain", 415), ("application/xml", 415)]
)
def test_a_body_says_what_it_is(
    planner: FlaskClient, method: str, kind: str | None, status: int
) -> None:
    address = ITEMS if method == "POST" else created(planner, house())

    reply = planner.open(
        address, method=method, data=b"{}", content_type=kind, headers={"If-Match": '"1"'}
    )

    assert (reply.status_code, reply.json["member"]) == (status, "Content-Type")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[1]", b"null", b'{"type": "Feature"}', b'{"a": NaN}', b"[" * 9000],
)
def test_a_body_that_is_no_feature_is_refused(planner: FlaskClient, body: bytes) -> None:
    address = created(planner, house())
    based = {"If-Match": '"1"'}

    replies = [
        planner.post(ITEMS, data=body, content_type="application/json"),
        planner.put(address, data=body, content_type="application/json", headers=based),
    ]

    assert [reply.status_code for reply in replies] == [400, 400]


def test_a_body_over_the_limit_is_refused(planner: FlaskClient) -> None:
    address, long = created(planner, house()), house(name="x" * 2**20)

    replies = [
        planner.post(ITEMS, json=long),
        planner.put(address, json=long, headers={"If-Match": '"1"'}),
        planner.patch(address, json=long, content_type=MERGE, headers={"If-Match": '"1"'}),
    ]

    assert [reply.status_code for reply in replies] == [413, 413, 413]


def test_a_parameter_that_means_nothing_is_refused(planner: FlaskClient) -> None:
    address, based = created(planner, house()), {"If-Match": '"1"'}

    replies = [
        planner.post(f"{ITEMS}?deep=1", json=house("N2")),
        planner.put(f"{address}?deep=1", json=house(), headers=based),
        planner.patch(f"{address}?deep=1", json={}, content_type=MERGE, headers=based),
        planner.delete(f"{address}?deep=1", headers=based),
    ]

    assert [reply.status_code for reply in replies] == [400, 400, 400, 400]


def test_sql_in_a_text_is_a_text(planner: FlaskClient) -> None:
    words = "'; DROP TABLE buildings; --"

    told = planner.get(created(planner, house(name=words))).get_json(force=True)

    assert told["properties"]["name"] == words


def test_what_is_refused_leaves_nothing_behind(planner: FlaskClient, town: Session) -> None:
    planner.post(ITEMS, json=house(danger_grade="E"))

    assert [count(town, name) for name in ("buildings", "outbox", "layer_versions")] == [0, 0, 0]


def test_no_refusal_tells_the_statement(planner: FlaskClient) -> None:
    refused = planner.post(ITEMS, json=house(danger_grade="E")).json["detail"]

    assert refused == "against the rule danger_grade IN ('A','B','C','D')"
