"""Create, replace, update and delete one feature of a register over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers import outbox
from layers.base import Reader
from tests.factories import SCOPE, VILLAGE, add_building, at, block, count

ITEMS = "/collections/buildings/items"
MERGE = "application/merge-patch+json"
PLANNER = Reader(account="planner", roles=frozenset({"planner"}))

Json = dict[str, Any]


@pytest.fixture
def planner(client_as: Callable[[Reader], FlaskClient], town: Session) -> FlaskClient:
    """Ask as a planner, in the town."""
    return client_as(PLANNER)


def house(code: str = "N1", **properties: Any) -> Json:
    """Write a building of 10 m × 10 m in the western half."""
    ring = [list(p) for p in block(-60, 10, -50, 20).exterior.coords]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": shape, "properties": {"code": code, **properties}}


def created(client: FlaskClient, feature: Json, items: str = ITEMS) -> str:
    """Create a feature that must be taken; its address."""
    reply = client.post(items, json=feature, content_type="application/geo+json")
    assert reply.status_code == 201, reply.text
    return str(reply.headers["Location"])


def patched(client: FlaskClient, address: str, patch: Json, **headers: str) -> Any:
    """Send a merge patch based on the present version, unless the headers say another."""
    based = {"If-Match": client.get(address).headers["ETag"], **headers}
    return client.patch(address, json=patch, content_type=MERGE, headers=based)


def test_a_created_feature_is_found_at_its_location(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼", households=12))

    told = planner.get(address).get_json(force=True)
    assert (told["properties"]["code"], told["properties"]["households"]) == ("N1", 12)


def test_a_single_polygon_is_stored_as_a_multiple_one(planner: FlaskClient) -> None:
    told = planner.get(created(planner, house())).get_json(force=True)

    assert told["geometry"]["type"] == "MultiPolygon"


def test_a_created_feature_is_not_sent_back_unless_that_is_preferred(planner: FlaskClient) -> None:
    reply = planner.post(ITEMS, json=house())

    assert (reply.status_code, reply.data, reply.headers["ETag"]) == (201, b"", '"1"')


def test_a_preferred_representation_comes_with_the_answer(planner: FlaskClient) -> None:
    reply = planner.post(ITEMS, json=house(), headers={"Prefer": "return=representation"})

    assert reply.headers["Preference-Applied"] == "return=representation"
    assert reply.get_json(force=True)["properties"]["code"] == "N1"


def test_a_created_feature_is_announced_with_its_id_and_grid(
    planner: FlaskClient, session: Session
) -> None:
    number = int(created(planner, house()).rpartition("/")[2])

    told = session.execute(text("SELECT layer, kind, feature_id, grid_code FROM outbox")).all()
    assert [tuple(row) for row in told] == [("buildings", "created", number, f"{VILLAGE}00101")]


def test_every_write_gives_the_layer_its_next_version(
    planner: FlaskClient, session: Session
) -> None:
    address = created(planner, house())
    patched(planner, address, {"properties": {"name": "乙楼"}})
    planner.delete(address, headers={"If-Match": '"2"'})

    assert outbox.version(session, SCOPE, "buildings") == 3


def test_a_replacement_empties_what_it_does_not_name(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼", households=12))

    reply = planner.put(address, json=house(households=13), headers={"If-Match": '"1"'})

    told = planner.get(address).get_json(force=True)["properties"]
    assert (reply.status_code, reply.headers["ETag"]) == (204, '"2"')
    assert (told["households"], told["name"]) == (13, None)


def test_what_was_read_can_be_sent_back_as_it_is(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼"))
    read = planner.get(address)

    reply = planner.put(
        address, json=read.get_json(force=True), headers={"If-Match": read.headers["ETag"]}
    )

    assert (reply.status_code, reply.headers["ETag"]) == (204, '"1"')


def test_a_patch_changes_only_what_it_names(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼", households=12))

    reply = patched(planner, address, {"properties": {"households": 14}})

    told = planner.get(address).get_json(force=True)["properties"]
    assert (reply.status_code, told["households"], told["name"]) == (204, 14, "甲楼")


def test_a_null_in_a_patch_removes_the_value(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼"))

    patched(planner, address, {"properties": {"name": None}})

    assert planner.get(address).get_json(force=True)["properties"]["name"] is None


def test_a_patch_is_applied_inside_an_object_too(planner: FlaskClient) -> None:
    camera = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": at(-50, 0)},
        "properties": {"code": "F1", "class": "camera", "attributes": {"kept": 1, "gone": 2}},
    }
    address = created(planner, camera, "/collections/facilities/items")

    patched(planner, address, {"properties": {"attributes": {"gone": None, "new": [3]}}})

    told = planner.get(address).get_json(force=True)["properties"]["attributes"]
    assert told == {"kept": 1, "new": [3]}


def test_a_patch_that_changes_nothing_makes_no_version(
    planner: FlaskClient, session: Session
) -> None:
    address = created(planner, house(name="甲楼"))

    reply = patched(planner, address, {"properties": {"name": "甲楼"}})

    assert (reply.status_code, reply.headers["ETag"]) == (204, '"1"')
    assert (count(session, "buildings_history"), count(session, "outbox")) == (0, 1)


def test_a_changed_row_is_kept_in_the_history(planner: FlaskClient, session: Session) -> None:
    address = created(planner, house(name="甲楼"))
    patched(planner, address, {"properties": {"name": "乙楼"}})

    kept = session.execute(text("SELECT name, row_version FROM buildings_history")).all()
    assert [tuple(row) for row in kept] == [("甲楼", 1)]


def test_a_deleted_feature_is_gone_but_its_history_stays(
    planner: FlaskClient, session: Session
) -> None:
    address = created(planner, house(name="甲楼"))

    reply = planner.delete(address, headers={"If-Match": '"1"'})

    assert (reply.status_code, planner.get(address).status_code) == (204, 404)
    kept = session.execute(text("SELECT name FROM buildings_history")).scalars().all()
    assert (kept, count(session, "buildings")) == (["甲楼"], 0)


def test_a_stale_version_changes_nothing(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼"))
    patched(planner, address, {"properties": {"name": "乙楼"}})

    replies = [
        planner.put(address, json=house(), headers={"If-Match": '"1"'}),
        patched(planner, address, {"properties": {"name": "丙楼"}}, **{"If-Match": '"1"'}),
        planner.delete(address, headers={"If-Match": '"1"'}),
    ]

    assert [reply.status_code for reply in replies] == [412, 412, 412]
    assert planner.get(address).get_json(force=True)["properties"]["name"] == "乙楼"


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


def test_a_code_in_use_is_refused(planner: FlaskClient) -> None:
    created(planner, house())

    reply = planner.post(ITEMS, json=house())

    assert (reply.status_code, reply.json["member"]) == (409, "properties.code")


def test_a_code_that_was_used_is_never_used_again(planner: FlaskClient) -> None:
    planner.delete(created(planner, house()), headers={"If-Match": '"1"'})

    reply = planner.post(ITEMS, json=house())

    assert (reply.status_code, reply.json["member"]) == (409, "properties.code")
    assert "never used again" in reply.json["detail"]


def test_a_code_stays(planner: FlaskClient) -> None:
    reply = patched(planner, created(planner, house()), {"properties": {"code": "N2"}})

    assert (reply.status_code, reply.json["member"]) == (409, "properties.code")


def test_what_others_refer_to_is_not_deleted(planner: FlaskClient, town: Session) -> None:
    address = created(planner, house())
    shop = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": at(-55, 15)},
        "properties": {"code": "E1", "class": "shop", "building_code": "N1"},
    }
    created(planner, shop, "/collections/enterprises/items")

    reply = planner.delete(address, headers={"If-Match": '"1"'})

    assert reply.status_code == 409
    assert reply.json["detail"] == "1 of enterprises refer to N1 by their building_code"


def test_coordinates_are_read_in_the_declared_system(planner: FlaskClient) -> None:
    address = created(planner, house())
    crs = "http://www.opengis.net/def/crs/EPSG/0/4547"
    surveyed = planner.get(address, query_string={"crs": crs}).get_json(force=True)["geometry"]

    feature = {**house("N2"), "geometry": surveyed}
    reply = planner.post(ITEMS, json=feature, headers={"Content-Crs": f"<{crs}>"})

    both = [planner.get(a).get_json(force=True) for a in (address, reply.headers["Location"])]
    first, second = (f["geometry"]["coordinates"][0][0][0] for f in both)
    assert first == pytest.approx(second, abs=2e-7)


def test_the_source_system_is_kept_with_the_row(planner: FlaskClient, session: Session) -> None:
    flipped = house()
    ring = flipped["geometry"]["coordinates"][0]
    flipped["geometry"]["coordinates"] = [[[y, x] for x, y in ring]]
    planner.post(ITEMS, json=flipped, headers={"Content-Crs": "<EPSG:4490>"})

    assert session.execute(text("SELECT source_crs FROM buildings")).scalar() == "EPSG:4490"


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
    assert many.headers["Accept-Post"] == "application/geo+json, application/json"
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
