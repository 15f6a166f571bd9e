"""Rows as JSON texts, part by part: the same as all at once, and in little room."""

from __future__ import annotations

import tracemalloc
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geodata.columns import typed_rows
from gis_server import row_documents
from layers import bulk

ZONE = "Asia/Shanghai"
SAID = {"price": "text"}
FRAME = pd.DataFrame(
    {
        "名称": ["甲", None, "丙\\u0000", '"', "戊"],
        "floors": pd.array([3, None, 2**62, -1, 0], dtype="Int64"),
        "area": [1.5, np.nan, 2.0, np.inf, 1e300],
        "price": ["12345678901234.50", "0.10", None, "7", "8"],
        "open": [True, None, False, None, True],
        "day": [date(2026, 1, 5), None, None, None, date(1, 1, 1)],
        "tags": [["a"], None, [1, None], [], ["b"]],
        "at": pd.to_datetime(["2026-01-05 10:00", None, None, None, "1950-01-01 00:00"]),
    }
)


def test_rows_in_parts_are_the_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ROWS", 2)
    schema, documents, lost = row_documents.typed(FRAME, SAID, ZONE)

    assert documents.num_chunks == 3
    assert (schema, documents.to_pylist(), lost) == typed_rows(FRAME, SAID, ZONE)


@pytest.mark.parametrize("rows", [0, 3])
def test_rows_without_properties_are_empty_objects(rows: int) -> None:
    schema, documents, lost = row_documents.typed(pd.DataFrame(index=range(rows)), {}, ZONE)

    assert (schema, documents.to_pylist(), lost) == ({}, ["{}"] * rows, {})


def _most_bytes(frame: pd.DataFrame) -> int:
    tracemalloc.start()
    row_documents.typed(frame, {}, ZONE)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_python_holds_one_column_of_many_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ROWS", 1000)
    numbers = np.arange(50_000) + 2**40
    narrow, wide = (pd.DataFrame({f"c{at}": numbers for at in range(n)}) for n in (2, 12))

    assert _most_bytes(wide) < 3 * _most_bytes(narrow)
