"""What is pressed while the figures are counted again is clicked all the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_a_figure_that_is_pressed_while_another_changes_is_clicked(
    town: str, open_page: Open
) -> None:
    wall = open_page(f"{town}/wall")
    acts.await_wall(wall)
    overdue = wall.locator('[data-figure="overdue"]')
    today = wall.locator('[data-figure="today"] .figure-value')
    before = int(today.inner_text())
    overdue.hover()
    wall.mouse.down()

    acts.report(town, 60, 60)
    expect(today).to_have_text(str(before + 1))
    wall.mouse.up()

    expect(wall.locator('.chip[data-filter="figure"]')).to_be_visible()
