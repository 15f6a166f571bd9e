"""The list of cases as tests look at it: what is on the page, and what the API says of the same."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open
from tests.factories import Json

ITEMS = "/collections/incidents/items"
CASES = 12


def report_cases(town: str) -> list[Json]:
    """Report a dozen cases in the west, every third of them a blocked exit; the oldest first."""
    category = ("101", "101", "102")
    return [acts.report(town, -100, n * 5, category=category[n % 3]) for n in range(CASES)]


def show(open_page: Open, town: str, query: str = "", **options: Any) -> Page:
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
    reply = web.post(
        f"{address}/steps",
        json={"move": "dispatch"},
        headers={"If-Match": version},
        timeout=acts.REPLY_LIMIT_S,
    )
    assert reply.status_code == 201, reply.text
