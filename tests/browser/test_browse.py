"""The pages of the API in a real browser: by key, by phone, without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.audit import faults
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/collections",
    "/collections/buildings",
    "/collections/buildings/items?limit=3",
    "/collections/buildings/items/1",
    "/collections/buildings/schema?f=html",
    "/conformance",
    "/api",
)
ITEMS = "/collections/buildings/items"


def _follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Go along a link by the keyboard alone."""
    link = page.locator("main").get_by_role("link", name=name).first
    link.focus()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")


def _ready(page: Page) -> None:
    expect(page.locator("html[data-scripted]")).to_have_count(1)


def test_by_keyboard_from_the_landing_page_to_a_feature_and_back(
    town: str, open_page: Open
) -> None:
    page = open_page(town)
    _follow(page, re.compile("数据集"))
    _follow(page, "建筑")
    _follow(page, "浏览要素")
    expect(page.locator("table.features tbody tr")).to_have_count(6)
    _follow(page, re.compile(r"^\d+$"))
    expect(page.locator("table.item")).to_contain_text("黄屋二路10号")
    page.go_back()
    expect(page.locator("table.features")).to_be_visible()


def test_the_next_page_shows_the_rest(town: str, open_page: Open) -> None:
    page = open_page(f"{town}{ITEMS}?limit=4")
    expect(page.locator("table.features tbody tr")).to_have_count(4)
    _follow(page, "下一页")
    expect(page.locator("table.features tbody tr")).to_have_count(2)


def test_the_form_asks_for_what_was_filled_in(town: str, open_page: Open) -> None:
    page = open_page(f"{town}{ITEMS}")
    page.get_by_text("按属性值").click()
    page.locator('[name="door"]').fill("8号")
    page.locator('[name="door"]').press("Enter")
    expect(page).to_have_url(re.compile(r"items\?limit=100&door=8%E5%8F%B7$"))
    expect(page.locator("table.features tbody tr")).to_have_count(2)


def test_the_map_gives_its_extent_to_the_form(town: str, open_page: Open) -> None:
    page = open_page(f"{town}{ITEMS}")
    expect(page.locator("#map .leaflet-control-scale")).to_be_visible()
    page.locator("#take-extent").click()
    expect(page.locator("#f-bbox")).to_have_value(re.compile(r"^113\.\d+,22\.\d+,11\d\.\d+,2\d\."))


def test_a_line_is_copied_by_key(town: str, open_page: Open) -> None:
    page = open_page(f"{town}{ITEMS}?limit=3", permissions=["clipboard-read", "clipboard-write"])
    _ready(page)
    page.locator('[data-copy="line-3"]').press("Enter")
    expect(page.locator("#copied")).to_have_text("已复制")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"curl '{town}{ITEMS}?limit=3'"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_keeps_nobody_out(
    town: str, open_page: Open, path: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    page = open_page(town + path, **acts.PHONE)
    _ready(page)
    narrow = faults(page)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.locator("#theme").click()
    assert (narrow, faults(page)) == ([], [])
    folder = Path(pytestconfig.getoption("--screenshots") or tmp_path)
    page.screenshot(path=folder / f"browse{re.sub(r'[^a-z0-9]+', '-', path)}.png")


def test_a_page_can_be_read_and_asked_without_a_script(town: str, open_page: Open) -> None:
    page = open_page(f"{town}{ITEMS}?limit=3", java_script_enabled=False)
    expect(page.locator("table.features tbody tr")).to_have_count(3)
    expect(page.locator("#line-3")).to_contain_text("curl")
    expect(page.locator("#map, #theme, [data-copy]").filter(visible=True)).to_have_count(0)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("table.features tbody tr")).to_have_count(6)


def test_a_reader_of_english_is_answered_in_english(town: str, open_page: Open) -> None:
    page = open_page(f"{town}{ITEMS}", locale="en-GB")
    expect(page.locator("h1")).to_have_text("Buildings")
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("建筑")
    expect(page).to_have_title(re.compile("建筑 · 数据接口"))


def test_a_coded_value_keeps_its_code_in_either_language(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/collections/grids/items")
    _ready(page)
    kind = page.locator("table.features td", has_text="base").first
    expect(kind).to_have_text("网格 base")
    page.locator("#language").click()
    expect(kind).to_have_text("Grid base")


def test_no_list_in_english_is_wider_than_a_phone(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/collections", locale="en-GB", **acts.PHONE)
    _ready(page)
    expect(page.locator("h1")).to_have_text("Collections")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
