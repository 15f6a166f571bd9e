"""Create, replace, update and delete one feature of a register over HTTP."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers import outbox
from tests.factories import SCOPE, VILLAGE, at, count
from tests.gis_server.editors import (
    ITEMS,
    created,
    house,
    patched,
    properties,
)


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

    told = properties(planner, address)
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

    told = properties(planner, address)
    assert (reply.status_code, told["households"], told["name"]) == (204, 14, "甲楼")


def test_a_null_in_a_patch_removes_the_value(planner: FlaskClient) -> None:
    address = created(planner, house(name="甲楼"))

    patched(planner, address, {"properties": {"name": None}})

    assert properties(planner, address)["name"] is None


def test_a_patch_is_applied_inside_an_object_too(planner: FlaskClient) -> None:
    camera = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": at(-50, 0)},
        "properties": {"code": "F1", "class": "camera", "attributes": {"kept": 1, "gone": 2}},
    }
    address = created(planner, camera, "/collections/facilities/items")

    patched(planner, address, {"properties": {"attributes": {"gone": None, "new": [3]}}})

    told = properties(planner, address)["attributes"]
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
