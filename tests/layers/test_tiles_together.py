"""Small tiles that are waited for at the same moment are drawn together, each as if alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from geodata.tiles import Tile
from gis_server.config import Settings
from layers import tiling
from layers.base import Query
from layers.gathering import Lane
from layers.grids import LAYER as GRIDS
from layers.prepared import Prepared, running
from tests.factories import SCOPE

SMALL = [Tile(14, 13377 + x, 7116 + y) for x in (-1, 0, 1) for y in (-1, 0, 1)]


@pytest.fixture
def pooled(full: Settings) -> Iterator[Engine]:
    """Connect to a crowded town, each statement committed by itself."""
    made = create_engine(full.database_url, isolation_level="AUTOCOMMIT", pool_size=10)
    yield made
    made.dispose()


def _never(_statement: Prepared, _asked: Any) -> NoReturn:
    raise AssertionError("asked alone")


def test_tiles_asked_for_at_once_are_those_drawn_alone(pooled: Engine) -> None:
    lane = Lane(pooled)
    with ThreadPoolExecutor(9) as askers:
        found = list(
            askers.map(lambda tile: tiling.plain(_never, lane, GRIDS, SCOPE, tile), SMALL * 3)
        )

    with Session(pooled) as session:
        alone = [tiling.draw(session, GRIDS, SCOPE, tile, Query()) for tile in SMALL]
    assert [one and one.drawn for one in found] == alone * 3
    assert len({drawn.body for drawn in alone}) > 1


def test_a_wide_tile_holds_up_no_small_one(pooled: Engine) -> None:
    wide = Tile(9, 418, 222)
    nobody: Any = object()

    with Session(pooled) as session:
        found = tiling.plain(running(session), nobody, GRIDS, SCOPE, wide)

        assert found is not None
        assert found.drawn == tiling.draw(session, GRIDS, SCOPE, wide, Query())
    assert found.drawn.body


def test_a_collection_may_have_any_name(session: Session) -> None:
    names = ["it's :west", 'a "quoted" \\ name', "100 % :: 街道", "::json"]

    written = [tiling._literal(name) for name in names]

    found = session.connection().exec_driver_sql(
        f"SELECT {', '.join(written)}", execution_options={"no_parameters": True}
    )
    assert list(found.one()) == names
    assert not any(tiling.NAME.search(one) for one in written)
