"""A published collection at the wall: off at first, switched on, opened."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from shapely import Point
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.browser import acts
from tests.browser.conftest import Open
from tests.factories import add_collection

pytestmark = pytest.mark.browser

TOLD = {"名称": "黄屋<b>村</b>", "常住人口": 4321, "更新时间": "2026-01-05T02:00:00+00:00"}
SCHEMA = {"名称": "string", "常住人口": "integer", "更新时间": "date-time"}
TILES = f"/collections/{quote('人口')}/tiles/"
DRAWN_MS = 600
SIZE = {"width": 1366, "height": 900}
LINE = '[data-layer="人口"]'


@pytest.fixture(scope="module")
def published(town: str, live_settings: Settings) -> str:
    """Publish a point in the middle of the town, while it is served; the server's address."""
    middle = Point(acts.ask(town, "/town")["center"])
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        titles = {"title": "People", "title_zh": "人口分布"}
        add_collection(session, "人口", [(middle, TOLD)], schema=SCHEMA, **titles)
    engine.dispose()
    return town


@pytest.fixture
def wall(published: str, open_page: Open) -> Page:
    page = open_page(f"{published}/wall", viewport=SIZE, reduced_motion="reduce")
    acts.await_wall(page)
    return page


def find(wall: Page) -> None:
    """Find the point by its name; the map is moved there, and its card opened."""
    wall.locator("#search-input").fill("黄屋<b>")
    wall.locator('#search-list [role="option"]').first.click()


def test_a_collection_is_off_until_it_is_switched_on(wall: Page) -> None:
    box = wall.locator(f"{LINE} input")
    expect(box).not_to_be_checked()
    expect(wall.locator(LINE)).to_contain_text("人口分布")

    box.check()
    wall.reload()
    acts.await_wall(wall)

    expect(wall.locator(f"{LINE} input")).to_be_checked()


def test_what_a_browser_kept_before_does_not_switch_it_on(wall: Page) -> None:
    wall.evaluate("localStorage.setItem('gis.layers.hidden', '[\"streets\"]')")
    wall.reload()
    acts.await_wall(wall)

    expect(wall.locator(f"{LINE} input")).not_to_be_checked()
    expect(wall.locator('[data-layer="streets"] input')).not_to_be_checked()


def test_its_card_shows_the_properties_under_their_own_names(wall: Page) -> None:
    find(wall)

    drawer = wall.locator("#drawer")
    expect(drawer.locator(".drawer-title")).to_have_text("黄屋<b>村</b>")
    expect(drawer.locator(".properties dt", has_text="常住人口")).to_be_visible()
    expect(drawer.locator(".properties dd", has_text="4,321")).to_be_visible()
    stamp = re.compile("2026.01.05 10:00")
    expect(drawer.locator(".properties dd", has_text=stamp)).to_be_visible()


def test_what_is_drawn_is_opened_by_its_place(wall: Page) -> None:
    wall.locator(f"{LINE} input").check()
    with wall.expect_response(lambda reply: TILES in reply.url and reply.ok):
        find(wall)
    title = wall.locator("#drawer .drawer-title")
    expect(title).to_have_text("黄屋<b>村</b>")
    wall.keyboard.press("Escape")
    expect(title).to_be_hidden()

    wall.wait_for_timeout(DRAWN_MS)
    wall.locator("#map").focus()
    wall.keyboard.press("Enter")
    expect(title).to_have_text("黄屋<b>村</b>")


NOTE_TEXTS = """
const draw = OffscreenCanvasRenderingContext2D.prototype.fillText;
OffscreenCanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  const page = document.documentElement.dataset;
  page.written = `${page.written ?? ''} ${text}`;
  return draw.call(this, text, ...place);
};
"""
MANY = 6000  # more than a tile draws one by one


@pytest.fixture(scope="module")
def crowded(town: str, live_settings: Settings) -> str:
    """Publish many points in one place of the town; the server's address."""
    middle = Point(acts.ask(town, "/town")["center"])
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        rows = [(middle, {"name": f"shop {at}"}) for at in range(MANY)]
        add_collection(session, "crowd", rows, schema={"name": "string"}, title_zh="商铺")
    engine.dispose()
    return town


def test_features_gathered_in_one_place_show_their_number(
    crowded: str, open_page: Open, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    page = open_page(f"{crowded}/wall", viewport=SIZE, reduced_motion="reduce")
    page.add_init_script(NOTE_TEXTS)
    page.reload()
    acts.await_wall(page)
    page.locator('[data-layer="crowd"] input').check()

    expect(page.locator(f'html[data-written~="{MANY}"]')).to_have_count(1)
    page.wait_for_timeout(DRAWN_MS)
    folder = Path(pytestconfig.getoption("--screenshots") or tmp_path)
    page.screenshot(path=folder / "gathered.png")


def test_what_is_gathered_is_looked_at_from_nearer(crowded: str, open_page: Open) -> None:
    page = open_page(f"{crowded}/wall", viewport=SIZE, reduced_motion="reduce")
    acts.await_wall(page)
    page.locator('[data-layer="crowd"] input').check()
    with page.expect_response(lambda reply: "/collections/crowd/tiles/" in reply.url and reply.ok):
        page.locator("#search-input").fill("shop 77")
        page.locator('#search-list [role="option"]').first.click()
    title = page.locator("#drawer .drawer-title")
    expect(title).to_contain_text("shop")
    page.keyboard.press("Escape")
    expect(title).to_be_hidden()
    page.wait_for_timeout(DRAWN_MS)
    scale = page.locator(".leaflet-control-scale-line").first.inner_text()

    page.locator("#map").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".leaflet-control-scale-line").first).not_to_have_text(scale)
    expect(title).to_be_hidden()
