"""WebMercatorQuad, as OGC's Two Dimensional Tile Matrix Set describes it.

Source: OGC 17-083r4, sections 7.1 and D.1.
"""

from __future__ import annotations

from math import asinh, floor, pi, radians, tan
from typing import Any

from geodata.tiles import MAX_ZOOM, WORLD_M

QUAD = "WebMercatorQuad"
URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
PIXELS = 256
PIXEL_M = 0.00028  # the side of a pixel by which the standard reckons scales
MOST_LAT = 85.05112877980659


def definition() -> dict[str, Any]:
    """Describe the tile matrix set, from zoom 0 to the last that is served."""
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    size_m = 2 * WORLD_M / PIXELS / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": size_m / PIXEL_M,
        "cellSize": size_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-WORLD_M, WORLD_M],
        "tileWidth": PIXELS,
        "tileHeight": PIXELS,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


def limits(box: list[float], zooms: range) -> list[dict[str, Any]]:
    """Tell which tiles of each zoom a box touches.

    Args:
        box: west, south, east, north in EPSG:4326.
        zooms: the zooms.
    """
    return [_limit(box, zoom) for zoom in zooms]


def _limit(box: list[float], zoom: int) -> dict[str, Any]:
    west, south, east, north = box
    (left, top), (right, bottom) = _cell(west, north, zoom), _cell(east, south, zoom)
    return {
        "tileMatrix": str(zoom),
        "minTileRow": top,
        "maxTileRow": bottom,
        "minTileCol": left,
        "maxTileCol": right,
    }


def _cell(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Find the column and row of the tile that holds a place."""
    kept = max(-MOST_LAT, min(MOST_LAT, lat))
    across, down = (lon + 180) / 360, (1 - asinh(tan(radians(kept))) / pi) / 2
    column, row = (min(2**zoom - 1, max(0, floor(share * 2**zoom))) for share in (across, down))
    return column, row
