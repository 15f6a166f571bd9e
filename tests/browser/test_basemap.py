"""Base maps from settings: drawn below the town, with their credit; shifted ones are refused."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image
from playwright.sync_api import expect

from geodata.errors import InvalidInput
from gis_server import serving
from gis_server.config import Basemap, Settings
from tests.browser import acts
from tests.browser.conftest import Open, fill_town

pytestmark = pytest.mark.browser

GREEN = (0x20, 0x70, 0x30)
CREDIT = "图源 <b>示例</b> & 伙伴"


class Tiles(BaseHTTPRequestHandler):
    """Answer every tile with one colour."""

    def do_GET(self) -> None:  # noqa: D102 - the name is the base class's
        body = io.BytesIO()
        Image.new("RGB", (256, 256), GREEN).save(body, "PNG")
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body.getvalue())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def tiles() -> Iterator[str]:
    """Serve tiles; the address of their template."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def town_on_tiles(own_database: Settings, tiles: str) -> Iterator[str]:
    """Serve the small town over the base map."""
    given = f'{{"url": "{tiles}", "crs": "EPSG:3857", "attribution": "{CREDIT}"}}'
    settings = replace(own_database, basemap=Basemap.parse(given))
    fill_town(settings)
    with serving.running(settings, [serving.web(settings)]):
        serving.await_answer(settings)
        yield serving.address(settings)


def test_tiles_of_the_settings_lie_below_the_town_with_their_credit(
    town_on_tiles: str, open_page: Open
) -> None:
    acts.report(town_on_tiles, 0, 100)
    page = open_page(f"{town_on_tiles}/wall")
    acts.await_wall(page)
    expect(page.locator(".leaflet-control-attribution")).to_have_text(CREDIT)
    expect(page.locator(".leaflet-basemap-pane img.leaflet-tile-loaded").first).to_be_visible()
    page.wait_for_timeout(1000)
    shown = Image.open(io.BytesIO(page.locator("#map").screenshot())).convert("RGB")
    found = {colour: count for count, colour in shown.getcolors(shown.width * shown.height) or []}
    assert found[GREEN] > 0.2 * shown.width * shown.height
    assert found.get(acts.REPORTED, 0) > 0


def test_tiles_shifted_by_gcj_02_are_refused() -> None:
    given = '{"url": "https://tiles.example/{z}/{x}/{y}.png", "crs": "GCJ-02"}'
    with pytest.raises(InvalidInput, match="550 m off"):
        Basemap.parse(given)
