"""Flaws put into the grids of a town, each with the ground on which it must be found."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, radians
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.affinity import scale, translate
from shapely.geometry.base import BaseGeometry

from geodata.fabric import area_m2
from layers.proving import Flaw

LEAST_M2, APART_M = 1.2, 4.0
M_LAT = 110_574.0
NEAR_DEG = 1e-7  # places are told to so much
MISSED_SHARE, MISSED_M2 = 0.05, 1.0


class Injected(NamedTuple):
    """One flaw: what it is called, for which reasons it is reported, and on which ground."""

    kind: str
    reasons: frozenset[str]
    region: BaseGeometry


class Change(NamedTuple):
    """A change of grids: shapes by row number, new rows, and the flaw that it makes.

    ``region`` may reach over the outline of the town.
    """

    shapes: dict[int, BaseGeometry]
    added: list[dict[str, Any]]
    region: BaseGeometry
    reasons: tuple[str, ...]
    parent: str | None = None


class Bed:
    """The grids that flaws are put into, in EPSG:4326, and the sizes to draw from."""

    def __init__(self, grids: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
        self.grids, self.rng = grids.reset_index(drop=True), rng
        self.shapes = self.grids["geom"].to_numpy().copy()
        self.micros = np.flatnonzero(self.grids["level"] == 2)
        self.row_of = {code: row for row, code in enumerate(self.grids["code"])}
        lat = float(shapely.total_bounds(self.shapes[:1])[1])
        self.m_lon = 111_320.0 * cos(radians(lat))
        self.number = 0

    def size_m2(self, most: float = 20_000.0) -> float:
        """Draw an area, small ones as often as large ones."""
        return float(np.exp(self.rng.uniform(np.log(LEAST_M2), np.log(most))))

    def disc(self, at: Point, square_m: float) -> Polygon:
        """Draw a round piece of ground of about an area around a point."""
        round_one = Point(0, 0).buffer((square_m / pi) ** 0.5 * 1.01)
        disc = scale(round_one, 1 / self.m_lon, 1 / M_LAT, origin=(0, 0))
        return translate(disc, at.x, at.y)

    def inside(self, row: int) -> Point:
        """Draw a point inside a grid."""
        west, south, east, north = self.shapes[row].bounds
        tries = self.rng.uniform((west, south), (east, north), (64, 2))
        fit = tries[shapely.contains_xy(self.shapes[row], tries)]
        return Point(fit[0]) if len(fit) else self.shapes[row].point_on_surface()

    def corner(self, row: int) -> Point:
        """Draw a vertex of a grid's border."""
        return Point(self.rng.choice(shapely.get_coordinates(self.shapes[row])))

    def row(self, row: int, shape: BaseGeometry, **given: Any) -> dict[str, Any]:
        """Copy a row under a new code."""
        self.number += 1
        code = f"{self.grids['code'][row]}X{self.number}"
        copy: dict[str, Any] = self.grids.loc[row].to_dict()
        return copy | {"code": code, "geom": _multi(shape), **given}

    def above(self, row: int) -> int:
        """Give the row of the grid above a micro-grid."""
        return self.row_of[self.grids["parent_code"][row]]


def _hole(bed: Bed, row: int) -> Change:
    cut = bed.disc(bed.inside(row), bed.size_m2()) & bed.shapes[row]
    return Change({row: bed.shapes[row] - cut}, [], cut, ("gap",))


def _through(bed: Bed, row: int) -> Change:
    above = bed.above(row)
    cut = bed.disc(bed.inside(row), bed.size_m2()) & bed.shapes[row]
    shapes = {row: bed.shapes[row] - cut, above: bed.shapes[above] - cut}
    return Change(shapes, [], cut, ("gap",))


def _hole_above(bed: Bed, row: int) -> Change:
    above = bed.above(row)
    cut = bed.disc(bed.inside(row), bed.size_m2()) & bed.shapes[above]
    return Change({above: bed.shapes[above] - cut}, [], cut, ("gap",))


def _growth(bed: Bed, row: int) -> Change:
    grown = bed.shapes[row] | bed.disc(bed.corner(row), bed.size_m2())
    return Change({row: grown}, [], grown - bed.shapes[row], ("overlap",))


def _growth_above(bed: Bed, row: int) -> Change:
    above = bed.above(row)
    grown = bed.shapes[above] | bed.disc(bed.corner(above), bed.size_m2())
    return Change({above: grown}, [], grown - bed.shapes[above], ("overlap",))


def _vertex(bed: Bed, row: int) -> Change:
    """Move one vertex by 1 to 20 m and leave the neighbours where they are."""
    (whole,) = bed.shapes[row].geoms
    ring = shapely.get_coordinates(whole.exterior)
    at = int(bed.rng.integers(1, len(ring) - 1))
    way = bed.rng.normal(0, 1, 2)
    ring[at] += way / np.hypot(*way) * bed.rng.uniform(1, 20) / (bed.m_lon, M_LAT)
    moved = Polygon(ring, [list(hole.coords) for hole in whole.interiors])
    region = (moved ^ whole) if moved.is_valid else Polygon()
    return Change({row: moved}, [], region, ("gap", "overlap"))


def _edge(bed: Bed, row: int) -> Change:
    """Draw a stretch of border back by 0.3 to 8 m."""
    metres = float(bed.rng.uniform(0.3, 8)) / M_LAT
    border = bed.shapes[row].boundary
    stretch = bed.disc(bed.corner(row), float(bed.rng.uniform(300, 8000)))
    strip = (border & stretch).buffer(metres, cap_style="flat") & bed.shapes[row]
    return Change({row: bed.shapes[row] - strip}, [], strip, ("gap",))


def _delete(bed: Bed, row: int) -> Change:
    return Change({row: MultiPolygon()}, [], bed.shapes[row], ("gap",))


def _twice(bed: Bed, row: int) -> Change:
    return Change({}, [bed.row(row, bed.shapes[row])], bed.shapes[row], ("overlap",))


def _shift(bed: Bed, row: int) -> Change:
    east, north = bed.rng.uniform(-4, 4, 2)
    moved = translate(bed.shapes[row], east / bed.m_lon, north / M_LAT)
    return Change({row: moved}, [], moved ^ bed.shapes[row], ("gap", "overlap"))


def _dedicated(bed: Bed, row: int) -> Change:
    """Give two owners dedicated grids that share some ground."""
    middle, size = bed.inside(row), bed.size_m2()
    one = bed.disc(middle, size)
    west, _, east, _ = one.bounds
    two = translate(one, (east - west) * float(bed.rng.uniform(0, 0.4)))
    own = {"kind": "dedicated", "parent_code": None}
    return Change({}, [bed.row(row, s, **own) for s in (one, two)], one & two, ("dedicated",))


def _beats(bed: Bed, row: int) -> Change:
    """Draw two police beats over the same ground."""
    one = bed.disc(bed.inside(row), bed.size_m2(100_000))
    west, _, east, _ = one.bounds
    two = translate(one, (east - west) * float(bed.rng.uniform(0.2, 0.5)))
    beat = {"kind": "professional", "net": "police", "level": 1, "parent_code": None}
    return Change({}, [bed.row(row, s, **beat) for s in (one, two)], one & two, ("overlap",))


def _parent(bed: Bed, row: int) -> Change:
    other = bed.grids.loc[bed.rng.choice(np.flatnonzero(bed.grids["level"] == 1)), "code"]
    wrong = other != bed.grids["parent_code"][row]
    return Change({}, [], bed.shapes[row] if wrong else Polygon(), ("parent",), str(other))


KINDS: tuple[Callable[[Bed, int], Change], ...] = (
    *(_hole, _growth, _vertex, _edge, _dedicated, _hole_above, _beats, _through),
    *(_growth_above, _shift, _hole, _vertex, _edge, _delete, _twice, _parent),
)


def inject(
    grids: gpd.GeoDataFrame, outline: BaseGeometry, many: int, seed: int = 1
) -> tuple[pd.DataFrame, list[Injected]]:
    """Put so many flaws into a town's grids, none touching another.

    Args:
        grids: a town's grids and micro-grids in EPSG:4326.
        outline: the town; flaws outside it are none.
        many: how many, of all kinds in turn and of 1.2 m² up to whole grids.
        seed: another seed makes other flaws.
    """
    bed = Bed(grids, np.random.default_rng(seed))
    added: list[dict[str, Any]] = []
    found: list[Injected] = []
    while len(found) < many:
        kind = KINDS[len(found) % len(KINDS)]
        row = int(bed.rng.choice(bed.micros))
        if len(bed.shapes[row].geoms) != 1:
            continue
        change = kind(bed, row)
        region = change.region & outline
        if not _fits(region, found):
            continue
        found.append(Injected(kind.__name__.strip("_"), frozenset(change.reasons), region))
        added += change.added
        _apply(bed, row, change)
    rows = bed.grids.assign(geom=bed.shapes)
    rows = pd.concat([pd.DataFrame(rows), pd.DataFrame(added)], ignore_index=True)
    empty = np.array([shape.is_empty for shape in rows["geom"]])
    return rows[~empty].reset_index(drop=True), found


def _fits(region: BaseGeometry, found: list[Injected]) -> bool:
    """Say whether a flaw is large enough, in pieces that count, and clear of the others."""
    parts = np.array(_polygons(region), dtype=object)
    areas = area_m2(parts)
    if not len(areas) or areas.max() < LEAST_M2:
        return False
    clear = region.buffer(APART_M / M_LAT)
    return not any(clear.intersects(other.region) for other in found)


def _apply(bed: Bed, row: int, change: Change) -> None:
    for at, shape in change.shapes.items():
        bed.shapes[at] = _multi(shape)
    if change.parent:
        bed.grids.loc[row, "parent_code"] = change.parent


def judged(flaws: tuple[Flaw, ...], injected: list[Injected]) -> tuple[list[Injected], list[Flaw]]:
    """Compare what was reported with what was put in.

    Returns:
        The flaws that were missed, for they are not reported with their ground to within 5 % (or
        1 m²), and what was reported where nothing was put in.
    """
    places = shapely.points([(flaw.lon, flaw.lat) for flaw in flaws])
    true = np.zeros(len(flaws), dtype=bool)
    missed = []
    for put in injected:
        near = put.region.buffer(NEAR_DEG)
        here = shapely.intersects(near, places)
        here &= np.array([flaw.reason in put.reasons for flaw in flaws], dtype=bool)
        true |= here
        told_m2 = sum(flaw.area_m2 for flaw, own in zip(flaws, here, strict=True) if own)
        (put_m2,) = area_m2(np.array([put.region], dtype=object))
        if not here.any() or abs(told_m2 - put_m2) > max(MISSED_SHARE * put_m2, MISSED_M2):
            missed.append(put)
    return missed, [flaw for flaw, ours in zip(flaws, true, strict=True) if not ours]


def _multi(shape: BaseGeometry) -> BaseGeometry:
    return MultiPolygon(_polygons(shape))


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in parts if part.geom_type == "Polygon"]
