"""Rows of every kind of value and shape, and files made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import shapely

from geodata.streams import Column, Encoder, Head, Row

MORNING = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
COLUMNS = (
    Column("id", "integer"),
    Column("名称", "string"),
    Column("area_m2", "number"),
    Column("open", "boolean"),
    Column("seen_at", "date-time"),
    Column("day", "date"),
    Column("tags", "json"),
)
BIG = 2**60 + 1
VALUES = (BIG, "黄屋\n“一”村", -1.5, True, MORNING, date(2024, 5, 1), '{"标": [1, null]}')
NOTHING = (7, *[None] * 6)
RING = [(0, 0), (9, 0), (9, 9), (0, 9)]
HOLED = shapely.Polygon(RING, [[(1, 1), (2, 1), (2, 2)], [(5, 5), (6, 5), (6, 6)]])
SHAPES = (
    shapely.Point(113.94, 22.99),
    shapely.LineString([(0, 0), (1, 1), (2, 0)]),
    shapely.Polygon(RING),
    HOLED,
    shapely.MultiPoint([(1, 2), (3, 4)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 4)]]),
    shapely.MultiPolygon([HOLED, shapely.box(20, 20, 21, 21)]),
    shapely.MultiPolygon([shapely.box(20, 20, 21, 21)]),
    shapely.GeometryCollection([shapely.Point(1, 1), shapely.MultiPolygon([HOLED])]),
)


def head(shape: str | None = "GEOMETRY", srid: int = 4326, *columns: Column) -> Head:
    """Describe a file of all kinds of columns, unless some are given."""
    return Head("网格", columns or COLUMNS, srid, shape)


def row(shape: shapely.Geometry | None, *values: object) -> Row:
    """Make a row of one shape, with a value of every kind unless some are given."""
    wkb = None if shape is None else shapely.to_wkb(shape, byte_order=1)
    return (wkb, *(values or VALUES))


def write(encoder: Encoder, path: Path, *batches: Sequence[Row]) -> Path:
    """Write batches of rows into a file."""
    parts = [encoder.begin(), *[encoder.add(rows) for rows in batches], *encoder.end()]
    encoder.close()
    path.write_bytes(b"".join(parts))
    return path


def same(found: Sequence[shapely.Geometry], wanted: Sequence[shapely.Geometry]) -> bool:
    """Tell whether shapes are the same, wherever their rings begin; none is like none."""
    return bool(
        np.equal(shapely.is_missing(found), shapely.is_missing(wanted)).all()
        and (shapely.normalize(found) == shapely.normalize(wanted)).all()
        and np.equal(shapely.get_type_id(found), shapely.get_type_id(wanted)).all()
    )
