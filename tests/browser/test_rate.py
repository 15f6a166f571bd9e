"""Scene C3: a rate that survives an argument: due times, the ring, the rows behind a rate."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from gis_server.config import Settings
from layers.worktime import ensure_spans
from tests.browser import acts, desk
from tests.browser.conftest import Open
from tests.browser.test_wall import WATCH
from tests.factories import SCOPE, Json, add_grid, block, incident

pytestmark = pytest.mark.browser

EXIT, MANHOLE = "102", "402"  # limits of 4 working hours, and of 4 hours of the clock
LIMIT_H, AHEAD_S, RING_PX = 4, 15, 14.5
JINGMEI = "441900109207"
AREA = text("""
INSERT INTO areas (district, code, name, level, valid, geom)
VALUES (441900, :code, '井美村', 3, '[2020-01-01,)', ST_Multi(ST_MakeEnvelope(
    :west, :south, :east, :north, 4326)))
""")
COUNT_TILE = """async query => {
  const {decodeTile} = await import('/static/js/tile-parts.js');
  const {tileAt, unitOf} = await import('/static/js/mercator.js');
  const {x, y} = tileAt(unitOf([113.94, 22.99]), 9);
  const reply = await fetch(`/collections/incidents/tiles/9/${x}/${y}?${query}`);
  const {features} = decodeTile(await reply.arrayBuffer(), 'incidents');
  return features.reduce((sum, {properties}) => sum + properties.n, 0);
}"""


@pytest.fixture(scope="module")
def rate_town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve the desk's town with its calendar and a second village; the server's address."""
    desk.fill_cases_town(live_settings)
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        ensure_spans(session, SCOPE, calendar(SCOPE.district))
        beside = block(220, -200, 420, 200)
        add_grid(session, f"{JINGMEI}00101", beside, village_code=JINGMEI)
        west, south, east, north = beside.bounds
        bounds = {"west": west, "south": south, "east": east, "north": north}
        session.execute(AREA, {"code": JINGMEI, **bounds})
    engine.dispose()
    return str(request.getfixturevalue("live_server"))


def ago(hours: float) -> str:
    """Write the time so many hours ago."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


@pytest.fixture
def wall(rate_town: str, open_page: Open) -> Page:
    page = open_page(f"{rate_town}/wall")
    acts.await_wall(page)
    return page


@pytest.mark.parametrize(
    ("reported_at", "due"),
    [
        ("2026-03-06T17:00:00+08:00", "03/09 11:30"),  # Friday, then Monday
        ("2026-04-03T17:00:00+08:00", "04/07 11:30"),  # Friday, then a holiday on Monday
    ],
)
def test_four_working_hours_from_friday_17_00_end_on_the_next_working_day(
    rate_town: str, wall: Page, reported_at: str, due: str
) -> None:
    case = desk.post(rate_town, incident(-50, 0, category=EXIT, reported_at=reported_at))
    desk.open_card(wall, case)
    expect(wall.locator(".due time").first).to_have_text(due)
    expect(wall.locator(".due").first).to_contain_text("已超")


def test_an_open_case_gets_its_ring_when_its_limit_passes(rate_town: str, wall: Page) -> None:
    wall.evaluate(WATCH)
    reported = ago(LIMIT_H - AHEAD_S / 3600)
    case = desk.post(rate_town, incident(-150, 150, category=MANHOLE, reported_at=reported))
    expect(acts.line(wall, case)).to_be_visible()
    while not wall.evaluate("drawn.length"):
        wall.wait_for_timeout(20)
    _, x, y = wall.evaluate("drawn[0]")
    before = acts.pixel(wall, x + RING_PX, y)
    expect(acts.line(wall, case).locator("circle")).to_have_count(0)
    due_at = datetime.fromisoformat(case["properties"]["due_at"])
    assert datetime.now(UTC) < due_at
    ring = expect(acts.line(wall, case).locator("circle"))
    ring.to_have_count(1, timeout=2 * AHEAD_S * 1000)
    assert due_at <= datetime.now(UTC) < due_at + timedelta(minutes=1)
    wall.wait_for_timeout(1000)
    assert not _is_ring(before)
    assert _is_ring(acts.pixel(wall, x + RING_PX, y))


def _is_ring(colour: tuple[int, ...]) -> bool:
    red, green, blue = colour
    return red > 150 and red > 1.6 * green and red > 1.6 * blue


def rows(page: Page) -> set[int]:
    """Tell the ids of the lines of the ticker."""
    keys = page.locator("#ticker [data-key]").evaluate_all("all => all.map(e => e.dataset.key)")
    return {int(key) for key in keys}


def listed(server: str, query: str) -> set[int]:
    """Ask the API for the same."""
    return {case["id"] for case in acts.ask(server, f"{acts.ITEMS}?limit=100&{query}")["features"]}


@pytest.fixture(scope="module")
def due_cases(rate_town: str) -> list[Json]:
    """Report three cases that are due by now, and close one of them."""
    told = {"category": MANHOLE, "source": "patrol"}
    cases = [
        desk.post(rate_town, incident(-90 + 30 * n, 90, reported_at=ago(9 + n), **told))
        for n in range(3)
    ]
    desk.close(rate_town, cases[0])
    return cases


def test_a_click_on_the_rate_shows_exactly_the_rows_of_both_its_parts(
    rate_town: str, due_cases: list[Json], open_page: Open
) -> None:
    page = open_page(f"{rate_town}/wall?source=patrol")
    acts.await_wall(page)
    ids = {case["id"] for case in due_cases}
    expect(page.locator('[data-figure="closed"] .figure-value')).to_have_text("33.3%")
    page.locator('[data-figure="closed"]').click()
    expect(page).to_have_url(re.compile("figure=due"))
    expect(page.locator(".filter-count")).to_have_text("共 3 件")
    expect(page.locator("#ticker [data-key]")).to_have_count(3)
    assert rows(page) == listed(rate_town, page.url.partition("?")[2]) == ids
    page.locator('[data-part="closed_due"]').click()
    expect(page.locator("#ticker [data-key]")).to_have_count(1)
    assert rows(page) == {due_cases[0]["id"]}
    page.go_back()
    expect(page.locator("#ticker [data-key]")).to_have_count(3)


def test_filtered_by_a_village_tile_list_and_api_count_the_same(rate_town: str, wall: Page) -> None:
    inside = [desk.post(rate_town, incident(250 + 20 * n, 0)) for n in range(4)]
    desk.post(rate_town, incident(-20, -20))
    wall.keyboard.press("f")
    wall.locator("#filter-area").select_option(label="井美村")
    expect(wall.locator('.chip[data-filter="area"]')).to_contain_text("井美村")
    expect(wall.locator(".filter-count")).to_have_text(f"共 {len(inside)} 件")
    expect(wall.locator("#ticker [data-key]")).to_have_count(len(inside))
    expect(wall.locator('[data-figure="open"] .figure-value')).to_have_text(str(len(inside)))
    asked = f"area={JINGMEI}&live=true"
    counted = acts.ask(rate_town, f"/collections/incidents/count?{asked}")["count"]
    assert wall.evaluate(COUNT_TILE, asked) == counted == len(inside)
    assert rows(wall) == {case["id"] for case in inside}
    wall.locator('.chip[data-filter="area"]').click()
    expect(wall.locator("#ticker [data-key]")).not_to_have_count(len(inside))


def test_a_case_that_enters_the_filter_is_counted_and_one_that_leaves_it_goes(
    rate_town: str, open_page: Open
) -> None:
    page = open_page(f"{rate_town}/wall?stage=reported&category=403")
    acts.await_wall(page)
    case = desk.post(rate_town, incident(-30, -90, category="403"))
    expect(acts.line(page, case)).to_be_visible()
    expect(page.locator(".filter-count")).to_have_text("共 1 件")
    desk.move(rate_town, case, "dispatch")
    expect(acts.line(page, case)).to_have_count(0)
    expect(page.locator(".filter-count")).to_have_text("共 0 件")


def test_the_wrong_dispatch_rate_names_its_parts_and_filters_by_a_click(
    rate_town: str, open_page: Open
) -> None:
    case = desk.post(rate_town, incident(-60, -120, category="401"))
    desk.move(rate_town, case, "dispatch")
    desk.move(rate_town, case, "return", reason="不属本格")
    page = open_page(f"{rate_town}/wall", viewport={"width": 1920, "height": 1080})
    acts.await_wall(page)
    row = page.locator('#wrong [data-key="row-401"]')
    expect(row).to_contain_text("100%")
    expect(row).to_contain_text("1 退 / 1 派")
    expect(row).to_contain_text("路面破损")
    row.click()
    expect(page.locator('.chip[data-filter="category"]')).to_contain_text("路面破损")
    expect(row).to_have_attribute("aria-pressed", "true")
