"""Sessions: one transaction per writing request, committed on leaving; plain reads without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from gis_server.line import Lines
from layers.gathering import LANE, Lane

STATEMENT_LIMIT_MS = 30_000
CONNECT_LIMIT_S = 2
AT_ONCE, CHECKS = 4, 2  # of the connections for single statements
SINGLES, WRITERS = 16, 8
STREAMS = 3  # of each process: files under way, each of which holds a snapshot
POOL_WAIT_S = 1.5
# To compile a statement, or to start workers for it, takes longer than any of ours runs.
QUICK = "-c jit=off -c max_parallel_workers_per_gather=0"

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Database:
    """The ways to the database.

    Attributes:
        transaction: opens a session whose changes are all committed on leaving, or none.
        reading: opens a session in which each statement stands alone (one round trip); a
            replica's, where there is one.
        single: the same on the primary: for one statement that writes, and for the outbox, whose
            snapshots a replica cannot tell.
        streaming: opens a session that reads one snapshot for long, on a connection of few.
    """

    transaction: Sessions
    reading: Sessions
    single: Sessions
    streaming: Sessions

    @cached_property
    def lines(self) -> Lines:
        """Kept connections for statements that take long for what they are."""
        return Lines(self.single, AT_ONCE)

    @cached_property
    def drawing(self) -> Lane | None:
        """A kept connection that draws tiles, those that are waited for together; None for none."""
        with self.single() as session:
            engine = session.get_bind()
        return Lane(engine) if isinstance(engine, Engine) else None

    @cached_property
    def reads(self) -> Lines:
        """The same where plain reads are done."""
        return self.lines if self.reading is self.single else Lines(self.reading, AT_ONCE)

    @cached_property
    def checks(self) -> Lines:
        """Kept connections for statements that others wait for."""
        return Lines(self.single, CHECKS)


def connect(url: str, pool: int, **options: Any) -> Engine:
    """Make a pool of connections that give up on a database that is away within two seconds."""
    return create_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": CONNECT_LIMIT_S,
            "options": f"-c statement_timeout={STATEMENT_LIMIT_MS} -c timezone=UTC {QUICK}",
        },
        **options,
    )


def open_database(settings: Settings) -> Database:
    """Connect to the primary, and to the replica for reads where there is one."""
    single = _alone(settings.database_url)
    reading = _alone(settings.replica_url) if settings.replica_url else single
    writing = _writing(connect(settings.database_url, WRITERS))
    return Database(
        writing, reading, single, _streaming(settings.replica_url or settings.database_url)
    )


def _writing(engine: Engine) -> Sessions:
    @contextmanager
    def transaction() -> Iterator[Session]:
        with Session(engine) as session, session.begin():
            yield session

    return transaction


def _streaming(url: str) -> Sessions:
    engine = connect(url, STREAMS, isolation_level="REPEATABLE READ")
    read_only = engine.execution_options(postgresql_readonly=True)

    @contextmanager
    def streaming() -> Iterator[Session]:
        with Session(read_only) as session:
            yield session

    return streaming


def _alone(url: str) -> Sessions:
    # A pool of its own: to switch a connection to and from AUTOCOMMIT for each session costs more
    # than to open the session.
    engine = connect(url, SINGLES, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    kept = {LANE: Lane(engine)}

    @contextmanager
    def alone() -> Iterator[Session]:
        session = Session(engine, info=kept)
        try:
            yield session
        finally:
            if session.in_transaction():
                session.close()

    return alone
