"""Sentences of the pages, in both languages: why a request is refused, and periods."""

from __future__ import annotations

from typing import Any

import pytest

from web_map.browse_words import period, reason

ZONE = "Asia/Shanghai"
NEW_YEAR, SPRING = "2023-12-31T16:00:00+00:00", "2024-02-29T16:00:00+00:00"
MORNING = "2024-01-01T00:30:00+00:00"


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
