"""The command centre's desk in the tests: its town, its wall, and what is done there by keys."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.browser import acts
from tests.browser.conftest import Open, fill_town
from tests.factories import Json, add_account, feature, incident
from tests.layers.casework import add_bodies, holder

DRAIN = "404"
HOLDERS = ("leader", "grid_leader")


def fill_cases_town(settings: Settings) -> None:
    """Store a small town with the bodies that whistles are raised to, and accounts for posts."""
    fill_town(settings)
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        add_bodies(session)
        for post in HOLDERS:
            add_account(session, holder(post))
    engine.dispose()


def post(server: str, body: Json, account: str = "dispatcher") -> Json:
    """Report a case as one who is signed in."""
    web = acts.signed_in(server, account)
    reply = web.post(server + acts.ITEMS, json=body, timeout=acts.REPLY_LIMIT_S)
    assert reply.status_code == 201, reply.text
    stored: Json = reply.json()
    return stored


def drain(server: str, account: str = "grid_leader", category: str = DRAIN) -> Json:
    """Report a blocked drain inlet in the eastern micro-grid."""
    told = {"category": category, "description": "排水口堵塞"}
    return post(server, incident(50, 50, **told), account)


def ticket(server: str, address: str) -> Json:
    """Report a blocked drain inlet by the hotline, with words only."""
    return post(server, feature(None, category=DRAIN, source="12345", address=address))


def move(server: str, case: Json, code: str, **said: Any) -> None:
    """Move a case as the dispatcher, beside the browser."""
    web, address = acts.signed_in(server), f"{server}{acts.ITEMS}/{case['id']}"
    headers = {"If-Match": web.get(address, timeout=acts.REPLY_LIMIT_S).headers["ETag"]}
    body = {"move": code, **said}
    reply = web.post(f"{address}/steps", json=body, headers=headers, timeout=acts.REPLY_LIMIT_S)
    assert reply.status_code == 201, reply.text


def close(server: str, case: Json) -> None:
    """Take a case through all its steps."""
    move(server, case, "dispatch")
    for code in ("take", "finish", "close"):
        move(server, case, code)


def wall_of(open_page: Open, server: str, account: str, query: str = "") -> Page:
    """Open the wall as one who is signed in."""
    page = open_page(f"{server}/where")
    acts.sign_in(page, account)
    page.goto(f"{server}/wall{query}")
    acts.await_wall(page)
    return page


def phone_of(open_page: Open, server: str, account: str) -> Page:
    """Open on a phone the list of the cases that are with a post, signed in as who holds it."""
    page = open_page(f"{server}/where", **acts.PHONE)
    acts.sign_in(page, account)
    page.goto(f"{server}/cases?post={account}&live=true")
    expect(page.locator("html")).to_have_attribute("data-stale", "fresh")
    expect(page.locator("#end")).to_contain_text("没有符合筛选的案件")
    return page


def tap_open(phone: Page, case: Json) -> None:
    """Open a case that has just come in."""
    phone.locator(".fresh-button").tap()
    phone.locator(f'.case-row[data-id="{case["id"]}"]').tap()
    expect(phone.locator("#drawer .drawer-head")).to_contain_text(case["properties"]["number"])


def tap(phone: Page, move: str, **said: str) -> None:
    """Make a move by a tap, and say what it asks for."""
    expect(phone.locator(".moves")).to_have_attribute("aria-busy", "false")
    phone.locator(f'.move-list [data-move="{move}"]').tap()
    for name, words in said.items():
        phone.locator(f'.move-form [name="{name}"]').fill(words)
    if said:
        phone.locator('.move-form [type="submit"]').tap()
    expect(phone.locator('.move-said[data-kind="done"]')).to_be_visible()


def open_card(page: Page, case: Json) -> None:
    """Open a case from the ticker and wait until its moves are known."""
    acts.line(page, case).click()
    expect(page.locator("#drawer .drawer-head")).to_contain_text(case["properties"]["number"])
    expect(page.locator("#drawer .move-buttons > *").first).to_be_visible()


def press(page: Page, key: str) -> None:
    """Press a key in the card, whose moves are those of the case as it is."""
    expect(page.locator(".moves")).to_have_attribute("aria-busy", "false")
    page.locator("#drawer").focus()
    page.keyboard.press(key)


def take(page: Page, key: str, reason: str = "") -> None:
    """Make a move by its key; a reason is typed and sent by Enter."""
    press(page, key)
    if reason:
        expect(page.locator('.move-form [name="reason"]')).to_be_focused()
        page.keyboard.type(reason)
        page.keyboard.press("Enter")
    expect(page.locator('.move-said[data-kind="done"]')).to_be_visible()
