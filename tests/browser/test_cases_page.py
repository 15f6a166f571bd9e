"""The list of cases: an address says what it shows, and keys work it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.case_list import listed, report_cases, show, shown
from tests.browser.conftest import Open
from tests.factories import Json

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cases(town: str) -> list[Json]:
    """Report a dozen cases; the oldest first."""
    return report_cases(town)


def test_a_choice_stands_in_the_address_and_list_count_and_api_agree(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town)
    page.locator("#filter-category").select_option("102")
    expect(page).to_have_url(re.compile(r"\?category=102$"))
    found = listed(town, category="102")
    expect(page.locator(".case-row")).to_have_count(len(found))
    expect(page.locator("#count")).to_have_attribute("data-count", str(len(found)))
    assert shown(page) == found


def test_an_address_with_a_filter_shows_it_as_a_chip_that_can_be_taken_away(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?category=102&live=true")
    expect(page.locator(".chip")).to_have_count(2)
    page.locator('.chip[data-filter="category"]').click()
    expect(page).to_have_url(re.compile(r"\?live=true$"))
    page.go_back()
    expect(page.locator('.chip[data-filter="category"]')).to_contain_text("消防通道堵塞")
    expect(page.locator("#filter-category")).to_have_value("102")


def test_search_takes_words_and_slash_leads_to_it(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town)
    number = cases[3]["properties"]["number"]
    page.keyboard.press("/")
    page.keyboard.type(number)
    expect(page.locator(".case-row")).to_have_count(1)
    expect(page.locator("#count")).to_have_attribute("data-count", "1")


def test_what_matches_nothing_says_so(town: str, cases: list[Json], open_page: Open) -> None:
    page = open_page(f"{town}/cases?category=999")
    expect(page.locator("#end")).to_contain_text("没有符合筛选的案件")


def test_a_filter_that_the_server_refuses_says_why(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = open_page(f"{town}/cases?severity=high")
    expect(page.locator("#end .failed")).to_contain_text("severity")


def test_keys_move_and_open_and_close(town: str, cases: list[Json], open_page: Open) -> None:
    page = show(open_page, town)
    second = shown(page)[1]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer .drawer-head")).to_contain_text(str(second).zfill(6))
    expect(page).to_have_url(re.compile(rf"#case-{second}$"))
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    assert page.evaluate("Number(document.activeElement.dataset.id)") == second


def test_a_figure_keeps_the_days_that_were_chosen(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town)
    page.locator("#filter-from").fill("2026-01-01")
    expect(page).to_have_url(re.compile("from=2026-01-01"))
    page.locator("#filter-figure").select_option("filed")
    expect(page).to_have_url(re.compile(r"\?figure=filed&from=2026-01-01$"))
    expect(page.locator(".case-row")).to_have_count(len(listed(town, figure="filed")))


def test_the_workbook_is_of_the_same_filter(town: str, cases: list[Json], open_page: Open) -> None:
    page = show(open_page, town, "?category=102")
    link = str(page.locator("#workbook").get_attribute("href"))
    assert link.endswith("/items.xlsx?category=102")
    reply = page.context.request.get(town + link)
    assert (reply.status, reply.body()[:2]) == (200, b"PK")


def test_a_question_mark_tells_the_keys(town: str, cases: list[Json], open_page: Open) -> None:
    page = show(open_page, town)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("派遣所选")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
