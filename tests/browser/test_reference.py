"""A published collection at the wall: off at first, switched on, opened."""

from __future__ import annotations

import re

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
LINE = '[data-layer="人口"]'


@pytest.fixture(scope="module")
def published(town: str, live_settings: Settings) -> str:
    """Publish a point in the middle of the town, while it is served; the server's address."""
    middle = Point(acts.ask(town, "/town")["center"])
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        add_collection(session, "人口", [(middle, TOLD)], title="People", title_zh="人口分布")
    engine.dispose()
    return town


@pytest.fixture
def wall(published: str, open_page: Open) -> Page:
    page = open_page(f"{published}/wall", viewport={"width": 1366, "height": 900})
    acts.await_wall(page)
    return page


def open_middle(wall: Page) -> None:
    wall.locator("#map").focus()
    wall.keyboard.press("Enter")


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
    with wall.expect_response(lambda reply: "/tiles/" in reply.url and reply.ok):
        wall.locator(f"{LINE} input").check()
    drawer = wall.locator("#drawer")
    expect(wall.locator("#map")).to_be_visible()
    wall.wait_for_function("""() => new Promise(done => setTimeout(() => done(true), 800))""")
    open_middle(wall)

    expect(drawer.locator(".drawer-title")).to_have_text("黄屋<b>村</b>")
    names = drawer.locator(".properties dt")
    expect(names.filter(has_text="常住人口")).to_be_visible()
    expect(drawer.locator(".properties dd", has_text="4,321")).to_be_visible()
    stamp = re.compile("2026.01.05 10:00")
    expect(drawer.locator(".properties dd", has_text=stamp)).to_be_visible()
