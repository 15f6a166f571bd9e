"""Tiles of the web map: an address that is checked, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import atan, cos, degrees, log2, pi, radians, sin, sinh

from geodata.errors import InvalidTile

MAX_ZOOM = 22
EXTENT = 4096
BUFFER = 64
WORLD_M = 20037508.342789244
CELL_PX = 64
TILE_PX = 512
ALONE_ZOOM = 18
# Below a zoom, vertices are moved onto a lattice of so many units: 8 are a pixel of 512 to a tile.
LATTICES = ((12, 8), (16, 4))


@dataclass(frozen=True)
class Tile:
    """One tile of WebMercatorQuad.

    Raises:
        InvalidTile: if the address is outside the matrix of its zoom.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise InvalidTile(f"zoom {self.z} is outside 0…{MAX_ZOOM}", "z")
        for name, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value < 2**self.z:
                raise InvalidTile(f"{name}={value} is outside 0…{2**self.z - 1}", name)

    @cached_property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north in EPSG:3857, metres."""
        size = 2 * WORLD_M / 2**self.z
        west, north = -WORLD_M + self.x * size, WORLD_M - self.y * size
        return west, north - size, west + size, north

    def box(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east and north in EPSG:4326, wider by a share of its size.

        It ends at the edges of the map: a margin never reaches round to the other side.
        """
        wider = margin * 2 * WORLD_M / 2**self.z
        west, south, east, north = self.bounds_m
        edges = (west - wider, south - wider, east + wider, north + wider)
        x0, y0, x1, y1 = (max(-WORLD_M, min(WORLD_M, edge)) * pi / WORLD_M for edge in edges)
        return degrees(x0), degrees(atan(sinh(y0))), degrees(x1), degrees(atan(sinh(y1)))

    @property
    def cells(self) -> int:
        """Cells per side in which points gather: of 64 px, of 8 px when zoomed in."""
        return TILE_PX // CELL_PX if self.z < ALONE_ZOOM else TILE_PX // 8

    @property
    def unit_m(self) -> float:
        """The side of the square that a step of a coordinate in the tile is, in EPSG:3857."""
        return 2 * WORLD_M / (1 << self.z) / EXTENT

    @property
    def units(self) -> tuple[float, float]:
        """Width and height of a unit in degrees."""
        west, south, east, north = self.box()
        return (east - west) / EXTENT, (north - south) / EXTENT

    @cached_property
    def is_flat(self) -> bool:
        """Whether degrees can be drawn as they are: Mercator bends by less than half a unit here.

        Latitudes drawn evenly between the tile's edges are off by tan(lat)/8 times the square of
        its height, at most, in the middle.
        """
        _, south, _, north = self.box()
        steepest = max(abs(sin(radians(south))), abs(sin(radians(north))))
        return EXTENT * 2 * pi / 8 * steepest / (1 << self.z) < 0.5

    @property
    def lattice(self) -> int:
        """Units between the places that a vertex may have, from the zoom alone."""
        return next((units for zoom, units in LATTICES if self.z < zoom), 1)

    @property
    def lattice_degrees(self) -> tuple[float, float]:
        """The lattice's steps in degrees, from the zoom alone but at a few latitudes.

        So neighbouring tiles move a vertex to the same place.
        """
        step = self.lattice * 360 / 2**self.z / EXTENT
        _, south, _, north = self.box()
        return step, step * 2.0 ** round(log2(cos(radians((south + north) / 2))))
