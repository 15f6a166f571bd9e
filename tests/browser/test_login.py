"""Signing in by the page: in Chinese and English, by keyboard, and back to where one came from."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.conftest import Open
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def door(town: str, open_page: Open) -> Page:
    page = open_page(f"{town}/login?next=%2Fcases%3Fstage%3Dreported")
    expect(page.get_by_role("heading", name="登录", level=2)).to_be_visible()
    return page


def _type(page: Page, name: str, password: str) -> None:
    """Fill the form by keyboard alone: the first field has the focus already."""
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_who_signs_in_comes_back_to_where_he_was(door: Page) -> None:
    _type(door, "dispatcher", PASSWORD)

    door.wait_for_url("**/cases?stage=reported*")
    account = door.request.get(f"{door.url.split('/cases')[0]}/account").json()
    assert account["account"] == "dispatcher"


def test_a_wrong_password_is_told_in_the_readers_language(door: Page) -> None:
    _type(door, "dispatcher", "winter-tide-42")

    expect(door.get_by_role("alert")).to_have_text("账号不存在，或密码不对")
    door.get_by_role("button", name=re.compile("English")).click()
    expect(door.get_by_role("alert")).to_have_text("No such account, or the password is wrong")
    expect(door.get_by_role("heading", name="Sign in", level=2)).to_be_visible()


def test_an_open_wall_follows_what_the_account_may_see(town: str, open_page: Open) -> None:
    wall = open_page(f"{town}/wall")
    acts.await_wall(wall)
    other = wall.context.new_page()
    other.goto(f"{town}/login?next=/where")

    _type(other, "dispatcher", PASSWORD)
    other.wait_for_url("**/where")
    dispute = acts.report(town, -60, 60, category="201")

    expect(acts.line(wall, dispute)).to_be_visible()


def test_a_visitors_wall_is_told_of_no_dispute(town: str, open_page: Open) -> None:
    wall = open_page(f"{town}/wall")
    acts.await_wall(wall)

    dispute = acts.report(town, -60, 60, category="201")
    fire = acts.report(town, -60, 60)

    expect(acts.line(wall, fire)).to_be_visible()
    expect(acts.line(wall, dispute)).to_have_count(0)


def test_the_page_says_who_is_signed_in_already(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/login")
    known = {"username": "dispatcher", "password": PASSWORD}
    page.request.post(f"{town}/login", data=known)

    page.reload()

    expect(page.get_by_text("当前已登录：dispatcher")).to_be_visible()


def _change_password(page: Page, old: str, new: str, again: str) -> None:
    fields = page.locator("#password-form input[type=password]")
    for field, words in zip(fields.all(), (old, new, again), strict=True):
        field.fill(words)
    page.locator("#password-form").get_by_role("button", name="修改密码").press("Enter")


def test_who_is_signed_in_changes_his_password(town: str, open_page: Open) -> None:
    page = open_page(f"{town}/where")
    acts.sign_in(page)
    page.goto(f"{town}/cases")
    page.locator("#account").get_by_role("link", name="dispatcher").click()
    said = page.locator("#password-said")

    _change_password(page, PASSWORD, "autumn-ebb-1937", "autumn-ebb-1938")
    expect(said).to_have_text("两次输入的新密码不同")
    _change_password(page, "winter-tide-42", "autumn-ebb-1937", "autumn-ebb-1937")
    expect(said).to_have_text("原密码不对")
    _change_password(page, PASSWORD, "autumn-ebb-1937", "autumn-ebb-1937")
    expect(said).to_have_text("密码已修改，其他登录已退出")
    _change_password(page, "autumn-ebb-1937", PASSWORD, PASSWORD)
    expect(page.locator("#password-old")).to_have_value("")
