"""The wall map in a real browser."""

from __future__ import annotations

import re
import time
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

# Note when and where each pulse is drawn.
WATCH = """() => {
    window.drawn = [];
    const note = pulse => requestAnimationFrame(() => {
        const box = pulse.getBoundingClientRect();
        window.drawn.push([Date.now() / 1000, box.x + box.width / 2, box.y + box.height / 2]);
    });
    const look = records => records.forEach(({addedNodes}) => addedNodes.forEach(
        anchor => note(anchor.firstChild)));
    new MutationObserver(look).observe(
        document.querySelector('.leaflet-pulses-pane'), {childList: true});
}"""
LIMIT_S = 1
EVENTS = re.compile(r"/events(\?|$)")


@pytest.fixture
def wall(town: str, open_page: Open) -> Page:
    page = open_page(f"{town}/wall")
    acts.await_wall(page)
    return page


def test_a_posted_case_is_on_the_map_within_a_second(wall: Page, town: str) -> None:
    wall.evaluate(WATCH)
    delays = [_delay(wall, town, n) for n in range(5)]
    assert median(delays) < LIMIT_S, delays


def _delay(wall: Page, town: str, number: int) -> float:
    """Post a case and tell how long its pulse took to be drawn, in seconds."""
    began = time.time()
    acts.report(town, -160 + 30 * number, 150)
    while wall.evaluate("drawn.length") <= number:
        wall.wait_for_timeout(20)
    return float(wall.evaluate("drawn.at(-1)[0]")) - began


def test_a_posted_case_has_the_symbol_of_its_stage(wall: Page, town: str) -> None:
    wall.evaluate(WATCH)
    acts.report(town, 120, -150)
    while not wall.evaluate("drawn.length"):
        wall.wait_for_timeout(20)
    _, x, y = wall.evaluate("drawn[0]")
    assert acts.pixel(wall, x, y) == acts.REPORTED


def test_a_new_case_is_the_first_line_of_the_ticker(wall: Page, town: str) -> None:
    case = acts.report(town, -40, 40)
    expect(acts.line(wall, case)).to_be_visible()
    expect(wall.locator("#ticker .line").first).to_have_attribute("data-key", str(case["id"]))


def test_the_figures_count_what_the_map_shows(wall: Page, town: str) -> None:
    acts.report(town, 30, 30)
    counted = acts.ask(town, "/collections/incidents/count?live=true&located=true")["count"]
    expect(wall.locator('[data-figure="open"] .figure-value')).to_have_text(str(counted))


def test_a_click_on_the_overdue_figure_filters_the_ticker(wall: Page, town: str) -> None:
    case = acts.report(town, 60, 60)
    expect(acts.line(wall, case)).to_be_visible()
    wall.locator('[data-figure="overdue"]').click()
    expect(acts.line(wall, case)).to_have_count(0)


def test_synthetic_data_is_labelled(wall: Page) -> None:
    expect(wall.get_by_text("合成数据")).to_be_visible()


def test_a_click_on_a_grid_opens_its_dossier_with_who_holds_which_post(wall: Page) -> None:
    wall.locator("#search-input").fill("44190010921200101")
    wall.locator('#search-list [role="option"]').first.click()
    drawer = wall.locator("#drawer")
    expect(drawer.get_by_text("黄屋一微网格长")).to_be_visible()
    expect(drawer.get_by_text("户数")).to_be_visible()


def test_the_layers_come_from_the_collections(wall: Page, town: str) -> None:
    drawn = [c for c in acts.ask(town, "/collections")["collections"] if c["geometry"]]
    expect(wall.locator(".layer-list > li")).to_have_count(len(drawn))


def test_the_language_switches_without_a_reload_and_is_kept(wall: Page) -> None:
    wall.locator("#language").click()
    expect(wall.get_by_role("heading", name="New cases")).to_be_visible()
    wall.reload()
    expect(wall.get_by_role("heading", name="New cases")).to_be_visible()


def test_the_theme_switches_and_is_kept(wall: Page) -> None:
    wall.locator("#theme").click()
    wall.reload()
    expect(wall.locator("html")).to_have_attribute("data-theme", "light")


def test_the_search_is_reached_and_left_by_keyboard(wall: Page) -> None:
    wall.keyboard.press("/")
    wall.keyboard.type("黄屋二路8号")
    option = wall.locator('#search-list [role="option"]').first
    expect(option).to_contain_text("黄屋二路8号")
    wall.keyboard.press("Enter")
    expect(wall.locator("#drawer .drawer-title")).to_contain_text("黄屋二路8号")
    wall.keyboard.press("Escape")
    expect(wall.locator("#drawer")).to_be_hidden()


def test_every_control_can_be_reached_by_the_tab_key(wall: Page) -> None:
    reached = set()
    for _ in range(60):
        wall.keyboard.press("Tab")
        reached.add(wall.evaluate("document.activeElement.id || document.activeElement.className"))
    needed = {"search-input", "tray-button", "theme", "language", "figure"}
    assert needed <= reached, needed - reached


def test_enter_opens_what_lies_at_the_centre_of_the_map(wall: Page) -> None:
    wall.locator("#map").focus()
    wall.keyboard.press("Enter")
    expect(wall.locator("#drawer .drawer-title")).to_be_visible()


def test_two_tabs_share_one_event_stream(town: str, open_page: Open) -> None:
    first = open_page(f"{town}/wall")
    acts.await_wall(first)
    streams: list[str] = []
    second = first.context.new_page()
    second.on(
        "request", lambda asked: streams.append(asked.url) if EVENTS.search(asked.url) else None
    )
    second.goto(f"{town}/wall")
    acts.await_wall(second)
    case = acts.report(town, -70, -70)
    expect(acts.line(second, case)).to_be_visible()
    assert streams == []


def test_figures_on_the_wall_screen_are_88_px_high(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/wall", viewport={"width": 3840, "height": 1080})
    acts.await_wall(page)
    size = page.locator(".figure-value").first.evaluate("e => getComputedStyle(e).fontSize")
    assert size == "88px"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (3840, 1080)])
def test_no_figure_is_cut_off(town: str, open_page: Open, width: int, height: int) -> None:
    page = open_page(f"{town}/wall", viewport={"width": width, "height": height})
    acts.await_wall(page)
    last = page.locator(".figure").last.bounding_box()
    stage = page.locator(".stage").bounding_box()
    assert last and stage
    assert last["y"] + last["height"] <= stage["y"] + stage["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
