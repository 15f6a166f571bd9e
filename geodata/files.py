"""Read any supported file into checked rows in EPSG:4326; `export` writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.crs import REMEDY, WGS84, SourceCrs
from geodata.dataset import BATCH_ROWS, GEOMETRY, Dataset, Raw, ReadOptions, Texts, no_texts, wkt
from geodata.errors import InvalidCrs, InvalidInput
from geodata.export import write, write_rejected
from geodata.geojsonseq import read_geojsonseq
from geodata.osm import read_osm
from geodata.repair import Check, to_wgs84
from geodata.shapefile import read_shapefile, read_zipped
from geodata.tabular import MAPPED_PAIRS, read_csv, read_xlsx
from geodata.vectors import read_geojson, read_parquet, read_vector

__all__ = [
    "Dataset",
    "ReadOptions",
    "inside",
    "inside_share",
    "read",
    "write",
    "write_rejected",
]

Reader = Callable[[Path, ReadOptions], Raw]
# By ending, the longest first.
READERS: dict[str, Reader] = {
    ".osm.pbf": read_osm,
    ".osm.gz": read_osm,
    ".osm.bz2": read_osm,
    ".osm": read_osm,
    ".geojsonseq": read_geojsonseq,
    ".geojsonl": read_geojsonseq,
    ".geojsons": read_geojsonseq,
    ".ndjson": read_geojsonseq,
    ".jsonl": read_geojsonseq,
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".geoparquet": read_parquet,
    ".parquet": read_parquet,
    ".gpkg": read_vector,
    ".fgb": read_vector,
    ".shp": read_shapefile,
    ".zip": read_zipped,
    ".xlsx": read_xlsx,
    ".csv": read_csv,
    ".tsv": read_csv,
}
# A property of that name; whoever trims names finds it again.
ATTRIBUTE = f"{GEOMETRY} "
_COORDINATES = frozenset({"wkt"}.union(*MAPPED_PAIRS))


def read(source: Path, options: ReadOptions | None = None) -> Dataset:
    """Read a file, convert it to EPSG:4326, mend what can be mended and reject the rest.

    Args:
        source: a file whose ending names its format.
        options: how to read it.

    Returns:
        The usable rows and a report on the others.

    Raises:
        InvalidCrs: if the file does not state its CRS and none is given.
        InvalidInput: if the file cannot be read as what its name says.
    """
    options = options or ReadOptions()
    if not source.is_file():
        raise InvalidInput(f"no file {source}", "file")
    if "!" in str(source):  # pyogrio would look for an archive, and read another file
        raise InvalidInput(f"{source} has an exclamation mark; rename it", "file")
    raw = _reader(source)(source, options)
    if options.geometry == "none":
        raw.shapes[:], raw.reasons[:] = None, None
    crs = _source_crs(raw, source, options)
    sources = _check(raw, crs, options)
    return _dataset(raw, sources, crs, options)


def inside(frame: gpd.GeoDataFrame, outline: BaseGeometry) -> NDArray[np.bool_]:
    """Tell for each row whether it touches an outline, both in EPSG:4326; no place is outside."""
    shapely.prepare(outline)
    return np.asarray(shapely.intersects(outline, np.asarray(frame.geometry.array)), np.bool_)


def inside_share(frame: gpd.GeoDataFrame, outline: BaseGeometry) -> float:
    """Return the share, 0 to 1, of the rows with a place that touch an outline; 0 when none."""
    placed = int(frame.geometry.notna().sum())
    return float(inside(frame, outline).sum() / placed) if placed else 0.0


def _reader(source: Path) -> Reader:
    name = source.name.casefold()
    for ending, reader in READERS.items():
        if name.endswith(ending):
            return reader
    raise InvalidInput(
        f"{source.name} is of no known format; the endings read are {' '.join(READERS)}", "file"
    )


def _source_crs(raw: Raw, source: Path, options: ReadOptions) -> SourceCrs | None:
    """Take the CRS asked for, else the one declared; never guess one."""
    if options.crs is not None:
        crs = SourceCrs.parse(options.crs, options.axis_order)
        _compare(raw, crs)
    elif shapely.is_missing(raw.shapes).all() and not raw.coordinate_columns:
        return None
    else:
        crs = _declared(raw, source, options)
    if warning := crs.warning():
        raw.warnings.append(warning)
    return crs


def _declared(raw: Raw, source: Path, options: ReadOptions) -> SourceCrs:
    said = "does not say its coordinate reference system"
    if raw.declared is not None:
        try:
            crs = SourceCrs.parse(raw.declared, options.axis_order)
        except InvalidCrs as error:
            said = f"declares a coordinate reference system that is not understood ({error})"
        else:
            if not crs.name.casefold().startswith(("undefined", "unknown")):
                return crs
    raise InvalidCrs(f"{source.name} {said}; give it with --crs: {REMEDY}", "crs")


def _compare(raw: Raw, crs: SourceCrs) -> None:
    """Warn when the CRS asked for is not the one declared."""
    try:
        declared = SourceCrs.parse(raw.declared) if raw.declared else crs
    except InvalidCrs:
        return
    if declared.name != crs.name and not (declared.is_lonlat and crs.is_lonlat):
        raw.warnings.append(
            f"the file declares {declared.name}, but is read as {crs.name} as asked"
        )


def _check(raw: Raw, crs: SourceCrs | None, options: ReadOptions) -> Texts:
    """Convert and check block by block, in place, so that no second copy of all shapes is held.

    Returns:
        The geometry of each rejected row as WKT in the file's own coordinates, else None.
    """
    sources = no_texts(len(raw.shapes))
    for start in range(0, len(raw.shapes), BATCH_ROWS):
        block = slice(start, start + BATCH_ROWS)
        before = raw.shapes[block].copy()
        check = Check(raw.shapes[block], raw.reasons[block], raw.repairs[block])
        if crs is not None:
            to_wgs84(check, crs, options.geometry, options.placeless)
        elif not options.placeless and options.geometry != "none":
            check.reject(np.arange(len(before)), "no geometry")
        raw.shapes[block] = check.shapes
        lost = ~pd.isna(check.reasons)
        sources[block][lost] = wkt(before[lost])
    return sources


def _dataset(raw: Raw, sources: Texts, crs: SourceCrs | None, options: ReadOptions) -> Dataset:
    index = pd.Index(raw.rows, name="row")
    usable = pd.isna(raw.reasons)
    names = _names(raw, options)
    columns, shapes = _renamed(raw, names).set_axis(index), raw.shapes
    if not usable.all():  # a mask copies every column
        columns, shapes = columns[usable], shapes[usable]
    geometry = gpd.GeoSeries(shapes, columns.index, crs=WGS84)
    mended = usable & (raw.repairs != "")
    return Dataset(
        gpd.GeoDataFrame(columns, geometry=geometry).rename_geometry(GEOMETRY),
        _rejected(raw, sources, ~usable, index),
        pd.DataFrame({"how": raw.repairs[mended]}, index[mended]),
        crs,
        len(raw.rows) + len(raw.broken),
        tuple(raw.warnings),
        {names.get(name, name): said for name, said in raw.said.items()},
    )


def _names(raw: Raw, options: ReadOptions) -> dict[str, str]:
    """Say which columns get another name: those asked for, and what is called as the shape is."""
    renamed = {GEOMETRY: ATTRIBUTE}
    for new, old in options.fields.items():
        if new in _COORDINATES and old in raw.coordinate_columns:
            continue
        renamed[_column(raw.columns, old)] = new
    return renamed


def _renamed(raw: Raw, names: Mapping[str, str]) -> pd.DataFrame:
    """Rename columns; drop the coordinates, which are in the source CRS."""
    columns = raw.columns.drop(columns=[*raw.coordinate_columns])
    replaced = [new for new in names.values() if new in columns and new not in names]
    return columns.drop(columns=replaced).rename(columns=names)


def _column(columns: pd.DataFrame, name: str) -> str:
    """Find a column by its name, in any case.

    Raises:
        InvalidInput: if it is not there; the message lists those that are.
    """
    for candidate in columns.columns:
        if candidate == name:
            return name
    for candidate in columns.columns:
        if str(candidate).casefold() == name.casefold():
            return str(candidate)
    listed = ", ".join(map(str, columns.columns))
    raise InvalidInput(f"no field {name!r} to map; the file has {listed}", "map")


def _rejected(raw: Raw, sources: Texts, lost: NDArray[np.bool_], index: pd.Index) -> pd.DataFrame:
    taken = {name: f"source_{name}" for name in ("row", "reason", "source_geometry", GEOMETRY)}
    found = raw.columns.set_axis(index)[lost].rename(columns=taken)
    found.insert(0, "reason", raw.reasons[lost])
    found.insert(1, "source_geometry", sources[lost])
    broken = pd.DataFrame(
        {"reason": list(raw.broken.values())}, pd.Index(list(raw.broken), name="row")
    )
    return pd.concat([found, broken]).sort_index() if raw.broken else found
