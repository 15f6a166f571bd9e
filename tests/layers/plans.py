"""Note how the database goes about each statement of a session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from gis_server.config import Settings

Explained = tuple[Session, list[str]]


@contextlib.contextmanager
def explaining(settings: Settings) -> Iterator[Explained]:
    """Open a session that notes the plan of each statement before it is run."""
    engine: Engine = create_engine(settings.database_url)
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
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
