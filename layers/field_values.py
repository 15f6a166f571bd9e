"""Read the values of a file's column as a field's type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "是", "有"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "否", "无"), False),
}
WHOLE = re.compile(r"(-?\d+)\.0+")
BITS = {"SMALLINT": 16, "INTEGER": 32}


def read(values: pd.Series, column: Column[Any], time_zone: str) -> pd.Series:
    """Read a column as its field's type; what cannot be read becomes a null."""
    kind = kind_of(column)
    reader = _READERS.get(kind)
    if kind == "time":
        return _times(values, time_zone)
    if kind == "whole number":
        return _whole(values, BITS.get(str(column.type), 64))
    return reader(values) if reader else values


def kind_of(column: Column[Any]) -> str:
    """Name the kind of value that a column holds; of a period, that of its ends."""
    if isinstance(column.type, JSONB):
        return "JSON"
    if isinstance(column.type, TSTZRANGE):
        return "time"
    kinds: dict[type, str] = {int: "whole number", float: "number", bool: "yes or no"}
    return kinds.get(column.type.python_type, "time" if _is_time(column) else "text")


def _is_time(column: Column[Any]) -> bool:
    return column.type.python_type is datetime


def _texts(values: pd.Series) -> pd.Series:
    """Read text; a whole number loses the ".0" that a table made of it."""
    texts = values
    if not isinstance(values.dtype, pd.StringDtype):
        texts = values.astype("object").where(values.notna(), None)
    if pd.api.types.is_float_dtype(values):
        texts = values.map(lambda v: WHOLE.sub(r"\1", str(v)), na_action="ignore")
    texts = texts.astype("string").str.strip()
    return texts.mask((texts == "") | texts.str.contains("\x00", regex=False))


def _numbers(values: pd.Series) -> pd.Series:
    if values.dtype == "object" or pd.api.types.is_string_dtype(values):
        values = values.astype("string").str.strip()
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _whole(values: pd.Series, bits: int) -> pd.Series:
    numbers = _numbers(values)
    fits = (numbers == np.floor(numbers)) & (numbers.abs() < 2.0 ** min(bits - 1, 53))
    return numbers.where(fits).astype("Int64")


def _flags(values: pd.Series) -> pd.Series:
    return values.astype("string").str.strip().str.casefold().map(FLAGS).astype("boolean")


def _documents(values: pd.Series) -> pd.Series:
    return values.map(_document, na_action="ignore")


def _document(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def _times(values: pd.Series, time_zone: str) -> pd.Series:
    """Read times as UTC; one that names no zone is local."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC")
    if pd.api.types.is_datetime64_dtype(values):
        return _localized(values, time_zone)
    texts = values.astype("string").str.strip()
    zoned = texts.str.contains(r"(?:Z|[+-]\d\d(?::?\d\d)?)$", regex=True).fillna(False)
    zoned &= texts.str.contains(":", regex=False).fillna(False)
    read = pd.to_datetime(texts.where(zoned), utc=True, errors="coerce", format="ISO8601")
    local = pd.to_datetime(texts.mask(zoned), errors="coerce", format="mixed")
    return read.fillna(_localized(local, time_zone))


def _localized(times: pd.Series, time_zone: str) -> pd.Series:
    """Read times of a zone; an hour that the zone skips or has twice is no time."""
    local = times.dt.tz_localize(time_zone, ambiguous="NaT", nonexistent="NaT")
    return local.dt.tz_convert("UTC")


_READERS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "text": _texts,
    "number": _numbers,
    "yes or no": _flags,
    "JSON": _documents,
}
