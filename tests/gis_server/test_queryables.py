"""What may be filtered by is told, and what is told may be filtered by."""

from __future__ import annotations

from flask.testing import FlaskClient

from layers import find_layers

QUERYABLES = "/collections/buildings/queryables"


def test_queryables_are_a_schema_at_its_own_address(client: FlaskClient) -> None:
    reply = client.get(QUERYABLES)
    schema = reply.get_json(force=True)
    assert reply.mimetype == "application/schema+json"
    assert schema["$id"] == f"http://localhost{QUERYABLES}"
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)


def test_queryables_tell_types_titles_and_roles(client: FlaskClient) -> None:
    told = client.get(QUERYABLES).get_json(force=True)["properties"]
    assert (told["households"]["type"], told["households"]["title"]) == ("integer", "户数")
    assert told["id"]["x-ogc-role"] == "id"
    assert told["geometry"] == {
        "format": "geometry-multipolygon",
        "x-ogc-role": "primary-geometry",
    }


def test_a_layer_without_a_place_has_no_geometry_to_ask_of(client: FlaskClient) -> None:
    told = client.get("/collections/duties/queryables").get_json(force=True)["properties"]
    assert "geometry" not in told
    assert told["valid"]["type"] == "array"


def test_every_queryable_can_be_asked_of(client: FlaskClient) -> None:
    asked = {
        f"/collections/{name}/items?limit=1&filter={queryable} IS NULL"
        for name in find_layers()
        for queryable in client.get(f"/collections/{name}/queryables").get_json(force=True)[
            "properties"
        ]
    }
    refused = {url for url in asked if client.get(url).status_code != 200}
    assert (len(asked) > 100, refused) == (True, set())


def test_what_is_not_told_to_a_visitor_is_not_asked_of_by_one(
    client: FlaskClient, dispatcher: FlaskClient
) -> None:
    path, asked = "/collections/duties", "filter=holder%20%3D%20%27x%27"
    told = [who.get(f"{path}/queryables").get_json(force=True) for who in (client, dispatcher)]
    assert ["holder" in one["properties"] for one in told] == [False, True]
    replies = {
        (who.get(f"{path}/{what}{asked}").status_code, who is client)
        for who in (client, dispatcher)
        for what in ("items?", "count?", "items?f=csv&", "items?resulttype=hits&", "items.xlsx?")
    }
    assert replies == {(400, True), (200, False)}


def test_queryables_have_no_parameters_and_one_form(client: FlaskClient) -> None:
    assert client.get(f"{QUERYABLES}?x=1").status_code == 400
    assert client.get("/collections/nothing/queryables").status_code == 404
    assert client.get(f"{QUERYABLES}?f=json").mimetype == "application/json"


def test_queryables_are_shown_as_a_page(client: FlaskClient) -> None:
    page = client.get(f"{QUERYABLES}?f=html")
    assert (page.mimetype, page.text.startswith("<!doctype html>")) == ("text/html", True)
    assert "户数" in page.text


def test_functions_are_listed_with_their_arguments(client: FlaskClient) -> None:
    reply = client.get("/functions")
    listed = {one["name"]: one for one in reply.get_json(force=True)["functions"]}
    assert listed["distance_m"]["arguments"] == [
        {"title": "geom", "type": ["geometry"]},
        {"title": "other", "type": ["geometry"]},
    ]
    assert listed["lower"]["returns"] == ["string"]


def test_the_draft_s_list_names_what_has_one_value(client: FlaskClient) -> None:
    told = client.get("/collections/incidents/queryables").get_json(force=True)["queryables"]
    named = {one["id"]: one["type"] for one in told}
    assert (named["reported_at"], named["category"], "photos" in named) == (
        "string",
        "string",
        False,
    )
