"""Bring a database to the newest schema."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, create_engine, func, select

from gis_server.config import ROOT

PROJECT = ROOT / "pyproject.toml"
MIGRATING = 0x67_69_73  # the key of PostgreSQL's advisory lock: "gis"


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database at an address; one that is up to date is left as it is.

    Args:
        url: the owner's address.
        revision: the last migration to run.
    """
    with _engine(url).connect() as one_at_a_time, config(url) as steps:
        one_at_a_time.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        if revision != "head" or current(url) != _head():
            command.upgrade(steps, revision)


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
