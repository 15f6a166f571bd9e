"""Sentences of the pages, in both languages: why a request is refused, and periods."""

from __future__ import annotations

from typing import Any

import pytest

from gis_server.field_schema import field_schema
from layers import find_layers
from web_map.browse_words import FAMILIES, LANGUAGES, meaning, period, reason, words_of

ZONE = "Asia/Shanghai"
NEW_YEAR, SPRING = "2023-12-31T16:00:00+00:00", "2024-02-29T16:00:00+00:00"
MORNING = "2024-01-01T00:30:00+00:00"
LAYERS = find_layers()
LEGEND = [{"value": "2", "label": "Town", "label_zh": "镇街"}]
# What the rules of the tables list, as collection, property and code.
CODES = [
    (name, field.name, code)
    for name, layer in LAYERS.items()
    for field in layer.fields.values()
    for code in field_schema(field).get("enum", ())
    if isinstance(code, str)
]


def _about(name: str) -> dict[str, Any]:
    layer = LAYERS[name]
    return {"id": name, "by": layer.by, "legend": [one._asdict() for one in layer.symbols]}


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ([NEW_YEAR, None], "2024-01-01 起", "since 2024-01-01"),
        ([None, SPRING], "至 2024-03-01", "until 2024-03-01"),
        ([NEW_YEAR, SPRING], "2024-01-01 至 2024-03-01", "2024-01-01 to 2024-03-01"),
        ([None, None], "始终", "always"),
        (
            [NEW_YEAR, MORNING],
            "2024-01-01 00:00 至 2024-01-01 08:30",
            "2024-01-01 00:00 to 2024-01-01 08:30",
        ),
        (["2024-01-01T00:30:05.25+00:00", None], "2024-01-01 08:30:05 起", None),
    ],
)
def test_a_period_is_told_in_the_towns_days_where_it_is_of_whole_ones(
    value: list[str | None], zh: str, en: str | None
) -> None:
    said = period(value, ZONE)

    assert said is not None
    assert said == (zh, en or "since 2024-01-01 08:30:05")


@pytest.mark.parametrize(
    "value",
    [None, "always", [NEW_YEAR], [1, 2], ["-infinity", None], ["9999-12-31T23:00:00+00:00", None]],
)
def test_what_is_no_period_of_the_calendar_is_left_as_it_is(value: Any) -> None:
    assert period(value, ZONE) is None


def test_a_reason_is_said_in_the_words_of_the_dictionaries() -> None:
    said = reason({"code": "no_collection", "params": {"name": "wells"}, "detail": "x"})

    assert said == ("没有这个数据集：wells", "there is no collection wells")


def test_a_title_is_said_in_the_language_of_the_sentence() -> None:
    said = reason({"code": "no_such_move", "params": {"move": "飞", "move_en": "fly"}})

    assert said is not None
    assert ("飞" in said.zh, "fly" in said.en) == (True, True)


@pytest.mark.parametrize("problem", [{"detail": "x"}, {"code": "unheard_of", "params": {}}])
def test_a_refusal_without_words_of_ours_keeps_its_own(problem: dict[str, Any]) -> None:
    assert reason(problem) is None


@pytest.mark.parametrize(("name", "field", "code"), CODES)
def test_every_code_that_a_table_lists_has_words(name: str, field: str, code: str) -> None:
    said = meaning(_about(name), field, code)

    assert said is not None
    assert code not in (said.zh, "")


@pytest.mark.parametrize(
    ("name", "field", "value", "said"),
    [
        ("grids", "kind", "micro", ("微网格", "Micro-grid")),
        ("grids", "net", "fire", ("消防网", "Fire")),
        ("areas", "level", 2, ("镇街", "Town")),
        ("areas", "kind", "community", ("社区", "community")),
        ("buildings", "kind", "community", ("社区用房", "community building")),
        ("buildings", "rental", True, ("是", "yes")),
        ("buildings", "rental", False, ("否", "no")),
        ("buildings", "danger_grade", "A", ("A级（无危险构件）", "No dangerous member (A)")),
        ("duties", "post", "micro_leader", ("微网格长", "Micro-grid leader")),
        ("enterprises", "class", "flammables", ("易燃品", "flammables")),
        ("enterprises", "fire_class", "丙", ("丙", "Class C fire risk")),
        ("facilities", "class", "hydrant", ("消防栓", "hydrant")),
        ("hazards", "state", "written_off", ("已销号", "written off")),
        ("incidents", "severity", 1, ("一级（最高）", "Severity 1 (highest)")),
        ("incidents", "source", "video_ai", ("视频识别", "video AI")),
        ("incidents", "placed_by", "address", ("地址匹配", "address")),
        ("organisations", "kind", "petition", ("信访中心", "petition centre")),
        ("organisations", "kind", "town_team", ("镇街工作队", "town team")),
        ("organisations", "kind", "station", ("站所", "station")),
        ("reports", "period", "week", ("周报", "Weekly report")),
        ("streets", "class", "trunk", ("干道", "Trunk road")),
    ],
)
def test_a_code_is_said_as_its_collection_means_it(
    name: str, field: str, value: Any, said: tuple[str, str]
) -> None:
    assert meaning(_about(name), field, value) == said


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "黄屋村"),
        ("level", 9),
        ("level", 2.0),
        ("kind", None),
        ("kind", ["town"]),
        ("severity", 1),
    ],
)
def test_what_is_no_code_of_the_collection_has_no_words(field: str, value: Any) -> None:
    assert meaning({"id": "areas", "by": "level", "legend": LEGEND}, field, value) is None


@pytest.mark.parametrize(("name", "field"), FAMILIES)
def test_words_are_kept_for_properties_that_are_there(name: str, field: str) -> None:
    assert field in LAYERS[name].fields
    assert [key for key in words_of(LANGUAGES[0]) if key.startswith(f"{FAMILIES[name, field]}.")]
