"""What a question about time means: the features of a period, and the editions of a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func
from sqlalchemy.dialects.postgresql import TSTZRANGE

from layers.base import Field, Layer, Query, Register, Scope, field_of

VALID = "valid"


def in_time(layer: Layer, scope: Scope, query: Query) -> list[ColumnElement[bool]]:
    """Pick the features of a period; else, in a register that has editions, those in force.

    A feature of a layer without a time of its own is of every period. All editions are meant by a
    question for a period, or for features by their ids.
    """
    if query.period is not None:
        return _during(layer, scope, query.period)
    if query.ids is not None and query.valid_at is None:
        return []
    return in_force(layer, query)


def time_of(layer: Layer) -> Field | None:
    """Tell the property that a question about time means; None when a layer has none."""
    if layer.time is not None:
        return layer.fields[layer.time]
    columns = layer.table.__table__.columns
    return field_of(columns[VALID]) if VALID in columns else None


def in_force(layer: Layer, query: Query) -> list[ColumnElement[bool]]:
    """Pick the editions in force at the moment asked about, in a register that has editions."""
    columns: Any = layer.table.__table__.columns
    if VALID not in columns or not issubclass(layer.table, Register):
        return []
    moment = query.valid_at or query.as_of or func.now()
    return [columns[VALID].op("@>", is_comparison=True)(moment)]


def _during(
    layer: Layer, scope: Scope, period: tuple[datetime | None, datetime | None]
) -> list[ColumnElement[bool]]:
    field, (first, last) = time_of(layer), period
    if field is None:
        return []
    if field.kind == "period":
        return [field.column.op("&&", is_comparison=True)(_range(first, last))]
    since, until = (_bound(scope, field, at) for at in period)
    return [
        field.column.is_not(None),
        *([] if since is None else [field.column >= since]),
        *([] if until is None else [field.column <= until]),
    ]


def _bound(scope: Scope, field: Field, at: datetime | None) -> Any:
    if at is None or field.kind != "date":
        return at
    return cast(func.timezone(scope.time_zone, at), Date)


def _range(first: datetime | None, last: datetime | None) -> Any:
    return func.tstzrange(first, last, "[]", type_=TSTZRANGE)
