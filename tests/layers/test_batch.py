"""A batch of incidents is checked, placed and stored as if each had been posted by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers import batch, bulk, gazetteer, wording
from layers.loading import Taken
from tests.factories import (
    EAST,
    SCOPE,
    WEST,
    add_building,
    add_town,
    at,
    block,
    count,
    feature,
    incident,
    posted,
)

STORED = text("""
SELECT grid_code, round(confidence::numeric, 2)::float8, severity, source, placed_by, stage,
       extract(epoch FROM due_at - reported_at) / 3600
FROM incidents ORDER BY id
""")

PLACED = text("""
SELECT placed_by, ST_AsText(geom, 7) AS place, grid_code, round(confidence::numeric, 6) AS sure,
       candidates
FROM incidents ORDER BY id
""")


@pytest.fixture(autouse=True)
def town(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "TOWN", gazetteer.Town())
    add_town(session)


def frame(*places: tuple[float, float] | None, **columns: Any) -> gpd.GeoDataFrame:
    points = [place and Point(at(*place)) for place in places]
    given = {"category": ["101"] * len(points), **columns}
    return gpd.GeoDataFrame(given, geometry=gpd.GeoSeries(points, crs=4326))


def load(session: Session, rows: gpd.GeoDataFrame) -> Taken:
    return batch.load(session, SCOPE, rows)


def column(session: Session, name: str) -> list[Any]:
    asked = text(f"SELECT {name} FROM incidents ORDER BY id")  # noqa: S608
    return list(session.execute(asked).scalars())


def test_each_incident_gets_the_grid_that_answers(session: Session) -> None:
    taken = load(session, frame((-100, 0), (100, 0), (900, 0)))

    assert column(session, "grid_code") == [WEST, EAST, None]
    assert (taken.rows_written, taken.outside) == (3, 1)


def test_a_batch_of_several_parts_is_stored_in_order(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ROWS", 2)
    told: list[tuple[int, int | None]] = []
    places = ((-100, 0), (900, 0), None, (100, 0), (-900, 0))

    taken = batch.load(
        session, SCOPE, frame(*places), lambda done, total: told.append((done, total))
    )

    assert column(session, "grid_code") == [WEST, None, None, EAST, None]
    assert (taken.rows_written, taken.outside) == (5, 2)
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_on_a_shared_edge_the_lowest_code_answers(session: Session) -> None:
    load(session, frame((0, 0), (0, 200)))

    assert column(session, "grid_code") == [WEST, WEST]


def test_a_batch_is_stored_as_if_posted(session: Session, client: FlaskClient) -> None:
    load(session, frame((-3, 0), accuracy_m=[20.0]))
    posted(client, incident(-3, 0, accuracy_m=20.0, source="import"))

    first, second = session.execute(STORED).all()
    assert first == second


def test_words_of_a_file_are_looked_up_as_those_of_a_post(
    session: Session, client: FlaskClient
) -> None:
    add_building(session, "B1", (100, 100), road="黄屋路", door="12号", address="黄屋路12号")
    add_building(session, "B2", (-100, 100), road="黄屋路", door="18号", address="黄屋路18号")
    said = [" 黄屋路12号 ", "", "黄屋路1号旁边", "村口那边"]
    told = ["楼道堆物", "黄屋路18号", None, None]

    load(session, frame(*[None] * 4, address=said, description=told))
    filed = session.execute(PLACED).all()
    session.execute(text("DELETE FROM steps; DELETE FROM incidents"))
    for address, description in zip(said, told, strict=True):
        posted(client, feature(None, address=address, description=description))

    assert filed == session.execute(PLACED).all()
    assert [row.placed_by for row in filed] == ["address", "address", None, None]
    assert filed[2].candidates


def test_a_file_tells_how_many_words_were_looked_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "EACH", 2)
    told: list[tuple[int, int | None]] = []
    rows = frame((1, 1), *[None] * 5, description=["村口有烟"] * 6)

    batch.load(session, SCOPE, rows, lambda done, total: told.append((done, total)))

    assert told == [(2, 5), (4, 5), (6, 6)]


def test_an_incident_without_a_place_waits_in_the_tray(session: Session) -> None:
    taken = load(session, frame(None, description=["村口有烟"]))

    assert (taken.outside, column(session, "geom"), column(session, "placed_by")) == (
        *(0, [None]),
        [None],
    )


def test_each_incident_begins_with_a_step_at_its_report(session: Session) -> None:
    load(session, frame((10, 10), reported_at=["2026-01-05T08:00:00+08:00"]))

    asked = "SELECT s.stage_to, s.at = i.reported_at, s.unit FROM steps s, incidents i"
    assert tuple(session.execute(text(asked)).one()) == ("reported", True, "import")


def test_numbers_carry_the_local_day_and_the_id(session: Session) -> None:
    load(session, frame((10, 10), reported_at=["2026-01-05T20:00:00Z"]))

    assert column(session, "number") == [f"20260106-{column(session, 'id')[0]:06d}"]


def test_a_batch_is_announced_once(session: Session) -> None:
    load(session, frame((10, 10), (20, 20)))

    told = session.execute(text("SELECT layer, kind, feature_id FROM outbox")).all()
    assert [tuple(row) for row in told] == [("incidents", "imported", None)]


def test_an_empty_batch_leaves_no_trace(session: Session) -> None:
    assert load(session, frame()) == Taken(0, 0, 0, [])
    assert count(session, "outbox") == 0


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("category", "999", "unknown category 999"),
        ("severity", 5, "severity is 1, 2, 3 or 4, not 5.0"),
        ("accuracy_m", -1, "accuracy_m is 0…100000 metres, not -1.0"),
        ("reported_at", "soon", "no time: NaT"),
        ("description", "长" * 4001, "more than 4000 characters"),
        ("external_id", "x" * 129, "more than 128 characters"),
    ],
)
def test_a_wrong_value_is_named_and_the_others_stored(
    session: Session, name: str, value: Any, reason: str
) -> None:
    rows = frame((10, 10), (20, 20))
    rows[name] = [value, "101" if name == "category" else None]

    taken = load(session, rows)

    assert [tuple(r) for r in taken.rejected] == [(1, f"properties.{name}", reason, False)]
    assert count(session, "incidents") == 1


def test_a_time_ahead_of_now_is_refused(session: Session) -> None:
    taken = load(session, frame((10, 10), reported_at=["2999-01-01T00:00:00Z"]))

    assert "more than 5 minutes ahead" in taken.rejected[0].detail


def test_an_external_id_is_stored_once_for_each_source(session: Session) -> None:
    load(session, frame((10, 10), external_id=["A"], source=["12345"]))

    twice = frame((1, 1), (2, 2), (3, 3), external_id=["A", "B", "B"], source=["12345"] * 3)
    taken = load(session, twice)

    assert [(r.row, r.detail, r.known) for r in taken.rejected] == [
        (1, "A stored before", True),
        (3, "B twice in this file", False),
    ]


def test_without_categories_the_remedy_is_named(session: Session) -> None:
    with pytest.raises(InvalidInput, match="--set category=CODE"):
        load(session, frame((1, 1)).drop(columns="category"))


def test_a_hole_in_a_grid_is_outside(session: Session) -> None:
    hole = block(-50, -50, 50, 50)
    session.execute(
        text("UPDATE grids SET geom = ST_Multi(ST_Difference(geom, ST_GeomFromText(:wkt, 4326)))"),
        {"wkt": hole.wkt},
    )

    assert load(session, frame((1, 1))).outside == 1


def test_swapped_axes_lie_outside(session: Session) -> None:
    rows = frame((1, 1))
    rows = rows.set_geometry([Point(p.y, p.x) for p in rows.geometry], crs=4326)

    assert load(session, rows.iloc[:0]).outside == 0
    assert load(session, rows.set_geometry([Point(22.99, 80.0)], crs=4326)).outside == 1


def test_a_case_closed_elsewhere_is_stored_with_its_last_step(session: Session) -> None:
    came, closed = datetime(2026, 1, 5, 2, tzinfo=UTC), datetime(2026, 1, 5, 5, tzinfo=UTC)
    load(session, frame((10, 10), reported_at=[came], closed_at=[closed]))
    steps = session.execute(text("SELECT stage_to, at FROM steps ORDER BY id")).all()

    assert (column(session, "stage"), column(session, "closed_at")) == (["closed"], [closed])
    assert [tuple(step) for step in steps] == [("reported", came), ("closed", closed)]


def test_a_case_closed_before_it_was_reported_is_rejected(session: Session) -> None:
    came, closed = datetime(2026, 1, 5, 2, tzinfo=UTC), datetime(2026, 1, 5, 1, tzinfo=UTC)
    taken = load(session, frame((10, 10), reported_at=[came], closed_at=[closed]))

    assert [r.member for r in taken.rejected] == ["properties.closed_at"]
