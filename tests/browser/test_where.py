"""The page for anyone: which grid am I in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import PHONE, locate, standing
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_a_position_tells_the_micro_grid_and_whom_to_call(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **standing(-120, 60, 10))
    locate(page)
    expect(page.locator(".team-name")).to_be_visible()
    expect(page.get_by_text("黄屋一微网格长")).to_be_visible()
    expect(page.locator('a[href="tel:0769-00000001"]')).to_be_visible()


def test_near_a_border_two_micro_grids_have_chances_that_sum_to_100(
    town: str, open_page: Open
) -> None:
    page = open_page(f"{town}/where", **standing(-8, 20, 20))
    locate(page)
    expect(page.locator(".choice")).to_have_count(2)
    chances = [
        int(re.sub(r"\D", "", text)) for text in page.locator(".choice-chance").all_inner_texts()
    ]
    assert sum(chances) == 100
    assert chances[0] > chances[1] > 5


def test_the_choice_decides_whose_contacts_are_shown(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **standing(8, 20, 20))
    locate(page)
    page.locator('.choice[data-code="44190010921200101"]').click()
    expect(page.locator('.choice[aria-pressed="true"]')).to_have_count(1)
    expect(page.get_by_text("黄屋一微网格长")).to_be_visible()


def test_without_permission_the_page_says_what_else_works(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **PHONE)
    locate(page)
    expect(page.locator("#answer")).to_contain_text("请点地图或输入地址")


def test_a_tap_on_the_map_answers_too(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **PHONE)
    expect(page.locator("#map .leaflet-control-scale")).to_be_visible()
    page.locator("#map").tap(position={"x": 150, "y": 120})
    expect(page.locator(".team-name")).to_be_visible()


def test_an_address_answers_too(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **PHONE)
    page.locator("#address").fill("黄屋二路8号")
    page.locator("#address").press("Enter")
    expect(page.locator(".team-name")).to_be_visible()


def test_outside_every_grid_the_page_says_so(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **standing(5000, 5000, 10))
    locate(page)
    expect(page.locator("#answer")).to_contain_text("不在任何网格内")


def test_the_page_is_light_and_fits_a_phone(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where", **PHONE)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
