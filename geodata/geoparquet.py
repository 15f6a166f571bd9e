"""Write GeoParquet as a stream: row groups as they fill, and the footer in the end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pyproj
import shapely

from geodata.columnar import geometry_of, schema_of, shapes_of, table_of
from geodata.crs import Geometries
from geodata.streams import Head, Row, distinct

GEOMETRY = "geometry"
VERSION = "1.1.0"
GROUP_ROWS, GROUP_BYTES = 65_536, 2**24  # of a row group: whichever is reached first


class _Pipe(io.RawIOBase):
    """Hold what is written until it is taken; nothing can be changed any more."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._written += len(self._parts[-1])
        return len(self._parts[-1])

    def taken(self) -> bytes:
        """Take what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class GeoParquet:
    """Write rows as GeoParquet.

    Args:
        head: what the file holds; a table without places has no geometry column.

    Source: GeoParquet 1.1.0.
    """

    def __init__(self, head: Head) -> None:
        self._head = head
        self._columns = distinct(head.columns, (GEOMETRY,))
        self._pipe = _Pipe()
        schema = schema_of(self._columns)
        if head.shape:
            schema = schema.append(pa.field(GEOMETRY, pa.binary()))
        self._writer = pa.parquet.ParquetWriter(
            pa.PythonFile(self._pipe, mode="w"), schema, compression="zstd"
        )
        self._waiting: list[pa.Table] = []
        self._kinds: set[str] = set()
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def begin(self) -> bytes:
        """Write the magic number."""
        return self._pipe.taken()

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write a row group when these rows fill it."""
        table = table_of(self._columns, rows)
        if self._head.shape:
            geometry = geometry_of(rows)
            self._survey(shapes_of(geometry))
            table = table.append_column(GEOMETRY, geometry)
        self._waiting.append(table)
        waiting = self._waiting
        if (
            sum(t.num_rows for t in waiting) >= GROUP_ROWS
            or sum(t.nbytes for t in waiting) >= GROUP_BYTES
        ):
            self._write_group()
        return self._pipe.taken()

    def end(self) -> Iterator[bytes]:
        """Write the last row group, and the footer."""
        if self._waiting:
            self._write_group()
        if self._head.shape:
            self._writer.add_key_value_metadata({"geo": json.dumps(self._geo())})
        self._writer.close()
        yield self._pipe.taken()

    def close(self) -> None:
        """Hold nothing."""

    def _write_group(self) -> None:
        self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=2 * GROUP_ROWS)
        self._waiting = []

    def _survey(self, shapes: Geometries) -> None:
        """Note which kinds of geometry there are, and where."""
        placed = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
        if placed.size:
            _, firsts = np.unique(shapely.get_type_id(placed), return_index=True)
            self._kinds |= {shape.geom_type for shape in placed[firsts]}
            west, south, east, north = shapely.total_bounds(placed)
            low, high = self._bounds[:2], self._bounds[2:]
            self._bounds = np.array(
                [*np.minimum(low, (west, south)), *np.maximum(high, (east, north))]
            )

    def _geo(self) -> dict[str, Any]:
        about: dict[str, Any] = {
            "encoding": "WKB",
            "geometry_types": sorted(self._kinds),
            "crs": _projjson(self._head.srid),
        }
        if self._kinds:
            about["bbox"] = self._bounds.tolist()
        return {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: about}}


@cache
def _projjson(srid: int) -> Any:
    return pyproj.CRS.from_epsg(srid).to_json_dict()
