"""Load whole frames at COPY speed, through a temporary table or straight into a layer.

COPY would block a web worker's other requests while it waits for a lock: psycopg2 cannot do it by
the callback by which it lets them run. There rows are inserted instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from psycopg2.extensions import get_wait_callback
from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier
from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.dataset import Progress, silent
from geodata.errors import InvalidInput
from layers.base import Register, Scope
from layers.editions import MEANT_COLUMN, VALID, has_editions, with_periods
from layers.loading import Taken
from layers.outbox import Change, announce, bump
from layers.registers import MANAGED, absorb, hold
from layers.staging import ROW, ROW_NUMBER, described, refuse

CHUNK_ROWS = 100_000
INSERT_ROWS = 1000  # in one statement
MULTI = {"MULTIPOLYGON": shapely.multipolygons, "MULTILINESTRING": shapely.multilinestrings}
# A little-endian EWKB point: byte order, type with the SRID flag, SRID, then x and y.
POINT_HEAD = np.frombuffer(b"\x01\x01\x00\x00\x20" + WGS84.to_bytes(4, "little"), np.uint8)
POINT_BYTES = len(POINT_HEAD) + 16


def absorb_frame(register: type[Register]) -> Callable[..., Taken]:
    """Make the bulk loader of a register: merge a frame by code, then announce the layer once.

    The loader takes columns named as the register's and a geometry in EPSG:4326. Rows that the
    register's rules forbid are left out and named; the same frame twice changes nothing.
    """

    def load(
        session: Session, scope: Scope, frame: GeoDataFrame, progress: Progress = silent
    ) -> Taken:
        if "code" not in frame:
            raise InvalidInput(f"{register.__tablename__} are merged by code; map a column to it")
        frame = with_periods(frame)
        given = _staging(session, register, frame)
        numbered = frame.assign(**{ROW: np.arange(1, len(frame) + 1)})
        copy(session, described(ROW_NUMBER, *given.columns), numbered, progress)
        hold(session, register)
        rejected = refuse(session, scope, register, described(ROW_NUMBER, *given.columns))
        session.execute(text("ANALYZE staged"))
        changed = absorb(session, scope, register, given)
        session.execute(text("DROP TABLE staged"))
        name = register.__tablename__
        if changed:
            bump(session, scope, name)
            announce(session, scope, Change(name, "imported"))
        return Taken(len(frame), changed, 0, rejected)

    return load


def _staging(session: Session, register: type[Register], frame: GeoDataFrame) -> Table:
    """Create a temporary table like the register's; describe the columns that the frame fills."""
    columns: Any = register.__table__.columns
    own = [c for c in columns if c.name not in MANAGED and not c.computed]
    described(ROW_NUMBER, MEANT_COLUMN, *own).create(session.connection(), checkfirst=False)
    filled = {_target(str(name), frame) for name in frame.columns}
    meant = [MEANT_COLUMN] if VALID in filled and has_editions(register) else []
    return described(*meant, *[c for c in own if c.name in filled])


def _target(name: str, frame: GeoDataFrame) -> str:
    return "geom" if name == frame.geometry.name else name


def copy(session: Session, table: Table, frame: GeoDataFrame, progress: Progress = silent) -> None:
    """Copy a frame's columns into the table's columns of the same name."""
    source = {_target(str(name), frame): frame[name] for name in frame.columns}
    names = [c.name for c in table.columns if not c.computed and c.name in source]
    for part in chunks(len(frame)):
        arrays = [_array(source[n].iloc[part], table.c[n].type) for n in names]
        copy_arrays(session, table.name, names, arrays)
        progress(min(part.stop, len(frame)), len(frame))


def copy_arrays(
    session: Session, table: str, names: Sequence[str], arrays: Sequence[pa.Array]
) -> None:
    """Copy Arrow columns into a table; a null stays null."""
    if cooperative():
        insert_arrays(session, table, names, arrays)
    else:
        copy_csv(session, table, names, csv_of(names, arrays))


def cooperative() -> bool:
    """Tell whether psycopg2 lets others run while it waits, as in a web worker; no COPY then."""
    return get_wait_callback() is not None


def insert_arrays(
    session: Session, table: str, names: Sequence[str], arrays: Sequence[pa.Array]
) -> None:
    """Insert Arrow columns into a table without COPY."""
    cursor = session.connection().connection.cursor()
    columns = SQL(", ").join(map(Identifier, names))
    asked = SQL("INSERT INTO {} ({}) VALUES %s").format(Identifier(table), columns)
    rows = list(zip(*[column.to_pylist() for column in arrays], strict=True))
    execute_values(cursor, asked, rows, page_size=INSERT_ROWS)


def csv_of(names: Sequence[str], arrays: Sequence[pa.Array]) -> BytesIO:
    """Write Arrow columns as the CSV that COPY reads; text is quoted, so that "" is no null."""
    body = BytesIO()
    options = pa_csv.WriteOptions(include_header=False)
    pa_csv.write_csv(pa.table(list(arrays), names=list(names)), body, options)
    body.seek(0)
    return body


def copy_csv(session: Session, table: str, names: Sequence[str], body: BytesIO) -> None:
    """Copy CSV into a table's columns."""
    cursor = session.connection().connection.cursor()
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN (FORMAT csv)', body)


def _array(values: pd.Series, kind: Any) -> pa.Array:
    """Turn one column into the text that COPY reads."""
    if hasattr(kind, "geometry_type"):
        return _shapes(values, kind.geometry_type)
    if isinstance(kind, JSONB):
        return _texts(values, lambda v: orjson.dumps(v).decode())
    if isinstance(kind, TSTZRANGE):
        return pa.array(values, pa.string())
    if kind.python_type is int:
        return pa.array(values.astype("Int64"))
    if kind.python_type in (str, datetime):
        return _texts(values, str)
    return pa.array(values, from_pandas=True)


def _texts(values: pd.Series, write: Callable[[Any], str]) -> pa.Array:
    return pa.array([None if _absent(v) else write(v) for v in values], pa.string())


def _absent(value: Any) -> bool:
    return (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (isinstance(value, float) and np.isnan(value))
    )


def _shapes(values: pd.Series, kind: str) -> pa.Array:
    shapes = np.array(values.array)
    if kind in MULTI:
        single = np.isin(shapely.get_type_id(shapes), (1, 3))
        shapes[single] = [MULTI[kind]([s]) for s in shapes[single]]
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, WGS84), hex=True, include_srid=True))


def point_array(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pa.Array:
    """Write points in EPSG:4326 as EWKB; NaN becomes null."""
    count = len(lon)
    raw = np.empty((count, POINT_BYTES), dtype=np.uint8)
    raw[:, : len(POINT_HEAD)] = POINT_HEAD
    raw[:, len(POINT_HEAD) :] = np.column_stack((lon, lat)).astype("<f8").view(np.uint8)
    ends = pa.py_buffer(np.arange(0, (count + 1) * POINT_BYTES, POINT_BYTES, dtype=np.int32))
    present = pa.py_buffer(np.packbits(~np.isnan(lon), bitorder="little"))
    return pa.BinaryArray.from_buffers(pa.binary(), count, [present, ends, pa.py_buffer(raw)])


def chunks(total: int) -> Iterator[slice]:
    """Cut a number of rows into slices of a size that memory bears."""
    for start in range(0, total, CHUNK_ROWS):
        yield slice(start, start + CHUNK_ROWS)
