"""The type that shapes have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shapely import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    box,
)

from geodata.kinds import one_kind

POINT, LINE, AREA = Point(1, 2), LineString([(0, 0), (1, 1)]), box(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("shapes", "kind", "types"),
    [
        ([POINT, None], "POINT", ["Point", None]),
        ([POINT, MultiPoint([POINT])], "MULTIPOINT", ["MultiPoint", "MultiPoint"]),
        ([LINE], "MULTILINESTRING", ["MultiLineString"]),
        ([LINE, MultiLineString([LINE])], "MULTILINESTRING", ["MultiLineString"] * 2),
        ([None, AREA, MultiPolygon([AREA])], "MULTIPOLYGON", [None, *["MultiPolygon"] * 2]),
        ([POINT, LINE], "GEOMETRY", ["Point", "LineString"]),
        ([AREA, GeometryCollection([AREA])], "GEOMETRY", ["Polygon", "GeometryCollection"]),
        ([None], None, [None]),
        ([], None, []),
    ],
)
def test_shapes_are_brought_to_the_narrowest_type(
    shapes: list[Any], kind: str | None, types: list[str | None]
) -> None:
    given = np.array([*shapes, None], dtype=object)[: len(shapes)]
    out, found = one_kind(given)

    assert found == kind
    assert [shape and shape.geom_type for shape in out] == types
