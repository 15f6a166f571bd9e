"""Scene C2: a case goes to a phone, comes back, is raised twice, verified and closed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.browser import acts, desk
from tests.browser.conftest import Open
from tests.browser.desk import open_card, phone_of, press, take, tap, tap_open, wall_of
from tests.factories import Json
from tests.layers.casework import follow

pytestmark = pytest.mark.browser

SEEN_MS = 2000
PROVEN = "403"  # an item whose procedure wants a photo of the work
TIME = re.compile(r"^\d\d/\d\d \d\d:\d\d$")


@pytest.fixture(scope="module")
def cases_town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the small town of the desk; the server's address."""
    desk.fill_cases_town(live_settings)
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        follow(session, PROVEN, "huicheng_town")
    engine.dispose()
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
    phone = phone_of(open_page, cases_town, "leader")
    case = desk.drain(cases_town)
    open_card(centre, case)
    dispatch_to(centre, "leader")
    expect(phone.locator(".fresh-button")).to_be_visible(timeout=SEEN_MS)
    expect(centre.locator("[data-answers]")).to_contain_text("leader · 二微网格工作队")

    tap_open(phone, case)
    tap(phone, "return", reason="不属本格")
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


def test_a_worker_accepts_a_case_on_his_phone_and_handles_it_with_a_photo(
    cases_town: str, centre: Page, open_page: Open
) -> None:
    phone = phone_of(open_page, cases_town, "leader")
    case = desk.drain(cases_town, category=PROVEN)
    open_card(centre, case)
    dispatch_to(centre, "leader")
    expect(phone.locator(".fresh-button")).to_be_visible(timeout=SEEN_MS)

    tap_open(phone, case)
    tap(phone, "take")
    phone.locator('.move-list [data-move="finish"]').tap()
    phone.locator('.move-form [type="submit"]').tap()
    expect(phone.locator("#move-photo-error")).to_contain_text("照片")
    phone.locator('.move-form [name="photo"]').fill("cleared.jpg")
    phone.locator('.move-form [type="submit"]').tap()

    expect(phone.locator(".case-head")).to_contain_text("处置中")
    finished = centre.locator('.step[data-move="finish"]')
    expect(finished).to_contain_text("cleared.jpg", timeout=SEEN_MS * 2)
    expect(finished.locator(".step-who")).to_contain_text("leader · 二微网格工作队")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
