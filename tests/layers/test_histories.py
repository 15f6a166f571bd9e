"""A case that comes with its past stands where the past left it, and has all its steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.histories import Event, as_json
from layers.batch import load
from tests.factories import SCOPE, at
from tests.layers.casework import EAST_TEAM, add_bodies

REPORTED = datetime(2026, 6, 1, 1, tzinfo=UTC)
DUE = REPORTED + timedelta(hours=7)
WANTED = text("""
SELECT i.stage, i.step, i.level, i.unit, i.post, i.due_at, i.closed_at, i.in_grid, i.returns,
       i.raises, i.delays, i.reworks, i.paused_h
FROM incidents AS i
""")
STEPS = text("""
SELECT move, step_from, step_to, stage_to, level, unit, post, unit_to, post_to, due_at, at, actor
FROM steps ORDER BY id
""")


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)


def _later(hours: float) -> datetime:
    return REPORTED + timedelta(hours=hours)


def _loaded(town: Session, *events: Event) -> Any:
    table = pd.DataFrame(
        {"category": ["404"], "reported_at": [REPORTED], "history": [as_json(list(events))]}
    )
    frame = gpd.GeoDataFrame(table, geometry=[Point(at(50, 50))], crs=4326)
    taken = load(town, SCOPE, frame)
    assert taken.rejected == []
    return town.execute(WANTED).one()


WHOLE = (
    Event("dispatch", _later(1), "centre", "grid"),
    Event("take", _later(2)),
    Event("finish", _later(3)),
    Event("close", _later(4), "centre"),
)


def test_a_case_stands_where_its_past_left_it(town: Session) -> None:
    case = _loaded(town, *WHOLE)

    assert (case.stage, case.step, case.closed_at) == ("closed", "closed", _later(4))
    assert (case.unit, case.post, case.in_grid) == (EAST_TEAM, "leader", True)


def test_each_move_of_the_past_is_a_step(town: Session) -> None:
    _loaded(town, *WHOLE)

    steps = town.execute(STEPS).all()

    assert [(s.move, s.step_to, s.post, s.at) for s in steps] == [
        ("report", "reported", None, REPORTED),
        ("dispatch", "assigned", None, _later(1)),
        ("take", "handling", "leader", _later(2)),
        ("finish", "verifying", "leader", _later(3)),
        ("close", "closed", None, _later(4)),
    ]
    assert {s.due_at for s in steps} == {DUE}


def test_a_returned_case_is_nobodys_until_it_is_dispatched_again(town: Session) -> None:
    case = _loaded(
        town,
        Event("dispatch", _later(1), "centre", "grid"),
        Event("return", _later(2), reason="不属本单位"),
        Event("dispatch", _later(3), "centre", "department"),
    )

    returned = town.execute(STEPS).all()[2]
    assert (returned.unit, returned.unit_to, returned.stage_to) == (EAST_TEAM, None, "reported")
    assert (case.unit, case.post, case.returns, case.in_grid) == ("DW", "water", 1, False)


def test_a_raised_case_is_the_villages(town: Session) -> None:
    case = _loaded(
        town,
        Event("dispatch", _later(1), "centre", "grid"),
        Event("raise", _later(2), "body", "village"),
    )

    assert (case.level, case.unit, case.post, case.raises) == ("major", "O1", "secretary", 1)
    assert town.execute(STEPS).all()[0].level == "everyday"


def test_a_delay_puts_off_the_due_time_by_what_was_left(town: Session) -> None:
    case = _loaded(
        town,
        Event("dispatch", _later(1), "centre", "grid"),
        Event("take", _later(2)),
        Event("ask_delay", _later(3), until=_later(30)),
        Event("grant_delay", _later(4), "centre"),
    )

    assert (case.due_at, case.paused_h, case.delays) == (_later(33), 3.0, 1)
    assert [s.due_at for s in town.execute(STEPS)] == [DUE] * 4 + [_later(33)]


def test_a_case_without_events_waits_at_its_first_step(town: Session) -> None:
    case = _loaded(town)

    assert (case.stage, case.step, case.unit, case.closed_at) == (
        "reported",
        "reported",
        None,
        None,
    )
