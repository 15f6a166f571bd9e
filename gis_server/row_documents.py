"""Rows of a file as JSON texts, of which Python holds a part at a time: there may be millions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa

from geodata.columns import Column, clean_names, documents, read_columns
from layers.bulk import chunks

Values = Any  # an Arrow array, or a list where values are no plain ones
PLAIN: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("string", "date", "date-time"), pa.string()),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}


def typed(
    frame: pd.DataFrame, said: Mapping[str, str], zone: str
) -> tuple[dict[str, str], pa.ChunkedArray, dict[int, str]]:
    """Turn a frame's columns into a schema, and its rows into JSON texts.

    Args:
        frame: the attributes, without a geometry; any names.
        said: column → what the file says of it, see ``geodata.columns.read_columns``.
        zone: the zone of times that name none.

    Returns:
        Name → type in order; the rows as JSON objects; position → what was left empty.
    """
    names = clean_names(frame.columns)
    known = dict(zip(names, (said.get(str(name), "") for name in frame.columns), strict=True))
    schema: dict[str, str] = {}
    held: list[Values] = []
    lost: dict[int, str] = {}
    for column in read_columns(frame.set_axis(names, axis=1), known, zone):
        schema[column.name] = column.kind
        held.append(_compact(column))
        for at in column.lost:
            left = f"{column.name} left empty: no number"
            lost[at] = f"{lost[at]}, {left}" if at in lost else left
    return schema, _texts(schema, held, len(frame)), lost


def _compact(column: Column) -> Values:
    """Hold values in a tenth of the room, where they are plain ones."""
    kind = PLAIN.get(column.kind)
    plain = not any(type(value) is orjson.Fragment for value in column.values)
    return pa.array(column.values, kind) if kind is not None and plain else column.values


def _texts(schema: Mapping[str, str], held: Sequence[Values], rows: int) -> pa.ChunkedArray:
    """Write rows as JSON objects, chunk by chunk."""
    written = []
    for part in chunks(rows):
        columns = [
            Column(name, schema[name], _listed(values, part))
            for name, values in zip(schema, held, strict=True)
        ]
        whole = slice(0, len(range(*part.indices(rows))))
        written.append(pa.array(documents(columns, whole), pa.string()))
    return pa.chunked_array(written, pa.string())


def _listed(values: Values, part: slice) -> list[Any]:
    some = values[part]
    listed: list[Any] = some.to_pylist() if isinstance(some, pa.Array) else some
    return listed
