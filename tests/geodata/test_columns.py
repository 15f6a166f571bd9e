"""Columns of files: names that can be told apart, types, and rows as JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from geodata.columns import clean_names, typed_rows

ZONE = "Asia/Shanghai"
EAST = timezone(timedelta(hours=8))


def typed(values: Any, said: str = "") -> tuple[str, list[Any]]:
    """Tell the type of a column, and its values as a client reads them."""
    kinds, documents, _ = typed_rows(pd.DataFrame({"v": values}), {"v": said}, ZONE)
    return kinds["v"], [orjson.loads(text)["v"] for text in documents]


def found_out(*texts: str | None) -> tuple[str, list[Any]]:
    return typed(pd.Series(texts, dtype=object), "text")


@pytest.mark.parametrize(
    ("names", "clean"),
    [
        (["名称", "Name", "name"], ["名称", "Name", "name"]),
        (["a", " a", "a ", "a_3"], ["a", "a_2", "a_3", "a_3_4"]),
        (["", "  ", "\x00"], ["column_1", "column_2", "column_3"]),
        (["a\nb", "a\x00\x1fb\u2028c"], ["a b", "a b c"]),
        (['"', "'; DROP TABLE x; --", "%s"], ['"', "'; DROP TABLE x; --", "%s"]),
        ([1, 2], ["1", "2"]),
    ],
)
def test_names_stay_as_near_to_the_file_as_can_be(names: list[Any], clean: list[str]) -> None:
    assert clean_names(names) == clean


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        ([1, 2], "integer", [1, 2]),
        (pd.array([2**62, None], "Int64"), "integer", [2**62, None]),
        (np.array([2**64 - 1], "uint64"), "string", [str(2**64 - 1)]),
        ([0.1, None], "number", [0.1, None]),
        (np.array([0.1], "float32"), "number", [0.1]),
        ([True, False], "boolean", [True, False]),
        ([True, None], "boolean", [True, None]),
        ([date(2024, 1, 5), None], "date", ["2024-01-05", None]),
        ([datetime(9999, 12, 31, tzinfo=UTC)], "date-time", ["9999-12-31T00:00:00+00:00"]),
        ([datetime(1, 1, 1)], "date-time", ["0001-01-01T00:00:00+00:00"]),
        ([datetime(2024, 1, 5, 8, tzinfo=EAST)], "date-time", ["2024-01-05T00:00:00+00:00"]),
        (pd.to_datetime(["2024-01-05 08:00:00.25"]), "date-time", ["2024-01-05T00:00:00.25+00:00"]),
        (
            pd.to_datetime(["2024-01-05 08:00", None]),
            "date-time",
            ["2024-01-05T00:00:00+00:00", None],
        ),
        (pd.to_datetime(["1986-05-04 02:30"]), "date-time", ["1986-05-03T18:30:00+00:00"]),
        (pd.to_datetime(["1986-09-14 01:30"]), "date-time", ["1986-09-13T16:30:00+00:00"]),
        ([[1, 2], None], "array", [[1, 2], None]),
        ([np.array(["a"])], "array", [["a"]]),
        ([{"a": 1}, None], "object", [{"a": 1}, None]),
        ([None, None], "string", [None, None]),
        (["044", "x"], "string", ["044", "x"]),
        (["1", 2], "string", ["1", "2"]),
    ],
)
def test_a_type_is_that_of_all_values(values: Any, kind: str, written: list[Any]) -> None:
    assert typed(values) == (kind, written)


@pytest.mark.parametrize(
    ("texts", "kind", "written"),
    [
        (("1", " -20 ", None), "integer", [1, -20, None]),
        (("007", "1"), "string", ["007", "1"]),
        (("13800138000", "1"), "string", ["13800138000", "1"]),
        (("1.50", "-2e3", ""), "number", [1.5, -2000, None]),
        (("1.", "2"), "string", ["1.", "2"]),
        (("nan", "1"), "string", ["nan", "1"]),
        (("true", "FALSE"), "boolean", [True, False]),
        (("是", "否"), "string", ["是", "否"]),
        (("2024-1-5", "2024/12/31"), "date", ["2024-01-05", "2024-12-31"]),
        (("2024-02-30",), "string", ["2024-02-30"]),
        (("2024/1/5 8:00",), "date-time", ["2024-01-05T00:00:00+00:00"]),
        (("2024-01-05T08:00:00+08",), "date-time", ["2024-01-05T00:00:00+00:00"]),
        (("2024-01-05 25:00",), "string", ["2024-01-05 25:00"]),
        (("2024-01-05", "2024-01-05 08:00"), "string", ["2024-01-05", "2024-01-05 08:00"]),
        ((None, None), "string", [None, None]),
    ],
)
def test_a_table_of_texts_has_the_narrowest_type_of_all(
    texts: tuple[str | None, ...], kind: str, written: list[Any]
) -> None:
    assert found_out(*texts) == (kind, written)


def test_decimal_numbers_keep_all_their_digits() -> None:
    _, documents, _ = typed_rows(pd.DataFrame({"v": [Decimal("0.1234567890123456789")]}), {}, ZONE)

    assert documents == ['{"v":0.1234567890123456789}']


def test_what_json_cannot_hold_is_left_empty_and_told() -> None:
    kinds, documents, lost = typed_rows(pd.DataFrame({"v": [1.5, np.inf, np.nan]}), {}, ZONE)

    assert (kinds, documents) == ({"v": "number"}, ['{"v":1.5}', '{"v":null}', '{"v":null}'])
    assert lost == {1: "v left empty: no number"}


def test_a_column_of_bytes_is_left_out() -> None:
    kinds, documents, _ = typed_rows(pd.DataFrame({"b": [b"x"], "v": [1]}), {}, ZONE)

    assert (kinds, documents) == ({"v": "integer"}, ['{"v":1}'])


def test_json_text_is_read_where_the_file_says_so() -> None:
    assert typed(['{"a": [1]}', None], "document") == ("object", [{"a": [1]}, None])
    assert typed(["[1]"], "document") == ("array", [[1]])
    assert typed(["1", "x"], "document") == ("string", ["1", "x"])


def test_local_times_are_of_the_towns_zone() -> None:
    assert typed(["2024-01-05T08:00:00"], "date-time")[1] == ["2024-01-05T00:00:00+00:00"]
    assert typed(["soon"], "date-time") == ("string", ["soon"])


def test_columns_of_one_name_are_both_kept() -> None:
    frame = pd.DataFrame([[1, "x"]], columns=["a", "a"])
    kinds, documents, _ = typed_rows(frame, {}, ZONE)

    assert (kinds, documents) == ({"a": "integer", "a_2": "string"}, ['{"a":1,"a_2":"x"}'])


def test_rows_without_columns_are_empty_objects() -> None:
    assert typed_rows(pd.DataFrame(index=range(2)), {}, ZONE) == ({}, ["{}", "{}"], {})
