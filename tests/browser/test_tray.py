"""Scene C1: a ticket with words only, from the tray to the map."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

AMBIGUOUS = "黄屋三路8号旁边"
NOWHERE = "村口那边"


@pytest.fixture
def wall(town: str, open_page: Open) -> Page:
    page = open_page(f"{town}/wall")
    acts.sign_in(page)
    acts.await_wall(page)
    return page


def open_from_tray(page: Page, address: str) -> None:
    page.keyboard.press("t")
    expect(page.locator("#tray .line").first).to_be_focused()
    page.locator("#tray .line", has_text=address).first.press("Enter")


def tray_count(page: Page) -> int:
    return int(page.locator("#tray-button .tray-count").inner_text())


def test_enter_places_the_ticket_at_the_first_candidate(wall: Page, town: str) -> None:
    before = tray_count(wall)
    case = acts.ticket(town, AMBIGUOUS)
    assert case["geometry"] is None
    expect(wall.locator("#tray-button .tray-count")).to_have_text(str(before + 1))
    open_from_tray(wall, AMBIGUOUS)
    candidates = wall.locator(".candidate")
    expect(candidates.first).to_be_focused()
    assert 1 < candidates.count() <= 5
    expect(candidates.first.locator(".score")).to_contain_text("%")
    wall.keyboard.press("Enter")
    expect(wall.locator("#drawer").get_by_text("坐席人工")).to_be_visible()
    expect(wall.locator("#tray-button .tray-count")).to_have_text(str(before))
    stored = acts.ask(town, f"/collections/incidents/items/{case['id']}")
    assert stored["geometry"] is not None
    assert stored["properties"]["grid_code"]


def test_without_a_candidate_a_click_on_the_map_places_it(wall: Page, town: str) -> None:
    case = acts.ticket(town, NOWHERE)
    expect(wall.locator("#tray-button .tray-count")).not_to_have_text("0")
    open_from_tray(wall, NOWHERE)
    expect(wall.get_by_role("button", name="在地图上点选")).to_be_focused()
    expect(wall.locator(".candidate")).to_have_count(0)
    wall.keyboard.press("Enter")
    expect(wall.locator("#prompt")).to_contain_text(NOWHERE)
    cancel = wall.get_by_role("button", name="取消")
    cancel.click(trial=True)  # nothing lies over it
    wall.locator("#map").click(position={"x": 560, "y": 330})
    expect(wall.locator("#drawer").get_by_text("坐席人工")).to_be_visible()
    placed = acts.ask(town, f"/collections/incidents/items/{case['id']}")
    assert placed["properties"]["placed_by"] == "operator"


def test_the_key_of_the_tray_brings_it_back_over_a_card(wall: Page, town: str) -> None:
    acts.ticket(town, AMBIGUOUS)
    expect(wall.locator("#tray-button .tray-count")).not_to_have_text("0")
    open_from_tray(wall, AMBIGUOUS)
    expect(wall.locator(".candidate").first).to_be_focused()
    wall.keyboard.press("Enter")
    expect(wall.locator("#drawer").get_by_text("坐席人工")).to_be_visible()
    acts.ticket(town, NOWHERE)
    open_from_tray(wall, NOWHERE)
    expect(wall.get_by_role("button", name="在地图上点选")).to_be_focused()
    wall.keyboard.press("b")
    expect(wall.locator("#batch")).to_be_visible()
    expect(wall.locator("#tray")).to_be_hidden()
    expect(wall.locator("#drawer")).to_be_hidden()


def test_escape_leaves_the_ticket_in_the_tray(wall: Page, town: str) -> None:
    case = acts.ticket(town, NOWHERE)
    expect(wall.locator("#tray-button .tray-count")).not_to_have_text("0")
    open_from_tray(wall, NOWHERE)
    expect(wall.get_by_role("button", name="在地图上点选")).to_be_focused()
    wall.keyboard.press("Enter")
    wall.keyboard.press("Escape")
    expect(wall.locator("#prompt")).to_be_hidden()
    stored = acts.ask(town, f"/collections/incidents/items/{case['id']}")
    assert stored["geometry"] is None


def test_the_history_names_who_placed_it_how_and_when(wall: Page, town: str) -> None:
    acts.ticket(town, AMBIGUOUS)
    expect(wall.locator("#tray-button .tray-count")).not_to_have_text("0")
    open_from_tray(wall, AMBIGUOUS)
    expect(wall.locator(".candidate").first).to_be_focused()
    wall.keyboard.press("Enter")
    placed = wall.locator(".step").last
    expect(placed).to_contain_text("按候选建筑定位")
    expect(placed).to_contain_text("dispatcher")
    expect(placed.locator("time")).to_have_text(re.compile(r"^\d\d/\d\d \d\d:\d\d$"))
