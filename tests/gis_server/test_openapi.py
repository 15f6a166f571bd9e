"""The description of the API is valid, covers every route, and says what each layer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from werkzeug.routing import Rule

from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import Database
from gis_server.openapi import document
from gis_server.openapi_schemas import as_3_0
from layers import find_layers

VALIDATORS = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
JSON_30 = "application/vnd.oai.openapi+json;version=3.0"
JSON_31 = "application/vnd.oai.openapi+json;version=3.1"
ITEMS = "/collections/incidents/items"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def newest() -> Json:
    """Describe the API in the newest version."""
    return document(find_layers(), "3.1")


@pytest.fixture
def app(settings: Settings, inside: Database) -> Flask:
    """Make the application whose routes are described."""
    return create_app(settings, inside)


def _operations(told: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _listing(told: Json, name: str) -> Json:
    found: Json = told["paths"][f"/collections/{name}/items"]["get"]
    return found


def _parameters(told: Json, operation: Json) -> Mapping[str, Json]:
    named = told["components"]["parameters"]
    whole = [
        named[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation["parameters"]
    ]
    return {one["name"]: one for one in whole}


@pytest.mark.parametrize("version", VALIDATORS)
def test_the_description_is_valid(version: str) -> None:
    told = document(find_layers(), version)

    assert list(VALIDATORS[version](told).iter_errors()) == []


def test_every_route_is_described_and_nothing_else(app: Flask, newest: Json) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if not _by_itself(rule, method)
    }
    found = app.url_map.bind("localhost")
    described = {
        (found.match(_filled(path), method)[0], method) for method, path, _ in _operations(newest)
    }

    assert routes - described == set()


def _by_itself(rule: Rule, method: str) -> bool:
    """Tell whether Flask answers a method without being told to."""
    if method == "OPTIONS":
        return bool(getattr(rule, "provide_automatic_options", False))
    return method == "HEAD"


def _filled(path: str) -> str:
    """Put something in place of each parameter of a path."""
    for name in ("id", "number", "z", "x", "y"):
        path = path.replace(f"{{{name}}}", "1")
    return path.replace("{", "").replace("}", "")


def test_every_parameter_says_how_a_list_is_written(newest: Json) -> None:
    bare = [
        (path, name)
        for _, path, operation in _operations(newest)
        for name, one in _parameters(newest, operation).items()
        if not {"style", "explode", "schema", "description"} <= one.keys()
    ]

    assert bare == []


def test_every_part_of_a_path_is_a_parameter(newest: Json) -> None:
    missing = [
        (path, name)
        for _, path, operation in _operations(newest)
        for name, one in _parameters(newest, operation).items()
        if one["in"] == "path" and (not one["required"] or f"{{{name}}}" not in path)
    ]

    assert missing == []


def test_every_operation_tells_how_it_may_be_refused(newest: Json) -> None:
    without = [
        (method, path)
        for method, path, operation in _operations(newest)
        if not {"400", "503"} <= operation["responses"].keys()
    ]

    assert without == []
    assert newest["components"]["responses"]["400"]["content"].keys() == {
        "application/problem+json"
    }


def test_names_of_operations_are_used_once(newest: Json) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(newest)]

    assert len(names) == len(set(names))


def test_filters_by_property_have_the_types_of_the_layer(newest: Json) -> None:
    found = _parameters(newest, _listing(newest, "incidents"))

    assert found["category"]["schema"]["type"] == "string"
    assert found["supervised"]["schema"]["type"] == "boolean"
    assert found["severity"]["schema"]["type"] == "integer"
    assert "reported_at" not in found


def test_named_filters_say_what_they_take(newest: Json) -> None:
    found = _parameters(newest, _listing(newest, "incidents"))

    assert found["overdue"]["schema"]["type"] == "boolean"
    assert "none" in found["area"]["schema"]["pattern"]


def test_every_named_filter_is_described(newest: Json) -> None:
    missing = [
        (layer.name, name)
        for layer in find_layers().values()
        for name in layer.filters
        if name
        not in _parameters(newest, newest["paths"][f"/collections/{layer.name}/items"]["get"])
    ]

    assert missing == []


def test_a_layer_without_a_place_has_no_box_and_no_tiles(newest: Json) -> None:
    assert "bbox" not in _parameters(newest, _listing(newest, "duties"))
    assert not [p for p in newest["paths"] if p.startswith("/collections/duties/tiles")]


def test_a_move_says_what_it_takes(newest: Json) -> None:
    move = newest["paths"][f"{ITEMS}/{{id}}/steps"]["post"]

    body = move["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["move"]
    assert move["security"] == [{"session": []}]
    assert {"401", "403", "409", "412", "428"} <= move["responses"].keys()


def test_a_layer_that_comes_later_is_described_too() -> None:
    layers = find_layers()
    wells = replace(layers["streets"], named="水井", title="Wells")

    told = document({**layers, "水井": wells}, "3.1")

    assert "/collections/水井/items" in told["paths"]
    assert list(OpenAPIV31SpecValidator(told).iter_errors()) == []


def test_the_older_version_has_no_word_of_the_newer() -> None:
    told = {
        "type": ["string", "null"],
        "examples": ["a", "b"],
        "prefixItems": [{}],
        "items": {"type": "number", "exclusiveMinimum": 0},
    }

    assert as_3_0(told) == {
        "type": "string",
        "nullable": True,
        "example": "a",
        "items": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
    }


@pytest.mark.parametrize(
    ("asked", "version", "kind"),
    [
        ({}, "3.0.3", JSON_30),
        ({"headers": {"Accept": JSON_30}}, "3.0.3", JSON_30),
        ({"headers": {"Accept": JSON_31}}, "3.1.0", JSON_31),
        ({"headers": {"Accept": "application/vnd.oai.openapi+json"}}, "3.0.3", JSON_30),
        ({"query_string": "f=openapi31"}, "3.1.0", JSON_31),
        ({"query_string": "f=json"}, "3.0.3", "application/json"),
    ],
)
def test_the_description_is_given_in_the_version_asked_for(
    client: FlaskClient, asked: Json, version: str, kind: str
) -> None:
    reply = client.get("/api", **asked)

    assert (reply.get_json(force=True)["openapi"], reply.content_type) == (version, kind)


def test_a_browser_is_given_a_page(client: FlaskClient) -> None:
    reply = client.get("/api", headers={"Accept": "text/html,*/*;q=0.8"})

    assert reply.mimetype == "text/html"
    assert f"<code>{ITEMS}</code>" in reply.text
