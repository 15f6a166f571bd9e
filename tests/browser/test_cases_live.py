"""The list of cases at work: followed live, dispatched together, kept as views, and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.case_list import dispatch, report_cases, show, shown
from tests.browser.conftest import Open
from tests.factories import Json

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cases(town: str) -> list[Json]:
    """Report a dozen cases; the oldest first."""
    return report_cases(town)


def test_a_new_case_waits_above_and_moves_no_row(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?category=102")
    before = shown(page)
    posted = acts.report(town, -100, 70, category="102")
    expect(page.locator(".fresh-button")).to_contain_text("有 1 件新案件")
    assert shown(page) == before
    page.locator(".fresh-button").click()
    expect(page.locator(".case-row").first).to_have_attribute("data-id", str(posted["id"]))


def test_a_row_that_changed_is_marked_where_it_stands(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?live=true")
    row = page.locator(f'.case-row[data-id="{cases[5]["id"]}"]')
    dispatch(town, cases[5])
    expect(row).to_have_attribute("data-changed", "")
    expect(row.locator(".cell-step")).to_contain_text("已受理")


def test_the_selected_cases_are_dispatched_together(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?stage=reported")
    acts.sign_in(page)
    expect(page.locator(".case-row").first).to_be_visible()
    for key in ("j", "x", "j", "Shift+X", "d"):
        page.keyboard.press(key)
    expect(page.locator(".batch-report")).to_contain_text("已派遣 2 件")
    expect(page.locator(".case-row[data-gone]")).to_have_count(2)


def test_a_visitors_view_is_kept_by_the_browser(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?category=102")
    page.get_by_role("button", name="存为视图").click()
    page.keyboard.type("消防通道")
    page.keyboard.press("Enter")
    expect(page.locator("#view")).to_have_value("own-消防通道")
    page.locator("#view").select_option("ready-all")
    page.reload()
    page.locator("#view").select_option("own-消防通道")
    expect(page).to_have_url(re.compile(r"\?category=102"))


def test_an_accounts_view_is_kept_by_the_server(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?category=101")
    acts.sign_in(page)
    page.get_by_role("button", name="存为视图").click()
    page.keyboard.type("烟雾")
    page.keyboard.press("Enter")
    expect(page.locator("#view")).to_have_value("own-烟雾")
    kept = acts.signed_in(town).get(f"{town}/account/views", timeout=acts.REPLY_LIMIT_S).json()
    assert kept["views"] == [{"name": "烟雾", "query": "category=101"}]
    page.get_by_role("button", name="删除视图").click()
    expect(page.locator('#view option[value="own-烟雾"]')).to_have_count(0)


def test_without_the_server_the_rows_stay_and_the_age_says_why(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?amber_s=1&red_s=3")
    before = shown(page)
    page.context.set_offline(True)
    expect(page.locator("html")).to_have_attribute("data-stale", "red")
    expect(page.locator("#reason")).to_contain_text("数据停在")
    assert shown(page) == before


def test_on_a_phone_rows_are_cards_and_a_case_fills_the_screen(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "", **acts.PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".case-row").first.tap()
    expect(page.locator("#drawer .drawer-head")).to_be_visible()
    box = page.locator("#drawer").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    low = page.locator("#drawer button:visible").evaluate_all(
        "all => all.filter(one => !one.matches('.plain') && one.offsetHeight < 44).length"
    )
    assert low == 0
    page.go_back()
    expect(page.locator("#drawer")).to_be_hidden()


def test_on_a_phone_the_moves_stay_within_reach_of_the_thumb(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?stage=reported", **acts.PHONE)
    acts.sign_in(page)
    page.locator(".case-row").first.tap()
    move = page.locator("#drawer .move:visible").first
    expect(move).to_be_in_viewport(ratio=1)
    height, top = move.evaluate("node => [node.offsetHeight, node.getBoundingClientRect().top]")
    assert height >= 44
    assert top > 844 / 2
