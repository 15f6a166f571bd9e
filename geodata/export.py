"""Write frames as files, whole or not at all, and a file's rejected rows beside it."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geodata.columns import clean_names
from geodata.crs import WGS84, Geometries, SourceCrs
from geodata.csv_rows import heading, lines, safe
from geodata.dataset import GEOMETRY, Dataset, wkt
from geodata.errors import InvalidCrs, InvalidInput

Writer = Callable[[pd.DataFrame, Path], None]
PLAIN = SourceCrs.parse("EPSG:4326")
WORKBOOK_ROWS = 1_048_575  # below the header


def write(frame: pd.DataFrame, target: Path, crs: SourceCrs = PLAIN) -> Path:
    """Write a frame in the format that the target's ending names, replacing what is there.

    Points become ``lon`` and ``lat`` columns of a CSV or XLSX (``x`` and ``y`` in a projected
    CRS), other shapes WKT; text that a spreadsheet would calculate gets an apostrophe, which
    reading takes off again. GCJ-02 and BD-09 have no code, so such files declare no CRS.

    Args:
        frame: rows in EPSG:4326, or a table without places; geometry columns but the active
            one become WKT.
        target: ``.gpkg .shp .zip .geojson .geojsonl .geojsonseq .fgb .parquet .csv .tsv .xlsx``.
        crs: the system to write the coordinates in.

    Raises:
        InvalidInput: if the ending is unknown or the format cannot hold the rows.
        InvalidCrs: if GeoJSON is asked for in anything but WGS84.
    """
    writer = _writer(target)
    if writer in (_geojson, _geojsonseq) and not (crs.is_lonlat and crs.axis_order == "xy"):
        raise InvalidCrs(f"GeoJSON is always WGS84 (RFC 7946), not {crs.name}", "crs")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        try:
            writer(_in_crs(frame, crs), Path(folder) / target.name)
        except (DataSourceError, DataLayerError, pa.ArrowException, ValueError) as error:
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
    rows = dataset.rejected.reset_index().rename(columns={"fid": "source_fid"})
    rows = rows.set_axis(_apart(rows.columns), axis=1)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        part = Path(folder) / target.name
        pyogrio.write_dataframe(_texts(rows), part, driver="GPKG", layer="rejected")
        os.replace(part, target)
    return target


def _apart(names: Iterable[object]) -> list[str]:
    """Make names that a GeoPackage can tell apart, without their case, and from its own."""
    out = {"fid": "fid"}
    for position, name in enumerate(clean_names(names), start=1):
        while name.casefold() in out:
            name = f"{name}_{position}"  # noqa: PLW2901
        out[name.casefold()] = name
    return list(out.values())[1:]


def _writer(target: Path) -> Writer:
    writer = WRITERS.get(target.suffix.casefold())
    if writer is None:
        endings = " ".join(WRITERS)
        raise InvalidInput(f"{target.name} is of no known format; write {endings}", "file")
    return writer


def _in_crs(frame: pd.DataFrame, crs: SourceCrs) -> pd.DataFrame:
    """Convert the active geometry, and turn other geometry columns into WKT."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return _texts(frame)
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
    """Write lists, dicts and UUIDs as text, which every format knows."""
    out = columns.copy(deep=False)
    for name, values in out.items():
        if not pd.api.types.is_object_dtype(values):
            continue
        nested = values.map(lambda value: isinstance(value, (list, dict, tuple, UUID)))
        if nested.any():
            out[name] = values.where(~nested, values[nested].map(_text))
    return out


def _text(value: object) -> str:
    return str(value) if isinstance(value, UUID) else json.dumps(value, ensure_ascii=False)


def _gdal(driver: str, **options: str) -> Writer:
    def write_with_gdal(frame: pd.DataFrame, target: Path) -> None:
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


def _flatgeobuf(frame: pd.DataFrame, target: Path) -> None:
    """Write FlatGeobuf, whose spatial index cannot hold rows without a place."""
    placeless = not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().any()
    _gdal("FlatGeobuf", SPATIAL_INDEX="NO" if placeless else "YES")(frame, target)


def _zipped_shapefile(frame: pd.DataFrame, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        stem = target.name.removesuffix(".zip").removesuffix(".shp")
        _shapefile(frame, Path(folder) / f"{stem}.shp")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _parquet(frame: pd.DataFrame, target: Path) -> None:
    frame.to_parquet(target, index=False)


def _csv(frame: pd.DataFrame, target: Path) -> None:
    """Write UTF-8 with a byte-order mark, without which spreadsheets read Chinese as GBK."""
    separator = "\t" if target.suffix.casefold() == ".tsv" else ","
    rows = _table(frame)
    target.write_bytes(heading(rows.column_names, separator) + lines(rows, separator))


def _xlsx(frame: pd.DataFrame, target: Path) -> None:
    if len(frame) > WORKBOOK_ROWS:
        raise ValueError(f"a workbook holds {WORKBOOK_ROWS} rows, not {len(frame)}; write a CSV")
    pyogrio.write_dataframe(safe(_table(frame)).to_pandas(), target, driver="XLSX", layer="data")


def _table(frame: pd.DataFrame) -> pa.Table:
    """Turn the geometry into columns."""
    columns = frame
    if isinstance(frame, gpd.GeoDataFrame):
        columns = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(**_places(frame))
    return pa.Table.from_pandas(columns, preserve_index=False)


def _places(frame: gpd.GeoDataFrame) -> dict[str, Geometries]:
    shapes: Geometries = np.asarray(frame.geometry.array, dtype=object)
    if np.isin(shapely.get_type_id(shapes), (-1, 0)).all():
        projected = frame.crs is not None and frame.crs.is_projected
        names = ("x", "y") if projected else ("lon", "lat")
        return dict(zip(names, (shapely.get_x(shapes), shapely.get_y(shapes)), strict=True))
    return {"wkt": wkt(shapes)}


WRITERS: dict[str, Writer] = {
    ".gpkg": _gdal("GPKG", GEOMETRY_NAME=GEOMETRY),
    ".shp": _shapefile,
    ".zip": _zipped_shapefile,
    ".geojson": _geojson,
    ".json": _geojson,
    ".geojsonl": _geojsonseq,
    ".geojsonseq": _geojsonseq,
    ".fgb": _flatgeobuf,
    ".parquet": _parquet,
    ".geoparquet": _parquet,
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
}
