"""Ten minutes from the README: what a program does first, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.factories import EAST, WEST, add_town, incident

WAIT_S = 10


@pytest.fixture(scope="module")
def items(live_settings: Settings, live_server: str) -> Iterator[str]:
    """Serve the small town; the address of its incidents."""
    engine = create_engine(live_settings.database_url)
    with Session(engine) as session, session.begin():
        add_town(session)
    yield f"{live_server}/collections/incidents/items"
    engine.dispose()


def _post(items: str, report: Any, key: str = "scene-a1") -> requests.Response:
    return requests.post(items, json=report, headers={"Idempotency-Key": key}, timeout=WAIT_S)


def test_step_1_the_list_is_a_feature_collection(items: str) -> None:
    reply = requests.get(items, timeout=WAIT_S)

    assert reply.headers["Content-Type"] == "application/geo+json"
    assert reply.json()["type"] == "FeatureCollection"


def test_step_2_a_case_is_answered_with_grid_chance_candidates_and_duty(items: str) -> None:
    reply = _post(items, incident(-8, 10, accuracy_m=20))

    told = reply.json()["properties"]
    assert (reply.status_code, told["grid_code"]) == (201, WEST)
    assert told["confidence"] == pytest.approx(0.836, abs=0.02)
    assert [candidate["grid_code"] for candidate in told["candidates"]] == [EAST]
    assert (told["duty"]["post"], told["duty"]["organisation"]) == ("micro_leader", "黄屋村")
    assert told["category_title"] == "火灾烟雾"


def test_step_3_the_same_key_and_body_get_the_same_answer(items: str) -> None:
    report = incident(-8, 10, accuracy_m=20)

    first, again = _post(items, report, "scene-a1-3"), _post(items, report, "scene-a1-3")

    assert (again.status_code, again.content) == (201, first.content)


def test_step_3_another_body_is_a_problem(items: str) -> None:
    _post(items, incident(-8, 10), "scene-a1-4")

    reply = _post(items, incident(-8, 11), "scene-a1-4")

    assert (reply.status_code, reply.headers["Content-Type"]) == (409, "application/problem+json")
    assert reply.json()["member"] == "Idempotency-Key"


def test_step_4_swapped_axes_are_named(items: str) -> None:
    report = incident(0, 0)
    report["geometry"]["coordinates"].reverse()

    reply = _post(items, report, "scene-a1-5")

    assert (reply.status_code, reply.json()["member"]) == (400, "geometry.coordinates[1]")
    assert "are lon and lat swapped?" in reply.json()["detail"]
