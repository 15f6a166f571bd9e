"""Read the vector formats of GDAL, and GeoParquet, batch by batch through Arrow."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geodata.crs import Geometries
from geodata.dataset import BATCH_ROWS, Raw, ReadOptions, Texts, no_texts, pick_layer
from geodata.errors import InvalidInput

NOTES_KEPT = 5
HEAD_BYTES = 65_536
HEADS: dict[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3",),
    ".fgb": (b"fgb",),
    ".shp": (b"\0\0\x27\x0a",),
    ".xlsx": (b"PK",),
}
WHOLE: dict[str, Any] = {
    f"{sign}int{bits}": pd.array([], dtype=f"{sign.upper()}Int{bits}").dtype
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
}
ZONE = r"(?:Z|[+-]\d\d:?\d\d)$"

# GDAL 3.12's own Arrow reader of FlatGeobuf returns garbage for rows without a geometry.
pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": True})


def read_vector(path: Path, options: ReadOptions) -> Raw:
    """Read a GeoPackage, shapefile or FlatGeobuf.

    Raises:
        InvalidInput: if GDAL cannot read the file, or the layer has to be chosen.
    """
    check_head(path)
    with gdal_errors(path):
        layer = pick_layer(_layers(path), options.layer)
        total = int(pyogrio.read_info(path, layer=layer, encoding=options.encoding)["features"])
    return read_layer(path, replace(options, layer=layer), total if total >= 0 else None)


def check_head(path: Path) -> None:
    """Refuse a file that does not begin as its name says.

    GDAL goes by content, and some of its formats are instructions to read other files.

    Raises:
        InvalidInput: if the beginning is another format's.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    wanted = HEADS.get(path.suffix.casefold(), (b"{", b"\x1e"))
    if not head.startswith(wanted) or b"gdal_streamed_alg" in head:
        raise InvalidInput(f"{path.name} is no {path.suffix} file", "file")


def read_layer(path: Path, options: ReadOptions, total: int | None) -> Raw:
    """Read a layer whose name is known, or the only one, in a single pass.

    Times that all state their zone become UTC; others stay text, as does what is no time.

    Raises:
        InvalidInput: if GDAL cannot read the file.
    """
    with (
        gdal_errors(path) as notes,
        pyogrio.open_arrow(
            path,
            layer=options.layer,
            encoding=options.encoding,
            use_pyarrow=True,
            batch_size=BATCH_ROWS,
            datetime_as_string=True,
        ) as (meta, batches),
    ):
        name = meta["geometry_name"] or "wkb_geometry"
        raw = _collect(batches, name, _report(options, total))
    kinds = zip(meta["fields"], meta["ogr_types"], meta["ogr_subtypes"], strict=True)
    for field, kind, subtype in kinds:
        if kind == "OFTDateTime":
            raw.columns[field] = _instants(raw.columns[field])
            raw.said[field] = "date-time"
        elif subtype == "OFSTJSON":
            raw.said[field] = "document"
    raw.declared = meta["crs"]
    raw.warnings = notes
    return raw


def read_geojson(path: Path, options: ReadOptions) -> Raw:
    """Read GeoJSON: WGS84 by RFC 7946, or what an old ``crs`` member declares.

    A ``crs`` member is a declaration like a .prj file and is honoured, with a warning unless it
    names WGS84; ``"crs": null`` means unknown, so that the caller has to give one.
    """
    check_head(path)
    raw = read_layer(path, replace(options, layer=None), None)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).split(b'"features"')[0]
    if re.search(rb'"crs"\s*:\s*null', head):
        raw.declared = None
    elif raw.declared not in (None, "EPSG:4326", "OGC:CRS84"):
        raw.warnings.append(
            f"the crs member declares {raw.declared}, which RFC 7946 no longer allows; honoured"
        )
    return raw


def read_parquet(path: Path, options: ReadOptions) -> Raw:
    """Read GeoParquet; by its specification an absent ``crs`` is CRS84 and a null is unknown.

    Raises:
        InvalidInput: if the file is not GeoParquet.
    """
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise InvalidInput(f"cannot read {path.name}: {_line(error)}", "file") from error
    if options.geometry == "none":
        return _collect(file.iter_batches(BATCH_ROWS), "", _report(options, file.metadata.num_rows))
    try:
        geo = json.loads(file.schema_arrow.metadata[b"geo"])
        primary = geo["primary_column"]
        described = geo["columns"][primary]
    except (TypeError, KeyError, ValueError) as error:
        raise InvalidInput(
            f"{path.name} has no proper 'geo' metadata, so it is not GeoParquet", "file"
        ) from error
    report = _report(options, file.metadata.num_rows)
    if described["encoding"] == "WKB":
        raw = _collect(file.iter_batches(BATCH_ROWS), primary, report)
    else:
        raw = _from_frame(gpd.read_parquet(path))
    raw.columns = raw.columns.drop(columns=_covering(described), errors="ignore")
    raw.declared = _parquet_crs(described)
    return raw


def decode(wkb: Any) -> tuple[Geometries, Texts, Texts]:
    """Turn WKB into geometries, closing rings that are left open.

    Args:
        wkb: a NumPy object array of bytes and None.

    Returns:
        The geometries, why one cannot be read (else None), and how it was mended (else "").
    """
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    reasons, repairs = no_texts(len(shapes)), no_texts(len(shapes), "")
    lost = np.flatnonzero(shapely.is_missing(shapes) & ~pd.isna(wkb))
    if len(lost):
        shapes[lost] = shapely.from_wkb(wkb[lost], on_invalid="fix")
        repairs[lost] = "ring closed"
        reasons[lost[shapely.is_missing(shapes[lost])]] = "irreparable: not a readable shape"
    return shapes, reasons, repairs


def _collect(batches: Iterable[pa.RecordBatch], geometry: str, report: Any) -> Raw:
    """Read all batches, keeping the WKB of one batch at a time."""
    parts, kept, done = [], [], 0
    for batch in batches:
        parts.append(decode(_wkb(batch, geometry)))
        own = [at for at, name in enumerate(batch.schema.names) if name != geometry]
        kept.append(batch.select(own))
        done += batch.num_rows
        report(done)
    if not kept:
        return _from_frame(gpd.GeoDataFrame(geometry=[]))
    shapes, reasons, repairs = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Raw(_attributes(kept), shapes, reasons, repairs, np.arange(1, done + 1))


def _wkb(batch: pa.RecordBatch, geometry: str) -> Any:
    if geometry not in batch.schema.names:
        return no_texts(batch.num_rows)
    return batch.column(geometry).to_numpy(zero_copy_only=False)


def _attributes(batches: list[pa.RecordBatch]) -> pd.DataFrame:
    table = pa.Table.from_batches(batches)
    if len(set(table.column_names)) < table.num_columns:
        table = table.rename_columns(_told_apart(table.column_names))
    if not table.num_columns:
        return pd.DataFrame(index=range(sum(batch.num_rows for batch in batches)))
    try:
        table.validate(full=True)  # GDAL hands on text that is not UTF-8
        return table.to_pandas(types_mapper=_exact(table).get)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise InvalidInput(
            "some text is not UTF-8; give its encoding with --encoding or save it as UTF-8",
            "encoding",
        ) from error


def _told_apart(names: list[str]) -> list[str]:
    """Give a name that was there before its position."""
    return [n if n not in names[:at] else f"{n}_{at + 1}" for at, n in enumerate(names)]


def _exact(table: pa.Table) -> dict[pa.DataType, Any]:
    """Keep whole numbers whole where some are missing; pandas would make floats of them."""
    partial = {c.type for c in table.columns if c.null_count and pa.types.is_integer(c.type)}
    return {kind: WHOLE[str(kind)] for kind in partial}


def _instants(texts: pd.Series) -> pd.Series:
    if not texts.dropna().str.contains(ZONE).all():
        return texts
    return pd.to_datetime(texts, format="ISO8601", utc=True)


def _from_frame(frame: gpd.GeoDataFrame) -> Raw:
    count = len(frame)
    return Raw(
        pd.DataFrame(frame.drop(columns=frame.geometry.name)),
        np.asarray(frame.geometry.array, dtype=object),
        no_texts(count),
        no_texts(count, ""),
        np.arange(1, count + 1),
    )


def _layers(path: Path) -> list[str]:
    listed = pyogrio.list_layers(path)
    spatial = [name for name, kind in listed if kind is not None]
    return spatial or [name for name, _ in listed]


def _covering(described: dict[str, Any]) -> list[str]:
    """Name the helper columns that only hold each row's bounding box."""
    boxes = described.get("covering", {}).get("bbox", {})
    return sorted({where[0] for where in boxes.values()})


def _parquet_crs(described: dict[str, Any]) -> str | None:
    if "crs" not in described:
        return "OGC:CRS84"
    if described["crs"] is None:
        return None
    crs = pyproj.CRS.from_json_dict(described["crs"])
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.to_wkt())


def _report(options: ReadOptions, total: int | None) -> Any:
    return lambda done: options.progress(done, total)


@contextmanager
def gdal_errors(path: Path) -> Iterator[list[str]]:
    """Turn GDAL's failures into our errors and collect what it remarks."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            yield notes
        except (DataSourceError, DataLayerError, pa.ArrowException) as error:
            raise InvalidInput(f"cannot read {path.name}: {_line(error)}", "file") from error
    notes.extend(dict.fromkeys(str(remark.message) for remark in remarks))
    del notes[NOTES_KEPT:]


def _line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
