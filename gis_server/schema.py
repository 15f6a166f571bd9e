"""Bring a database to the newest schema."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Engine, NullPool, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from geodata.errors import Unavailable
from gis_server.config import ROOT

PROJECT = ROOT / "pyproject.toml"
EXTENSIONS = ("postgis", "btree_gist")
APP_ROLE = "gis_app"
MIGRATING = 0x67_69_73  # the key of PostgreSQL's advisory lock: "gis"


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database at an address; one that is up to date is left as it is.

    Args:
        url: the owner's address.
        revision: the last migration to run.

    Raises:
        Unavailable: if the database lacks an extension or the application's role, and the owner
            may not make it; it says what an administrator must run.
    """
    with _engine(url).connect() as one_at_a_time, config(url) as steps:
        one_at_a_time.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        _prepare(url)
        if revision != "head" or current(url) != _head():
            command.upgrade(steps, revision)


def _prepare(url: str) -> None:
    """Make what only an administrator may make on many servers, where it is missing."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        made = connection.scalars(text("SELECT extname FROM pg_extension")).all()
        wanted = [f"CREATE EXTENSION {name}" for name in EXTENSIONS if name not in made]
        if connection.scalar(select(func.to_regrole(APP_ROLE))) is None:
            wanted.append(f"CREATE ROLE {APP_ROLE} LOGIN")
        try:
            for statement in wanted:
                connection.execute(text(statement))
        except DBAPIError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            raise Unavailable(
                f"the database {connection.engine.url.database} is not prepared; let an "
                f"administrator run in it: {'; '.join(wanted)}"
            ) from error


@contextlib.contextmanager
def config(url: str) -> Iterator[Config]:
    """Configure Alembic with an open connection, which migrations/env.py takes."""
    with _engine(url).connect() as connection:
        yield Config(toml_file=PROJECT, attributes={"connection": connection})


def current(url: str) -> str | None:
    """Tell the migration that a database is at; None before the first."""
    with _engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _engine(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def _head() -> str | None:
    return ScriptDirectory.from_config(Config(toml_file=PROJECT)).get_current_head()
