"""Write CSV that spreadsheets open as text and numbers, never as formulas."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyproj
import shapely

from geodata.columnar import geometry_of, shapes_of, table_of
from geodata.crs import Geometries
from geodata.dataset import wkt
from geodata.streams import Head, Row, distinct

# What a spreadsheet would calculate, after any apostrophes that already stand there.
FORMULA = r"^('*[=+\-@\t\r])"
LONLAT, EASTNORTH, WKT = ("lon", "lat"), ("x", "y"), ("wkt",)


class Csv:
    """Write rows as CSV in UTF-8, with a byte-order mark: without, spreadsheets read it as GBK.

    Points are ``lon`` and ``lat`` columns (``x`` and ``y`` in a projected CRS), other shapes WKT.
    """

    def __init__(self, head: Head) -> None:
        self._places = _places(head)
        self._columns = distinct(head.columns, self._places)

    def begin(self) -> bytes:
        """Write the byte-order mark and the names of the columns."""
        return heading([*[column.name for column in self._columns], *self._places])

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write a line for each row."""
        table = table_of(self._columns, rows)
        if self._places:
            shapes = shapes_of(geometry_of(rows))
            for name, values in zip(self._places, _told(shapes, self._places), strict=True):
                table = table.append_column(name, values)
        return lines(table)

    def end(self) -> Iterator[bytes]:
        """Write nothing."""
        yield from ()

    def close(self) -> None:
        """Hold nothing."""


def heading(names: Sequence[str], separator: str = ",") -> bytes:
    """Write a byte-order mark, and the names of columns."""
    return codecs.BOM_UTF8 + lines(pa.table({str(i): [n] for i, n in enumerate(names)}), separator)


def lines(table: pa.Table, separator: str = ",") -> bytes:
    """Write the rows of a table."""
    sink = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False, delimiter=separator)
    pyarrow.csv.write_csv(safe(table), sink, options)
    return sink.getvalue()


def safe(table: pa.Table) -> pa.Table:
    """Write cells as spreadsheets can show them, and nothing that they would calculate."""
    return pa.table([_cells(column) for column in table.columns], names=table.column_names)


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Escape formulas, and write times in UTC with their zone, which workbooks would drop."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pc.replace_substring_regex(column, FORMULA, r"'\1")
    if pa.types.is_timestamp(column.type) and column.type.tz:
        utc = column.cast(pa.timestamp(column.type.unit, "UTC"))
        return pc.strftime(utc, "%Y-%m-%dT%H:%M:%SZ")
    return column


def _places(head: Head) -> tuple[str, ...]:
    """Name the columns that tell where a row is."""
    if head.shape is None:
        return ()
    if head.shape != "POINT":
        return WKT
    return EASTNORTH if pyproj.CRS.from_epsg(head.srid).is_projected else LONLAT


def _told(shapes: Geometries, places: tuple[str, ...]) -> list[pa.Array]:
    if places == WKT:
        return [pa.array(wkt(shapes), pa.string())]
    values = shapely.get_x(shapes), shapely.get_y(shapes)
    return [pa.array(value, mask=np.isnan(value)) for value in values]
