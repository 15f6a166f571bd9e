"""A case's card names the cases like it, and those that it likely repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import Json, add_building, feature, incident, posted

ITEMS = "/collections/incidents/items"
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)
RUBBISH = {"category": "302", "accuracy_m": 8, "description": "路边垃圾成堆无人清理"}


def _at(hours: float) -> str:
    return (NOON + timedelta(hours=hours)).isoformat()


def _posted(client: FlaskClient, east_m: float, hours: float = 0, **given: Any) -> int:
    report = incident(east_m, 10, **{**RUBBISH, "reported_at": _at(hours), **given})
    return int(posted(client, report)["id"])


def _in_words(client: FlaskClient, address: str, hours: float = 0, **given: Any) -> int:
    told = {"category": "302", "address": address, "reported_at": _at(hours), **given}
    return int(posted(client, feature(None, **told))["id"])


def _nearby(client: FlaskClient, case: int) -> Json:
    reply = client.get(f"{ITEMS}/{case}/nearby")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def _ids(rows: list[Json]) -> list[int]:
    return [row["id"] for row in rows]


def test_the_same_item_at_the_same_place_soon_after_is_likely_the_same_case(
    client: FlaskClient, town: Session
) -> None:
    first = _posted(client, 10)
    again = _posted(client, 16, 1, description="垃圾堆在路边没人清理", source="snap")

    (likely,) = _nearby(client, again)["likely"]

    assert (likely["id"], likely["hours"]) == (first, 1)
    assert likely["probability"] > 0.9
    assert likely["distance_m"] == pytest.approx(6, abs=0.2)
    assert {"same_item", "near", "soon"} <= set(likely["why"])


def test_the_earlier_case_names_the_later_one_as_well(client: FlaskClient, town: Session) -> None:
    first, again = _posted(client, 10), _posted(client, 12, 1)

    assert _ids(_nearby(client, first)["likely"]) == [again]


@pytest.mark.parametrize(
    "unlike",
    [
        {"hours": 150},
        {"east_m": 120},
        {"category": "402", "description": "井盖破损松动"},
        {"address": "黄屋路88号"},
    ],
    ids=("a week later", "further along", "another item", "another door"),
)
def test_what_only_looks_like_it_is_not_proposed(
    client: FlaskClient, town: Session, unlike: Json
) -> None:
    _posted(client, 10, address="黄屋路2号", description="垃圾没人收")
    given = {"east_m": 14, "hours": 20, "address": "黄屋路2号", "description": "有人倒建筑废料"}
    other = _posted(client, **(given | unlike))

    assert _nearby(client, other)["likely"] == []


def test_a_closed_case_is_not_proposed_but_told_at_its_address(
    client: FlaskClient, town: Session
) -> None:
    first = _posted(client, 10, address="黄屋路2号")
    again = _posted(client, 11, 1, address="黄屋路２号旁边")
    closed = text("UPDATE incidents SET stage = 'closed', closed_at = now() WHERE id = :id")
    town.execute(closed, {"id": first})

    told = _nearby(client, again)

    assert (told["likely"], told["nearby"]) == ([], [])
    assert _ids(told["same_address"]) == [first]


def test_open_cases_of_the_class_are_told_the_nearest_first(
    client: FlaskClient, town: Session
) -> None:
    far, near = _posted(client, 100, category="304"), _posted(client, 60, category="301")
    _posted(client, 20, category="101")
    _posted(client, 170, category="302")
    case = _posted(client, -80)

    assert _ids(_nearby(client, case)["nearby"]) == [near, far]


def test_the_name_of_a_road_is_no_address(client: FlaskClient, town: Session) -> None:
    _posted(client, 150, address="黄屋路")

    assert _nearby(client, _posted(client, -150, address="黄屋路"))["same_address"] == []


def test_words_in_the_tray_are_likely_the_same_as_the_same_words(
    client: FlaskClient, town: Session
) -> None:
    first = _in_words(client, "村口大榕树那边", description="垃圾堆了几天")
    again = _in_words(client, "村口大榕树", 2, description="好多垃圾堆着")

    told = _nearby(client, again)

    assert _ids(told["likely"]) == [first]
    assert told["likely"][0]["distance_m"] is None


def test_words_that_may_mean_a_building_are_compared_with_the_cases_there(
    client: FlaskClient, town: Session
) -> None:
    add_building(town, "B1", (10, 10), road="黄屋路", door="12号", address="黄屋路12号")
    add_building(town, "B2", (60, 10), road="黄屋路", door="14号", address="黄屋路14号")
    first = _posted(client, 10, address="黄屋路12号")
    again = _in_words(client, "黄屋路12号", 1, description="垃圾成堆")

    assert _ids(_nearby(client, again)["likely"]) == [first]


def test_a_case_that_is_not_there_has_nothing_nearby(client: FlaskClient, town: Session) -> None:
    assert client.get(f"{ITEMS}/999999/nearby").status_code == 404


def test_a_dispute_at_the_address_is_not_told_to_everybody(
    client: FlaskClient, town: Session
) -> None:
    _posted(client, 10, category="201", address="黄屋路2号", description="两户发生争吵")

    told = _nearby(client, _posted(client, 12, 1, address="黄屋路2号"))

    assert (told["same_address"], told["likely"]) == ([], [])


def _pairs(client: FlaskClient, more: str = "") -> list[tuple[int, int]]:
    told = client.get(f"/collections/incidents/likely{more}").get_json(force=True)
    return [(pair["case"]["id"], pair["into"]["id"]) for pair in told["pairs"]]


def test_the_tray_pairs_the_later_case_with_the_earlier_the_likeliest_first(
    client: FlaskClient, town: Session
) -> None:
    first, again = _posted(client, 10), _posted(client, 12, 20, description="垃圾没人收")
    other, at_once = _posted(client, 150, category="404"), _posted(client, 150, category="404")
    _posted(client, 80, category="301")

    assert _pairs(client) == [(at_once, other), (again, first)]
    assert _pairs(client, "?category=302") == [(again, first)]
    assert _pairs(client, "?limit=1") == []


def test_a_closed_case_is_in_no_pair_of_the_tray(client: FlaskClient, town: Session) -> None:
    _posted(client, 10)
    closed = text("UPDATE incidents SET stage = 'closed', closed_at = now() WHERE id = :id")
    town.execute(closed, {"id": _posted(client, 12, 1)})

    assert _pairs(client) == []
