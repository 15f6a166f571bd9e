"""Test the Folium maps: local, escaped, following events, and standing alone."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers import find_layers
from tests.factories import SCOPE, WEST, add_grid, block
from web_map.report import STATIC, frozen_page

EVIL = "</script><img src=x onerror=alert(1)>`${alert(1)}`"
OUTSIDE = re.compile(r"""<(?:script|link|img)[^>]*(?:src|href)=["'](?:https?:)?//""")


@pytest.fixture
def evil_grid(session: Session) -> None:
    add_grid(session, WEST, block(-100, -100, 100, 100), name=EVIL)


@pytest.mark.usefixtures("evil_grid")
def test_live_map_loads_nothing_from_another_host(client: FlaskClient) -> None:
    page = client.get("/maps/live").text
    assert not OUTSIDE.findall(page)


@pytest.mark.usefixtures("evil_grid")
def test_live_map_holds_names_only_as_escaped_data(client: FlaskClient) -> None:
    page = client.get("/maps/live").text
    assert "\\u003cimg src=x" in page
    assert "<img src=x" not in page


def test_live_map_follows_the_events_of_live_layers(client: FlaskClient) -> None:
    page = client.get("/maps/live").text
    assert "gisReport.follow('/events', {\"incidents\": {href:" in page


def test_empty_town_has_a_map_all_the_same(client: FlaskClient) -> None:
    assert client.get("/maps/live").status_code == 200


@pytest.mark.usefixtures("evil_grid")
def test_frozen_map_names_no_file_beside_it(session: Session) -> None:
    page = frozen_page(session, find_layers(), SCOPE)
    assert "/static/" not in page
    assert not OUTSIDE.findall(page)


@pytest.mark.usefixtures("evil_grid")
def test_frozen_map_holds_leaflet_and_the_features(session: Session) -> None:
    page = frozen_page(session, find_layers(), SCOPE)
    assert "gisReport.draw(" in page
    assert "Leaflet 1.9.4" in page
    assert "\\u003cimg src=x" in page


def test_stages_have_the_colours_of_the_wall() -> None:
    tokens = (STATIC / "css/tokens.css").read_text().split('[data-theme="light"]')[0]
    walls = dict(re.findall(r"--stage-(\w+): (#\w+);", tokens))
    symbols = find_layers()["incidents"].symbols
    assert {symbol.value: symbol.style["fillColor"] for symbol in symbols} == walls


def test_live_map_tells_the_time_in_the_towns_zone(client: FlaskClient) -> None:
    assert 'id="as-of" data-zone="Asia/Shanghai"' in client.get("/maps/live").text
