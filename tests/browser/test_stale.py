"""Scene C5: the wall tells the truth when the server is away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from gis_server import serving
from gis_server.config import Settings
from tests.browser import acts
from tests.browser.conftest import Open, fill_town

pytestmark = pytest.mark.browser

QUICK = "amber_s=2&red_s=5"
MISSED = 20
# To stop the server may take longer than amber lasts; so the page itself notes what it showed.
NOTE_STATES = """() => {
  const html = document.documentElement;
  globalThis.shown = [];
  new MutationObserver(() => globalThis.shown.push(html.dataset.stale))
    .observe(html, {attributeFilter: ['data-stale']});
}"""


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[str]:
    with serving.running(settings, [serving.web(settings)]):
        serving.await_answer(settings)
        yield serving.address(settings)


def test_the_wall_turns_amber_and_red_and_catches_up(
    own_database: Settings, open_page: Open
) -> None:
    fill_town(own_database)
    with server(own_database) as address:
        page = open_page(f"{address}/wall?{QUICK}")
        acts.await_wall(page)
        seen = acts.report(address, -60, 60)
        expect(acts.line(page, seen)).to_be_visible()
        page.evaluate(NOTE_STATES)
    _amber_then_red(page)
    expect(acts.line(page, seen)).to_be_visible()
    # The page may come back before all are posted: either way each must be shown once.
    with server(own_database) as address:
        missed = [acts.report(address, -90 + 9 * n, -40) for n in range(MISSED)]
        expect(page.locator("html")).to_have_attribute("data-stale", "fresh")
        expect(page.locator('[data-figure="today"] .figure-value')).to_have_text(str(MISSED + 1))
        for case in missed:
            expect(acts.line(page, case)).to_have_count(1)
        figures = acts.ask(address, "/collections/incidents/figures")
        assert figures["open"]["value"] == MISSED + 1
        expect(page.locator('[data-figure="open"] .figure-value')).to_have_text(str(MISSED + 1))


def _amber_then_red(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-stale", "red")
    expect(page.locator("#age-text")).to_contain_text("数据截至")
    shown = page.evaluate("() => globalThis.shown")
    assert list(dict.fromkeys(state for state in shown if state != "fresh")) == ["amber", "red"]
    expect(page.locator("#reason")).to_contain_text("连不上服务器")


def test_a_page_whose_server_never_answered_offers_a_way_on(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/wall")
    acts.await_wall(page)
    page.route("**/collections?*", lambda route: route.abort())
    page.evaluate("location.reload()")
    expect(page.get_by_role("button", name="重试")).to_be_visible()


def test_a_layer_that_fails_says_which_and_retries(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where")
    page.route(
        "**/collections/grids/tiles/**",
        lambda route: route.fulfill(status=503, json={"title": "away", "detail": "no database"}),
    )
    page.goto(f"{town}/wall")
    notice = page.locator('.notice[data-subject="grids"]')
    expect(notice).to_contain_text("网格")
    page.unroute("**/collections/grids/tiles/**")
    notice.get_by_role("button", name="重试").click()
    expect(notice).to_have_count(0)
