"""Rows of a file that say when they are in force find the stored edition that they mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.editions import FOREVER, Edition, Fitting
from layers.grids import LAYER as GRIDS
from layers.loading import Taken
from tests.factories import SCOPE, block

PERIODS = text("""
SELECT code, name, to_char(lower(valid), 'YYYY'), to_char(upper(valid), 'YYYY') FROM grids
ORDER BY code, lower(valid)
""")
LONG = 2999  # as good as for ever


def year(at: int | None, otherwise: datetime) -> datetime:
    return otherwise if at is None else datetime(at, 1, 1, tzinfo=UTC)


def edition(key: int, begins: int | None, ends: int | None) -> Edition:
    return Edition("A", key, year(begins, FOREVER[0]), year(ends, FOREVER[1]))


def load(session: Session, *rows: tuple[str, str, int | None, int | None]) -> Taken:
    """Load editions, each given as code, name and the years between which it is in force."""
    bounds = [[None if y is None else f"{y}-01-01" for y in row[2:]] for row in rows]
    columns: dict[str, Any] = {
        "code": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "valid_from": pd.to_datetime([b[0] for b in bounds], utc=True),
        "valid_to": pd.to_datetime([b[1] for b in bounds], utc=True),
    }
    frame = gpd.GeoDataFrame(columns, geometry=[block(0, 0, 9, 9)] * len(rows), crs=4326)
    assert GRIDS.load is not None
    return GRIDS.load(session, SCOPE, frame)


def stored(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(PERIODS)]


def test_editions_of_one_code_are_stored_with_their_periods(session: Session) -> None:
    load(session, ("A", "甲", None, 2020), ("A", "乙", 2020, LONG), ("B", "丙", 2021, None))

    assert stored(session) == [
        *(("A", "乙", "2020", "2999"), ("A", "甲", None, "2020"), ("B", "丙", "2021", None))
    ]


def test_the_same_editions_again_change_nothing(session: Session) -> None:
    rows = ("A", "甲", None, 2020), ("A", "乙", 2020, None)
    load(session, *rows)

    again = load(session, *rows)

    assert (again.rows_written, again.rejected) == (0, [])


def test_a_file_closes_an_edition_and_opens_the_next(session: Session) -> None:
    load(session, ("A", "甲", 2020, None))

    assert load(session, ("A", "甲", 2020, LONG), ("A", "乙", LONG, None)).rows_written == 2

    assert stored(session) == [("A", "甲", "2020", "2999"), ("A", "乙", "2999", None)]


def test_a_file_moves_the_beginning_of_the_only_edition(session: Session) -> None:
    load(session, ("A", "甲", None, None))

    load(session, ("A", "甲", 2020, None))

    assert stored(session) == [("A", "甲", "2020", None)]


def test_an_edition_to_come_does_not_take_the_place_of_the_present_one(session: Session) -> None:
    load(session, ("A", "甲", 2020, None))

    taken = load(session, ("A", "乙", LONG, None))

    told = "meets another edition of A, 2020-01-01 00:00Z to …"
    assert [(r.row, r.detail) for r in taken.rejected] == [(1, told)]
    assert stored(session) == [("A", "甲", "2020", None)]


def test_a_file_moves_an_edition_to_come(session: Session) -> None:
    load(session, ("A", "甲", LONG - 1, None))

    load(session, ("A", "乙", LONG, None))

    assert stored(session) == [("A", "乙", "2999", None)]


def test_a_row_that_meets_two_editions_is_rejected(session: Session) -> None:
    load(session, ("A", "甲", 2019, 2020), ("A", "乙", 2020, None))

    taken = load(session, ("A", "丙", 2018, None))

    told = "meets another edition of A, 2019-01-01 00:00Z to 2020-01-01 00:00Z"
    assert [(r.row, r.member, r.detail) for r in taken.rejected] == [(1, "valid", told)]
    assert len(stored(session)) == 2


def test_two_rows_of_one_code_and_time_are_one_too_many(session: Session) -> None:
    taken = load(session, ("A", "甲", 2020, None), ("A", "乙", 2021, None))

    told = "code A stands twice in this file for one time"
    assert [(r.row, r.detail) for r in taken.rejected] == [(2, told)]


def test_an_edition_that_has_ended_stays_as_it_is(session: Session) -> None:
    load(session, ("A", "甲", 2019, 2020), ("A", "乙", 2020, None))

    taken = load(session, ("A", "丁", 2019, 2020))

    told = "this edition of A has ended and stays as it is"
    assert [(r.row, r.detail) for r in taken.rejected] == [(1, told)]
    assert stored(session)[0][1] == "甲"


def test_a_code_that_ended_gets_no_further_edition(session: Session) -> None:
    load(session, ("A", "甲", 2019, 2020))

    taken = load(session, ("A", "乙", 2021, None))

    told = "code A was used until 2020-01-01; codes are never used again"
    assert [(r.row, r.detail) for r in taken.rejected] == [(1, told)]


# Years of the file's rows, of the stored editions, what each row means, and who is refused.
CASES = {
    "the same beginning": ([(1, 2)], [(1, 5)], {0: 10}, []),
    "the only one that is met": ([(2, 3)], [(1, 5)], {0: 10}, []),
    "none": ([(5, 6)], [(1, 5)], {}, []),
    "the next one too": ([(1, 3)], [(1, 2), (2, 4)], {}, [0]),
    "each its own": ([(1, 3), (3, 4)], [(1, 2), (2, 4)], {0: 10, 1: 11}, []),
    "whoever begins with it before whoever meets it": ([(2, 3), (1, 2)], [(1, 5)], {1: 10}, []),
    "one after another refused": ([(1, 3), (3, 9)], [(1, 2), (2, 4), (8, 9)], {}, [0, 1]),
}


@pytest.mark.parametrize(("rows", "editions", "meant", "refused"), CASES.values(), ids=CASES)
def test_a_row_means(
    rows: list[tuple[int, int]],
    editions: list[tuple[int, int]],
    meant: dict[int, int],
    refused: list[int],
) -> None:
    fits = Fitting(
        [edition(key, *row) for key, row in enumerate(rows)],
        [edition(10 + at, *one) for at, one in enumerate(editions)],
    )

    assert fits.meant == meant
    assert sorted(one.row for one in fits.refused) == refused
