"""The card of a case: what it does when a move is stale, incomplete, refused or not one's own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gis_server.config import Settings
from tests.browser import acts, desk
from tests.browser.conftest import Open
from tests.browser.desk import open_card, press, wall_of
from tests.factories import incident

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cases_town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the small town of the desk; the server's address."""
    desk.fill_cases_town(live_settings)
    return str(request.getfixturevalue("live_server"))


@pytest.fixture
def centre(cases_town: str, open_page: Open) -> Page:
    """Sit at the command centre's wall."""
    return wall_of(open_page, cases_town, "dispatcher")


def test_a_stale_move_says_what_changed_and_keeps_what_was_typed(
    cases_town: str, centre: Page
) -> None:
    case = desk.drain(cases_town)
    open_card(centre, case)
    take_no_events(centre)
    press(centre, "u")
    centre.keyboard.type("反复堵塞")
    desk.move(cases_town, case, "dispatch", post="leader")
    centre.keyboard.press("Enter")
    expect(centre.locator(".move-said")).to_contain_text("步骤改为 派哨")
    expect(centre.locator('.move-form [name="reason"]')).to_have_value("反复堵塞")
    centre.locator('.move-form [name="reason"]').press("Enter")
    expect(centre.locator(".badge.level")).to_have_text("重点哨")


def take_no_events(page: Page) -> None:
    """Let the card hear of no change by itself, as when the wall's stream is late."""
    page.route(f"**{acts.ITEMS}?ids=*", lambda route: route.abort())


def test_an_event_refreshes_the_card_and_leaves_focus_and_typed_words(
    cases_town: str, centre: Page
) -> None:
    case = desk.drain(cases_town)
    open_card(centre, case)
    press(centre, "u")
    centre.keyboard.type("正在写")
    desk.move(cases_town, case, "dispatch", post="leader")
    expect(centre.locator("[data-answers]")).to_contain_text("leader")
    reason = centre.locator('.move-form [name="reason"]')
    expect(reason).to_be_focused()
    expect(reason).to_have_value("正在写")


def test_a_move_without_its_reason_is_refused_at_the_field(cases_town: str, centre: Page) -> None:
    case = desk.drain(cases_town)
    open_card(centre, case)
    press(centre, "u")
    centre.keyboard.press("Enter")
    expect(centre.locator("#move-reason-error")).to_have_text("请填写理由")
    expect(centre.locator("#move-reason")).to_be_focused()
    centre.keyboard.press("Escape")
    expect(centre.locator(".move-form")).to_have_count(0)
    expect(centre.locator("#drawer")).to_be_visible()


def test_a_part_that_fails_leaves_the_rest_usable(cases_town: str, centre: Page) -> None:
    case = desk.drain(cases_town)
    away = {"status": 503, "json": {"title": "away", "detail": "no database"}}
    centre.route("**/proposals", lambda route: route.fulfill(**away))
    open_card(centre, case)
    proposals = centre.locator('[data-part="proposals"]')
    expect(proposals).to_contain_text("加载失败：no database")
    centre.unroute("**/proposals")
    proposals.get_by_role("button", name="重试").click()
    expect(proposals.locator("button.proposal").first).to_be_visible()


def test_a_visitor_is_led_to_sign_in_and_back(cases_town: str, open_page: Open) -> None:
    case = desk.drain(cases_town)
    page = open_page(f"{cases_town}/wall?category={desk.DRAIN}")
    acts.await_wall(page)
    open_card(page, case)
    link = page.locator(".move-buttons").get_by_role("link", name="登录后处置")
    expect(link).to_have_attribute("href", f"/login?next=%2Fwall%3Fcategory%3D{desk.DRAIN}")
    expect(page.locator("button.move, button.proposal")).to_have_count(0)
    stored = acts.ask(cases_town, f"{acts.ITEMS}/{case['id']}")["properties"]
    assert stored["step"] == "reported"


def test_a_co_handler_is_picked_by_typing_its_name(cases_town: str, centre: Page) -> None:
    case = desk.drain(cases_town)
    desk.move(cases_town, case, "dispatch", post="leader")
    open_card(centre, case)
    press(centre, "j")
    expect(centre.locator("#move-unit")).to_be_focused()
    centre.keyboard.type("公安")
    expect(centre.locator('.pick-option[aria-selected="true"]')).to_contain_text("公安分局")
    centre.keyboard.press("Enter")
    expect(centre.locator(".pick-list")).to_be_hidden()
    centre.keyboard.press("Enter")
    expect(centre.locator(".answering")).to_contain_text("公安分局")
    stored = acts.ask(cases_town, f"{acts.ITEMS}/{case['id']}")["properties"]
    assert stored["helpers"] == ["DC"]


def test_a_repeated_case_is_merged_by_one_click_and_taken_apart_again(
    cases_town: str, centre: Page
) -> None:
    told = {"category": "402", "description": "井盖缺失，路边有洞", "address": "黄屋一路8号"}
    first, again = (desk.post(cases_town, incident(-80 + n, 30, **told)) for n in range(2))
    open_card(centre, again)
    likely = centre.locator(f'.likely[data-id="{first["id"]}"]')
    likely.get_by_role("button", name="并入此案").click()
    expect(centre.locator("#merge-reason")).to_be_focused()
    centre.keyboard.press("Enter")
    expect(centre.locator(".merged")).to_contain_text("已并入另一案")
    stored = acts.ask(cases_town, f"{acts.ITEMS}/{again['id']}")["properties"]
    assert stored["duplicate_of"] == first["id"]
    centre.get_by_role("button", name="撤销并案").click()
    expect(centre.locator(".merged")).to_have_count(0)
    stored = acts.ask(cases_town, f"{acts.ITEMS}/{again['id']}")["properties"]
    assert (stored["duplicate_of"], stored["stage"]) == (None, "reported")
