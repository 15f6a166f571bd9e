"""Scene C2: a case is dispatched, returned, raised twice, verified and closed, by keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from gis_server.config import Settings
from tests.browser import acts, desk
from tests.browser.conftest import Open
from tests.browser.desk import open_card, press, take, wall_of
from tests.factories import Json

pytestmark = pytest.mark.browser

SEEN_MS = 2000
TIME = re.compile(r"^\d\d/\d\d \d\d:\d\d$")


@pytest.fixture(scope="module")
def cases_town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the small town of the desk; the server's address."""
    desk.fill_cases_town(live_settings)
    return str(request.getfixturevalue("live_server"))


@pytest.fixture
def centre(cases_town: str, open_page: Open) -> Page:
    """Sit at the command centre's wall."""
    return wall_of(open_page, cases_town, "dispatcher")


def dispatch_to(page: Page, who: str) -> None:
    """Pick a proposal by its digit."""
    proposal = page.locator("button.proposal", has_text=who).first
    expect(proposal).to_be_visible()
    press(page, str(proposal.get_attribute("aria-keyshortcuts")))


def raise_to(page: Page, level: str, body: str) -> None:
    """Raise the whistle; the level that follows is chosen already."""
    press(page, "u")
    reason = page.locator('.move-form [name="reason"]')
    reason.fill(f"需{level}协调")
    reason.press("Enter")
    expect(page.locator(".badge.level")).to_have_text(level)
    expect(page.locator("[data-answers]")).to_contain_text(body)


def test_a_whistle_is_dispatched_returned_raised_twice_verified_and_closed(
    cases_town: str, centre: Page, open_page: Open
) -> None:
    worker = wall_of(open_page, cases_town, "leader", "?post=leader")
    case = desk.drain(cases_town)
    open_card(centre, case)
    expect(acts.line(worker, case)).to_have_count(0)
    dispatch_to(centre, "leader")
    expect(acts.line(worker, case)).to_be_visible(timeout=SEEN_MS)
    expect(centre.locator("[data-answers]")).to_contain_text("leader · 二微网格工作队")

    open_card(worker, case)
    take(worker, "r", "不属本格")
    returned = centre.locator('.step[data-move="return"]')
    expect(returned).to_contain_text("不属本格")
    expect(returned).to_contain_text("退回方：leader · 二微网格工作队")

    raise_to(centre, "重点哨", "黄屋村")
    raise_to(centre, "疑难哨", "网格工作队")
    take(centre, "t")
    take(centre, "f")
    _the_reporter_may_not_close(cases_town, case, open_page)
    take(centre, "c")
    expect(centre.locator(".case-head")).to_contain_text("已结案")
    _the_timeline_tells_all(centre)


def _the_reporter_may_not_close(server: str, case: Json, open_page: Open) -> None:
    reporter = wall_of(open_page, server, "grid_leader")
    open_card(reporter, case)
    reporter.locator(".move-buttons summary").click()
    close = reporter.locator(".refused", has=reporter.locator('[data-move="close"]'))
    expect(close).to_contain_text("采办分离")
    close.locator("button").press("Enter")
    expect(reporter.locator(".move-said")).to_contain_text("采办分离")
    stored = acts.ask(server, f"{acts.ITEMS}/{case['id']}")["properties"]
    assert stored["closed_at"] is None


def _the_timeline_tells_all(page: Page) -> None:
    """Look at each step: what, who, of which unit, to whom, and when."""
    steps = page.locator(".step")
    told = ("上报", "派单", "退回", "升哨（重点哨）", "升哨（疑难哨）", "应哨", "办结", "销哨")
    expect(steps).to_have_count(len(told))
    for step, words in zip(steps.all(), told, strict=True):
        expect(step.locator(".step-words")).to_contain_text(words)
        expect(step.locator("time")).to_have_text(TIME)
    expect(steps.nth(2).locator(".step-who")).to_have_text("leader · 二微网格工作队")
    expect(steps.nth(3).locator(".step-to")).to_contain_text("黄屋村")
    expect(steps.nth(5).locator(".step-who")).to_have_text("captain · 网格工作队 · dispatcher")
    expect(steps.nth(7)).to_contain_text("dispatcher")
