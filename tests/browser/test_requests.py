"""What the wall asks for while it is moved: each tile once, and no layer before its zoom."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

TILE = re.compile(r"/collections/(\w+)/tiles/(\d+)/\d+/\d+$")
SETTLED_MS = 2500


@pytest.fixture
def wall(town: str, open_page: Open) -> Page:
    page = open_page(f"{town}/wall")
    acts.await_wall(page)
    page.wait_for_timeout(SETTLED_MS)
    return page


def zoom(page: Page, key: str) -> list[tuple[str, int]]:
    """Zoom by a key; the layer and zoom of each tile that was asked for meanwhile."""
    asked: list[tuple[str, int]] = []

    def note(url: str) -> None:
        if found := TILE.search(url):
            asked.append((found[1], int(found[2])))

    page.on("request", lambda request: note(request.url))
    page.locator("#map").focus()
    page.keyboard.press(key)
    page.wait_for_timeout(SETTLED_MS)
    return list(asked)


def test_zooming_back_asks_for_no_tile_again(wall: Page) -> None:
    assert zoom(wall, "-")
    assert zoom(wall, "+") == []


def test_no_layer_is_asked_for_before_its_zoom(wall: Page, town: str) -> None:
    least = {c["id"]: c["minzoom"] for c in acts.ask(town, "/collections")["collections"]}
    asked = [tile for _ in range(5) for tile in zoom(wall, "-")]
    assert {layer for layer, _ in asked} < least.keys()
    assert [tile for tile in asked if tile[1] < least[tile[0]]] == []
