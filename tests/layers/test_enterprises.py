"""Enterprises get their place by the city's rule table where a file gives none."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.enterprises import LAYER
from layers.loading import Taken
from tests.factories import SCOPE, at

PLACES = text("SELECT place FROM enterprises ORDER BY code")


def _load(session: Session, **columns: list[Any]) -> Taken:
    count = len(next(iter(columns.values())))
    given = {"code": [f"E{i}" for i in range(count)], **columns}
    frame = gpd.GeoDataFrame(given, geometry=[Point(at(i, 0)) for i in range(count)], crs=4326)
    assert LAYER.load is not None
    return LAYER.load(session, SCOPE, frame.set_index(frame.index + 7))


def _places(session: Session) -> list[str | None]:
    return list(session.execute(PLACES).scalars())


def test_small_places_are_told_by_their_figures(session: Session) -> None:
    given: dict[str, list[Any]] = {"class": ["shop", "shop", "restaurant", "factory"]}
    _load(session, **given, area_m2=[300, 301, None, 50], seats=[None, None, 100, 1])

    assert _places(session) == ["three_small", None, "nine_small", None]


def test_what_the_file_says_stands(session: Session) -> None:
    _load(session, **{"class": ["shop"] * 2}, area_m2=[10, 10], place=["nine_small", None])

    assert _places(session) == ["nine_small", "three_small"]


@pytest.mark.parametrize(("area_m2", "place"), [(200, "three_small"), (400, None)])
def test_a_new_figure_is_judged_with_what_is_stored(
    session: Session, area_m2: float, place: str | None
) -> None:
    _load(session, **{"class": ["shop"]}, area_m2=[100])

    _load(session, area_m2=[area_m2])

    assert _places(session) == [place]


def test_a_file_without_figures_leaves_the_place_alone(session: Session) -> None:
    _load(session, **{"class": ["shop"]}, area_m2=[100])

    _load(session, **{"class": ["shop"]}, name=["小卖部"])

    assert _places(session) == ["three_small"]


def test_the_same_file_again_changes_nothing(session: Session) -> None:
    _load(session, **{"class": ["shop", "hotel"]}, area_m2=[100, None], beds=[None, 50])
    again = _load(session, **{"class": ["shop", "hotel"]}, area_m2=[100, None], beds=[None, 50])

    assert (again.rows_written, again.rejected) == (0, [])


def test_a_code_that_stands_twice_is_named(session: Session) -> None:
    _load(session, **{"class": ["shop"]}, area_m2=[100])

    again = _load(session, code=["E0", "E0"], area_m2=[400, 10])

    assert ([r.row for r in again.rejected], _places(session)) == ([2], [None])
