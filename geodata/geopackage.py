"""Write a GeoPackage, which is a database: whole in a temporary file, then sent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyogrio

from geodata.columnar import geometry_of, table_of
from geodata.streams import Head, Row, distinct

GEOMETRY, KEY = "geom", "fid"
CHUNK_BYTES = 2**18
BATCH_ROWS = 50_000  # to open the file costs as much as to write some thousand rows
SHAPES = {
    **{"GEOMETRY": "Unknown", "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon"},
    **{"MULTIPOINT": "MultiPoint", "MULTILINESTRING": "MultiLineString"},
    **{"MULTIPOLYGON": "MultiPolygon", "GEOMETRYCOLLECTION": "GeometryCollection"},
}


class GeoPackage:
    """Write rows as a GeoPackage of one layer; nothing comes before all rows are in it."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._columns = distinct(head.columns, (GEOMETRY, KEY))
        self._folder = tempfile.TemporaryDirectory(prefix="gis-gpkg-")
        self._path = Path(self._folder.name) / "rows.gpkg"
        self._waiting: list[pa.Table] = []

    def begin(self) -> bytes:
        """Make the file."""
        self._write(self._table(()))
        return b""

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write the rows into the file once there are enough of them."""
        self._waiting.append(self._table(rows))
        if sum(table.num_rows for table in self._waiting) >= BATCH_ROWS:
            self._write_waiting()
        return b""

    def end(self) -> Iterator[bytes]:
        """Read the file."""
        self._write_waiting()
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def close(self) -> None:
        """Remove the file."""
        self._folder.cleanup()

    def _table(self, rows: Sequence[Row]) -> pa.Table:
        table = table_of(self._columns, rows)
        if self._head.shape is None:
            return table
        told = pa.field(GEOMETRY, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
        return table.append_column(told, geometry_of(rows))

    def _write_waiting(self) -> None:
        if self._waiting:
            self._write(pa.concat_tables(self._waiting))
        self._waiting = []

    def _write(self, table: pa.Table) -> None:
        placed: dict[str, str] = {}
        if self._head.shape:
            placed["geometry_name"], placed["crs"] = GEOMETRY, f"EPSG:{self._head.srid}"
            placed["geometry_type"] = SHAPES[self._head.shape]
        append = self._path.exists()
        pyogrio.write_arrow(
            table, self._path, self._head.title, driver="GPKG", append=append, **placed
        )
