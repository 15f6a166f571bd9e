"""Two reports are judged by place, time, item, words, address and device."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cases.fitting import NAMES, shares, table
from geodata.echoes import pairs
from geodata.likeness import WEIGHTS, Door, Told, address_key, alike, distance_m, door, likeness
from tests.geodata.sample_town import demo_town

FIRST = Told("302", "3", 0.0, "snap", 113.94, 22.99, 10.0, "路边垃圾成堆", "黄屋村黄屋路2号")
HOUR_S = 3600.0
NORTH_M = 1 / 111_195  # degrees


def _chance(**change: Any) -> float:
    return likeness(FIRST, replace(FIRST, source="12345", **change)).probability


def test_the_same_told_twice_is_the_same() -> None:
    assert _chance(at_s=HOUR_S) > 0.95


@pytest.mark.parametrize(
    "change",
    [
        {"lat": 22.99 + 80 * NORTH_M, "address": None},
        {"at_s": 8 * 24 * HOUR_S},
        {"category": "404", "class_code": "4", "description": "雨水口被堵"},
        {"address": "黄屋村黄屋路6号"},
    ],
    ids=("far", "late", "another item", "another door"),
)
def test_each_difference_makes_it_unlikely(change: dict[str, Any]) -> None:
    other = {"at_s": 6 * HOUR_S, "description": "有人乱倒东西"} | change

    assert _chance(**other) < 0.5


def test_a_vague_position_forgives_distance() -> None:
    far = {"lat": 22.99 + 50 * NORTH_M, "address": None, "at_s": HOUR_S, "description": None}

    assert _chance(**far, accuracy_m=80.0) > _chance(**far)


def test_why_names_what_speaks_for_it() -> None:
    judged = likeness(FIRST, replace(FIRST, at_s=HOUR_S))

    assert set(judged.why) == {"same_item", "same_door", "near", "soon", "words"}
    assert (judged.distance_m, judged.hours, judged.words) == (0, 1, 1)


def test_the_alarms_of_one_device_have_that_in_common() -> None:
    alarm = replace(FIRST, source="sensor", external_id="WL-1:7", description="积水 22 厘米")
    again = replace(alarm, external_id="WL-1:8", at_s=300.0, description="积水 25 厘米")

    judged = likeness(alarm, again)

    assert judged.probability > 0.9
    assert "same_device" in judged.why


def test_without_both_places_there_is_no_distance() -> None:
    assert distance_m(FIRST, replace(FIRST, lon=None, lat=None)) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("东坑镇初坑村瑞乐街5号", ("瑞乐街", "5")),
        ("瑞乐街五号旁边", ("瑞乐街", "5")),
        ("东坑镇骏发大道", ("骏发大道", "")),
        ("坑美村康利街２", ("康利街", "2")),
        ("黄屋街道东兴路12号之1", ("东兴路", "12-1")),
        ("祥利街１号明珠新村二期12栋", ("祥利街", "1", "12")),
        ("骏达花园3栋", ("", "")),
    ],
)
def test_the_door_of_an_address_is_read_however_it_is_written(
    address: str, expected: tuple[str, ...]
) -> None:
    assert door(address) == Door(*expected)


def test_an_address_is_compared_without_its_town_and_beside() -> None:
    assert address_key("东坑镇黄屋村骏达花园３栋旁边") == address_key("骏达花园3栋")


def test_words_are_alike_by_their_pairs_of_letters() -> None:
    assert alike("路边垃圾", "路边垃圾！") == 1
    assert alike("路边垃圾", "路灯不亮") == 0
    assert alike("", None) == 0


Told_ = st.builds(
    Told,
    category=st.sampled_from(["302", "404"]),
    class_code=st.sampled_from(["3", "4"]),
    at_s=st.floats(0, 2e9),
    source=st.sampled_from(["snap", "sensor"]),
    lon=st.none() | st.floats(-180, 180),
    lat=st.none() | st.floats(-90, 90),
    accuracy_m=st.none() | st.floats(0, 100_000),
    description=st.none() | st.text(max_size=20),
    address=st.none() | st.text("路号村0123456789黄屋 -", max_size=12),
    external_id=st.none() | st.text(":ab", max_size=4),
)


@given(Told_, Told_)
def test_any_two_reports_have_a_chance_whichever_comes_first(one: Told, other: Told) -> None:
    judged = likeness(one, other)

    assert 0 <= judged.probability <= 1
    assert judged.probability == pytest.approx(likeness(other, one).probability, abs=2e-3)


def test_the_weights_tell_pairs_apart_that_they_were_not_fitted_to() -> None:
    found = table(islice(pairs(demo_town(), 77, datetime(2026, 6, 30, tzinfo=UTC)), 800))

    recall, precision = shares(*found, WEIGHTS)

    assert recall >= 0.9
    assert precision >= 0.9
    assert set(NAMES) == set(WEIGHTS)
