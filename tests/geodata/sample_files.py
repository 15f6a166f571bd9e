"""Sample places and the small files that the tests of reading write."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np

from geodata.files import ReadOptions

PLACES = np.array([[113.92, 23.01], [113.93, 23.02], [113.94, 23.03]])
NAMES = ["东坑镇幼儿园", "塔岗村 3 号", "=cmd|' /C calc'!A0"]
FORMATS = ["gpkg", "shp", "zip", "geojson", "geojsonl", "fgb", "parquet", "csv", "tsv", "xlsx"]
DECLARES_NOTHING = ("csv", "tsv", "xlsx")
WGS84 = ReadOptions(crs="EPSG:4326")
SQUARE = [[113.0, 23.0], [113.1, 23.0], [113.1, 23.1], [113.0, 23.1], [113.0, 23.0]]


def feature(coordinates: object, kind: str = "Point") -> dict[str, object]:
    geometry = None if coordinates is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": "1"}, "geometry": geometry}


def collection(path: Path, *features: dict[str, object], **members: object) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", **members, "features": list(features)})
    )
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def reasons(dataset) -> dict[int, str]:
    return dataset.rejected["reason"].to_dict()


def gbk_shapefile(town: gpd.GeoDataFrame, path: Path, cpg: str | None) -> Path:
    town.rename(columns={"name": "名称"}).to_file(path, encoding="GBK", engine="pyogrio")
    declared = path.with_suffix(".cpg")
    declared.unlink() if cpg is None else declared.write_text(cpg)
    return path
