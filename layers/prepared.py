"""Statements that each connection parses and plans once, for what runs 1,000 times a second."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, PoolProxiedConnection
from sqlalchemy.orm import Session

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")


class Prepared:
    """A statement prepared on each connection when it is first run there.

    Planning the statement of the intake takes the database longer than running it. Behind
    PgBouncer, connections must be pooled by session.

    Args:
        name: of the prepared statement, one of a kind.
        statement: SQL with parameters as ``:name``.
        types: the PostgreSQL type of each of its parameters.
    """

    def __init__(self, name: str, statement: str, types: Mapping[str, str]) -> None:
        names = list(types)
        numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
        self.name = name
        self._prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {numbered}"
        self._execute = f"EXECUTE {name} ({', '.join(f'%({n})s' for n in names)})"

    def fetch(
        self, connection: PoolProxiedConnection, asked: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Run the statement on a driver's connection, outside a session, for all its rows."""
        cursor: Any = connection.cursor()
        prepared = connection.info.setdefault("prepared", set())
        if self.name not in prepared:
            cursor.execute(self._prepare)
            prepared.add(self.name)
        cursor.execute(self._execute, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def run(self, session: Session, asked: Mapping[str, Any]) -> CursorResult[Any]:
        """Run the statement in the session; values that it has no parameter for are let be."""
        connection = session.connection()
        prepared = connection.info.setdefault("prepared", set())
        if self.name not in prepared:
            connection.exec_driver_sql(self._prepare, execution_options={"no_parameters": True})
            prepared.add(self.name)
        return connection.exec_driver_sql(self._execute, dict(asked))


def running(session: Session) -> Callable[[Prepared, Mapping[str, Any]], Sequence[Any]]:
    """Give what runs prepared statements in a session, for all their rows."""
    return lambda statement, asked: statement.run(session, asked).all()
