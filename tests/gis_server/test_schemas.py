"""The schema of a collection: what it returns, and what it receives."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from shapely import Point
from sqlalchemy.orm import Session

from layers import find_layers
from tests.factories import add_collection, at

ROLES = ("id", "primary-geometry", "primary-instant", "type")


def schema(client: FlaskClient, name: str) -> dict[str, Any]:
    return dict(client.get(f"/collections/{name}/schema").get_json(force=True))


def roles(told: dict[str, Any]) -> dict[str, str]:
    return {p["x-ogc-role"]: name for name, p in told["properties"].items() if "x-ogc-role" in p}


def test_a_schema_is_json_schema_with_an_address_of_its_own(client: FlaskClient) -> None:
    reply = client.get("/collections/buildings/schema?f=schema")

    told = reply.get_json(force=True)
    assert reply.mimetype == "application/schema+json"
    assert told["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert told["$id"] == "http://localhost/collections/buildings/schema"
    assert (told["type"], told["additionalProperties"]) == ("object", False)


def test_plain_json_is_offered_too(client: FlaskClient) -> None:
    headers = {"Accept": "application/json"}

    assert client.get("/collections/grids/schema", headers=headers).mimetype == "application/json"


def test_the_id_and_the_geometry_come_first(client: FlaskClient) -> None:
    told = schema(client, "enterprises")["properties"]

    assert list(told)[:3] == ["id", "geometry", "code"]
    assert (told["id"]["x-ogc-role"], told["id"]["readOnly"]) == ("id", True)
    assert told["geometry"]["format"] == "geometry-point"
    assert "type" not in told["geometry"]


def test_properties_are_numbered_in_order(client: FlaskClient) -> None:
    told = schema(client, "hazards")["properties"]

    assert [p["x-ogc-propertySeq"] for p in told.values()] == list(range(1, len(told) + 1))


def test_roles_name_the_type_and_the_time(client: FlaskClient) -> None:
    assert roles(schema(client, "incidents"))["type"] == "category"
    assert roles(schema(client, "enterprises"))["type"] == "class"
    assert roles(schema(client, "incidents"))["primary-instant"] == "reported_at"


def test_what_every_new_feature_needs_is_required(client: FlaskClient) -> None:
    assert schema(client, "buildings")["required"] == ["geometry", "code"]
    assert schema(client, "hazards")["required"] == ["geometry", "code", "kind"]


def test_what_only_a_plan_changes_is_read_only(client: FlaskClient) -> None:
    told = schema(client, "grids")["properties"]

    fixed = [name for name, p in told.items() if p.get("readOnly")]
    assert fixed == ["id", "geometry", "code", "net", "level", "parent_code", "valid"]


def test_what_cannot_be_edited_is_read_only(client: FlaskClient) -> None:
    told = schema(client, "procedures")["properties"]

    assert all(p["readOnly"] for p in told.values())


def test_a_case_tells_what_a_report_may_say(client: FlaskClient) -> None:
    told = schema(client, "incidents")["properties"]

    assert "readOnly" not in told["description"]
    assert told["stage"]["readOnly"]


def test_an_unknown_collection_has_no_schema(client: FlaskClient) -> None:
    assert client.get("/collections/nothing/schema").status_code == 404


def test_an_unknown_parameter_of_a_schema_is_refused(client: FlaskClient) -> None:
    assert client.get("/collections/grids/schema?deep=1").status_code == 400


@pytest.mark.parametrize("name", sorted(find_layers()))
def test_each_role_is_given_once_and_every_property_has_a_title(
    client: FlaskClient, name: str
) -> None:
    told = schema(client, name)["properties"]

    given = [p["x-ogc-role"] for p in told.values() if "x-ogc-role" in p]
    assert len(given) == len(set(given))
    assert set(given) <= set(ROLES)
    assert [n for n, p in told.items() if "format" not in p and "title" not in p] == []


@pytest.mark.parametrize(
    "name", sorted(n for n, layer in find_layers().items() if layer.edits is not None)
)
def test_everything_shown_of_a_register_can_be_written(name: str) -> None:
    layer = find_layers()[name]

    assert layer.edits is not None
    assert set(layer.fields) <= layer.edits.written | layer.edits.fixed.keys()


def test_an_imported_dataset_keeps_its_own_names(client: FlaskClient, session: Session) -> None:
    add_collection(session, "人口", [(Point(*at(0, 0)), {"id": 7, "geometry": "x", "数": 1.5})])

    told = schema(client, "人口")["properties"]

    assert list(told) == ["_id", "_geometry", "id", "geometry", "数"]
    assert (told["_id"]["x-ogc-role"], told["_geometry"]["x-ogc-role"]) == ROLES[:2]
    assert all(p["readOnly"] for p in told.values())


def test_an_imported_dataset_is_only_read(client: FlaskClient, session: Session) -> None:
    add_collection(session, "人口", [(Point(*at(0, 0)), {"数": 1})])
    items = "/collections/人口/items"

    replies = [client.post(items, json={}), client.put(f"{items}/1"), client.delete(f"{items}/1")]

    assert {reply.status_code for reply in replies} == {405}
    assert {reply.headers["Allow"] for reply in replies} == {"GET, HEAD, OPTIONS"}
