"""Tiles as the standard has them: tilesets, their metadata, and tiles by row and column."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from geodata.tiles import MAX_ZOOM, Tile
from tests.factories import EAST, GRID, WEST, incident, posted
from tests.mvt import by_mapbox, by_node

MVT = "application/vnd.mapbox-vector-tile"
QUAD = "WebMercatorQuad"
WALL = "/collections/grids/tiles/15/26755/14232"
STANDARD = f"/collections/grids/tiles/{QUAD}/15/14232/26755"
TILESET = f"/collections/grids/tiles/{QUAD}"


def _links(document: Any) -> dict[str, str]:
    return {link["rel"].rsplit("/", 1)[-1]: link["href"] for link in document["links"]}


def test_row_and_column_stand_as_the_standard_says(client: FlaskClient, town: Session) -> None:
    wall, standard = client.get(WALL), client.get(STANDARD)

    assert (standard.status_code, standard.mimetype) == (200, MVT)
    assert standard.data == wall.data


@pytest.mark.parametrize("read", [by_mapbox, by_node], ids=["PyPI", "npm"])
def test_a_tile_is_read_by_another_reader(client: FlaskClient, town: Session, read: Any) -> None:
    told = read(client.get(STANDARD).data)

    assert {grid["properties"]["code"] for grid in told["grids"]} == {GRID, EAST, WEST}


@pytest.mark.parametrize("read", [by_mapbox, by_node], ids=["PyPI", "npm"])
def test_several_layers_are_in_one_tile(client: FlaskClient, town: Session, read: Any) -> None:
    posted(client, incident(0, 0))

    told = read(client.get(f"/tiles/{QUAD}/15/14232/26755?collections=grids,incidents").data)

    assert {name: len(features) for name, features in told.items()} == {"grids": 3, "incidents": 1}


def test_without_names_a_tile_holds_all_layers(client: FlaskClient, town: Session) -> None:
    posted(client, incident(0, 0))

    told = by_mapbox(client.get(f"/tiles/{QUAD}/15/14232/26755").data)

    assert {"grids", "incidents"} <= told.keys()


def test_a_case_is_in_a_tile_of_several_layers_at_once(client: FlaskClient, town: Session) -> None:
    address = f"/tiles/{QUAD}/15/14232/26755?collections=incidents,grids"
    before = by_mapbox(client.get(address).data)

    posted(client, incident(0, 0))

    assert (before.keys(), by_mapbox(client.get(address).data).keys()) == (
        {"grids"},
        {"grids", "incidents"},
    )


@pytest.mark.parametrize("base", ["/tiles", "/collections/grids/tiles"])
def test_a_list_of_tilesets_leads_to_its_tiles(
    client: FlaskClient, town: Session, base: str
) -> None:
    (listed,) = client.get(base).get_json()["tilesets"]
    described = client.get(_links(listed)["self"]).get_json()
    template = _links(described)["item"]

    tile = template.format(tileMatrix=15, tileRow=14232, tileCol=26755)

    assert (listed["dataType"], described["crs"]) == ("vector", listed["crs"])
    assert "grids" in by_mapbox(client.get(tile).data)


def test_the_limits_of_a_tileset_hold_its_tiles(client: FlaskClient, town: Session) -> None:
    told = client.get(TILESET).get_json()["tileMatrixSetLimits"]

    (limit,) = [limit for limit in told if limit["tileMatrix"] == "15"]
    assert limit["minTileRow"] <= 14232 <= limit["maxTileRow"]
    assert limit["minTileCol"] <= 26755 <= limit["maxTileCol"]


def test_a_tileset_names_its_layer_and_its_properties(client: FlaskClient, town: Session) -> None:
    (layer,) = client.get(TILESET).get_json()["layers"]

    properties = layer["propertiesSchema"]["properties"]
    assert (layer["id"], layer["minTileMatrix"]) == ("grids", "8")
    assert (properties["level"]["type"], properties["code"]["title"]) == ("integer", "网格编码")


def test_tilejson_leads_to_the_same_tiles(client: FlaskClient, town: Session) -> None:
    told = client.get(f"{TILESET}?f=tilejson").get_json()

    address = told["tiles"][0].format(z=15, x=26755, y=14232)
    assert (told["tilejson"], told["vector_layers"][0]["id"]) == ("3.0.0", "grids")
    assert client.get(address).data == client.get(WALL).data


def test_the_matrix_set_is_the_one_of_the_standard(client: FlaskClient) -> None:
    (listed,) = client.get("/tileMatrixSets").get_json()["tileMatrixSets"]
    told = client.get(_links(listed)["self"]).get_json()
    matrices = told["tileMatrices"]

    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.0287178)
    assert matrices[18]["cellSize"] == pytest.approx(0.5971642834779395)
    assert (len(matrices), matrices[3]["matrixWidth"]) == (MAX_ZOOM + 1, 8)
    assert told["uri"].endswith(f"/{QUAD}")


def test_points_are_told_to_be_drawn_from_the_first_zoom_on(
    client: FlaskClient, town: Session
) -> None:
    told = client.get(f"/collections/enterprises/tiles/{QUAD}?f=tilejson").get_json()

    assert told["minzoom"] == 0


REFUSED = {
    f"{TILESET}/23/0/0": 400,
    f"{TILESET}/1/2/0": 400,
    f"{TILESET}/1/0/2": 400,
    f"{TILESET}/1/-1/0": 404,
    f"{TILESET}/a/0/0": 404,
    f"{TILESET}/1/0.5/0": 404,
    "/collections/grids/tiles/WorldCRS84Quad/1/0/0": 404,
    "/collections/grids/tiles/WorldCRS84Quad": 404,
    "/collections/dragons/tiles": 404,
    f"/collections/dragons/tiles/{QUAD}/1/0/0": 404,
    "/collections/duties/tiles": 404,
    f"/collections/duties/tiles/{QUAD}": 404,
    f"{STANDARD}?f=png": 400,
    f"{STANDARD}?limit=10": 400,
    f"{STANDARD}?sortby=code": 400,
    f"{STANDARD}?colour=red": 400,
    f"{STANDARD}?bbox=nan,0,1,1": 400,
    f"{STANDARD}?datetime=yesterday": 400,
    f"{STANDARD}?as_of=9999": 400,
    f"{STANDARD}?code=a%00": 400,
    f"{STANDARD}?code=a&code=b": 400,
    f"/tiles/{QUAD}/1/0/0?collections=dragons": 400,
    f"/tiles/{QUAD}/1/0/0?collections=duties": 400,
    f"/tiles/{QUAD}/1/0/0?collections=": 400,
    f"/tiles/{QUAD}/1/0/0?stage=closed": 400,
    f"/tiles/{QUAD}/1/2/0": 400,
    "/tiles/dragons": 404,
    "/tiles?colour=red": 400,
    f"/tiles/{QUAD}?f=png": 400,
    "/tileMatrixSets/dragons": 404,
    "/tileMatrixSets?f=png": 400,
}


@pytest.mark.parametrize(("address", "status"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_no_tile_is_refused(
    client: FlaskClient, town: Session, address: str, status: int
) -> None:
    reply = client.get(address)

    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")


def test_tiles_of_all_the_world_are_addressed(client: FlaskClient, town: Session) -> None:
    last = 2**MAX_ZOOM - 1

    replies = [client.get(f"/collections/grids/tiles/{MAX_ZOOM}/{n}/{n}") for n in (0, last)]

    assert [reply.status_code for reply in replies] == [204, 204]
    assert Tile(MAX_ZOOM, last, last).box()[2] == pytest.approx(180)
