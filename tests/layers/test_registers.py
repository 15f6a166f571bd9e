"""Registers keep every row that was on record, and change only by what differs."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import pytest
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from layers import outbox
from layers.buildings import LAYER as BUILDINGS
from layers.grids import LAYER as GRIDS
from layers.grids import Grid
from layers.loading import Rejected, Taken
from tests.factories import EAST, SCOPE, WEST, add_grid, block, count

HOUR_AGO = text("UPDATE buildings SET recorded_at = now() - interval '1 hour'")
CHANGE = datetime(2026, 6, 1, tzinfo=UTC)


def _buildings(households: int = 3) -> gpd.GeoDataFrame:
    rows = {"code": ["B1", "B2"], "households": [households, 5], "name": ["甲", None]}
    shapes = [block(0, 0, 10, 10), block(20, 0, 30, 10)]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=4326)


def _load(session: Session, frame: gpd.GeoDataFrame) -> int:
    assert BUILDINGS.load is not None
    return BUILDINGS.load(session, SCOPE, frame).rows_written


def test_new_rows_are_inserted_and_announced_once(session: Session) -> None:
    assert _load(session, _buildings()) == 2

    assert count(session, "buildings") == 2
    told = session.execute(text("SELECT layer, kind, feature_id FROM outbox")).all()
    assert [tuple(row) for row in told] == [("buildings", "imported", None)]


def test_the_same_rows_again_change_nothing(session: Session) -> None:
    _load(session, _buildings())

    assert _load(session, _buildings()) == 0

    assert count(session, "buildings_history") == 0
    assert count(session, "outbox") == 1
    assert outbox.version(session, SCOPE, "buildings") == 1


def test_a_changed_row_gets_the_next_version(session: Session) -> None:
    _load(session, _buildings())

    assert _load(session, _buildings(households=4)) == 1

    rows = session.execute(text("SELECT code, households, row_version FROM buildings ORDER BY 1"))
    assert [tuple(row) for row in rows] == [("B1", 4, 2), ("B2", 5, 1)]


def test_a_changed_row_keeps_its_id(session: Session) -> None:
    _load(session, _buildings())
    before = session.execute(text("SELECT id FROM buildings ORDER BY code")).scalars().all()

    _load(session, _buildings(households=4))

    after = session.execute(text("SELECT id FROM buildings ORDER BY code")).scalars().all()
    assert after == before


def test_the_former_row_is_kept_for_the_time_it_was_on_record(session: Session) -> None:
    _load(session, _buildings())
    session.execute(HOUR_AGO)

    _load(session, _buildings(households=4))

    kept = session.execute(
        text(
            "SELECT h.code, h.households, h.row_version, upper(h.recorded) = b.recorded_at,"
            " lower(h.recorded) = now() - interval '1 hour'"
            " FROM buildings_history AS h JOIN buildings AS b USING (district, id)"
        )
    ).one()
    assert tuple(kept) == ("B1", 3, 1, True, True)


def test_a_change_gives_the_layer_its_next_version(session: Session) -> None:
    _load(session, _buildings())
    _load(session, _buildings(households=4))

    assert outbox.version(session, SCOPE, "buildings") == 2


def test_columns_that_a_file_does_not_bring_are_left_alone(session: Session) -> None:
    _load(session, _buildings())

    _load(session, _buildings()[["code", "geometry"]])

    asked = text("SELECT households FROM buildings ORDER BY code")
    assert session.execute(asked).scalars().all() == [3, 5]


def test_only_the_edition_in_force_is_redrawn_by_an_import(town: Session) -> None:
    town.execute(update(Grid).where(Grid.code == EAST).values(valid=Range(None, CHANGE)))
    add_grid(town, EAST, block(0, 0, 200, 200), valid=Range(CHANGE, None))
    frame = gpd.GeoDataFrame(
        {"code": [EAST], "name": ["东"]}, geometry=[block(0, 0, 100, 100)], crs=4326
    )

    assert GRIDS.load is not None
    GRIDS.load(town, SCOPE, frame)

    named = text("SELECT name FROM grids WHERE code = :code ORDER BY lower(valid) NULLS FIRST")
    assert town.execute(named, {"code": EAST}).scalars().all() == [EAST[-5:], "东"]


def _redrawn(town: Session, code: str) -> Taken:
    frame = gpd.GeoDataFrame(
        {"code": [WEST, code], "name": ["西", "东"]},
        geometry=[block(-200, -200, 0, 200), block(0, 0, 100, 100)],
        crs=4326,
    )
    assert GRIDS.load is not None
    return GRIDS.load(town, SCOPE, frame)


def test_a_code_whose_editions_have_all_ended_is_rejected(town: Session) -> None:
    past = Range(None, datetime(2026, 2, 28, 16, tzinfo=UTC))
    town.execute(update(Grid).where(Grid.code == EAST).values(valid=past))

    taken = _redrawn(town, EAST)

    why = f"code {EAST} was used until 2026-03-01; codes are never used again"
    assert (taken.rows_written, taken.rejected) == (1, [Rejected(2, "code", why)])


def test_an_edition_to_come_is_redrawn_where_none_is_in_force(town: Session) -> None:
    to_come = Range(datetime(2999, 1, 1, tzinfo=UTC), None)
    town.execute(update(Grid).where(Grid.code == EAST).values(valid=to_come))

    assert (_redrawn(town, EAST).rows_written, _redrawn(town, EAST).rows_written) == (2, 0)


def test_two_editions_of_a_grid_never_overlap_in_time(town: Session) -> None:
    with pytest.raises(IntegrityError, match="ex_grids_one_edition"):
        add_grid(town, WEST, block(0, 0, 1, 1), valid=Range(CHANGE, None))


def test_an_edition_may_follow_another(town: Session) -> None:
    town.execute(update(Grid).where(Grid.code == WEST).values(valid=Range(None, CHANGE)))

    assert add_grid(town, WEST, block(0, 0, 1, 1), valid=Range(CHANGE, None)).id
