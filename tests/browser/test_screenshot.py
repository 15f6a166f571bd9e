"""The wall map of the demo town as a picture, which the README shows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from gis_server import demo
from gis_server.config import Settings
from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

SCREEN = {"width": 1920, "height": 1080}
STAGES = ((0xFF, 0x9A, 0xD2), (0x5C, 0xC8, 0xFF), (0x2F, 0xD3, 0xA6))
FEWEST_COLOURS = 1000
FEWEST_CASES = 20
FILE_LIMIT = 400_000
STILL_MS, TRIES = 700, 40
OF_A_CASE = 60  # pixels that the smallest symbol has, about


@pytest.fixture(scope="module")
def demo_town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the demo town; the server's address."""
    demo.load_town(live_settings)
    server = str(request.getfixturevalue("live_server"))
    acts.ticket(server, "村口那边")
    return server


@pytest.fixture
def picture(demo_town: str, open_page: Open) -> Image.Image:
    """Take a picture of the wall."""
    page = open_page(f"{demo_town}/wall", viewport=SCREEN)
    acts.await_wall(page)
    await_still(page)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def await_still(page: Page) -> None:
    """Wait until all tiles are drawn, so that the map does not change any more."""
    before = b""
    for _ in range(TRIES):
        now = page.locator("#map").screenshot()
        if now == before:
            return
        before = now
        page.wait_for_timeout(STILL_MS)
    raise AssertionError("the map does not come to rest")


def colours(picture: Image.Image) -> dict[Any, int]:
    """Count the pixels of each colour."""
    found = picture.getcolors(picture.width * picture.height)
    assert found
    return {colour: count for count, colour in found}


def palette(picture: Image.Image) -> Image.Image:
    """Choose 256 colours: 200 that are frequent, and 56 far apart, such as those of symbols."""
    often = picture.quantize(200).getpalette()
    apart = picture.quantize(56, method=Image.Quantize.MAXCOVERAGE).getpalette()
    assert often and apart
    chosen = Image.new("P", (1, 1))
    chosen.putpalette(often[: 3 * 200] + apart[: 3 * 56])
    return chosen


def test_the_wall_of_the_demo_town_is_full_of_things(picture: Image.Image) -> None:
    counted = colours(picture)
    assert len(counted) > FEWEST_COLOURS
    assert max(counted.values()) < 0.7 * picture.width * picture.height


def test_the_wall_of_the_demo_town_shows_its_open_cases(
    picture: Image.Image, demo_town: str
) -> None:
    opened = acts.ask(demo_town, "/collections/incidents/figures")["open"]["value"]
    counted = colours(picture)
    assert opened > FEWEST_CASES
    assert sum(counted.get(stage, 0) for stage in STAGES) > FEWEST_CASES * OF_A_CASE


def test_the_picture_is_small_enough_to_be_kept(
    picture: Image.Image, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    folder = Path(pytestconfig.getoption("--screenshots") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    few = picture.quantize(palette=palette(picture), dither=Image.Dither.NONE)
    few.save(folder / "wall.png", optimize=True)
    assert (folder / "wall.png").stat().st_size < FILE_LIMIT
