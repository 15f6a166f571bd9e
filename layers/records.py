"""Rows as they stood on record at a past moment: registers from their histories."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, Select, and_, func, select, union_all
from sqlalchemy.sql.util import ClauseAdapter

from geodata.errors import InvalidInput
from layers.base import Layer, Query, Register
from layers.registers import history_of


def as_recorded(layer: Layer, query: Query, statement: Select[Any]) -> Select[Any]:
    """Read a statement's rows from the record of ``query.as_of`` instead of from the table.

    Args:
        layer: the layer that the statement reads.
        query: what is asked.
        statement: a complete SELECT over the layer's table; nothing may be added to it afterwards.

    Raises:
        InvalidInput: if the layer keeps no record of the past.
    """
    if query.as_of is None:
        return statement
    if layer.then is not None:
        rows = layer.then(query.as_of)
    elif layer.named is None and issubclass(layer.table, Register):
        rows = _register_then(layer.table, query.as_of)
    else:
        raise InvalidInput(f"{layer.name} keep no record of the past", "as_of")
    adapted: Select[Any] = instead(layer.table.__table__, rows).traverse(statement)
    return adapted


def instead(table: FromClause, rows: FromClause) -> ClauseAdapter:
    """Give what puts rows in the place of a table's, in a statement or a condition.

    By name, as what a row was is reckoned from other columns; but only those of its own table.
    """
    return ClauseAdapter(
        rows,
        adapt_on_names=True,
        include_fn=lambda part: part is table or getattr(part, "table", None) is table,
    )


def _register_then(register: type[Register], at: datetime) -> FromClause:
    """Unite the rows that are on record since then with those that were then and are no more."""
    present, former = register.__table__, history_of(register)
    names = [column.name for column in present.columns]
    since = select(*present.columns).where(present.c.recorded_at <= at)
    until = select(*[former.c[name] for name in names]).where(
        and_(former.c.recorded_at <= at, func.upper(former.c.recorded) > at)
    )
    return union_all(since, until).subquery(f"{register.__tablename__}_then")
