"""What is copied in the binary form is stored as what is inserted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from layers.binary import binary_of, copy_binary
from layers.bulk import insert_arrays, point_array

SAMPLE = Table(
    "sample",
    MetaData(),
    Column("small", SmallInteger),
    Column("whole", Integer),
    Column("large", BigInteger),
    Column("real", Double),
    Column("flag", Boolean),
    Column("time", DateTime(timezone=True)),
    Column("words", String),
    Column("said", JSONB),
    Column("place", Geometry("POINT", 4326, spatial_index=False)),
    Column("row", Integer),
    prefixes=["TEMPORARY"],
)
WORDS = ["黄,“屋”\n", "", "\\N"]
TIMES = [datetime(2026, 6, 5, 1, 2, 3, 4, UTC), datetime(1969, 1, 1, tzinfo=UTC)]
VALUES: Mapping[str, Any] = {
    "small": pa.array([-4, 32_767, None]),
    "whole": pa.array([-(2**31), 7, None], pa.int32()),
    "large": pa.array([-(2**63), 2**62, None]),
    "real": pa.array([1.5, -0.0, None]),
    "flag": pa.array([True, False, None]),
    "time": pa.array([*TIMES, None], pa.timestamp("us", "UTC")),
    "words": pa.array([*WORDS[:2], None]),
    "said": pa.array(['{"黄": [1, null]}', "[]", None]),
    "place": point_array(np.array([113.94, -180, np.nan]), np.array([22.99, 90, np.nan])),
}
STORED = text("SELECT *, ST_AsEWKT(place) FROM sample ORDER BY row")


def kept(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**columns, "row": pa.array(range(len(next(iter(columns.values())))))}


def stored(session: Session) -> list[tuple[Any, ...]]:
    rows = [tuple(row) for row in session.execute(STORED)]
    session.execute(text("TRUNCATE sample"))
    return rows


def assert_same(session: Session, columns: Mapping[str, Any]) -> None:
    SAMPLE.create(session.connection())
    copy_binary(session, SAMPLE, list(columns), binary_of(SAMPLE, columns))
    copied = stored(session)
    insert_arrays(session, "sample", list(columns), list(columns.values()))

    assert len(copied) == len(columns["row"])
    assert copied == stored(session)


def test_every_kind_of_value_and_its_null_arrive(session: Session) -> None:
    assert_same(session, kept(VALUES))


def test_columns_without_a_null_arrive(session: Session) -> None:
    assert_same(session, kept({name: values[:2] for name, values in VALUES.items()}))


@pytest.mark.parametrize("name", VALUES)
def test_a_column_of_nulls_arrives(session: Session, name: str) -> None:
    assert_same(session, kept({name: pa.nulls(3, VALUES[name].type)}))


@pytest.mark.parametrize("indices", [[1, None, 0, 1], [0, 0, 0, 0], [None, None, None, None]])
def test_words_from_a_dictionary_arrive(session: Session, indices: list[int | None]) -> None:
    taken = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), WORDS)

    assert_same(
        session, kept({"words": taken, "said": VALUES["said"].take(pa.array([0, 1, 2, 0]))})
    )


@pytest.mark.parametrize("value", [441302, None])
def test_one_value_for_all_rows_arrives(session: Session, value: int | None) -> None:
    mask = np.full(3, value is None)
    same = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(3, np.int8), mask=mask), pa.array([value])
    )

    assert_same(session, kept({"whole": same, "words": pa.array(WORDS)}))


def test_a_part_of_a_column_arrives(session: Session) -> None:
    assert_same(session, kept({name: values[1:] for name, values in VALUES.items()}))


def test_a_column_in_pieces_arrives(session: Session) -> None:
    assert_same(session, kept({"words": pa.chunked_array([WORDS[:1], WORDS[1:]])}))
