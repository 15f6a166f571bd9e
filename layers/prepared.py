"""Statements that each connection parses and plans once, for what runs 1,000 times a second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import CursorResult, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

LANES = "lanes"  # where a session's info has the connections kept for prepared statements
AT_ONCE, TURN_S = 3, 0.5

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")


class Lanes:
    """Keep a few connections open for prepared statements, each run in a transaction of its own.

    Every process of the database has its own plans and caches, and the processor's must hold them
    all: a statement takes a third longer where 24 connections take turns than where 4 do. So a few
    run at once, on the connections used last. Who waits longer than a moment is held up by a
    lock and not by work, and goes ahead.

    Args:
        engine: commits each statement by itself.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turns = BoundedSemaphore(AT_ONCE)
        self._idle: list[PoolProxiedConnection] = []

    @contextmanager
    def one(self) -> Iterator[PoolProxiedConnection]:
        """Have a connection for one statement; it is kept if it is still sound.

        Raises:
            DBAPIError: what the driver raises, as SQLAlchemy names it.
        """
        dialect = self._engine.dialect
        driver: Any = dialect.loaded_dbapi
        lane, sound = None, False
        in_turn = self._turns.acquire(timeout=TURN_S)
        try:
            lane = self._idle.pop() if self._idle else self._engine.raw_connection()
            yield lane
            sound = True
        except driver.Error as error:
            lost = lane is None or dialect.is_disconnect(error, lane.dbapi_connection, None)
            sound = not lost
            if lost:
                self._give_up()
            told: Any = DBAPIError.instance(
                None, None, error, driver.Error, connection_invalidated=lost
            )
            raise told from error
        finally:
            if lane is not None:
                self._back(lane, sound)
            if in_turn:
                self._turns.release()

    def _back(self, lane: PoolProxiedConnection, sound: bool) -> None:
        if not sound:
            lane.invalidate()
        elif len(self._idle) < AT_ONCE:
            self._idle.append(lane)
        else:
            lane.close()

    def _give_up(self) -> None:
        """Let go of connections to a database that was away."""
        while self._idle:
            self._idle.pop().invalidate()


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

    def row(self, session: Session, asked: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run the statement for its first row; values that it has no parameter for are let be.

        In a session that has lanes it is committed at once, outside the session.
        """
        lanes: Lanes | None = session.info.get(LANES)
        if lanes is None:
            row = self.run(session, asked).first()
            return None if row is None else tuple(row)
        with lanes.one() as lane:
            cursor: Any = lane.cursor()
            prepared = lane.info.setdefault("prepared", set())
            if self.name not in prepared:
                cursor.execute(self._prepare)
                prepared.add(self.name)
            cursor.execute(self._execute, asked)
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found

    def run(self, session: Session, asked: Mapping[str, Any]) -> CursorResult[Any]:
        """Run the statement in the session; values that it has no parameter for are let be."""
        connection = session.connection()
        prepared = connection.info.setdefault("prepared", set())
        if self.name not in prepared:
            connection.exec_driver_sql(self._prepare, execution_options={"no_parameters": True})
            prepared.add(self.name)
        return connection.exec_driver_sql(self._execute, dict(asked))
