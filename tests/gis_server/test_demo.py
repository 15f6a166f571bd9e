"""The demo town: what no layer takes is published."""

from __future__ import annotations

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from geodata.town import PUBLISHED
from gis_server import demo
from tests.factories import SCOPE, block


@pytest.fixture
def waters() -> gpd.GeoDataFrame:
    """Give a river and a pond, as the demo town has them."""
    told = {"code": ["W1", "W2"], "name": ["寒溪河", "鱼塘1"], "class": ["river", "pond"]}
    shapes = [block(0, 0, 100, 10), block(0, 50, 20, 70)]
    return gpd.GeoDataFrame(told, geometry=shapes, crs=4326).rename_geometry("geom")


def test_the_waters_are_a_collection_that_lies_below_all_and_is_shown(
    session: Session, client: FlaskClient, waters: gpd.GeoDataFrame
) -> None:
    demo._publish(session, SCOPE, "water", waters, PUBLISHED["water"])

    first = client.get("/collections").get_json()["collections"][0]
    assert (first["id"], first["title_zh"], first["geometry"]) == ("water", "水系", "MULTIPOLYGON")
    assert (first["order"], first["minzoom"], first["hidden"]) == (5, 8, False)
    assert first["style"]["fillColor"] == "#1d3a52"


def test_each_water_keeps_what_is_known_of_it(
    session: Session, client: FlaskClient, waters: gpd.GeoDataFrame
) -> None:
    demo._publish(session, SCOPE, "water", waters, PUBLISHED["water"])

    river = client.get("/collections/water/items/1").get_json()
    assert river["properties"] == {"code": "W1", "name": "寒溪河", "class": "river"}
