"""A connection kept for statements that are run thousands of times a second, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from threading import BoundedSemaphore
from typing import Any

import psycopg2
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from layers.prepared import Prepared

Sessions = Callable[[], AbstractContextManager[Session]]
Rows = list[tuple[Any, ...]]


class Line:
    """Run prepared statements on a connection of its own; to open a session costs more than they.

    For one thread at a time. In a transaction that somebody else began it runs them there.

    Args:
        sessions: opens a session in which each statement stands alone.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._kept: PoolProxiedConnection | None = None

    def rows(self, statement: Prepared, asked: Mapping[str, Any]) -> Rows:
        """Run a statement for all its rows.

        Raises:
            DBAPIError: if the database is away.
            TimeoutError: of SQLAlchemy, if all connections are taken.
        """
        if self._kept is not None:
            return self._fetched(self._kept, statement, asked)
        with self._sessions() as session:
            engine = session.get_bind()
            if not isinstance(engine, Engine):
                return [tuple(row) for row in statement.run(session, asked)]
            self._kept = _opened(engine)
        return self._fetched(self._kept, statement, asked)

    def _fetched(
        self, kept: PoolProxiedConnection, statement: Prepared, asked: Mapping[str, Any]
    ) -> Rows:
        try:
            return statement.fetch(kept, asked)
        except psycopg2.Error as error:
            # Whatever it was, the next statement gets a new one.
            self._kept = None
            with suppress(psycopg2.Error):
                kept.invalidate()
            raise _told(error) from error


def _opened(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except psycopg2.Error as error:
        raise _told(error) from error


def _told(error: psycopg2.Error) -> Exception:
    """Tell an error of the driver as SQLAlchemy does."""
    told: Any = DBAPIError.instance(None, None, error, psycopg2.Error, connection_invalidated=True)
    return told  # type: ignore[no-any-return]


class Lines:
    """A few lines for all threads; more at once would only share the same processors.

    Args:
        sessions: opens a session in which each statement stands alone.
        many: how many lines there are.
    """

    def __init__(self, sessions: Sessions, many: int) -> None:
        self._turns = BoundedSemaphore(many)
        self._idle = [Line(sessions) for _ in range(many)]

    def rows(self, statement: Prepared, asked: Mapping[str, Any]) -> Rows:
        """Run a statement for all its rows, on the line used last.

        Raises:
            DBAPIError: if the database is away.
            TimeoutError: of SQLAlchemy, if all connections are taken.
        """
        with self._turns:
            line = self._idle.pop()
            try:
                return line.rows(statement, asked)
            finally:
                self._idle.append(line)
