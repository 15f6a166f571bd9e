"""Load whole frames at COPY speed, through a temporary table or straight into a layer."""

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
from sqlalchemy import Column, MetaData, Table, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.errors import InvalidInput
from layers.base import Register, Scope
from layers.outbox import Change, announce, bump
from layers.registers import MANAGED, absorb

CHUNK_ROWS = 100_000
MULTI = {"MULTIPOLYGON": shapely.multipolygons, "MULTILINESTRING": shapely.multilinestrings}


def absorb_frame(register: type[Register]) -> Callable[[Session, Scope, GeoDataFrame], int]:
    """Make the bulk loader of a register: merge a frame by code, then announce the layer once.

    The loader takes columns named as the register's and a geometry in EPSG:4326; it answers how
    many rows were new or changed. The same frame twice changes nothing.
    """

    def load(session: Session, scope: Scope, frame: GeoDataFrame) -> int:
        if "code" not in frame:
            raise InvalidInput(f"{register.__tablename__} are merged by code; map a column to it")
        staged = _staging(session, register, frame)
        copy(session, staged, frame)
        session.execute(text("ANALYZE staged"))
        changed = absorb(session, scope, register, staged)
        session.execute(text("DROP TABLE staged"))
        name = register.__tablename__
        if changed:
            bump(session, scope, name)
            announce(session, scope, Change(name, "imported"))
        return changed

    return load


def _staging(session: Session, register: type[Register], frame: GeoDataFrame) -> Table:
    """Create the temporary table of the register's columns that the frame brings."""
    given = {_target(name, frame) for name in frame.columns}
    own = [c for c in register.__table__.columns if c.name in given - MANAGED and not c.computed]
    staged = Table(
        "staged", MetaData(), *[Column(c.name, c.type) for c in own], prefixes=["TEMPORARY"]
    )
    staged.create(session.connection(), checkfirst=False)
    return staged


def _target(name: str, frame: GeoDataFrame) -> str:
    return {frame.geometry.name: "geom", "valid_from": "valid"}.get(name, name)


def copy(session: Session, table: Table, frame: GeoDataFrame) -> None:
    """Copy a frame's columns into the table's columns of the same name."""
    names = [c.name for c in table.columns if not c.computed]
    source = {_target(str(name), frame): frame[name] for name in frame.columns}
    names = [name for name in names if name in source]
    for start in range(0, len(frame), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        arrays = [_array(source[n].iloc[part], table.c[n].type) for n in names]
        copy_arrays(session, table.name, names, arrays)


def copy_arrays(
    session: Session, table: str, names: Sequence[str], arrays: Sequence[pa.Array]
) -> None:
    """Copy Arrow columns into a table; a null stays null."""
    body = BytesIO()
    pa_csv.write_csv(
        pa.table(list(arrays), names=list(names)), body, pa_csv.WriteOptions(include_header=False)
    )
    body.seek(0)
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
        return pa.array([f"[{'' if _absent(v) else v.isoformat()},)" for v in values])
    if kind.python_type is int:
        return pa.array(values.astype("Int64"))
    if kind.python_type in (str, datetime):
        return _texts(values, str)
    return pa.array(values, from_pandas=True)


def _texts(values: pd.Series, write: Callable[[Any], str]) -> pa.Array:
    return pa.array([None if _absent(v) else write(v) for v in values], pa.string())


def _absent(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


def _shapes(values: pd.Series, kind: str) -> pa.Array:
    shapes = np.asarray(values.array)
    if kind in MULTI:
        single = np.isin(shapely.get_type_id(shapes), (1, 3))
        shapes[single] = [MULTI[kind]([s]) for s in shapes[single]]
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, WGS84), hex=True, include_srid=True))


def chunks(total: int) -> Iterator[slice]:
    """Cut a number of rows into slices of a size that memory bears."""
    for start in range(0, total, CHUNK_ROWS):
        yield slice(start, start + CHUNK_ROWS)
