"""Pages that stay right while rows come and go: the next one begins after the last row shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_

from geodata.errors import InvalidInput
from layers.base import Layer, Query, Sort

SORTED = frozenset({"string", "integer", "number", "boolean", "date-time", "date"})
COLLATION = "zh-x-icu"
TYPES = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
TIMES: Mapping[str, Any] = {"date-time": datetime, "date": date}


def order(layer: Layer, query: Query) -> list[Any]:
    """Order features as asked, those without a value last, and then the newest first.

    Raises:
        InvalidInput: if a property cannot be sorted by.
    """
    keys = [
        (key.desc() if sort.descending else key.asc()).nulls_last()
        for sort, key in zip(query.sort, keys_of(layer, query), strict=True)
    ]
    return [*keys, layer.table.id.desc()]


def keys_of(layer: Layer, query: Query) -> list[Any]:
    """Give the columns that features are sorted by, before their id.

    Raises:
        InvalidInput: if there is no such property, or it has no order.
    """
    return [_key(layer, sort) for sort in query.sort]


def check_order(layer: Layer, order: Sequence[Sort]) -> None:
    """Refuse an order that a layer cannot be brought into, even where none is needed.

    Raises:
        InvalidInput: if there is no such property, or it has no order.
    """
    for sort in order:
        _key(layer, sort)


def _key(layer: Layer, sort: Sort) -> Any:
    field = layer.fields.get(sort.name)
    if field is None:
        message = f"{layer.name} have no property {sort.name!r}"
        raise InvalidInput(message, "sortby", code="no_property", name=sort.name)
    if field.kind not in SORTED:
        raise InvalidInput(f"{layer.name} cannot be sorted by {sort.name}", "sortby")
    return field.column.collate(COLLATION) if field.kind == "string" else field.column


def beyond(layer: Layer, query: Query) -> list[ColumnElement[bool]]:
    """Pick what comes after the place where the page before ended."""
    if query.after is None:
        return []
    *values, last = query.after
    keys = list(zip(keys_of(layer, query), query.sort, values, strict=True))
    found: ColumnElement[bool] = layer.table.id < last
    for key, sort, value in reversed(keys):
        found = or_(_later(key, sort, value), and_(_same(key, value), found))
    return [found]


def _later(key: Any, sort: Sort, value: Any) -> Any:
    if value is None:
        return false()
    last = literal(value)  # bound: SQLAlchemy finds no order in a bare truth value
    return or_(key < last if sort.descending else key > last, key.is_(None))


def _same(key: Any, value: Any) -> Any:
    return key.is_(None) if value is None else key == value


def place(layer: Layer, sort: Sequence[Sort], values: Any) -> tuple[Any, ...]:
    """Read where a page ended: a value for each key, and the id.

    Raises:
        InvalidInput: if that is no place in this order.
    """
    if not isinstance(values, list) or len(values) != len(sort) + 1 or not _is_id(values[-1]):
        raise InvalidInput("after is no place in this order", "after")
    kinds = [layer.fields[one.name].kind for one in sort if one.name in layer.fields]
    return (*[_value(kind, value) for kind, value in zip(kinds, values, strict=False)], values[-1])


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _value(kind: str, value: Any) -> Any:
    if value is not None and type(value) not in TYPES.get(kind, (str,)):
        raise InvalidInput(f"after has {value!r} for a {kind}", "after")
    if value is None or kind not in TIMES:
        return value
    try:
        return TIMES[kind].fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(f"after has no time: {value!r}", "after") from error
