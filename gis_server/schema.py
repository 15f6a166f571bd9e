"""Bring a database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from gis_server.config import ROOT


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database at an address; one that is up to date is left as it is.

    Args:
        url: the owner's address.
        revision: the last migration to run.
    """
    steps = config(url)
    head = ScriptDirectory.from_config(steps).get_current_head()
    if revision != "head" or current(url) != head:
        command.upgrade(steps, revision)


def current(url: str) -> str | None:
    """Tell the migration that a database is at; None before the first."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def config(url: str) -> Config:
    """Configure Alembic for a database; migrations/env.py takes the address from ``url``."""
    return Config(toml_file=ROOT / "pyproject.toml", attributes={"url": url})
