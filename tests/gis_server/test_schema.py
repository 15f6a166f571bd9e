"""The migrations make what the models say, and can be undone."""

from __future__ import annotations

import subprocess
import sys

from alembic import command
from sqlalchemy import Engine, text

from gis_server import schema
from gis_server.config import ROOT, Settings


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
