"""Registers that two change at once: both changes stand, one after the other, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import geopandas as gpd
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from layers.buildings import LAYER
from tests.factories import SCOPE, block

ROWS = text("""
SELECT households, row_version, recorded @> recorded_at AS told FROM buildings_history
UNION ALL SELECT households, row_version, NULL FROM buildings ORDER BY row_version
""")


def _load(session: Session, households: int) -> None:
    rows = {"code": ["B1"], "households": [households]}
    assert LAYER.load is not None
    LAYER.load(session, SCOPE, gpd.GeoDataFrame(rows, geometry=[block(0, 0, 10, 10)], crs=4326))


@contextmanager
def _begun(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session, session.begin():
        session.execute(text("SELECT now()"))
        yield session


def _versions(engine: Engine) -> list[tuple[Any, ...]]:
    with Session(engine) as session:
        return [tuple(row) for row in session.execute(ROWS)]


def test_a_change_begun_before_another_one_comes_after_it(own_engine: Engine) -> None:
    with _begun(own_engine) as first:
        _load(first, 1)

    with _begun(own_engine) as early:
        with _begun(own_engine) as late:
            _load(late, 2)
        _load(early, 3)

    assert _versions(own_engine) == [(1, 1, True), (2, 2, False), (3, 3, None)]


def test_two_changes_at_once_are_both_kept(own_engine: Engine) -> None:
    with _begun(own_engine) as first:
        _load(first, 1)

    def change() -> None:
        with _begun(own_engine) as other:
            _load(other, 3)

    with _begun(own_engine) as session:
        _load(session, 2)
        waiting = Thread(target=change)
        waiting.start()
        waiting.join(0.5)
    waiting.join()

    assert [households for households, *_ in _versions(own_engine)] == [1, 2, 3]
