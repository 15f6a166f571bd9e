"""Cases that were there before there were procedures follow the basic one from then on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, NullPool, create_engine, text

from gis_server import schema
from gis_server.config import Settings

BEFORE = """
INSERT INTO categories (district, code, class_code, class, class_en, item, item_en, severity,
                        limit_h, department)
VALUES (441900, '101', '1', '安全', 'Safety', '火灾', 'Fire', 1, 2, '消防');
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, stage, closed_at)
VALUES (441900, 'open', '101', 1, 'test', 'EPSG:4326', '2026-01-01Z', '2026-01-02Z', 'handling',
        NULL),
       (441900, 'shut', '101', 1, 'test', 'EPSG:4326', '2026-01-01Z', '2026-01-02Z', 'closed',
        '2026-01-01 05:00Z');
INSERT INTO steps (district, incident_id, stage_from, stage_to, at, evidence)
SELECT district, id, NULL, 'reported', reported_at, '{}'::jsonb FROM incidents
UNION ALL
SELECT district, id, 'reported', 'reported', reported_at, '{"how": "map"}' FROM incidents
UNION ALL
SELECT district, id, 'accepted', 'handling', reported_at, '{}' FROM incidents
"""


@pytest.fixture
def upgraded(own_database: Settings) -> Iterator[Connection]:
    """Upgrade a database that held cases before it knew of procedures."""
    url = own_database.owner_database_url
    with schema.config(url) as steps:
        command.downgrade(steps, "0003")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(BEFORE))
    schema.migrate(url)
    with engine.connect() as connection:
        yield connection


def test_present_cases_stand_at_the_step_of_their_stage(upgraded: Connection) -> None:
    asked = "SELECT number, procedure, edition, step, step_due_at = due_at FROM incidents"

    assert [tuple(row) for row in upgraded.execute(text(f"{asked} ORDER BY number"))] == [
        ("open", "basic", 1, "handling", True),
        ("shut", "basic", 1, "closed", None),
    ]


def test_present_steps_name_their_move_and_when_the_case_was_due(upgraded: Connection) -> None:
    asked = """
        SELECT move, step_from, step_to, due_at = '2026-01-02Z' FROM steps
        WHERE incident_id = (SELECT min(id) FROM incidents) ORDER BY id
    """

    assert [tuple(row) for row in upgraded.execute(text(asked))] == [
        ("report", None, "reported", True),
        ("place", "reported", "reported", True),
        ("handle", "accepted", "handling", True),
    ]


def test_the_basic_procedure_and_plain_hours_are_there(upgraded: Connection) -> None:
    asked = """
        SELECT c.procedure, c.limit_unit, p.edition, p.first_step, upper_inf(p.valid)
        FROM categories AS c JOIN procedures AS p ON p.code = c.procedure
    """

    assert [tuple(row) for row in upgraded.execute(text(asked))] == [
        ("basic", "hours", 1, "reported", True)
    ]
