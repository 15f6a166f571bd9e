"""Statements that do what several ask for at the same moment, each as if it had asked alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from time import sleep
from typing import Any

import orjson
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from layers.prepared import Prepared

LANE = "lane"  # where a session's info has the connection on which many are asked for at once
MOST = 16
LOCKED_MS = 100  # who waits longer for a lock waits on a connection of his own

Row = tuple[Any, ...]


class Asker:
    """One who wants a row of a statement.

    Attributes:
        statement: what he asks.
        asked: the values of his row.
        leads: whether it is his turn to ask, for those who wait too.
        rows: his row or none, as a list; None while he must ask alone.
        error: what every other asker would run into as well.
    """

    def __init__(self, statement: Prepared, asked: Mapping[str, Any]) -> None:
        self.statement, self.asked = statement, asked
        self.leads = False
        self.rows: list[Row] | None = None
        self.error: Exception | None = None
        self._woken = Lock()
        self._woken.acquire()

    def wait(self) -> None:
        """Wait until it is his turn or he is answered."""
        self._woken.acquire()

    def wake(self) -> None:
        """Let him go on."""
        self._woken.release()


class Lane:
    """Ask on one connection, one statement at a time; who comes meanwhile is asked for together.

    To begin a statement and to commit it costs the database more than one more row does, and each
    process of the database has caches of its own. So those who wait are served by the first of
    them. Whose row is refused or locked holds up nobody: then each asks alone.

    Args:
        engine: commits each statement by itself.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: PoolProxiedConnection | None = None
        self._mutex = Lock()
        self._busy = False
        self._waiting: deque[Asker] = deque()

    def serve(self, mine: Asker) -> None:
        """Have an asker answered, or told to ask alone."""
        with self._mutex:
            mine.leads, self._busy = not self._busy, True
            if not mine.leads:
                self._waiting.append(mine)
        if not mine.leads:
            self._await_turn(mine)
        if mine.leads:
            self._lead(mine)

    def _await_turn(self, mine: Asker) -> None:
        woken = False
        try:
            mine.wait()
            woken = True
        finally:
            if not woken:
                self._leave(mine)

    def _leave(self, mine: Asker) -> None:
        """Let the others go on when one who waits is stopped."""
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
        if mine.leads:
            self._hand_over()

    def _lead(self, mine: Asker) -> None:
        together = [mine]
        try:
            sleep(0)  # others who go on at this moment come along
            together += self._others(mine.statement)
            self._ask(mine.statement, together)
        finally:
            self._hand_over()
            for one in together[1:]:
                one.wake()

    def _others(self, statement: Prepared) -> list[Asker]:
        others, waiting = list[Asker](), self._waiting
        with self._mutex:
            while waiting and waiting[0].statement is statement and len(others) < MOST - 1:
                others.append(waiting.popleft())
        return others

    def _hand_over(self) -> None:
        with self._mutex:
            self._busy = bool(self._waiting)
            if self._busy:
                self._waiting[0].leads = True
                self._waiting.popleft().wake()

    def _ask(self, statement: Prepared, together: Sequence[Asker]) -> None:
        try:
            with self._connection() as connection:
                rows = statement.fetch(connection, bound([one.asked for one in together]))
        except (DBAPIError, PoolTimeout) as error:
            if _concerns_all(error, together):
                for one in together:
                    one.error = error
            return
        found = {row[0]: row[1:] for row in rows}
        for nr, one in enumerate(together):
            one.rows = [found[nr]] if nr in found else []

    @contextmanager
    def _connection(self) -> Iterator[PoolProxiedConnection]:
        """Have the connection; it is kept if it is still sound.

        Raises:
            DBAPIError: what the driver raises, as SQLAlchemy names it.
        """
        driver: Any = self._engine.dialect.loaded_dbapi
        try:
            if self._kept is None:
                self._kept = self._opened()
            yield self._kept
        except driver.Error as error:
            lost = self._lost(error)
            told: Any = DBAPIError.instance(
                None, None, error, driver.Error, connection_invalidated=lost
            )
            raise told from error

    def _opened(self) -> PoolProxiedConnection:
        connection = self._engine.raw_connection()
        connection.cursor().execute(f"SET lock_timeout = {LOCKED_MS}")
        return connection

    def _lost(self, error: Any) -> bool:
        """Tell whether the connection is lost, and let go of it."""
        kept, dialect = self._kept, self._engine.dialect
        driver: Any = dialect.loaded_dbapi
        lost = kept is None or dialect.is_disconnect(error, kept.dbapi_connection, None)
        if lost and kept is not None:
            self._kept = None
            with suppress(driver.Error):
                kept.invalidate()
        return lost


def _concerns_all(error: DBAPIError | PoolTimeout, together: Sequence[Asker]) -> bool:
    if isinstance(error, PoolTimeout) or error.connection_invalidated:
        return True
    return len(together) == 1 and not isinstance(error.orig, LockNotAvailable)


class Gathered:
    """A statement that answers several askers, each with at most one row.

    Args:
        name: of the prepared statement, one of a kind.
        statement: SQL with one parameter, ``:asked``, a JSON array with an object for each asker;
            it selects ``nr``, which each object has, before the other columns.
    """

    def __init__(self, name: str, statement: str) -> None:
        self._statement = Prepared(name, statement, {"asked": "json"})

    def row(self, session: Session, asked: Mapping[str, Any]) -> Row | None:
        """Ask for one row; in a session that has a lane it is committed at once, outside of it.

        Raises:
            DBAPIError: as if the statement had been run for this row alone.
        """
        lane: Lane | None = session.info.get(LANE)
        rows = None if lane is None else self.rows(lane, asked)
        if rows is None:
            return self._alone(session, asked)
        return rows[0] if rows else None

    def rows(self, lane: Lane, asked: Mapping[str, Any]) -> list[Row] | None:
        """Ask on a lane for one row; None where it must be asked for alone.

        Raises:
            DBAPIError: what every other asker would run into as well.
        """
        mine = Asker(self._statement, asked)
        lane.serve(mine)
        if mine.error is not None:
            raise mine.error
        return mine.rows

    def _alone(self, session: Session, asked: Mapping[str, Any]) -> Row | None:
        found = self._statement.run(session, bound([asked])).first()
        return None if found is None else tuple(found)[1:]


def bound(asked: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Write the parameter of a gathered statement."""
    return {"asked": orjson.dumps([{**one, "nr": nr} for nr, one in enumerate(asked)]).decode()}
