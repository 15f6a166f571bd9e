"""Write frames as files, whole or not at all, and a file's rejected rows beside it."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from geodata.crs import WGS84, Geometries, SourceCrs
from geodata.dataset import GEOMETRY, Dataset, no_texts
from geodata.errors import InvalidCrs, InvalidInput

Writer = Callable[[gpd.GeoDataFrame, Path], None]
PLAIN = SourceCrs.parse("EPSG:4326")
# What a spreadsheet would calculate, after any apostrophes that already stand there.
FORMULA = r"^('*[=+\-@\t\r])"
WORKBOOK_ROWS = 1_048_575  # below the header


def write(frame: gpd.GeoDataFrame, target: Path, crs: SourceCrs = PLAIN) -> Path:
    """Write a frame in the format that the target's ending names, replacing what is there.

    Points become ``lon`` and ``lat`` columns of a CSV or XLSX (``x`` and ``y`` in a projected
    CRS), other shapes WKT; text that a spreadsheet would calculate gets an apostrophe, which
    reading takes off again. GCJ-02 and BD-09 have no code, so such files declare no CRS.

    Args:
        frame: rows in EPSG:4326; geometry columns but the active one become WKT.
        target: ``.gpkg .shp .zip .geojson .geojsonl .geojsonseq .fgb .parquet .csv .tsv .xlsx``.
        crs: the system to write the coordinates in.

    Raises:
        InvalidInput: if the ending is unknown or the format cannot hold the rows.
        InvalidCrs: if GeoJSON is asked for in anything but WGS84.
    """
    writer = _writer(target)
    if writer in (_geojson, _geojsonseq) and crs != PLAIN:
        raise InvalidCrs(f"GeoJSON is always WGS84 (RFC 7946), not {crs.name}", "crs")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        try:
            writer(_in_crs(frame, crs), Path(folder) / target.name)
        except (DataSourceError, pa.ArrowException, ValueError) as error:
            raise InvalidInput(f"cannot write {target.name}: {error}", "file") from error
        for part in Path(folder).iterdir():
            os.replace(part, target.parent / part.name)
    return target


def write_rejected(dataset: Dataset, source: Path) -> Path | None:
    """Write the rejected rows to ``<name>.rejected.gpkg`` beside their file.

    The table holds the row number, the reason, the geometry as WKT in the file's own coordinates
    and the attributes; it has no shapes, since most have none.

    Returns:
        The GeoPackage's path, or None when nothing was rejected.
    """
    if dataset.rejected.empty:
        return None
    target = source.with_name(f"{source.name}.rejected.gpkg")
    rows = dataset.rejected.reset_index()
    rows = rows.rename(columns={"fid": "source_fid", GEOMETRY: f"source_{GEOMETRY}"})
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        part = Path(folder) / target.name
        pyogrio.write_dataframe(_texts(rows), part, driver="GPKG", layer="rejected")
        os.replace(part, target)
    return target


def _writer(target: Path) -> Writer:
    writer = WRITERS.get(target.suffix.casefold())
    if writer is None:
        endings = " ".join(WRITERS)
        raise InvalidInput(f"{target.name} is of no known format; write {endings}", "file")
    return writer


def _in_crs(frame: gpd.GeoDataFrame, crs: SourceCrs) -> gpd.GeoDataFrame:
    """Convert the active geometry, and turn other geometry columns into WKT."""
    shapes = crs.geometries_from_wgs84(np.asarray(frame.geometry.array, dtype=object))
    columns = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for name in frame.columns[frame.dtypes == "geometry"].drop(frame.geometry.name):
        columns[name] = frame[name].to_wkt()
    declared = None if crs.name in ("gcj02", "bd09") else _declared(crs)
    geometry = gpd.GeoSeries(shapes, columns.index, crs=declared)
    return gpd.GeoDataFrame(_texts(columns), geometry=geometry)


def _declared(crs: SourceCrs) -> str | int:
    return WGS84 if crs.name == "CRS84" else crs.definition


def _texts(columns: pd.DataFrame) -> pd.DataFrame:
    """Write lists and dicts as text; no format but GeoJSON knows them."""
    out = columns.copy(deep=False)
    for name in out.select_dtypes("object").columns:
        values = out[name]
        nested = values.map(lambda value: isinstance(value, (list, dict, tuple)))
        if nested.any():
            out[name] = values.where(~nested, values[nested].map(_json))
    return out


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _gdal(driver: str, **options: str) -> Writer:
    def write_with_gdal(frame: gpd.GeoDataFrame, target: Path) -> None:
        with warnings.catch_warnings():
            # GCJ-02 and BD-09 have no code; a shapefile's names are cut to 10 bytes.
            warnings.filterwarnings("ignore", "'crs' was not provided")
            warnings.filterwarnings("ignore", "(?s).*Normalized/laundered field name")
            warnings.filterwarnings("ignore", "(?s).*created as String field, though DateTime")
            pyogrio.write_dataframe(frame, target, driver=driver, use_arrow=True, **options)

    return write_with_gdal


_geojson = _gdal("GeoJSON", RFC7946="YES", COORDINATE_PRECISION="9")
_geojsonseq = _gdal("GeoJSONSeq", RS="NO", COORDINATE_PRECISION="9")
_shapefile = _gdal("ESRI Shapefile", ENCODING="UTF-8")


def _zipped_shapefile(frame: gpd.GeoDataFrame, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        stem = target.name.removesuffix(".zip").removesuffix(".shp")
        _shapefile(frame, Path(folder) / f"{stem}.shp")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _parquet(frame: gpd.GeoDataFrame, target: Path) -> None:
    frame.to_parquet(target, index=False)


def _csv(frame: gpd.GeoDataFrame, target: Path) -> None:
    """Write UTF-8 with a byte-order mark, without which spreadsheets read Chinese as GBK."""
    table = pa.Table.from_pandas(_flat(frame), preserve_index=False)
    separator = "\t" if target.suffix.casefold() == ".tsv" else ","
    with target.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(delimiter=separator))


def _xlsx(frame: gpd.GeoDataFrame, target: Path) -> None:
    if len(frame) > WORKBOOK_ROWS:
        raise ValueError(f"a workbook holds {WORKBOOK_ROWS} rows, not {len(frame)}; write a CSV")
    pyogrio.write_dataframe(_flat(frame), target, driver="XLSX", layer="data")


def _flat(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Turn the geometry into columns and make text safe for spreadsheets."""
    shapes: Geometries = np.asarray(frame.geometry.array, dtype=object)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = _safe(table[name])
    if (np.isin(shapely.get_type_id(shapes), (-1, 0))).all():
        names = ("x", "y") if frame.crs is not None and frame.crs.is_projected else ("lon", "lat")
        for name, values in zip(names, (shapely.get_x(shapes), shapely.get_y(shapes)), strict=True):
            table[name] = values
    else:
        table["wkt"] = _wkt(shapes)
    return table


def _safe(column: pd.Series) -> pd.Series:
    text = column.where(column.isna(), column.astype(str)).astype("str")
    return text.str.replace(FORMULA, r"'\1", regex=True)


def _wkt(shapes: Geometries) -> Geometries:
    out = no_texts(len(shapes))
    present = ~shapely.is_missing(shapes)
    out[present] = shapely.to_wkt(shapes[present], rounding_precision=-1)
    return out


WRITERS: dict[str, Writer] = {
    ".gpkg": _gdal("GPKG", GEOMETRY_NAME=GEOMETRY),
    ".shp": _shapefile,
    ".zip": _zipped_shapefile,
    ".geojson": _geojson,
    ".json": _geojson,
    ".geojsonl": _geojsonseq,
    ".geojsonseq": _geojsonseq,
    ".fgb": _gdal("FlatGeobuf"),
    ".parquet": _parquet,
    ".geoparquet": _parquet,
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
}
