"""Imported grids fit those on record beside them, and what does not fit is listed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geoalchemy2.shape import to_shape
from shapely import Polygon
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geodata.fabric import is_coverage
from layers import borders
from layers.base import Scope
from layers.grids import Grid
from layers.loading import Prepared
from tests.factories import SCOPE, add_grid, block

SETTLE = borders.settler(Grid)
LAST_YEAR = Range(None, datetime(2026, 1, 1, tzinfo=UTC))


def drawn(*shapes: Polygon, **columns: Any) -> gpd.GeoDataFrame:
    """Draw micro-grids of a file, coded by letters."""
    given = {"code": [chr(97 + i) for i in range(len(shapes))], "level": 2, **columns}
    geometry = gpd.GeoSeries(list(shapes), crs=4326)
    return gpd.GeoDataFrame(given, geometry=geometry).rename_geometry("geom")


def settled(session: Session, frame: gpd.GeoDataFrame) -> Prepared:
    return SETTLE(session, SCOPE, frame)


def flaws(found: Prepared) -> list[tuple[Any, ...]]:
    assert found.flaws is not None
    rows = found.flaws.sort_values("flaw")
    return [
        (flaw, *sorted(str(one) for one in pair if isinstance(one, str)), round(area_m2, -1))
        for flaw, area_m2, *pair in zip(
            rows["flaw"], rows["area_m2"], rows["first"], rows["second"], strict=True
        )
    ]


@pytest.fixture
def west(session: Session) -> Grid:
    """Store a micro-grid of 100 m × 100 m."""
    return add_grid(session, "WEST", block(0, 0, 100, 100))


def test_a_file_moves_onto_the_border_on_record(session: Session, west: Grid) -> None:
    found = settled(session, drawn(block(100.05, 0.05, 200, 100)))

    both = [to_shape(west.geom), found.frame.geometry[0]]
    assert is_coverage(gpd.GeoDataFrame(geometry=both, crs=4326))
    assert "2 vertices moved" in found.notes[0]
    assert flaws(found) == []


def test_the_border_on_record_stays_as_it_is(session: Session, west: Grid) -> None:
    before = to_shape(west.geom)
    settled(session, drawn(block(100.05, 30, 200, 60)))
    session.expire_all()

    assert to_shape(west.geom).equals_exact(before, 0)


def test_an_overlap_with_a_grid_on_record_is_listed(session: Session, west: Grid) -> None:
    assert flaws(settled(session, drawn(block(90, 0, 200, 100)))) == [
        ("overlap", "WEST", "a", 1000)
    ]


def test_a_gap_between_a_file_and_the_grids_on_record_is_listed(
    session: Session, west: Grid
) -> None:
    around = block(100, 0, 200, 100).difference(block(100, 40, 120, 60))

    assert flaws(settled(session, drawn(around))) == [("gap", 400)]


def test_a_gap_of_the_file_that_a_grid_on_record_fills_is_none(
    session: Session, west: Grid
) -> None:
    ring = block(-100, -100, 200, 200).difference(block(0, 0, 100, 100))

    assert flaws(settled(session, drawn(ring))) == []


def test_flaws_among_grids_on_record_are_not_the_files(session: Session, west: Grid) -> None:
    add_grid(session, "TWIN", block(50, 0, 100, 100))
    add_grid(session, "RING", block(-90, 0, 0, 90).difference(block(-60, 30, -30, 60)))

    assert flaws(settled(session, drawn(block(100, 0, 200, 100)))) == []


@pytest.mark.parametrize(
    "told",
    [{"level": 1}, {"net": "fire"}, {"valid": LAST_YEAR}, {"code": "a"}, {"kind": "dedicated"}],
    ids=["another level", "another net", "no more in force", "the same grid", "a dedicated grid"],
)
def test_what_is_no_neighbour_is_let_be(session: Session, told: dict[str, Any]) -> None:
    add_grid(session, told.pop("code", "WEST"), block(0, 0, 100, 100), **told)
    shape = block(99.95, 0, 200, 100)

    found = settled(session, drawn(shape))

    assert flaws(found) == []
    assert shapely.equals(found.frame.geometry[0], shape)


def test_dedicated_grids_lie_over_the_others_but_not_over_each_other(
    session: Session, west: Grid
) -> None:
    add_grid(session, "PARK", block(40, 0, 60, 50), kind="dedicated")

    found = settled(session, drawn(block(50, 0, 80, 50), kind="dedicated"))

    assert flaws(found) == [("overlap", "PARK", "a", 500)]


def test_dedicated_grids_need_not_cover_the_ground(session: Session, west: Grid) -> None:
    ring = block(10, 10, 90, 90).difference(block(30, 30, 70, 70))

    assert flaws(settled(session, drawn(ring, kind="dedicated"))) == []


def test_a_file_without_kinds_keeps_those_on_record(session: Session, west: Grid) -> None:
    add_grid(session, "PARK", block(40, 0, 60, 50), kind="dedicated")

    assert flaws(settled(session, drawn(block(40, 0, 70, 50), code=["PARK"]))) == []


def test_another_districts_grids_are_no_neighbours(session: Session, west: Grid) -> None:
    found = SETTLE(session, Scope(441302), drawn(block(50, 0, 200, 100)))

    assert flaws(found) == []


def test_editions_of_other_times_do_not_overlap(session: Session) -> None:
    since = pd.to_datetime([None, "2026-01-01"], utc=True)
    until = pd.to_datetime(["2026-01-01", None], utc=True)
    frame = drawn(*[block(0, 0, 100, 100)] * 2, code=["a", "b"], valid_from=since, valid_to=until)

    assert flaws(settled(session, frame)) == []


def test_parts_of_one_edition_are_united_and_other_editions_stay_apart() -> None:
    since = pd.to_datetime([None, None, "2026-01-01"], utc=True)
    parts = [block(0, 0, 10, 10), block(10, 0, 20, 10), block(0, 0, 20, 20)]

    found = borders.united(drawn(*parts, code=["a"] * 3, valid_from=since))

    assert found.frame.index.tolist() == [0, 2]
    assert found.notes == ("rows 0, 1 united as grid a",)


def test_a_file_without_shapes_has_no_borders(session: Session) -> None:
    found = settled(session, drawn(Polygon(), code=["a"]).assign(geom=None))

    assert (len(found.frame), found.notes) == (1, ())
