"""Maps drawn by Folium, in a real browser: one that follows events, and one in a file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers import find_layers
from tests.browser import acts
from tests.browser.conftest import Open
from tests.factories import SCOPE, at
from web_map.report import frozen_page

pytestmark = pytest.mark.browser

LIMIT_S = 3
# Where Folium's map, which has a name of its own each time, shows a place.
PIXEL_OF = """([lon, lat]) => {
    const map = window[Object.keys(window).find(name => /^map_\\w+$/.test(name))];
    const {x, y} = map.latLngToContainerPoint([lat, lon]);
    return [x, y];
}"""


def colour_at(page: Page, east_m: float, north_m: float) -> tuple[int, ...]:
    x, y = page.evaluate(PIXEL_OF, at(east_m, north_m))
    return acts.pixel(page, x, y)


def test_the_live_map_shows_a_posted_case_within_three_seconds(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/maps/live")
    page.wait_for_timeout(2000)
    assert colour_at(page, -70, 90) != acts.REPORTED
    acts.report(town, -70, 90)
    until = time.monotonic() + LIMIT_S
    while colour_at(page, -70, 90) != acts.REPORTED:
        assert time.monotonic() < until
        page.wait_for_timeout(100)


def test_the_legend_of_the_live_map_leaves_the_scale_free(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/maps/live")
    legend = page.locator(".report-legend").bounding_box()
    scale = page.locator(".leaflet-control-scale").bounding_box()
    assert legend and scale
    assert legend["y"] + legend["height"] <= scale["y"]


def test_a_frozen_map_is_drawn_from_a_file_and_asks_for_nothing(
    town: str, live_settings: Settings, chromium: Browser, tmp_path: Path
) -> None:
    acts.report(town, 70, -90)
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session:
        (tmp_path / "map.html").write_text(frozen_page(session, find_layers(), SCOPE))
    engine.dispose()
    page, asked = chromium.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    address = (tmp_path / "map.html").as_uri()
    page.goto(address)
    page.wait_for_timeout(1000)
    drawn = colour_at(page, 70, -90)
    page.close()
    assert drawn == acts.REPORTED
    assert [url for url in asked if url != address and not url.startswith("data:")] == []
