"""A program writes to the server, over the wire: a building is edited, a list is located."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.factories import PASSWORD, add_account, add_building, add_town, count
from tests.gis_server.editors import ITEMS, MERGE, PLANNER

WAIT_S = 30
MEMBERS = 2901  # of the town that assigned them by their home addresses
ROADS = ("黄屋街", "凤凰大道", "福泰街", "文平街", "景华路")


@pytest.fixture(scope="module")
def stored(live_settings: Settings) -> Iterator[Session]:
    """Store the town with a planner's account and a hundred houses, half in each micro-grid."""
    engine = create_engine(live_settings.database_url)
    with Session(engine) as session:
        with session.begin():
            add_town(session)
            add_account(session, PLANNER)
            for n, (road, door) in enumerate((r, d) for r in ROADS for d in range(1, 21)):
                place = (-190 + 20 * (n % 9) + 200 * (n % 2), -190 + 15 * (n // 9))
                told = {"road": road, "door": f"{door}号", "address": f"黄屋村{road}{door}号"}
                add_building(session, f"H{n}", place, **told)
        yield session
    engine.dispose()


@pytest.fixture(scope="module")
def planner(live_server: str, stored: Session) -> requests.Session:
    """Sign in as a planner."""
    asking = requests.Session()
    said = {"username": PLANNER.account, "password": PASSWORD}
    assert asking.post(f"{live_server}/login", json=said, timeout=WAIT_S).status_code == 200
    return asking


def test_a_building_is_edited_and_a_stale_edit_is_refused(
    live_server: str, planner: requests.Session
) -> None:
    found = planner.get(f"{live_server}{ITEMS}?limit=1", timeout=WAIT_S).json()["features"][0]
    address = f"{live_server}{ITEMS}/{found['id']}"
    read = planner.get(address, timeout=WAIT_S).headers["ETag"]

    def edit(name: str) -> requests.Response:
        patch, headers = {"properties": {"name": name}}, {"If-Match": read, "Content-Type": MERGE}
        return planner.patch(address, json=patch, headers=headers, timeout=WAIT_S)

    first, stale = edit("新名"), edit("旧名")

    assert (first.status_code, stale.status_code) == (204, 412)
    assert stale.headers["Content-Type"] == "application/problem+json"
    assert planner.get(address, timeout=WAIT_S).json()["properties"]["name"] == "新名"
    assert first.headers["ETag"] == planner.get(address, timeout=WAIT_S).headers["ETag"]


def test_a_visitor_only_reads(live_server: str, stored: Session) -> None:
    told = requests.options(f"{live_server}{ITEMS}", timeout=WAIT_S).headers["Allow"]
    sent = requests.post(f"{live_server}{ITEMS}", json={}, timeout=WAIT_S)

    assert (told, sent.status_code) == ("GET, HEAD, OPTIONS", 401)


def homes(session: Session) -> list[tuple[str, str | None]]:
    """Write home addresses, each with its true micro-grid; one in thirty is another town's."""
    asked = text(
        "SELECT b.address, g.code FROM buildings AS b JOIN grids AS g"
        " ON g.level = 2 AND ST_Intersects(g.geom, b.point)"
    )
    known: list[tuple[str, str | None]] = [(row[0], row[1]) for row in session.execute(asked)]
    drawn = random.Random(1)
    right = [drawn.choice(known) for _ in range(MEMBERS)]
    rooms = [(f"{address}{drawn.randint(1, 9)}02室", grid) for address, grid in right]
    return [("茶山镇超朗村月亮湾8号", None) if n % 30 == 0 else h for n, h in enumerate(rooms)]


def test_home_addresses_are_located_at_once_and_nothing_is_stored(
    live_server: str, stored: Session
) -> None:
    members = homes(stored)
    body = "\n".join(["address", *(address for address, _ in members)]).encode()
    tables = ("buildings", "incidents", "outbox", "replies", "layer_versions")
    before = [count(stored, name) for name in tables]

    reply = requests.post(
        f"{live_server}/locate:batch?f=json",
        data=body,
        headers={"Content-Type": "text/csv"},
        timeout=WAIT_S,
    )

    rows = reply.json()["rows"]
    pairs = [(row["grid_code"], true) for row, (_, true) in zip(rows, members, strict=True)]
    right = sum(found == true for found, true in pairs if found)
    wrong = sum(found != true for found, true in pairs if found)
    print(f"{len(rows)} addresses: {right / len(rows):.1%} right, {wrong / len(rows):.2%} wrong")
    assert [row["row"] for row in rows] == list(range(1, MEMBERS + 1))
    assert all(row["chance"] if row["grid_code"] else row["reason"] for row in rows)
    assert (right / MEMBERS > 0.94, wrong) == (True, 0)
    assert [count(stored, name) for name in tables] == before
