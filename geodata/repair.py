"""Mend and judge geometries as arrays: what is stored is finite, in range, flat and valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.crs import Geometries, SourceCrs
from geodata.dataset import GeometryKind, Texts, no_texts

POINT, LINE, POLYGON, MULTI_POINT, MULTI_LINE, MULTI_POLYGON = 0, 1, 3, 4, 5, 6
_TYPE_IDS: dict[GeometryKind, tuple[int, ...]] = {
    "Point": (POINT,),
    "MultiLineString": (MULTI_LINE,),
    "MultiPolygon": (MULTI_POLYGON,),
}
Rows = NDArray[np.intp]


@dataclass
class Check:
    """Geometries on their way from a file to WGS84, with what was found out about each.

    Attributes:
        shapes: the geometries; None where a row is rejected or has no place.
        reasons: why a row is rejected, else None.
        repairs: how a row was mended, comma-separated, else "".
    """

    shapes: Geometries
    reasons: Texts
    repairs: Texts

    @staticmethod
    def of(shapes: Geometries) -> Check:
        """Begin with nothing known."""
        return Check(shapes, no_texts(len(shapes)), no_texts(len(shapes), ""))

    def reject(self, rows: Rows, reasons: str | Texts) -> None:
        """Give up rows, each for its reason."""
        if len(rows):
            self.reasons[rows] = reasons
            self.shapes[rows] = None

    def mend(self, rows: Rows, how: str) -> None:
        """Note how rows were mended."""
        for row in rows:
            self.repairs[row] = f"{self.repairs[row]}, {how}".removeprefix(", ")


def to_wgs84(check: Check, crs: SourceCrs, kind: GeometryKind, placeless: bool) -> None:
    """Bring all geometries to valid, flat WGS84 of one type, in place.

    Args:
        check: begun with the file's own geometries.
        crs: the system they are in.
        kind: the type wanted.
        placeless: keep rows without a geometry.
    """
    _drop_absent(check, placeless)
    _drop_heights(check)
    _reject_infinite(check)
    check.shapes = crs.geometries_to_wgs84(check.shapes)
    _reject_out_of_range(check, crs)
    _make_valid(check)
    if kind in _TYPE_IDS:
        _cast(check, kind)


def _drop_absent(check: Check, placeless: bool) -> None:
    absent = shapely.is_missing(check.shapes) | shapely.is_empty(check.shapes)
    check.shapes[absent] = None
    if not placeless:
        unexplained = absent & pd.isna(check.reasons)
        check.reject(np.flatnonzero(unexplained), "no geometry")


def _drop_heights(check: Check) -> None:
    high = np.flatnonzero(shapely.has_z(check.shapes) | shapely.has_m(check.shapes))
    if len(high):
        check.shapes[high] = shapely.force_2d(check.shapes[high])
        check.repairs[high] = np.where(
            check.repairs[high] == "", "Z dropped", check.repairs[high] + ", Z dropped"
        )


def _reject_infinite(check: Check) -> None:
    xy, owner = shapely.get_coordinates(check.shapes, return_index=True)
    finite = np.isfinite(xy).all(axis=1)
    if not finite.all():
        check.reject(np.unique(owner[~finite]), "coordinates are NaN or infinite")


def _reject_out_of_range(check: Check, crs: SourceCrs) -> None:
    lonlat, owner = shapely.get_coordinates(check.shapes, return_index=True)
    inside = (np.abs(lonlat[:, 0]) <= 180.0) & (np.abs(lonlat[:, 1]) <= 90.0)
    if inside.all():
        return
    if crs.is_lonlat:
        hint = "are longitude and latitude swapped (--axis-order yx), or is it another --crs?"
    else:
        hint = f"is {crs.name} right, and the axis order (--axis-order yx when x is north)?"
    reason = f"outside longitude ±180, latitude ±90; {hint}"
    check.reject(np.unique(owner[~inside]), reason)


def _make_valid(check: Check) -> None:
    kinds = shapely.get_type_id(check.shapes)
    checked = np.flatnonzero(kinds > POINT)
    broken = checked[~shapely.is_valid(check.shapes[checked])]
    if not len(broken):
        return
    causes = shapely.is_valid_reason(check.shapes[broken])
    mended = shapely.make_valid(check.shapes[broken], method="structure", keep_collapsed=False)
    same = shapely.get_dimensions(mended) == shapely.get_dimensions(check.shapes[broken])
    good = same & ~shapely.is_empty(mended) & shapely.is_valid(mended)
    check.shapes[broken] = mended
    check.reject(broken[~good], cast(Texts, "irreparable: " + causes[~good].astype(object)))
    for row, cause in zip(broken[good], causes[good], strict=True):
        check.mend(np.array([row]), f"made valid ({cause})")


def _cast(check: Check, kind: GeometryKind) -> None:
    """Make single parts multi parts, or a lone part of a multi-point a point; reject the rest."""
    if kind == "Point":
        _unwrap_points(check)
    else:
        _wrap(check, LINE, shapely.multilinestrings)
        _wrap(check, POLYGON, shapely.multipolygons)
    kinds = shapely.get_type_id(check.shapes)
    wrong = np.flatnonzero((kinds >= 0) & ~np.isin(kinds, _TYPE_IDS[kind]))
    names = np.array([shape.geom_type for shape in check.shapes[wrong]], dtype=object)
    if len(wrong):
        check.reject(wrong, cast(Texts, f"wrong geometry type: {kind} wanted, found " + names))


def _unwrap_points(check: Check) -> None:
    kinds = shapely.get_type_id(check.shapes)
    lone = np.flatnonzero((kinds == MULTI_POINT) & (shapely.get_num_geometries(check.shapes) == 1))
    check.shapes[lone] = shapely.get_geometry(check.shapes[lone], 0)
    check.mend(lone, "multi-part cast")


def _wrap(check: Check, single: int, make: object) -> None:
    rows = np.flatnonzero(shapely.get_type_id(check.shapes) == single)
    if len(rows):
        assert callable(make)
        check.shapes[rows] = make(check.shapes[rows], indices=np.arange(len(rows)))
