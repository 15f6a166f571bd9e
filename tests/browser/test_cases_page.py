"""The list of cases: an address says what it shows, keys work it, and events do not move it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open
from tests.factories import Json

pytestmark = pytest.mark.browser

ITEMS = "/collections/incidents/items"
CASES = 12


@pytest.fixture(scope="module")
def cases(town: str) -> list[Json]:
    """Report a dozen cases in the west, every third of them a blocked exit; the oldest first."""
    category = ("101", "101", "102")
    return [acts.report(town, -100, n * 5, category=category[n % 3]) for n in range(CASES)]


def show(open_page: Open, town: str, query: str = "", **options: object) -> Page:
    """Open the list and wait for its rows."""
    page = open_page(f"{town}/cases{query}", **options)
    expect(page.locator(".case-row").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-stale", "fresh")
    return page


def shown(page: Page) -> list[int]:
    """Tell the ids of the rows, from the top."""
    rows = page.locator(".case-row").evaluate_all("rows => rows.map(row => Number(row.dataset.id))")
    return list(rows)


def listed(town: str, **query: str) -> list[int]:
    """Ask the API for the same."""
    return [case["id"] for case in acts.ask(town, f"{ITEMS}?{urlencode(query)}")["features"]]


def dispatch(town: str, case: Json) -> None:
    """Dispatch a case to its first proposal, beside the browser."""
    web, address = acts.signed_in(town), f"{town}{ITEMS}/{case['id']}"
    version = web.get(address, timeout=acts.REPLY_LIMIT_S).headers["ETag"]
    asked = {"json": {"move": "dispatch"}, "headers": {"If-Match": version}}
    reply = web.post(f"{address}/steps", timeout=acts.REPLY_LIMIT_S, **asked)
    assert reply.status_code == 201, reply.text


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


def test_a_figure_keeps_the_days_that_were_chosen(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town)
    page.locator("#filter-from").fill("2026-01-01")
    expect(page).to_have_url(re.compile("from=2026-01-01"))
    page.locator("#filter-figure").select_option("filed")
    expect(page).to_have_url(re.compile(r"\?figure=filed&from=2026-01-01$"))
    expect(page.locator(".case-row")).to_have_count(len(listed(town, figure="filed")))


def test_without_the_server_the_rows_stay_and_the_age_says_why(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, "?amber_s=1&red_s=3")
    before = shown(page)
    page.context.set_offline(True)
    expect(page.locator("html")).to_have_attribute("data-stale", "red")
    expect(page.locator("#reason")).to_contain_text("数据停在")
    assert shown(page) == before


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


def test_on_a_phone_rows_are_cards_and_a_case_fills_the_screen(
    town: str, cases: list[Json], open_page: Open
) -> None:
    page = show(open_page, town, **acts.PHONE)
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
    box = move.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] > 844 / 2
