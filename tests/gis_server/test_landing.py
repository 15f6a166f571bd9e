"""What is served tells all that a map or a program needs to know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Basemap, Settings
from layers.town import Town, name_town
from tests.factories import SCOPE, Json, at

HOST = "http://localhost"
NEEDED = {"id", "title", "title_zh", "geometry", "live", "order", "style", "legend", "minzoom"}


def _json(client: FlaskClient, address: str) -> Json:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


def _collection(client: FlaskClient, name: str) -> Json:
    found = _json(client, "/collections?tables=true")["collections"]
    return next(dict(one) for one in found if one["id"] == name)


def test_the_landing_page_leads_to_what_is_served(client: FlaskClient) -> None:
    found = _json(client, "/")

    links = {link["rel"]: link["href"] for link in found["links"]}
    assert (links["data"], links["events"]) == (f"{HOST}/collections", f"{HOST}/events")
    assert (links["cases"], links["procedures"]) == (f"{HOST}/cases", f"{HOST}/procedures")
    assert found["title_zh"] == "网格治理一张图"


def test_the_town_lies_where_its_grids_lie(client: FlaskClient, town: Session) -> None:
    found = _json(client, "/town")

    assert found["bbox"] == pytest.approx([*at(-200, -200), *at(200, 200)])
    assert found["center"] == pytest.approx(at(0, 0))


def test_a_town_without_grids_lies_nowhere(client: FlaskClient) -> None:
    found = _json(client, "/town")

    assert (found["bbox"], found["center"]) == (None, None)


def test_a_made_up_town_says_so(client: FlaskClient, session: Session) -> None:
    name_town(
        session, Town(district=SCOPE.district, name="东坑镇", name_en="Dongkeng", synthetic=True)
    )

    found = _json(client, "/town")

    assert (found["title"], found["title_en"], found["synthetic"]) == ("东坑镇", "Dongkeng", True)


def test_a_town_that_was_not_made_up_says_so(client: FlaskClient) -> None:
    assert _json(client, "/town")["synthetic"] is False


def test_the_town_tells_the_databases_time_and_its_own_zone(client: FlaskClient) -> None:
    found = _json(client, "/town")

    assert found["now"].endswith("+00:00")
    assert found["time_zone"] == "Asia/Shanghai"


def test_the_town_has_the_base_map_of_the_settings(own_database: Settings) -> None:
    basemap = Basemap("xyz", "/tiles/{z}/{x}/{y}", "天地图", "EPSG:3857")

    client = create_app(replace(own_database, basemap=basemap)).test_client()

    assert _json(client, "/town")["basemap"] == {
        "kind": "xyz",
        "url": "/tiles/{z}/{x}/{y}",
        "attribution": "天地图",
        "crs": "EPSG:3857",
    }


def test_collections_are_listed_in_drawing_order(client: FlaskClient) -> None:
    found = _json(client, "/collections")["collections"]

    orders = [one["order"] for one in found]
    assert orders == sorted(orders)
    assert {"areas", "grids", "incidents"} <= {one["id"] for one in found}


def test_a_collection_tells_what_is_needed_to_draw_it(client: FlaskClient) -> None:
    found = _collection(client, "grids")

    assert set(found) >= NEEDED
    assert (found["geometry"], found["live"]) == ("MULTIPOLYGON", False)
    assert {line["value"] for line in found["legend"]} == {
        "base",
        "micro",
        "dedicated",
        "professional",
    }


def test_tables_without_a_place_are_listed_when_asked_for(client: FlaskClient) -> None:
    usual, all_of_them = (
        {one["id"] for one in _json(client, address)["collections"]}
        for address in ("/collections", "/collections?tables=true")
    )

    assert usual < all_of_them
    assert {"duties", "procedures"} <= all_of_them - usual


def test_a_layer_without_a_place_has_no_geometry(client: FlaskClient) -> None:
    assert _collection(client, "duties")["geometry"] is None


def test_a_property_has_its_chinese_name_and_its_type(client: FlaskClient) -> None:
    properties = {p["name"]: p for p in _collection(client, "incidents")["properties"]}

    assert properties["severity"] == {
        "name": "severity",
        "title_zh": "紧急程度",
        "type": "integer",
    }


@pytest.mark.parametrize(
    ("layer", "name", "kind"),
    [
        ("incidents", "grid_id", "integer"),
        ("incidents", "confidence", "number"),
        ("incidents", "due_at", "date-time"),
        ("incidents", "candidates", "array"),
        ("incidents", "number", "string"),
        ("buildings", "rental", "boolean"),
        ("buildings", "households", "integer"),
        ("grids", "valid", "array"),
    ],
)
def test_a_propertys_type_is_the_columns(
    client: FlaskClient, layer: str, name: str, kind: str
) -> None:
    properties = {p["name"]: p["type"] for p in _collection(client, layer)["properties"]}

    assert properties[name] == kind


def test_one_collection_is_described_as_in_the_list(client: FlaskClient) -> None:
    assert _json(client, "/collections/incidents") == _collection(client, "incidents")


def test_a_collection_leads_to_its_features_tiles_and_summaries(client: FlaskClient) -> None:
    links = {link["rel"]: link["href"] for link in _collection(client, "incidents")["links"]}

    assert links["items"] == f"{HOST}/collections/incidents/items?f=html"
    assert links["tiles"] == HOST + "/collections/incidents/tiles/{z}/{x}/{y}"
    assert links["figures"] == f"{HOST}/collections/incidents/figures"
