"""Read vector tiles with readers that share no code with what drew them."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import orjson
import pyogrio
import shapely

from geodata.tiles import Tile

ROOT = Path(__file__).parents[1]
NODE_READER = """
import {readFileSync} from 'node:fs';
const {VectorTile} = await import('@mapbox/vector-tile');
const {default: Pbf} = await import('pbf');
const {layers} = new VectorTile(new Pbf(readFileSync(0)));
const read = layer => Array.from({length: layer.length}, (_, i) => {
  const {id, type, properties} = layer.feature(i);
  return {id, type, properties, rings: layer.feature(i).loadGeometry().length};
});
console.log(JSON.stringify(Object.fromEntries(
  Object.entries(layers).map(([name, layer]) => [name, read(layer)]))));
"""


def read_tile(body: bytes, address: tuple[int, int, int]) -> gpd.GeoDataFrame:
    """Read the features of a tile of one layer, in EPSG:3857; ``mvt_id`` holds their ids."""
    z, x, y = address
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tile.mvt"
        file.write_bytes(body)
        options: dict[str, Any] = {"X": x, "Y": y, "Z": z, "CLIP": "NO"}
        return pyogrio.read_dataframe(file, **options)


def by_mapbox(body: bytes) -> dict[str, list[Any]]:
    """Read the features of each layer of a tile by PyPI's mapbox-vector-tile."""
    told = mapbox_vector_tile.decode(body)
    return {name: layer["features"] for name, layer in told.items()}


def by_node(body: bytes) -> dict[str, list[Any]]:
    """Read the features of each layer of a tile by npm's @mapbox/vector-tile, as the wall does."""
    told = subprocess.run(
        ["node", "--input-type=module", "--eval", NODE_READER],
        input=body,
        capture_output=True,
        check=True,
        cwd=ROOT / "web_map",
    )
    found: dict[str, list[Any]] = orjson.loads(told.stdout)
    return found


def in_units(shapes: Any, tile: Tile) -> Any:
    """Move shapes in EPSG:3857 into units of a tile, upwards from its south-western corner."""
    west, south, _, _ = tile.bounds_m
    return shapely.transform(np.asarray(shapes), lambda xy: (xy - [west, south]) / tile.unit_m)


def widths(areas: Any, ground: Any) -> tuple[float, float]:
    """Tell how wide, in units, the widest gap and the widest overlap of some areas are.

    Args:
        areas: what should cover the ground once, in units of a tile.
        ground: what they should cover, within the tile.
    """
    shapes = shapely.make_valid(np.asarray(areas))
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    first = one < other
    doubled = shapely.intersection(shapes[one[first]], shapes[other[first]])
    return _widest([shapely.difference(ground, shapely.union_all(shapes))]), _widest(doubled)


def _widest(shapes: Any) -> float:
    parts = shapely.get_parts(shapes)
    areas = parts[shapely.area(parts) > 0]
    if not len(areas):
        return 0.0
    return 2 * float(shapely.length(shapely.maximum_inscribed_circle(areas, 0.05)).max())
