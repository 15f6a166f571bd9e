"""Rows as Arrow columns, which some formats are made of."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import shapely

from geodata.crs import Geometries
from geodata.streams import Column, Row

TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date-time": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "json": pa.string(),
}


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Describe columns to Arrow."""
    return pa.schema([pa.field(column.name, TYPES[column.kind]) for column in columns])


def table_of(columns: Sequence[Column], rows: Sequence[Row]) -> pa.Table:
    """Turn rows into columns, without their geometry."""
    schema, values = schema_of(columns), list(zip(*rows, strict=True))[1:]
    told = values or [()] * len(columns)
    arrays = [pa.array(one, kind) for one, kind in zip(told, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)


def geometry_of(rows: Sequence[Row]) -> pa.Array:
    """Turn the geometry of rows into a column of WKB."""
    return pa.array([None if row[0] is None else bytes(row[0]) for row in rows], pa.binary())


def shapes_of(geometry: pa.Array) -> Geometries:
    """Read a column of WKB as shapely geometries, None for none."""
    shapes: Geometries = shapely.from_wkb(geometry.to_numpy(zero_copy_only=False))
    return shapes
