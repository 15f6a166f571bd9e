"""Editions in an import: which stored one each row of a file means, and which rows fit none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import pandas as pd
from geopandas import GeoDataFrame
from sqlalchemy import (
    BigInteger,
    Column,
    Select,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Session

from layers.base import Register, Scope
from layers.loading import Rejected
from layers.registers import MEANT

VALID, FROM, TO = "valid", "valid_from", "valid_to"
MEANT_COLUMN: Column[Any] = Column(MEANT, BigInteger)
FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MEAN = text("""
UPDATE staged SET meant_id = m.id
FROM unnest(CAST(:rows AS int[]), CAST(:ids AS bigint[])) AS m (row_in_frame, id)
WHERE staged.row_in_frame = m.row_in_frame
""")


class Edition(NamedTuple):
    """One edition of a code: a row of the file by its number, or a stored one by its id.

    ``to_come`` says that it begins after now.
    """

    code: str
    key: int
    begins: datetime
    ends: datetime
    to_come: bool = False

    def meets(self, other: Edition) -> bool:
        """Tell whether both are in force at some moment."""
        return self.begins < other.ends and other.begins < self.ends

    def __str__(self) -> str:
        """Write the period by its local days."""
        return f"{_day(self.begins)} to {_day(self.ends)}"


def _day(at: datetime) -> str:
    return "…" if at in FOREVER else f"{at:%Y-%m-%d %H:%MZ}"


def with_periods(frame: GeoDataFrame) -> GeoDataFrame:
    """Write the columns ``valid_from`` and ``valid_to`` as the one that registers have."""
    given = [name for name in (FROM, TO) if name in frame]
    if not given:
        return frame
    bounds = [frame[n] if n in frame else [None] * len(frame) for n in (FROM, TO)]
    periods = [
        f"[{_written(begins)},{_written(ends)})" for begins, ends in zip(*bounds, strict=True)
    ]
    return frame.drop(columns=given).assign(**{VALID: periods})


def _written(at: Any) -> str:
    return "" if pd.isna(at) else at.isoformat()


def has_editions(register: type[Register]) -> bool:
    """Tell whether a code may have several rows, one at a time."""
    rules = register.__table__.constraints  # type: ignore[attr-defined]
    return any(isinstance(rule, ExcludeConstraint) for rule in rules)


def match(
    session: Session, scope: Scope, register: type[Register], staged: Table
) -> list[Rejected]:
    """Note in the staging table which stored edition each row brings up to date.

    Args:
        session: an open session that holds the register.
        scope: whose district the rows belong to.
        register: one that has editions.
        staged: the rows, with their periods; ``meant_id`` is written.

    Returns:
        The rows that fit no edition and cannot be a new one.
    """
    table: Any = register.__table__
    codes = select(staged.c.code)
    known = table.c.district == scope.district, table.c.code.in_(codes)
    rows = _editions(session, _asked(staged, staged.c.row_in_frame))
    stored = _editions(session, _asked(table, table.c.id).where(*known))
    meant, refused = dict[int, int](), list[Rejected]()
    for code, own in rows.items():
        fits = Fitting(own, stored.get(code, []))
        meant |= fits.meant
        refused += fits.refused
    session.execute(MEAN, {"rows": list(meant), "ids": list(meant.values())})
    return refused


def _asked(table: Any, key: Any) -> Select[Any]:
    """Ask for editions by code and beginning; an end that is open comes as null."""
    begins, ends = func.lower(table.c.valid), func.upper(table.c.valid)
    to_come = func.coalesce(begins > func.now(), False)
    return select(table.c.code, key, begins, ends, to_come).order_by(table.c.code, key)


def _editions(session: Session, asked: Select[Any]) -> dict[str, list[Edition]]:
    found = (
        Edition(code, key, begins or FOREVER[0], ends or FOREVER[1], to_come)
        for code, key, begins, ends, to_come in session.execute(asked)
        if code is not None
    )
    return {code: list(of_code) for code, of_code in groupby(found, attrgetter("code"))}


class Fitting:
    """Fit the rows of one code to its stored editions.

    A row means the edition that begins when it does, or the only one left that it meets, but one to
    come does not mean one that has begun: a file that opens an edition also closes the one before.
    A row that meets none is a new edition.

    Attributes:
        meant: row → the id of the edition that it means.
        refused: rows that meet another row, or editions that no row means.
    """

    def __init__(self, rows: Sequence[Edition], stored: Sequence[Edition]) -> None:
        self.meant: dict[int, int] = {}
        self.refused: list[Rejected] = []
        self._stored = stored
        rows = list(self._apart(rows))
        for row in rows:
            self._mean(row, [one for one in stored if one.begins == row.begins])
        for row in rows:
            if row.key not in self.meant:
                self._mean(row, [e for e in self._left(row) if e.to_come or not row.to_come])
        self._refuse_those_that_meet(rows)

    def _apart(self, rows: Iterable[Edition]) -> Iterator[Edition]:
        """Pick the rows that meet none before them."""
        taken: list[Edition] = []
        for row in rows:
            if any(map(row.meets, taken)):
                self._refuse(row, f"code {row.code} stands twice in this file for one time")
            else:
                taken.append(row)
                yield row

    def _mean(self, row: Edition, editions: Sequence[Edition]) -> None:
        if len(editions) == 1:
            self.meant[row.key] = editions[0].key

    def _left(self, row: Edition) -> list[Edition]:
        """List the editions that a row meets and no row means."""
        meant = set(self.meant.values())
        return [one for one in self._stored if one.key not in meant and row.meets(one)]

    def _refuse_those_that_meet(self, rows: Iterable[Edition]) -> None:
        """Refuse rows that meet an edition that stays as it is, until none is left."""
        left = list(rows)
        while met := [(row, found) for row in left if (found := self._left(row))]:
            row, found = met[0]
            left.remove(row)
            self.meant.pop(row.key, None)
            self._refuse(row, f"meets another edition of {row.code}, {found[0]}")

    def _refuse(self, row: Edition, why: str) -> None:
        self.refused.append(Rejected(row.key, VALID, why))
