"""Masks: whose marks let them see a restricted row, and what that costs the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from geodata.tiles import Tile
from gis_server.config import Settings
from layers import masks, queries, tiling
from layers.base import VISITOR, Query, Reader, Scope
from layers.grids import LAYER as GRIDS
from layers.incidents import LAYER as INCIDENTS
from tests.conftest import Databases
from tests.factories import SCOPE, WEST, add_town
from tests.layers.plans import Explained, scanned_whole

WORKER = frozenset({"worker"})
FILL = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, unit, geom)
SELECT 441900, 'N' || i, CASE WHEN i % 3 = 0 THEN '201' ELSE '101' END, 3, 'bench', 'EPSG:4326',
       now(), now(), 'F' || i % 10,
       ST_SetSRID(ST_MakePoint(113.5 + (i % 200) * 0.005, 22.5 + (i / 200) * 0.01), 4326)
FROM generate_series(1, 20000) AS i
""")


def _scope(*roles: str, **told: str | tuple[str, ...]) -> Scope:
    return replace(SCOPE, reader=Reader("a", frozenset(roles), **told))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (SCOPE, frozenset()),
        (_scope("planner", unit="F1", post="D1", areas=(WEST,)), frozenset()),
        (_scope("department", unit="F1", post="D1", areas=(WEST,)), {"unit:F1"}),
        (_scope("department"), frozenset()),
        (
            _scope("worker", unit="O1", post="D1", areas=(WEST, "441900109")),
            {"unit:O1", "post:D1", f"area:{WEST}", "area:441900109"},
        ),
        (_scope("worker"), {"area:441900"}),
        (_scope("dispatcher"), None),
        (_scope("administrator", "planner"), None),
        (masks.lifted(SCOPE), None),
    ],
)
def test_a_readers_marks_follow_from_his_roles(scope: Scope, expected: set[str] | None) -> None:
    assert masks.marks(scope) == expected


def test_a_layer_that_keeps_nothing_back_is_asked_without_conditions() -> None:
    assert masks.unmasked(GRIDS, SCOPE) == []


def test_who_sees_all_is_asked_for_without_conditions() -> None:
    assert masks.unmasked(INCIDENTS, _scope("dispatcher")) == []


@pytest.mark.parametrize(
    ("own", "audience", "sees"),
    [
        (None, frozenset({"unit:F1"}), True),
        (frozenset(), None, True),
        (frozenset(), frozenset({"unit:F1"}), False),
        (frozenset({"unit:F1", "post:D1"}), frozenset({"unit:F1"}), True),
        (frozenset({"unit:F2"}), frozenset({"unit:F1"}), False),
        (frozenset(), frozenset(), False),
    ],
)
def test_one_shared_mark_is_enough(
    own: frozenset[str] | None, audience: frozenset[str] | None, sees: bool
) -> None:
    assert masks.sees(own, audience) is sees


@pytest.fixture(scope="module")
def full(new_databases: Databases) -> Iterator[Settings]:
    """Make a database with 20,000 cases, a third of them restricted, and its statistics."""
    with new_databases.copy() as settings:
        engine = create_engine(settings.database_url)
        with Session(engine) as session, session.begin():
            add_town(session)
            session.execute(FILL)
        owner = create_engine(settings.owner_database_url, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield settings
        engine.dispose()
        owner.dispose()


READERS = pytest.mark.parametrize(
    "reader",
    [VISITOR, Reader("w", WORKER, "D1", "F3", (WEST,)), Reader("d", frozenset({"department"}))],
    ids=["visitor", "worker", "department"],
)


@READERS
def test_the_first_page_of_a_masked_list_reads_no_more_than_it_shows(
    explained: Explained, reader: Reader
) -> None:
    session, plans = explained

    queries.features(session, INCIDENTS, replace(SCOPE, reader=reader), Query())

    assert "pk_incidents" in plans[0]
    assert not scanned_whole(plans, "incidents")


@READERS
def test_a_masked_tile_reads_its_own_cases(explained: Explained, reader: Reader) -> None:
    session, plans = explained

    tiling.vector_tile(
        session, INCIDENTS, replace(SCOPE, reader=reader), Tile(14, 13377, 7127), Query()
    )

    assert "ix_incidents_live" in plans[0] or "ix_incidents_geom" in plans[0]
    assert not scanned_whole(plans, "incidents")


@READERS
def test_what_is_restricted_is_found_out_once_a_question(
    explained: Explained, reader: Reader
) -> None:
    session, plans = explained

    queries.count(session, INCIDENTS, replace(SCOPE, reader=reader), Query())

    assert "hashed SubPlan" in plans[0]


def test_the_audiences_of_changes_are_read_by_their_keys(explained: Explained) -> None:
    session, plans = explained

    changes = [{"layer": "incidents", "id": number} for number in range(1, 101)]

    found = masks.keeping({"incidents": INCIDENTS, "grids": GRIDS}, SCOPE)(session, changes)

    assert len(found) == 33
    assert {"area:441900", "unit:F3"} <= found["incidents", 3]
    assert "pk_incidents" in plans[0]


@pytest.mark.parametrize(("net", "kept"), [(None, True), ("general", True), ("fire", False)])
def test_ground_is_answered_for_in_the_general_net(net: str | None, kept: bool) -> None:
    reader = Reader("w", frozenset({"worker"}), "P9", "U9", ("44190010921200101",), net)

    own = masks.marks(Scope(441900, reader=reader))

    assert own is not None
    assert ("area:44190010921200101" in own, {"post:P9", "unit:U9"} <= own) == (kept, True)
