"""One dispatcher places and dispatches sixty cases by keys, at most three each; or many at once."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Page, expect

from gis_server.config import Settings
from tests.browser import acts, desk
from tests.browser.conftest import Open
from tests.factories import Json, incident

pytestmark = pytest.mark.browser

CASES, TICKETS = 60, 20
MOST_KEYS = 3
DOORS = ("黄屋三路6号旁边", "黄屋三路8号旁边", "黄屋三路10号旁边")
ITEMS = ("401", "402", "404", "406")
OLDEST = "#drawer .candidate:focus, #drawer .move[data-effect='assign']:focus"


@pytest.fixture(scope="module")
def cases_town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the small town of the desk; the server's address."""
    desk.fill_cases_town(live_settings)
    return str(request.getfixturevalue("live_server"))


def simulate(server: str, chance: random.Random) -> list[Json]:
    """Report sixty cases: forty somewhere in the town, twenty by words that fit two doors."""
    points = [
        incident(
            chance.uniform(-190, 190), chance.uniform(-190, 190), category=chance.choice(ITEMS)
        )
        for _ in range(CASES - TICKETS)
    ]
    placed = [desk.post(server, point) for point in points]
    return placed + [desk.ticket(server, chance.choice(DOORS)) for _ in range(TICKETS)]


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, key: str) -> None:
        """Press a key, and count it."""
        self.page.keyboard.press(key)
        self.pressed += 1


def handle_next(page: Page) -> int:
    """Open the oldest case that waits, place it if need be, dispatch it; the keys pressed."""
    keys, card = Keys(page), page.locator("#drawer")
    before = str(card.get_attribute("data-case"))
    keys.press("n")
    expect(card).not_to_have_attribute("data-case", before)
    expect(page.locator(OLDEST)).to_be_focused()
    if page.locator(".candidate").count():
        keys.press("Enter")
        expect(page.locator("#drawer .move[data-effect='assign']")).to_be_focused()
    keys.press("Enter")
    expect(page.locator(".move-said")).to_contain_text("已派给")
    return keys.pressed


def test_sixty_cases_are_placed_and_dispatched_with_three_keys_each_at_most(
    cases_town: str, open_page: Open
) -> None:
    simulated = simulate(cases_town, random.Random(7))
    page = desk.wall_of(open_page, cases_town, "dispatcher")
    expect(page.locator(".queue-count")).to_have_text(str(CASES))
    pressed = [handle_next(page) for _ in simulated]
    assert max(pressed) <= MOST_KEYS
    assert pressed.count(MOST_KEYS) == TICKETS
    expect(page.locator(".queue-count")).to_have_text("0")
    ids = ",".join(str(case["id"]) for case in simulated)
    stored = acts.ask(cases_town, f"{acts.ITEMS}?ids={ids}&limit={CASES}")["features"]
    assert {case["properties"]["step"] for case in stored} == {"assigned"}
    assert all(case["geometry"] and case["properties"]["unit"] for case in stored)


def test_the_oldest_case_is_opened_first(cases_town: str, open_page: Open) -> None:
    younger = desk.post(cases_town, incident(40, 40, reported_at="2026-03-06T09:00:00+08:00"))
    older = desk.post(cases_town, incident(60, 60, reported_at="2026-03-05T09:00:00+08:00"))
    page = desk.wall_of(open_page, cases_town, "dispatcher")
    page.keyboard.press("n")
    heading = page.locator("#drawer .drawer-head")
    expect(heading).to_contain_text(older["properties"]["number"])
    page.keyboard.press("n")
    expect(heading).to_contain_text(younger["properties"]["number"])


def test_a_digit_dispatches_to_another_proposal(cases_town: str, open_page: Open) -> None:
    case = desk.drain(cases_town)
    page = desk.wall_of(open_page, cases_town, "dispatcher")
    desk.open_card(page, case)
    told = acts.ask(cases_town, f"{acts.ITEMS}/{case['id']}/proposals")["proposals"]
    expect(page.locator("button.proposal").nth(1)).to_be_visible()
    desk.press(page, "2")
    expect(page.locator(f'[data-answers="{told[1]["post"]}"]')).to_be_visible()
    step = acts.ask(cases_town, f"{acts.ITEMS}/{case['id']}/steps")[-1]
    assert step["evidence"]["proposal"]["taken"] is False


def test_a_held_down_key_dispatches_once(cases_town: str, open_page: Open) -> None:
    case = desk.drain(cases_town)
    page = desk.wall_of(open_page, cases_town, "dispatcher")
    desk.open_card(page, case)
    expect(page.locator("button.proposal").first).to_be_visible()
    desk.press(page, "d")
    page.keyboard.down("d")
    page.keyboard.down("d")
    expect(page.locator(".move-said")).to_contain_text("已派给")
    steps = acts.ask(cases_town, f"{acts.ITEMS}/{case['id']}/steps")
    assert [step["move"] for step in steps] == ["report", "dispatch"]


def test_a_batch_dispatches_what_it_can_and_tells_why_the_rest_was_refused(
    cases_town: str, open_page: Open
) -> None:
    page = desk.wall_of(open_page, cases_town, "dispatcher", "?category=403")
    good, gone = (desk.post(cases_town, incident(20 * n, 5, category="403")) for n in (1, 2))
    expect(page.locator(".queue-count")).to_have_text("2")
    page.keyboard.press("b")
    boxes = page.locator("#batch input")
    expect(boxes.first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.route(
        "**/incidents/dispatch",
        lambda route: (desk.move(cases_town, gone, "dispatch"), route.continue_()),
    )
    page.keyboard.press("d")
    expect(page.locator(".batch-result")).to_have_text("已派 1 件，未派 1 件")
    expect(page.locator(f'.refused-case[data-id="{gone["id"]}"]')).to_contain_text("现在不能派单")
    page.locator(f'.done-case[data-id="{good["id"]}"] button').press("Enter")
    expect(page.locator(".done-case")).to_contain_text("已退回")
    stored = acts.ask(cases_town, f"{acts.ITEMS}/{good['id']}")["properties"]
    assert (stored["step"], stored["returns"]) == ("reported", 1)
