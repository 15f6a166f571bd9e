"""Note how the database goes about each statement of a session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.conftest import Databases
from tests.factories import add_town

Explained = tuple[Session, list[str]]

ROWS = 20_000
FILL = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, geom)
SELECT 441900, 'N' || i, '101', 1 + i % 4, 'bench', 'EPSG:4326', now(), now(),
       ST_SetSRID(ST_MakePoint(113.5 + (i % 200) * 0.005, 22.5 + (i / 200) * 0.01), 4326)
FROM generate_series(1, :rows) AS i
""")
FILL_GRIDS = text("""
INSERT INTO grids (district, code, name, geom)
SELECT 441900, 'g' || i, 'g', ST_Multi(ST_MakeEnvelope(
    100 + (i % 60) * 0.01, 30 + (i / 60) * 0.01, 100.01 + (i % 60) * 0.01,
    30.01 + (i / 60) * 0.01, 4326))
FROM generate_series(1, 3000) AS i
""")


@contextlib.contextmanager
def crowded(new_databases: Databases) -> Iterator[Settings]:
    """Make a database with 20,000 cases and 3,000 grids, and its statistics."""
    with new_databases.copy() as settings:
        engine = create_engine(settings.database_url)
        with Session(engine) as session, session.begin():
            add_town(session)
            session.execute(FILL, {"rows": ROWS})
            session.execute(FILL_GRIDS)
        owner = create_engine(settings.owner_database_url, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield settings
        engine.dispose()
        owner.dispose()


@contextlib.contextmanager
def explaining(settings: Settings) -> Iterator[Explained]:
    """Open a session that notes the plan of each statement before it is run."""
    engine: Engine = create_engine(settings.database_url)
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("PREPARE"):
            return
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN {statement}", parameters)
        plans.append("\n".join(row[0] for row in cursor.fetchall()))

    with Session(engine) as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", explain)
        yield session, plans
    engine.dispose()


def scanned_whole(plans: list[str], table: str) -> bool:
    """Tell whether any of the plans reads all of a table."""
    return any(f"Seq Scan on {table}" in plan for plan in plans)
