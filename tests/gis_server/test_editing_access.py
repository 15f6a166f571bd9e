"""Who may write what, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers.base import VISITOR, Reader
from tests.factories import EAST, VILLAGE, WEST, add_building, at, point
from tests.gis_server.editors import ITEMS, MERGE, created, house, patched, ring

As = Callable[[Reader], FlaskClient]


def reader(role: str, *areas: str) -> Reader:
    return Reader(account=role, roles=frozenset({role}), areas=areas)


def shop() -> dict[str, Any]:
    told = {"code": "E1", "class": "shop"}
    return {"type": "Feature", "geometry": point(-55, 15), "properties": told}


def written(client: FlaskClient, feature: dict[str, Any], items: str) -> int:
    return client.post(f"/collections/{items}/items", json=feature).status_code


def test_a_visitor_is_asked_to_sign_in(client_as: As, town: Session) -> None:
    visitor, number = client_as(VISITOR), add_building(town, "B1", (0, 0)).id
    one, based = f"{ITEMS}/{number}", {"If-Match": '"1"'}

    replies = [
        visitor.post(ITEMS, json=house()),
        visitor.put(one, json=house(), headers=based),
        visitor.patch(one, json={}, content_type=MERGE, headers=based),
        visitor.delete(one, headers=based),
    ]

    assert [reply.status_code for reply in replies] == [401, 401, 401, 401]


@pytest.mark.parametrize(
    ("role", "items", "status"),
    [
        ("worker", "buildings", 403),
        ("worker", "enterprises", 403),
        ("department", "enterprises", 201),
        ("dispatcher", "enterprises", 201),
        ("planner", "enterprises", 201),
        ("administrator", "enterprises", 201),
    ],
)
def test_a_role_decides_who_writes(
    client_as: As, town: Session, role: str, items: str, status: int
) -> None:
    feature = house() if items == "buildings" else shop()

    assert written(client_as(reader(role)), feature, items) == status


@pytest.mark.parametrize(
    ("role", "status"), [("dispatcher", 403), ("planner", 403), ("administrator", 201)]
)
def test_only_an_administrator_says_who_holds_a_post(
    client_as: As, town: Session, role: str, status: int
) -> None:
    told = {"code": "D9", "post": "leader", "title": "网格长", "grid_code": WEST}
    duty = {"type": "Feature", "geometry": None, "properties": told}

    assert written(client_as(reader(role)), duty, "duties") == status


@pytest.mark.parametrize(
    ("area", "status"), [("4419", 201), (VILLAGE, 201), (WEST, 201), (EAST, 403), ("320", 403)]
)
def test_a_department_writes_on_its_own_ground(
    client_as: As, town: Session, area: str, status: int
) -> None:
    assert written(client_as(reader("department", area)), shop(), "enterprises") == status


def test_who_has_some_areas_does_not_write_outside_every_grid(client_as: As, town: Session) -> None:
    far = {**shop(), "geometry": point(5000, 0)}

    assert written(client_as(reader("department", VILLAGE)), far, "enterprises") == 403
    assert written(client_as(reader("department")), far, "enterprises") == 201


def test_nothing_is_moved_onto_another_ground(client_as: As, town: Session) -> None:
    western = client_as(reader("planner", WEST))
    address = created(western, house())

    moved = {"geometry": {"type": "Polygon", "coordinates": [ring(100, 10)]}}
    reply = patched(western, address, moved)

    assert (reply.status_code, reply.json["member"]) == (403, "geometry")


def test_nothing_is_taken_from_another_ground(client_as: As, town: Session) -> None:
    address = created(client_as(reader("planner")), house())
    eastern = client_as(reader("planner", EAST))

    renamed = patched(eastern, address, {"properties": {"name": "甲"}})
    deleted = eastern.delete(address, headers={"If-Match": '"1"'})

    assert (renamed.status_code, deleted.status_code) == (403, 403)


def test_a_grid_is_renamed_by_who_plans_there(client_as: As, town: Session) -> None:
    western = client_as(reader("planner", WEST))
    grids = western.get("/collections/grids/items").get_json(force=True)["features"]
    numbers = {grid["properties"]["code"]: grid["id"] for grid in grids}

    replies = [
        patched(
            western, f"/collections/grids/items/{numbers[code]}", {"properties": {"name": "新"}}
        )
        for code in (WEST, EAST)
    ]

    assert [reply.status_code for reply in replies] == [204, 403]


def test_a_place_without_a_grid_is_the_village_that_holds_it(client_as: As, town: Session) -> None:
    administrator = client_as(reader("administrator"))
    ground = {"type": "Polygon", "coordinates": [[at(900, 0), at(999, 0), at(999, 99), at(900, 0)]]}
    told = {"code": "441900109299", "name": "新村", "level": 3, "valid": [None, None]}
    area = {"type": "Feature", "geometry": ground, "properties": told}
    assert written(administrator, area, "areas") == 201

    near = {**shop(), "geometry": point(990, 10)}
    assert written(client_as(reader("department", "441900109299")), near, "enterprises") == 201
