"""Read tables with coordinate columns: CSV and XLSX, all values as text.

A table has no types and no CRS. Text keeps the leading zeros of codes; whoever stores a column
knows its type. The CRS has to be given: longitudes in China may be WGS84, GCJ-02 or BD-09.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyogrio
import shapely
from numpy.typing import NDArray

from geodata.crs import Geometries
from geodata.dataset import Raw, ReadOptions, Texts, no_texts, pick_layer
from geodata.errors import InvalidInput
from geodata.vectors import check_head, gdal_errors

CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 8 << 20
SEPARATORS = (",", "\t", ";")
ESCAPED = re.compile(r"^'+[=+\-@\t\r]")
# Coordinate columns by their usual names; the first of a pair is the x of axis order xy.
PAIRS = (
    (("lon", "lng", "long", "longitude", "经度", "东经"), ("lat", "latitude", "纬度", "北纬")),
    (
        ("x", "x坐标", "横坐标", "东坐标", "easting", "point_x"),
        ("y", "y坐标", "纵坐标", "北坐标", "northing", "point_y"),
    ),
)
SHAPES = ("wkt", "geom", "geometry", "the_geom")
MAPPED_PAIRS = (("lon", "lat"), ("x", "y"))


def read_csv(path: Path, options: ReadOptions) -> Raw:
    """Read a CSV in UTF-8, UTF-16 or GBK, separated by comma, tab or semicolon.

    Rows count from 1 after the header; blank lines do not count. Rows with too many or too few
    values are broken.

    Raises:
        InvalidInput: if the text does not decode or there is no way to find the coordinates.
    """
    encoding = options.encoding or text_encoding(path)
    broken: dict[int, str] = {}
    with gdal_errors(path):
        header, separator = _header(path, encoding)
        table = _read_table(path, (encoding, header, separator), broken, options)
    raw = _place(_unescape(table), options)
    count = table.num_rows + len(broken)
    raw.rows = np.setdiff1d(np.arange(1, count + 1), np.fromiter(broken, np.int64, len(broken)))
    raw.broken = broken
    return raw


def read_xlsx(path: Path, options: ReadOptions) -> Raw:
    """Read one sheet of a workbook; its first row is the header, row 1 the one below.

    Raises:
        InvalidInput: if it is no workbook, the sheet has to be chosen, or as for a CSV.
    """
    check_head(path)
    with gdal_errors(path):
        sheet = pick_layer([name for name, _ in pyogrio.list_layers(path)], options.layer, "sheet")
        _, table = pyogrio.read_arrow(path, layer=sheet, FIELD_TYPES="STRING", HEADERS="FORCE")
    options.progress(table.num_rows, table.num_rows)
    table = table.rename_columns(_distinct(table.column_names))
    return _place(_unescape(table.cast(_texts(table.column_names))), options)


def text_encoding(path: Path) -> str:
    """Find the encoding of a text file by decoding all of it.

    Raises:
        InvalidInput: if it is neither UTF-16 with a mark, UTF-8 nor GBK.
    """
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise InvalidInput(
        f"{path.name} is neither UTF-8 nor GBK; give its encoding with --encoding", "encoding"
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _header(path: Path, encoding: str) -> tuple[list[str], str]:
    """Return the distinct column names and the separator that the first line uses most."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            line = file.readline(CHUNK_BYTES).lstrip("\ufeff")
    except (LookupError, UnicodeError) as error:
        raise InvalidInput(f"{path.name} is not {encoding}: {error}", "encoding") from error
    if not line.strip():
        raise InvalidInput(f"{path.name} begins with no header line", "file")
    separator = max(SEPARATORS, key=line.count)
    parse = pyarrow.csv.ParseOptions(delimiter=separator)
    first = pyarrow.csv.ReadOptions(autogenerate_column_names=True)
    texts = pyarrow.csv.ConvertOptions(
        column_types={f"f{at}": pa.string() for at in range(line.count(separator) + 1)}
    )
    row = pyarrow.csv.read_csv(pa.BufferReader(line.encode()), first, parse, texts)
    return _distinct([column[0].as_py() or "" for column in row.columns]), separator


def _distinct(names: Sequence[str]) -> list[str]:
    """Give blank and repeated column names a name of their own."""
    out: list[str] = []
    for position, name in enumerate(names, start=1):
        stripped = name.strip() or f"column_{position}"
        out.append(stripped if stripped not in out else f"{stripped}_{position}")
    return out


def _texts(names: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


def _read_table(
    path: Path, form: tuple[str, list[str], str], broken: dict[int, str], options: ReadOptions
) -> pa.Table:
    encoding, header, separator = form

    def note(row: pyarrow.csv.InvalidRow) -> str:
        reason = f"{row.actual_columns} values where the header has {row.expected_columns}"
        broken[row.number - 1] = reason
        return "skip"

    reader = pyarrow.csv.open_csv(
        path,
        pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            column_names=header,
            skip_rows_after_names=1,
            encoding=encoding,
        ),
        pyarrow.csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, invalid_row_handler=note
        ),
        pyarrow.csv.ConvertOptions(
            column_types=_texts(header), strings_can_be_null=True, null_values=[""]
        ),
    )
    return pa.Table.from_batches(_counted(reader, options), schema=_texts(header))


def _counted(reader: pyarrow.csv.CSVStreamingReader, options: ReadOptions) -> Iterator[object]:
    done = 0
    for batch in reader:
        done += batch.num_rows
        options.progress(done, None)
        yield batch


def _unescape(table: pa.Table) -> pa.Table:
    """Take off the apostrophe that an export put before what a spreadsheet would calculate."""
    for at, name in enumerate(table.column_names):
        column = table.column(at)
        marked = pc.match_substring_regex(column, ESCAPED.pattern)
        if pc.any(marked).as_py():
            bare = pc.utf8_slice_codeunits(column, 1)
            table = table.set_column(at, name, pc.if_else(marked, bare, column))
    return table


def _place(table: pa.Table, options: ReadOptions) -> Raw:
    """Build the geometries from the coordinate columns."""
    used = coordinate_columns(table.column_names, options)
    if len(used) == 2:
        shapes, reasons = _points(table, used)
    elif used:
        shapes, reasons = _from_wkt(table.column(used[0]))
    else:
        shapes, reasons = no_texts(table.num_rows), no_texts(table.num_rows)
    return Raw(
        table.to_pandas(),
        shapes,
        reasons,
        no_texts(table.num_rows, ""),
        np.arange(1, table.num_rows + 1),
        coordinate_columns=used,
        said=dict.fromkeys(table.column_names, "text"),
    )


def coordinate_columns(names: Sequence[str], options: ReadOptions) -> tuple[str, ...]:
    """Find the columns that place a row: a pair, one with WKT, or none.

    Raises:
        InvalidInput: if there are none and the rows need a place.
    """
    if options.geometry == "none":
        return ()
    if mapped := _mapped(names, options):
        return mapped
    folded = {name.strip().casefold(): name for name in reversed(names)}
    for firsts, seconds in PAIRS:
        first = next((folded[name] for name in firsts if name in folded), None)
        second = next((folded[name] for name in seconds if name in folded), None)
        if first and second:
            return first, second
    if wkt := next((folded[name] for name in SHAPES if name in folded), None):
        return (wkt,)
    if options.placeless:
        return ()
    raise InvalidInput(
        f"no coordinate columns among {', '.join(names)}; name them with "
        "--map lon=COLUMN --map lat=COLUMN (or x and y, or wkt)",
        "map",
    )


def _mapped(names: Sequence[str], options: ReadOptions) -> tuple[str, ...]:
    for pair in (*MAPPED_PAIRS, ("wkt",)):
        if all(key in options.fields for key in pair):
            wanted = tuple(options.fields[key] for key in pair)
            if missing := [name for name in wanted if name not in names]:
                raise InvalidInput(f"no column {missing[0]!r} among {', '.join(names)}", "map")
            return wanted
    return ()


def _points(table: pa.Table, used: tuple[str, ...]) -> tuple[Geometries, Texts]:
    (x, x_wrong), (y, y_wrong) = (_numbers(table.column(name)) for name in used)
    reasons = no_texts(table.num_rows)
    for name, wrong in ((used[0], x_wrong), (used[1], y_wrong)):
        for row in np.flatnonzero(wrong):
            reasons[row] = f"{name} is not a number: {table.column(name)[int(row)].as_py()[:40]!r}"
    absent = np.isnan(x) | np.isnan(y)
    literal = _says_nan(table.column(used[0])) | _says_nan(table.column(used[1]))
    reasons[literal] = "coordinates are NaN or infinite"
    shapes = no_texts(table.num_rows)
    shapes[~absent] = shapely.points(x[~absent], y[~absent])
    return shapes, reasons


def _numbers(column: pa.ChunkedArray) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Parse a text column; NaN where it is empty or wrong, and where it is wrong."""
    trimmed = pc.utf8_trim_whitespace(column)
    try:
        return pc.cast(trimmed, pa.float64()).to_numpy(zero_copy_only=False), np.zeros(
            len(column), np.bool_
        )
    except pa.ArrowInvalid:
        series = trimmed.to_pandas()
        numbers = pd.to_numeric(series, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        empty = (series.isna() | (series == "")).to_numpy(np.bool_)
        return numbers, np.isnan(numbers) & ~empty


def _says_nan(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    said = pc.match_substring_regex(column, r"(?i)^\s*[+-]?nan\s*$")
    return np.asarray(pc.fill_null(said, False).to_numpy(zero_copy_only=False), np.bool_)


def _from_wkt(column: pa.ChunkedArray) -> tuple[Geometries, Texts]:
    texts = column.to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkt(texts, on_invalid="ignore")
    reasons = no_texts(len(texts))
    reasons[shapely.is_missing(shapes) & ~pd.isna(texts)] = "irreparable: not a readable WKT"
    return shapes, reasons
