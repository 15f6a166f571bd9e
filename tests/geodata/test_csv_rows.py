"""CSV that spreadsheets show and never calculate."""

from __future__ import annotations

import csv
import io

import pytest
import shapely

from geodata.csv_rows import Csv
from geodata.streams import Column, Head, Row
from tests.geodata.sample_rows import NOTHING, SHAPES, head, row


def _cells(about: Head, *rows: Row) -> list[list[str]]:
    encoder = Csv(about)
    told = encoder.begin() + (encoder.add(rows) if rows else b"") + b"".join(encoder.end())
    encoder.close()
    return list(csv.reader(io.StringIO(told.decode("utf-8-sig"), newline="")))


def test_it_begins_with_a_byte_order_mark_and_its_names() -> None:
    assert Csv(head()).begin().startswith('\ufeff"id","名称"'.encode())


def test_every_kind_of_value_is_told() -> None:
    assert _cells(head("POINT"), row(SHAPES[0]))[1] == [
        str(2**60 + 1), "黄屋\n“一”村", "-1.5", "true", "2026-03-01T08:30:00.000000Z",
        "2024-05-01", '{"标": [1, null]}', "113.94", "22.99",
    ]  # fmt: skip


def test_values_and_places_may_be_missing() -> None:
    assert _cells(head("POINT"), row(None, *NOTHING))[1] == ["7", *[""] * 8]
    assert _cells(head(), row(None, *NOTHING))[1] == ["7", *[""] * 7]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "'=1"])
def test_text_that_a_spreadsheet_would_calculate_is_not(text: str) -> None:
    named = head(None, 4326, Column("name", "string"), Column("json", "json"))

    assert _cells(named, row(None, text, text))[1] == [f"'{text}", f"'{text}"]


def test_a_name_that_a_spreadsheet_would_calculate_is_not() -> None:
    assert _cells(head(None, 4326, Column("=name", "string"))) == [["'=name"]]


def test_numbers_below_zero_stay_numbers() -> None:
    numbers = head(None, 4326, Column("n", "integer"), Column("x", "number"))

    assert _cells(numbers, row(None, -5, -0.25))[1] == ["-5", "-0.25"]


@pytest.mark.parametrize(
    ("shape", "srid", "names"),
    [
        ("POINT", 4326, ["lon", "lat"]),
        ("POINT", 4547, ["x", "y"]),
        ("MULTIPOLYGON", 4326, ["wkt"]),
        (None, 4326, []),
    ],
)
def test_places_are_columns(shape: str | None, srid: int, names: list[str]) -> None:
    assert _cells(head(shape, srid, Column("n", "integer"))) == [["n", *names]]


def test_shapes_are_written_to_the_last_digit() -> None:
    line = shapely.LineString([(0.1 + 0.2, 1), (1 / 3, 2)])

    (told,) = _cells(head("GEOMETRY", 4326, Column("n", "integer")), row(line, 1))[1:]

    assert shapely.from_wkt(told[1]).equals_exact(line, 1e-15)


def test_a_property_named_like_a_place_is_kept_apart() -> None:
    assert _cells(head("POINT", 4326, Column("Lon", "string"))) == [["Lon_2", "lon", "lat"]]
