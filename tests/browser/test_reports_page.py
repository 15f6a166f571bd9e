"""Reports: issued by a form, read as a page, and each figure leads to its rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("Asia/Shanghai")
FILED = 3


@pytest.fixture(scope="module")
def report(town: str) -> int:
    """Report cases at noon of yesterday, and issue the report of that day; its number."""
    noon = datetime.now(ZONE).replace(hour=12, minute=0) - timedelta(days=1)
    at = noon.astimezone(UTC).isoformat()
    for category in ("101", "102", "102"):
        acts.report(town, -100, 0, category=category, reported_at=at)
    return issue(town, noon)


def issue(town: str, day: datetime) -> int:
    """Issue the report of a day as the dispatcher."""
    reply = acts.signed_in(town).post(
        f"{town}/collections/reports/issue",
        json={"period": "day", "date": f"{day:%Y-%m-%d}"},
        timeout=acts.REPLY_LIMIT_S,
    )
    assert reply.status_code == 200, reply.text
    return int(reply.json()["id"])


@pytest.fixture
def page(town: str, report: int, open_page: Open) -> Page:
    """Show the report to the dispatcher."""
    page = open_page(f"{town}/reports")
    acts.sign_in(page)
    page.goto(f"{town}/reports/{report}")
    expect(page.locator('[data-rate="closing"]')).to_be_visible()
    return page


def test_a_figure_leads_to_exactly_the_rows_that_it_counts(page: Page) -> None:
    expect(page.locator('[data-figure="filed"] dd')).to_have_text(str(FILED))
    page.locator('[data-figure="filed"] a').click()
    expect(page.locator("#count")).to_have_attribute("data-count", str(FILED))
    expect(page.locator(".case-row")).to_have_count(FILED)


def test_a_figure_of_an_item_leads_to_the_rows_of_the_item(page: Page) -> None:
    row = page.locator('[data-by="category"] tbody tr').filter(has_text="消防通道堵塞")
    row.locator("a").first.click()
    expect(page).to_have_url(re.compile("category=102"))
    expect(page.locator(".case-row")).to_have_count(2)


def test_the_posts_are_counted_as_of_the_reports_moment(page: Page) -> None:
    page.get_by_text("岗位统计").click()
    row = page.locator('[data-by="post"] tbody tr').first
    expect(row.locator("td").first).to_have_text(str(FILED))


def test_a_rate_stands_with_its_numerator_and_denominator(page: Page) -> None:
    parts = page.locator('[data-rate="closing"] .rate-parts')
    expect(parts).to_contain_text(re.compile(r"应结已结 \d+ ÷ 应结 \d+"))


def test_a_report_counted_again_says_the_same(page: Page) -> None:
    page.get_by_role("button", name="按原时点重算").click()
    expect(page.locator(".check-result")).to_have_attribute("data-same", "true")


def test_a_report_is_written_as_a_workbook(page: Page) -> None:
    link = page.get_by_role("link", name="导出 XLSX").get_attribute("href")
    reply = page.context.request.get(f"{page.url.split('/reports')[0]}{link}")
    assert (reply.status, reply.body()[:2]) == (200, b"PK")


def test_on_paper_the_sheet_says_what_it_is_and_as_of_when(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator(".running")).to_contain_text("数据截至")
    expect(page.locator(".running")).to_contain_text("校验码")
    expect(page.locator(".bar")).to_be_hidden()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"


def test_the_form_issues_a_report_once_and_says_why_not_again(
    town: str, report: int, open_page: Open
) -> None:
    page = open_page(f"{town}/reports")
    acts.sign_in(page)
    page.locator("#issue-period").select_option("month")
    page.locator("#issue-date").fill("2026-10-20")
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page).to_have_url(re.compile(r"/reports/\d+$"))
    expect(page.locator("h1")).to_contain_text("2026年10月 月报")
    page.goto(f"{town}/reports")
    page.locator("#issue-date").fill("2099-01-01")
    page.locator("#issue-date").evaluate("input => input.removeAttribute('max')")
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.locator(".field-error")).to_contain_text("未能签发")


def test_a_visitor_sees_no_form_and_is_told_where_reports_are(
    town: str, report: int, open_page: Open
) -> None:
    page = open_page(f"{town}/reports")
    expect(page.locator(".report-list .empty")).to_contain_text("登录")
    expect(page.locator("#issue-period")).to_have_count(0)


def test_on_a_phone_a_report_has_no_sideways_scroll(
    town: str, report: int, open_page: Open
) -> None:
    page = open_page(f"{town}/reports", **acts.PHONE)
    acts.sign_in(page)
    page.goto(f"{town}/reports/{report}")
    expect(page.locator('[data-rate="closing"]')).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
