"""Likely duplicates have a place on the list, where a dispatcher merges them; links open cases."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.case_list import show
from tests.browser.conftest import Open
from tests.factories import Json

pytestmark = pytest.mark.browser

SMOKE = {"category": "101", "description": "三楼窗户冒黑烟，有烧焦味"}


@pytest.fixture(scope="module")
def pair(town: str) -> tuple[Json, Json]:
    """Report the same smoke twice; the earlier one first."""
    first = acts.report(town, 40, 40, source="snap", **SMOKE)
    return first, acts.report(town, 42, 41, source="grid_worker", **SMOKE)


def _list(open_page: Open, town: str, query: str = "") -> Page:
    page = open_page(f"{town}/where")
    acts.sign_in(page)
    page.goto(f"{town}/cases{query}")
    expect(page.locator("html")).to_have_attribute("data-stale", "fresh")
    return page


def test_a_visitor_sees_a_pair_and_merges_nothing(
    town: str, pair: tuple[Json, Json], open_page: Open
) -> None:
    page = show(open_page, town)
    page.get_by_role("button", name="疑似重复 1 对").click()
    expect(page.locator("#pairs .pair")).to_have_count(1)
    expect(page.locator("#pairs")).to_contain_text("并案由调度员办理")
    expect(page.locator("#pairs [data-merge]")).to_have_count(0)


def test_where_nothing_is_alike_the_panel_says_so(
    town: str, pair: tuple[Json, Json], open_page: Open
) -> None:
    page = _list(open_page, town, "?category=102")
    page.keyboard.press("m")
    expect(page.locator("#pairs")).to_contain_text("没有疑似重复的在办案件")
    page.keyboard.press("Escape")
    expect(page.locator("#pairs")).to_be_hidden()
    expect(page.locator("#pairs-button")).to_be_focused()


def test_a_link_opens_its_case_on_the_wall_and_the_address_follows_the_card(
    town: str, pair: tuple[Json, Json], open_page: Open
) -> None:
    first, second = pair
    page = _list(open_page, town, f"#case-{second['id']}")
    page.get_by_role("link", name="在大屏地图上查看").click()
    acts.await_wall(page)
    expect(page.locator("#drawer .drawer-head")).to_contain_text(second["properties"]["number"])
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/wall$"))
    acts.line(page, first).click()
    expect(page).to_have_url(re.compile(rf"/wall#case-{first['id']}$"))


def test_a_dispatcher_opens_both_and_merges_them_by_keys(
    town: str, pair: tuple[Json, Json], open_page: Open
) -> None:
    first, second = pair
    page = _list(open_page, town)
    page.keyboard.press("m")
    expect(page.locator(f'#pairs .line[data-id="{second["id"]}"]')).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer .drawer-head")).to_contain_text(first["properties"]["number"])
    page.locator(f'#pairs .line[data-id="{second["id"]}"]').press("Enter")
    expect(page.locator("#drawer .drawer-head")).to_contain_text(second["properties"]["number"])
    page.locator("#pairs [data-merge]").press("Enter")
    page.keyboard.type("同一处冒烟")
    page.keyboard.press("Enter")
    expect(page.locator("#pairs")).to_contain_text("没有疑似重复的在办案件")
    expect(page.locator("#pairs-button")).to_have_attribute("data-count", "0")
    case = acts.ask(town, f"{acts.ITEMS}/{second['id']}")["properties"]
    assert (case["duplicate_of"], case["stage"]) == (first["id"], "closed")
