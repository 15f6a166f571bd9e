"""The migrations make what the models say, and can be undone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from alembic import command
from sqlalchemy import Engine, NullPool, create_engine, text

from geodata.errors import Unavailable
from gis_server import schema
from gis_server.config import ROOT, Settings
from tests import databases


def test_the_application_role_owns_nothing(engine: Engine) -> None:
    owned = text("SELECT count(*) FROM pg_class WHERE relowner = 'gis_app'::regrole")
    with engine.connect() as connection:
        assert connection.scalar(owned) == 0


def test_the_migrations_make_what_the_models_say(own_database: Settings) -> None:
    with schema.config(own_database.owner_database_url) as steps:
        command.check(steps)


def test_migrations_go_down_and_up_again(own_database: Settings) -> None:
    url = own_database.owner_database_url

    with schema.config(url) as steps:
        command.downgrade(steps, "base")
    schema.migrate(url)

    assert schema.current(url) is not None


def test_two_migrations_at_once_do_not_fight(own_database: Settings) -> None:
    url = own_database.owner_database_url
    with schema.config(url) as steps:
        command.downgrade(steps, "base")
    migration = [sys.executable, "-m", "gis_server.cli", "migrate"]
    environment = own_database.environment()

    both = [subprocess.Popen(migration, cwd=ROOT, env=environment) for _ in range(2)]

    assert [process.wait(60) for process in both] == [0, 0]


@dataclass(frozen=True)
class Bare:
    """An empty database without an extension: its address for its owner and for the superuser."""

    owner: str
    superuser: str


@pytest.fixture
def bare_database(database_server: databases.Server) -> Iterator[Bare]:
    """Make a database as an outside server has it before anything was prepared."""
    admin, name = database_server.url("postgres", "postgres"), f"bare_{os.getpid()}"
    engine = create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER gis_owner TEMPLATE template0"))
        yield Bare(*(database_server.url(role, name) for role in ("gis_owner", "postgres")))
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_an_owner_who_may_not_make_extensions_is_told_what_to_ask_for(bare_database: Bare) -> None:
    with pytest.raises(Unavailable, match="run in it: CREATE EXTENSION postgis; CREATE EXTENSION"):
        schema.migrate(bare_database.owner)

    assert schema.current(bare_database.owner) is None


def test_a_superuser_gets_his_empty_database_prepared(bare_database: Bare) -> None:
    schema.migrate(bare_database.superuser)

    assert schema.current(bare_database.superuser) is not None
