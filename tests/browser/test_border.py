"""Scene G2: a report from the border of two micro-grids, and from inside a dedicated grid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.browser import acts
from tests.browser.conftest import Open
from tests.factories import EAST, WEST, add_grid, block

pytestmark = pytest.mark.browser

AT_THE_BORDER = acts.standing(8, 20, 20)
OWNER, OWNED = "441900109212901", (120, 120, 160, 160)
ITEMS = "/collections/incidents/items"


@pytest.fixture
def phone(town: str, open_page: Open) -> Page:
    page = open_page(f"{town}/where", **AT_THE_BORDER)
    acts.locate(page)
    expect(page.locator(".choice")).to_have_count(2)
    return page


def fill(page: Page, description: str = "") -> None:
    page.locator("#report summary").click()
    page.get_by_label("事项").select_option("101")
    page.get_by_label("情况描述").fill(description)


def send(page: Page) -> str:
    """Send the form; the number of the case."""
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator(".receipt-number")).to_be_visible()
    return page.locator(".receipt-number").inner_text()


def choose(page: Page, code: str) -> None:
    page.locator(f'.choice[data-code="{code}"]').click()


def test_eight_metres_from_the_edge_two_chances_sum_to_100(phone: Page) -> None:
    told = phone.locator(".choice-chance").all_inner_texts()
    assert sum(int(re.sub(r"\D", "", chance)) for chance in told) == 100


def test_the_chosen_micro_grid_gets_the_report_and_the_other_is_told(
    phone: Page, town: str
) -> None:
    choose(phone, WEST)
    fill(phone, "井盖松动")
    number = send(phone)
    expect(phone.locator(".receipt")).to_contain_text("黄屋一微网格长")
    expect(phone.locator(".receipt-told")).to_contain_text(EAST[-5:])
    told = acts.case_of(town, number)["properties"]
    assert (told["grid_code"], told["accuracy_m"], told["description"]) == (WEST, 20, "井盖松动")


def test_both_workers_see_the_choice_on_the_wall(phone: Page, town: str, open_page: Open) -> None:
    wall = open_page(f"{town}/wall")
    acts.await_wall(wall)
    choose(phone, WEST)
    fill(phone)
    number = send(phone)
    line = acts.line(wall, acts.case_of(town, number))
    expect(line).to_contain_text(f"{WEST[-5:]}（边界：{EAST[-5:]}）")
    line.click()
    border = wall.locator("#drawer .border .pair")
    expect(border.first).to_contain_text("上报人选定")
    expect(border.last).to_contain_text(EAST[-5:])
    expect(wall.locator("#drawer .duties")).to_contain_text("黄屋一微网格长")


def test_the_dossier_of_the_other_side_lists_the_case(
    phone: Page, town: str, open_page: Open
) -> None:
    choose(phone, WEST)
    fill(phone)
    number = send(phone)
    wall = open_page(f"{town}/wall")
    acts.await_wall(wall)
    wall.locator("#search-input").fill(EAST)
    wall.locator('#search-list [role="option"]').first.click()
    cases = wall.locator("#drawer .card-part").filter(has_text="边界待认")
    cases.locator("summary").click()
    expect(cases.locator(".row").filter(has_text=number)).to_be_visible()


def test_without_a_choice_the_position_decides(phone: Page, town: str) -> None:
    fill(phone)
    number = send(phone)
    expect(phone.locator(".receipt-told")).to_have_count(0)
    assert acts.case_of(town, number)["properties"]["grid_code"] == EAST


def test_a_fix_inside_a_dedicated_grid_goes_to_its_owner(
    town: str, live_settings: Settings, open_page: Open
) -> None:
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        given = {"name": "工业园专属网格", "kind": "dedicated", "level": 1}
        add_grid(session, OWNER, block(*OWNED), **given)
    engine.dispose()
    page = open_page(f"{town}/where", **acts.standing(140, 140, 5))
    acts.locate(page)
    expect(page.locator(".team-name")).to_have_text("工业园专属网格")
    fill(page)
    send(page)
    expect(page.locator(".receipt")).to_contain_text("工业园专属网格")


def test_a_report_without_a_category_is_refused_at_its_field(phone: Page) -> None:
    phone.locator("#report summary").click()
    phone.get_by_role("button", name="上报", exact=True).click()
    expect(phone.locator("#report-category-error")).to_have_text("请选择事项")
    expect(phone.get_by_label("事项")).to_be_focused()


def test_a_report_whose_answer_was_lost_is_stored_once(phone: Page, town: str) -> None:
    before = acts.ask(town, "/collections/incidents/count")["count"]
    keys: list[str | None] = []
    phone.on(
        "request",
        lambda asked: (
            keys.append(asked.headers.get("idempotency-key")) if asked.method == "POST" else None
        ),
    )
    fill(phone, "答复丢失")
    phone.route(f"**{ITEMS}", lambda route: (route.fetch(), route.abort())[1], times=1)
    phone.get_by_role("button", name="上报", exact=True).click()
    expect(phone.locator(".report .state.failed")).to_be_visible()
    send(phone)
    assert acts.ask(town, "/collections/incidents/count")["count"] == before + 1
    assert len(set(keys)) == 1
    assert keys[0]


def test_the_form_is_filled_and_sent_by_keyboard_alone(phone: Page) -> None:
    phone.locator("#report summary").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("事项")).to_be_visible()
    phone.keyboard.press("Tab")
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Tab")
    phone.keyboard.type("路灯不亮")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.locator(".receipt")).to_be_focused()


def test_what_was_typed_stays_when_the_language_changes(phone: Page) -> None:
    fill(phone, "路灯不亮")
    phone.locator("#language").click()
    expect(phone.get_by_label("Description")).to_have_value("路灯不亮")
    expect(phone.get_by_label("What", exact=True)).to_have_value("101")
