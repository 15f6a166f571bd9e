"""Read what JSON says of a property as the value that its column holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from math import isfinite
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range

from geodata.errors import InvalidInput
from layers.base import Field

TEXT_LIMIT = 4000
NAME_LIMIT = 128  # of what an index holds: a key of PostgreSQL has at most 2,704 bytes
BYTES = MappingProxyType({"SMALL_INTEGER": 2, "INTEGER": 4, "BIG_INTEGER": 8})


def read_value(field: Field, value: Any) -> Any:
    """Check a value that is not null, and turn times and periods into Python's.

    Raises:
        InvalidInput: naming ``properties.<name>``, if it is none of the property's kind.
    """
    return READ[field.kind](field, value)


def most_characters(column: Any) -> int | None:
    """Tell how long a text may be; None for what is no column of text."""
    if not isinstance(column, Column) or column.table is None:
        return None
    if column.type.__visit_name__.upper() not in {"STRING", "TEXT"}:
        return None
    return NAME_LIMIT if column.name in _indexed(column.table) else TEXT_LIMIT


def bounds(column: Any) -> tuple[int, int] | None:
    """Tell the least and the largest whole number of a column; None for any other."""
    size = BYTES.get(column.type.__visit_name__.upper()) if isinstance(column, Column) else None
    return None if size is None else (-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1)


@cache
def _indexed(table: Table) -> frozenset[str]:
    keys = [c for c in table.constraints if isinstance(c, UniqueConstraint | ExcludeConstraint)]
    listed = [*(key.columns for key in keys), *(index.columns for index in table.indexes)]
    return frozenset(column.name for columns in listed for column in columns)


def _refused(field: Field, wanted: str, value: Any) -> InvalidInput:
    return InvalidInput(f"{field.name} is {wanted}, not {_cut(value)}", f"properties.{field.name}")


def _cut(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 60 else f"{told[:59]}…"


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _refused(field, "text", value)
    most = most_characters(field.column)
    if most is not None and len(value) > most:
        raise _refused(field, f"text of at most {most} characters", f"{len(value)} of them")
    return value


def _whole(field: Field, value: Any) -> int:
    # JSON has one kind of number: 5.0 is whole.
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise _refused(field, "a whole number", value)
    limits = bounds(field.column)
    if limits is not None and not limits[0] <= value <= limits[1]:
        raise _refused(field, f"a whole number from {limits[0]} to {limits[1]}", value)
    return int(value)


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _refused(field, "a number", value)
    return float(value)


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refused(field, "true or false", value)
    return value


def _time(field: Field, value: Any) -> datetime:
    wanted = "an ISO 8601 time with a time zone"
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise _refused(field, wanted, value)
        return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(field, wanted, value) from error


def _day(field: Field, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _refused(field, "an ISO 8601 date", value) from error


def _object(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(field, "an object", value)
    return value


def _array(field: Field, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(field, "a list", value)
    return value


def _period(field: Field, value: Any) -> Range[datetime]:
    if not isinstance(value, list) or len(value) != 2:
        raise _refused(field, "a list of its first moment and the one it ends at", value)
    since, until = (None if end is None else _time(field, end) for end in value)
    if since is not None and until is not None and since >= until:
        raise _refused(field, "a period that ends after it begins", value)
    return Range(since, until)


READ: Mapping[str, Callable[[Field, Any], Any]] = MappingProxyType(
    {
        "string": _text,
        "integer": _whole,
        "number": _number,
        "boolean": _flag,
        "date-time": _time,
        "date": _day,
        "object": _object,
        "array": _array,
        "period": _period,
    }
)
