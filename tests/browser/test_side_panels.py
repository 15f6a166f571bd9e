"""The tray and the queue beside the map: one at a time, and nothing is taken from who is busy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

TICKETS, LATER_MS = 14, 800
LATE = """ms => {
  const ask = globalThis.fetch;
  globalThis.fetch = async (url, options) => {
    if (String(url).includes('located=false')) await new Promise(go => setTimeout(go, ms));
    return ask(url, options);
  };
}"""


@pytest.fixture
def wall(town: str, open_page: Open) -> Page:
    page = open_page(f"{town}/wall", viewport={"width": 1366, "height": 500})
    acts.sign_in(page)
    acts.await_wall(page)
    return page


def test_lines_stay_as_they_are_while_other_cases_come(wall: Page, town: str) -> None:
    for number in range(TICKETS):
        acts.ticket(town, f"村口那边{number}")
    expect(wall.locator("#tray-button .tray-count")).to_have_text(str(TICKETS))
    wall.keyboard.press("t")
    expect(wall.locator("#tray .line")).to_have_count(TICKETS)
    wall.evaluate("""() => {
      document.querySelector('.tray-list').scrollTop = 40;
      document.querySelector('#tray .line').dataset.mine = 'yes';
    }""")
    open_cases = int(wall.locator('[data-figure="open"] .figure-value').inner_text())

    acts.report(town, 30, 30)

    figure = wall.locator('[data-figure="open"] .figure-value')
    expect(figure).to_have_text(str(open_cases + 1))
    wall.wait_for_timeout(LATER_MS)
    assert wall.locator("#tray .line[data-mine]").count() == 1
    assert wall.evaluate("document.querySelector('.tray-list').scrollTop") == 40

    acts.ticket(town, "村口那边又一件")

    expect(wall.locator("#tray .line")).to_have_count(TICKETS + 1)
    assert wall.evaluate("document.querySelector('.tray-list').scrollTop") == 40


def test_a_late_list_leaves_the_focus_where_the_reader_went(wall: Page, town: str) -> None:
    acts.ticket(town, "村口那边")
    expect(wall.locator("#tray-button .tray-count")).not_to_have_text("0")
    wall.evaluate(LATE, LATER_MS)
    wall.keyboard.press("t")
    wall.keyboard.press("/")
    expect(wall.locator("#tray .line").first).to_be_visible()
    wall.wait_for_timeout(100)

    assert wall.evaluate("document.activeElement.id") == "search-input"
