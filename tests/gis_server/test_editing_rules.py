"""Which version a change is based on, what there is to do, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers.base import Reader
from tests.factories import add_building, count
from tests.gis_server.editors import (
    ITEMS,
    MERGE,
    created,
    house,
    patched,
    properties,
)


def test_a_stale_version_changes_nothing(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼"))
    patched(planner, address, {"properties": {"name": "乙楼"}})

    replies = [
        planner.put(address, json=house(), headers={"If-Match": '"1"'}),
        patched(planner, address, {"properties": {"name": "丙楼"}}, **{"If-Match": '"1"'}),
        planner.delete(address, headers={"If-Match": '"1"'}),
    ]

    assert [reply.status_code for reply in replies] == [412, 412, 412]
    assert properties(planner, address)["name"] == "乙楼"


def test_a_change_without_the_version_it_is_based_on_is_refused(planner: FlaskClient) -> None:
    address = created(planner, house())

    replies = [
        planner.put(address, json=house()),
        planner.patch(address, json={}, content_type=MERGE),
        planner.delete(address),
        planner.delete(address, headers={"If-Match": "*"}),
    ]

    assert [reply.status_code for reply in replies] == [428, 428, 428, 428]


@pytest.mark.parametrize(
    ("match", "status"),
    [('"7", "1"', 204), ('W/"1"', 412), ('"x"', 412), ('"0"', 412), ('"99999999999"', 412)],
)
def test_a_change_needs_the_strong_tag_among_those_it_names(
    planner: FlaskClient, match: str, status: int
) -> None:
    address = created(planner, house())

    reply = patched(planner, address, {"properties": {"name": "乙"}}, **{"If-Match": match})

    assert reply.status_code == status


@pytest.mark.parametrize("unless", ["*", '"1"'])
def test_a_change_that_wants_another_version_is_refused(planner: FlaskClient, unless: str) -> None:
    address = created(planner, house())

    reply = patched(planner, address, {"properties": {}}, **{"If-None-Match": unless})

    assert reply.status_code == 412


def test_a_feature_that_is_not_there_is_not_found_before_its_version(planner: FlaskClient) -> None:
    nowhere = f"{ITEMS}/999999"

    replies = [
        planner.put(nowhere, json=house()),
        planner.put(nowhere, json=house(), headers={"If-Match": '"x"'}),
        planner.patch(nowhere, json={}, content_type=MERGE),
        planner.delete(nowhere),
        planner.delete(f"{ITEMS}/99999999999999999999"),
    ]

    assert {reply.status_code for reply in replies} == {404}


def test_grids_are_renamed_but_not_redrawn(planner: FlaskClient, town: Session) -> None:
    items = "/collections/grids/items"
    grid = planner.get(items).get_json(force=True)["features"][0]
    address = f"{items}/{grid['id']}"

    renamed = patched(planner, address, {"properties": {"name": "新名"}})
    moved = patched(planner, address, {"geometry": house()["geometry"]})
    ended = patched(planner, address, {"properties": {"valid": [None, "2030-01-01T00:00:00Z"]}})

    assert [reply.status_code for reply in (renamed, moved, ended)] == [204, 409, 409]
    assert (moved.json["member"], ended.json["member"]) == ("geometry", "properties.valid")


def test_grids_are_neither_posted_nor_deleted(planner: FlaskClient) -> None:
    items = "/collections/grids/items"
    grid = planner.get(items).get_json(force=True)["features"][0]

    posted = planner.post(items, json=house())
    deleted = planner.delete(f"{items}/{grid['id']}", headers={"If-Match": '"1"'})

    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert deleted.status_code == 405
    assert deleted.headers["Allow"] == "GET, HEAD, OPTIONS, PUT, PATCH"


def test_incidents_are_changed_by_moves_alone(planner: FlaskClient) -> None:
    case = "/collections/incidents/items/1"

    replies = [planner.put(case, json=house()), planner.patch(case, json={}), planner.delete(case)]

    assert {reply.status_code for reply in replies} == {405}
    assert {reply.headers["Allow"] for reply in replies} == {"GET, HEAD, OPTIONS"}


def test_options_tell_what_the_reader_can_do(planner: FlaskClient, client: FlaskClient) -> None:
    many, one = planner.options(ITEMS), planner.options(f"{ITEMS}/1")

    assert (many.status_code, many.headers["Allow"]) == (200, "GET, HEAD, OPTIONS, POST")
    assert many.headers["Accept-Post"].startswith("application/geo+json, ")
    assert one.headers["Allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    assert one.headers["Accept-Patch"] == MERGE
    assert client.options(f"{ITEMS}/1").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_options_of_incidents_tell_that_they_are_posted(client: FlaskClient) -> None:
    told = client.options("/collections/incidents/items").headers

    assert told["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert "application/geo+json-seq" in told["Accept-Post"]


def test_strict_handling_is_what_there_is(planner: FlaskClient) -> None:
    reply = planner.post(
        ITEMS, json=house(floors="many"), headers={"Prefer": "handling=strict, return=minimal"}
    )

    assert (reply.status_code, reply.headers["Preference-Applied"]) == (400, "handling=strict")


def test_a_building_from_before_is_edited_too(planner: FlaskClient, town: Session) -> None:
    number = add_building(town, "B9", (-100, 0)).id

    reply = patched(planner, f"{ITEMS}/{number}", {"properties": {"danger_grade": "C"}})

    assert reply.status_code == 204


def test_head_tells_the_version_without_the_feature(planner: FlaskClient) -> None:
    reply = planner.head(created(planner, house()))

    assert (reply.status_code, reply.headers["ETag"], reply.data) == (200, '"1"', b"")


def test_a_creation_that_is_sent_again_under_its_key_is_done_once(
    planner: FlaskClient, town: Session
) -> None:
    key = {"Idempotency-Key": "k-1"}

    first, again = (planner.post(ITEMS, json=house(), headers=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["Location"] == again.headers["Location"]
    assert count(town, "buildings") == 1


def test_a_key_is_for_one_feature(planner: FlaskClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    planner.post(ITEMS, json=house(), headers=key)

    reply = planner.post(ITEMS, json=house("N2"), headers=key)

    assert (reply.status_code, reply.json["member"]) == (409, "Idempotency-Key")


def test_a_key_that_is_none_is_refused(planner: FlaskClient) -> None:
    reply = planner.post(ITEMS, json=house(), headers={"Idempotency-Key": "k" * 201})

    assert (reply.status_code, reply.json["member"]) == (400, "Idempotency-Key")


def test_a_changed_feature_is_sent_back_when_that_is_preferred(planner: FlaskClient) -> None:
    address, prefer = created(planner, house()), {"Prefer": "return=representation"}

    put = planner.put(address, json=house(floors=3), headers={"If-Match": '"1"', **prefer})
    patch = patched(planner, address, {"properties": {"name": "甲"}}, **prefer)

    assert [reply.status_code for reply in (put, patch)] == [200, 200]
    assert [reply.headers["ETag"] for reply in (put, patch)] == ['"2"', '"3"']
    assert patch.headers["Preference-Applied"] == "return=representation"
    assert patch.headers["Content-Location"] == address
    told = patch.get_json(force=True)["properties"]
    assert (told["name"], told["floors"]) == ("甲", 3)


def test_a_grid_that_was_read_can_be_sent_back_with_another_name(
    planner: FlaskClient, town: Session
) -> None:
    items = "/collections/grids/items"
    grid = planner.get(items).get_json(force=True)["features"][0]
    grid["properties"]["name"] = "新名"

    reply = planner.put(f"{items}/{grid['id']}", json=grid, headers={"If-Match": '"1"'})

    assert (reply.status_code, reply.headers["ETag"]) == (204, '"2"')
    assert properties(planner, f"{items}/{grid['id']}") == grid["properties"]


def test_a_post_is_held_from_one_time_to_another(
    client_as: Callable[[Reader], FlaskClient], town: Session
) -> None:
    administrator = client_as(Reader(account="a", roles=frozenset({"administrator"})))
    items, valid = "/collections/duties/items", ["2026-01-01T00:00:00Z", None]
    told = {"code": "D9", "post": "leader", "title": "网格长", "valid": valid}
    address = created(
        administrator, {"type": "Feature", "geometry": None, "properties": told}, items
    )

    same = patched(administrator, address, {"properties": {"valid": valid}})
    ended = patched(
        administrator, address, {"properties": {"valid": [None, "2027-01-01T00:00:00+08:00"]}}
    )

    assert (same.headers["ETag"], ended.headers["ETag"]) == ('"1"', '"2"')
    assert properties(administrator, address)["valid"][1].startswith("2026-12-31T16:00:00")
