"""Bring a database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from gis_server.config import ROOT


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database at an address; one that is up to date is left as it is.

    Args:
        url: the owner's address.
        revision: the last migration to run.
    """
    command.upgrade(config(url), revision)


def config(url: str) -> Config:
    """Configure Alembic for a database; migrations/env.py takes the address from ``url``."""
    return Config(toml_file=ROOT / "pyproject.toml", attributes={"url": url})
