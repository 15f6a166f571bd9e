"""Generated pairs are echoes of one case, or cases much like it, with a truth that is known."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from geodata.echoes import OTHERS, Pair, pairs
from geodata.likeness import door
from geodata.reports import Feature
from tests.geodata.sample_town import demo_town

UNTIL = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> list[Pair]:
    return list(islice(pairs(demo_town(), 1, UNTIL), 400))


def _at(feature: Feature) -> datetime:
    return datetime.fromisoformat(feature["properties"]["reported_at"])


def _apart(pair: Pair) -> timedelta:
    return _at(pair.second) - _at(pair.first)


def _given(pair: Pair, name: str) -> tuple[Any, Any]:
    return pair.first["properties"].get(name), pair.second["properties"].get(name)


def _of(found: list[Pair], *kinds: str) -> list[Pair]:
    return [pair for pair in found if pair.kind in kinds]


def test_half_are_echoes_and_half_are_of_every_other_kind(found: list[Pair]) -> None:
    count = Counter(pair.kind for pair in found)

    assert set(count) == {"echo", *OTHERS}
    assert 0.4 < count["echo"] / len(found) < 0.6
    assert all(pair.same == (pair.kind == "echo") for pair in found)


def test_an_echo_comes_minutes_to_two_days_later(found: list[Pair]) -> None:
    apart = [_apart(pair) for pair in _of(found, "echo")]

    assert timedelta(minutes=1) <= min(apart) < timedelta(hours=1)
    assert timedelta(hours=30) < max(apart) <= timedelta(hours=48)


def test_an_echo_is_told_by_others_in_other_words(found: list[Pair]) -> None:
    echoes = _of(found, "echo")

    assert sum(len(set(_given(pair, "source"))) > 1 for pair in echoes) > len(echoes) / 2
    assert sum(len(set(_given(pair, "description"))) > 1 for pair in echoes) > len(echoes) / 2


def test_a_week_later_is_after_five_days_and_before_now(found: list[Pair]) -> None:
    late = _of(found, "week_later")

    assert min(_apart(pair) for pair in late) >= timedelta(days=5)
    assert max(_at(pair.second) for pair in late) <= UNTIL


def test_another_item_is_another_item(found: list[Pair]) -> None:
    assert not [p for p in _of(found, "other_item") if len(set(_given(p, "category"))) == 1]


def test_the_next_door_is_not_the_same_door(found: list[Pair]) -> None:
    beside = [_given(pair, "address") for pair in _of(found, "next_door", "next_building")]
    doors = [(door(one), door(other)) for one, other in beside if one and other]

    assert len(doors) > 20
    assert not [both for both in doors if both[0] == both[1] and both[0].number]


def test_ids_are_told_once(found: list[Pair]) -> None:
    ids = [given for pair in found for given in _given(pair, "external_id")]

    assert len(set(ids)) == len(ids)


def test_the_same_seed_tells_the_same(found: list[Pair]) -> None:
    assert list(islice(pairs(demo_town(), 1, UNTIL), 20)) == found[:20]
