"""Procedures: listed, drawn as a diagram, told as tables; and the menu that leads there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

CODE = "dongkeng"


def definition(town: str) -> dict[str, Any]:
    """Read the procedure as the API tells it."""
    found = acts.ask(town, f"/collections/procedures/items?code={CODE}&limit=1")
    told: dict[str, Any] = found["features"][0]["properties"]["definition"]
    return told


@pytest.fixture
def page(town: str, open_page: Open) -> Page:
    """Show the procedure of the town."""
    page = open_page(f"{town}/procedures/{CODE}")
    expect(page.locator(".diagram")).to_be_visible()
    return page


def test_every_step_is_a_box_in_the_colour_of_its_stage(page: Page, town: str) -> None:
    steps = definition(town)["steps"]
    expect(page.locator(".step-group")).to_have_count(len(steps))
    first = page.locator(f'.step-group[data-step="{steps[0]["code"]}"]')
    expect(first).to_have_class(re.compile(f"stage-{steps[0]['stage']}"))
    expect(first).to_contain_text(steps[0]["title"])


def test_the_tables_say_every_move_of_the_diagram(page: Page, town: str) -> None:
    titles = [move["title"] for move in definition(town)["moves"]]
    table = page.locator(".table").filter(has=page.get_by_text("流转", exact=True).first)
    rows = table.locator("tbody th").all_inner_texts()
    assert rows == titles


def test_a_return_is_told_without_colours(page: Page) -> None:
    look = "node => [getComputedStyle(node).strokeDasharray, node.getAttribute('marker-end')]"
    dashes, head = page.locator(".arrow.back[data-from]").first.evaluate(look)
    assert dashes != "none"
    assert head == "url(#head-back)"


def test_whistle_levels_are_lanes(page: Page, town: str) -> None:
    expect(page.locator(".lane")).to_have_count(len(definition(town)["levels"]))


def test_the_page_speaks_english_too(page: Page, town: str) -> None:
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text(
        acts.ask(town, f"/collections/procedures/items?code={CODE}")["features"][0]["properties"][
            "title_en"
        ]
    )
    expect(page.locator(".diagram")).to_contain_text(definition(town)["steps"][0]["title_en"])


def test_an_unknown_procedure_says_so(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/procedures/none")
    expect(page.locator(".state.empty")).to_contain_text("没有流程“none”")


def test_on_a_phone_the_diagram_scrolls_and_the_page_does_not(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/procedures/{CODE}", **acts.PHONE)
    expect(page.locator(".diagram")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_paper_the_whole_diagram_is_there(page: Page) -> None:
    page.emulate_media(media="print")
    frame, drawn = (page.locator(name).bounding_box() for name in (".diagram-frame", ".diagram"))
    assert frame is not None and drawn is not None
    assert drawn["width"] <= frame["width"]


def test_the_menu_opens_by_key_and_leads_to_the_list(page: Page) -> None:
    page.locator("#menu").focus()
    page.keyboard.press("Enter")
    expect(page.locator('#menu-list a[aria-current="page"]')).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#menu-list")).to_be_hidden()
    expect(page.locator("#menu")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/procedures$"))
    page.locator(f'a[href="/procedures/{CODE}"]').click()
    expect(page.locator(".diagram")).to_be_visible()
