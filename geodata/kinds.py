"""The type that a file's shapes have in common."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

# By shapely's type id; a collection of shapes is of no family.
FAMILIES = np.array(
    [*("POINT", "LINESTRING", "LINESTRING", "POLYGON", "POINT", "LINESTRING", "POLYGON"), ""]
)
MULTI = 4
MAKE = {
    "POINT": shapely.multipoints,
    "LINESTRING": shapely.multilinestrings,
    "POLYGON": shapely.multipolygons,
}
Shapes = NDArray[np.object_]


def one_kind(shapes: Shapes) -> tuple[Shapes, str | None]:
    """Bring shapes to the narrowest type that holds them all, and name it.

    Lines and areas become multi-part; points do when one of them is. None stands for no shape at
    all, GEOMETRY for shapes that have no type in common.
    """
    kinds = shapely.get_type_id(shapes)
    present = kinds >= 0
    if not present.any():
        return shapes, None
    families = set(FAMILIES[kinds[present]].tolist())
    family = families.pop() if len(families) == 1 else ""
    if not family:
        return shapes, "GEOMETRY"
    if family == "POINT" and (kinds[present] < MULTI).all():
        return shapes, family
    return _as_multi(shapes, np.flatnonzero(present & (kinds < MULTI)), family), f"MULTI{family}"


def _as_multi(shapes: Shapes, single: NDArray[np.intp], family: str) -> Shapes:
    out = shapes.copy()
    if len(single):
        out[single] = MAKE[family](shapes[single], indices=np.arange(len(single)))
    return out
