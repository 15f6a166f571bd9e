"""A mapping file says how rows become incidents; a wrong one is refused by its member."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.adapters import Adapter, adapter, adapters, read
from geodata.errors import InvalidInput, NotFound
from geodata.regions import bags, categories
from geodata.source_rows import Refused, table_rows
from tests.geodata.sample_sources import SAMPLES

DISTRICT = 441900
CODES = {"302", "404"}
PLAIN = """
crs = "gcj02"
time_formats = ["%Y-%m-%d %H:%M", "epoch_ms"]
blank = ["无"]
[fields]
external_id = "编号"
category = ["小类", "大类"]
description = "内容"
address = "地址"
lon = "经度"
lat = "纬度"
reported_at = "时间"
photos = "图片"
severity = "级别"
[constants]
accuracy_m = 40
[values.category]
"垃圾" = "302"
"排水" = "404"
[values.severity]
"急" = 1
"""
ROW = {"编号": "A1", "小类": "垃圾", "地址": "黄屋路2号", "时间": "2026-06-05 12:00"}


def _read(toml: str = PLAIN) -> Adapter:
    return read("desk", toml, CODES)


def _properties(row: dict[str, Any], toml: str = PLAIN) -> dict[str, Any]:
    features, refused = _read(toml).features([row])
    assert refused == []
    return dict(features[1].properties)


def _refused(row: Any) -> Refused:
    features, (refused,) = _read().features([row])
    assert features == {}
    return refused


def test_a_row_becomes_a_feature_with_our_names() -> None:
    given = _properties(ROW | {"内容": "垃圾成堆", "级别": "急"})

    assert given == {
        "source": "desk",
        "external_id": "A1",
        "category": "302",
        "description": "垃圾成堆",
        "address": "黄屋路2号",
        "severity": 1,
        "reported_at": "2026-06-05T12:00:00+08:00",
    }


def test_a_position_keeps_the_name_of_its_crs_and_the_usual_accuracy() -> None:
    features, _ = _read().features([ROW | {"经度": "113.94", "纬度": 22.99}])

    given = features[1].properties
    assert (given["crs"], given["accuracy_m"]) == ("gcj02", 40)
    assert features[1].geometry is not None
    assert features[1].geometry.coords[0] == (113.94, 22.99)


@pytest.mark.parametrize("nothing", [{}, {"经度": "", "纬度": ""}, {"经度": 0, "纬度": "0"}])
def test_a_row_without_a_position_has_no_accuracy(nothing: dict[str, Any]) -> None:
    assert "accuracy_m" not in _properties(ROW | nothing)


def test_the_first_filled_of_several_members_counts() -> None:
    assert _properties(ROW | {"小类": "无", "大类": "排水"})["category"] == "404"


def test_members_are_found_deep_in_a_row_and_joined_to_an_id() -> None:
    toml = """
        [fields]
        external_id = "{device.code}:{seq}"
        category = "alarm.type"
        lonlat = "site.at"
        photos = "shots[].url"
        [values.category]
        "*" = "404"
    """
    row = {
        "device": {"code": "G7"},
        "seq": 12,
        "alarm": {"type": "level"},
        "site": {"at": "113.94, 22.99"},
        "shots": [{"url": "a.jpg"}, {"url": "b.jpg"}],
    }

    given = _properties(row, toml)

    assert (given["external_id"], given["category"]) == ("G7:12", "404")
    assert given["photos"] == ["a.jpg", "b.jpg"]


def test_photos_in_one_text_are_parted() -> None:
    assert _properties(ROW | {"图片": "a.jpg；b.jpg c.jpg"})["photos"] == [
        "a.jpg",
        "b.jpg",
        "c.jpg",
    ]


def test_a_time_in_milliseconds_needs_no_zone() -> None:
    assert _properties(ROW | {"时间": 1780632000000})["reported_at"] == "2026-06-05T04:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "member", "reason"),
    [
        ({"编号": ""}, "编号", "no id"),
        ({"小类": ""}, "小类 / 大类", "what happened"),
        ({"小类": "外星人"}, "小类 / 大类", "'外星人' is not in the table"),
        ({"地址": "无"}, "地址", "where it happened"),
        ({"经度": "113.9"}, "纬度", "half of a position"),
        ({"经度": "东经", "纬度": "22"}, "经度", "'东经' is not a number"),
        ({"经度": "nan", "纬度": "22"}, "经度", "not a number"),
        ({"时间": "昨天"}, "时间", "'昨天' is no time"),
        ({"级别": "很急"}, "级别", "not in the table"),
        ({"地址": {"a": 1}}, "地址", "not a text"),
    ],
)
def test_a_row_that_cannot_be_taken_names_its_own_member(
    change: dict[str, Any], member: str, reason: str
) -> None:
    refused = _refused(ROW | change)

    assert (refused.row, refused.member) == (1, member)
    assert reason in refused.detail


@pytest.mark.parametrize("row", [None, 7, "A1", ["A1"]])
def test_what_is_no_object_is_no_row(row: Any) -> None:
    assert "a row is an object" in _refused(row).detail


def test_a_bad_row_does_not_hold_up_the_others() -> None:
    features, refused = _read().features([ROW, {}, ROW | {"编号": "A2"}])

    assert (list(features), [r.row for r in refused]) == ([1, 3], [2])


@pytest.mark.parametrize(
    ("old", "new", "member"),
    [
        ('address = "地址"', 'adress = "地址"', "fields.adress"),
        ('"排水" = "404"', '"排水" = "999"', "values.category.排水"),
        ('external_id = "编号"', "", "fields.external_id"),
        ('category = ["小类", "大类"]', "", "values.category"),
        ('lat = "纬度"', "", "fields.lon"),
        ('crs = "gcj02"', 'crs = "mars"', "crs"),
        ('crs = "gcj02"', 'time_zone = "Mars/Base"', "time_zone"),
        ("accuracy_m = 40", 'accuracy_m = "40"', "constants.accuracy_m"),
        ('"急" = 1', '"急" = 9', "values.severity.急"),
        ('"epoch_ms"', '"soon"', "time_formats"),
        ('blank = ["无"]', 'blank = "无"', "blank"),
        ('blank = ["无"]', 'helpers = ["mayor"]', "helpers"),
        ('blank = ["无"]', "colour = 1", "colour"),
        ('description = "内容"', "description = []", "fields.description"),
        ("[constants]", "[constants", "file"),
    ],
)
def test_a_wrong_mapping_is_refused_by_its_member(old: str, new: str, member: str) -> None:
    assert old in PLAIN

    with pytest.raises(InvalidInput, match=r"sources/desk\.toml") as wrong:
        _read(PLAIN.replace(old, new))

    assert wrong.value.member == member


def test_a_mapping_without_any_place_is_refused() -> None:
    with pytest.raises(InvalidInput, match="need an address"):
        _read('[fields]\nexternal_id = "id"\n[constants]\ncategory = "302"')


def test_an_unknown_source_is_told_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no source 'fax'; there are chat, grid_worker, hotline"):
        adapter(DISTRICT, "fax")


def test_each_shipped_mapping_has_a_sample() -> None:
    assert set(SAMPLES) == set(adapters(DISTRICT))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_of_each_source_is_understood(name: str) -> None:
    features, refused = adapter(DISTRICT, name).features([SAMPLES[name].row])

    assert refused == []
    given = features[1].properties
    assert given.items() >= SAMPLES[name].expected.items()
    assert given["category"] in {category.code for category in categories(DISTRICT)}


def test_a_wish_in_the_mailbox_goes_into_the_green_bag() -> None:
    wish = SAMPLES["mailbox"].row | {"topic": "心愿"}

    features, _ = adapter(DISTRICT, "mailbox").features([wish])

    (green,) = (bag for bag in bags(DISTRICT) if "心愿" in bag.item)
    assert features[1].properties["category"] == green.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_is_read_in_utf8_and_gbk(encoding: str) -> None:
    text = "编号,地址\r\nA1,黄屋路2号\r\n\r\nA2,\r\n"

    assert table_rows(text.encode(encoding)) == [
        {"编号": "A1", "地址": "黄屋路2号"},
        {"编号": "A2", "地址": ""},
    ]


@pytest.mark.parametrize("body", [b"", b"a,b\r\n", b"\xff\xfe\x00", b"a\x00,b\n1,2"])
def test_what_is_no_table_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        table_rows(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@st.composite
def _spoilt(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw a source's sample in which members, also inner ones, are anything."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    row = dict(SAMPLES[name].row)
    for member in draw(st.lists(st.sampled_from(sorted(row)), max_size=4, unique=True)):
        inner = row[member]
        if isinstance(inner, dict) and draw(st.booleans()):
            row[member] = inner | {draw(st.sampled_from(sorted(inner))): draw(JSON)}
        else:
            row[member] = draw(JSON)
    return name, row


@given(_spoilt())
def test_whatever_a_row_holds_it_is_taken_or_named(spoilt: tuple[str, Any]) -> None:
    name, row = spoilt

    features, refused = adapter(DISTRICT, name).features([row])

    assert len(features) + len(refused) == 1
    assert all(r.member and r.detail for r in refused)
