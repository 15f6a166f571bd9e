"""Read vector tiles with GDAL, which shares no code with what drew them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio


def read_tile(body: bytes, address: tuple[int, int, int]) -> gpd.GeoDataFrame:
    """Read the features of a tile of one layer, in EPSG:3857; ``mvt_id`` holds their ids."""
    z, x, y = address
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tile.mvt"
        file.write_bytes(body)
        options: dict[str, Any] = {"X": x, "Y": y, "Z": z, "CLIP": "NO"}
        return pyogrio.read_dataframe(file, **options)
