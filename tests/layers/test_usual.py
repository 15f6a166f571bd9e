"""The few points of a box are found by another way than all the rest, and are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.orm import Session

from geodata.served_crs import CRS84, served_crs
from layers import queries, usual
from layers.base import Query, Scope
from layers.enterprises import LAYER, Enterprise
from layers.grids import LAYER as GRIDS
from layers.prepared import running
from tests.factories import at

HERE = Scope(441900)
# The edges of the box have no exact form in half the digits: its points lie on them and beside.
BOX = (*at(-100, -100), *at(100, 100))
INSIDE = Query(bbox=BOX, limit=100)


@pytest.fixture
def firms(session: Session) -> list[int]:
    """Strew enterprises over a box, its edges, and the ground around it; the ids of those in it."""
    west, south, east, north = BOX
    random = np.random.default_rng(5)
    strewn = [at(*place) for place in random.uniform(-130, 130, (60, 2)).tolist()]
    corners = [(west, south), (east, north), (west, (south + north) / 2)]
    beside = [(np.nextafter(west, -180), south), (east, np.nextafter(north, 90))]
    places = [(float(x), float(y)) for x, y in (*strewn, *corners, *beside)]
    rows = [
        Enterprise(district=441900, code=f"E{i}", class_="shop", geom=_at(place))
        for i, place in enumerate(places)
    ]
    session.add_all(rows)
    session.flush()
    within = [west <= x <= east and south <= y <= north for x, y in places]
    return [row.id for row, inside in zip(rows, within, strict=True) if inside]


def _at(place: tuple[float, float]) -> Any:
    return from_shape(Point(place), srid=4326)


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have ten points count as many."""
    monkeypatch.setattr(usual, "FEW", 10)
    usual._few.cache_clear()
    yield
    usual._few.cache_clear()


def test_the_points_in_a_box_and_on_its_edges_are_found(session: Session, firms: list[int]) -> None:
    page = queries.few(running(session), LAYER, HERE, INSIDE)

    assert page is not None
    assert [stored.id for stored in page.features] == firms[::-1]
    assert page.matched == len(firms)
    assert 20 < len(firms) < 65


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("crs", [CRS84, served_crs("EPSG:3857", "crs")])
def test_both_ways_show_the_same(session: Session, firms: list[int], limit: int, crs: Any) -> None:
    query = replace(INSIDE, limit=limit, crs=crs)

    few = usual.few(running(session), LAYER, HERE, query)

    assert few is not None
    assert [tuple(row) for row in few] == list(map(tuple, usual.page(session, LAYER, HERE, query)))


def test_of_many_points_the_newest_are_looked_for(
    session: Session, firms: list[int], crowd: None
) -> None:
    assert queries.few(running(session), LAYER, HERE, INSIDE) is None

    page = queries.features(session, LAYER, HERE, INSIDE)

    assert [stored.id for stored in page.features] == firms[::-1]


def test_an_empty_box_is_no_crowded_one(session: Session, firms: list[int]) -> None:
    far = replace(INSIDE, bbox=(0.0, 0.0, 1.0, 1.0))

    page = queries.few(running(session), LAYER, HERE, far)

    assert page == queries.Page([], None, 0)


def test_other_districts_have_points_of_their_own(session: Session, firms: list[int]) -> None:
    page = queries.few(running(session), LAYER, Scope(441302), INSIDE)

    assert page == queries.Page([], None, 0)


@pytest.mark.parametrize(
    ("layer", "query"),
    [
        (GRIDS, INSIDE),
        (LAYER, replace(INSIDE, bbox=None)),
        (LAYER, replace(INSIDE, bbox=(179.0, 0.0, -179.0, 1.0))),
        (LAYER, replace(INSIDE, after=(5,))),
        (LAYER, replace(INSIDE, where={"code": "E1"})),
    ],
)
def test_all_else_is_asked_in_its_own_way(session: Session, layer: Any, query: Query) -> None:
    assert queries.few(running(session), layer, HERE, query) is None
