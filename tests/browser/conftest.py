"""A small town on a real server, and a real browser that reaches no other host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers.town import Town, name_town
from tests.factories import DISPATCHER, SCOPE, add_account, add_building, add_town

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WAIT_MS = 15_000

Open = Callable[..., Page]


def fill_town(settings: Settings) -> None:
    """Store the small town, with six buildings on two streets of like names."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        add_town(session)
        add_account(session, DISPATCHER)
        town = Town(district=SCOPE.district, name="东坑镇", name_en="Dongkeng Town", synthetic=True)
        name_town(session, town)
        for row, road in enumerate(("黄屋一路", "黄屋二路")):
            for door in (6, 8, 10):
                _add_house(session, road, door, (-120.0 + 20 * door, -60.0 + 100 * row))
    engine.dispose()


def _add_house(session: Session, road: str, door: int, place: tuple[float, float]) -> None:
    address = f"东坑镇黄屋村{road}{door}号"
    told = {"name": address, "address": address, "road": road, "door": f"{door}号"}
    add_building(session, f"B{road}{door}", place, **told)


@pytest.fixture(scope="module")
def town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the small town for a module; the server's address."""
    fill_town(live_settings)  # first, as a server looks at its town when it starts
    return str(request.getfixturevalue("live_server"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser once for all tests."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Give what opens pages; afterwards no page may have thrown, nor asked another host."""
    asked: list[str] = []
    thrown: list[str] = []
    contexts = []

    def open_one(url: str, **options: Any) -> Page:
        context = chromium.new_context(
            **{"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    outside = [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert (outside, thrown) == ([], [])
