"""Databases for the tests: all copies of one template, which the migrations made."""

from __future__ import annotations

import contextlib
import glob
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import NullPool, create_engine, make_url, text

from gis_server.cluster import APP_ROLE, OWNER_ROLE, THROW_AWAY, Cluster
from gis_server.config import Settings
from gis_server.locks import Users, alone
from gis_server.schema import migrate

PREFIX = "gis-test-"
ROLES = f"""
DO $$ BEGIN
    IF to_regrole('{OWNER_ROLE}') IS NULL THEN CREATE ROLE {OWNER_ROLE} LOGIN; END IF;
    IF to_regrole('{APP_ROLE}') IS NULL THEN CREATE ROLE {APP_ROLE} LOGIN; END IF;
END $$
"""


class Server(Protocol):
    """A PostGIS server on which tests may make databases."""

    def url(self, role: str, database: str) -> str:
        """Name the address of a database for a role."""


@dataclass(frozen=True)
class Given:
    """The server that TEST_DATABASE_URL names, with a superuser; its roles get his password."""

    address: str

    def url(self, role: str, database: str) -> str:
        """Name the address of a database for a role; the superuser stands for postgres."""
        given = make_url(self.address).set(database=database)
        given = given if role == "postgres" else given.set(username=role)
        return given.render_as_string(hide_password=False)


def new_folder() -> Path:
    """Make a folder for a throw-away cluster, and delete those that killed runs left behind.

    Not pytest's own, which the database's user may not enter when root runs the tests.
    """
    for left in map(Path, glob.glob(f"{tempfile.gettempdir()}/{PREFIX}*/pg/users.lock")):
        if Users(left).leave():
            remove(left.parent.parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    return folder


def remove(folder: Path) -> None:
    """Delete a folder that new_folder made, with the cluster in it."""
    if (cluster := _cluster(folder)).data.exists():
        cluster.remove()
    shutil.rmtree(folder, ignore_errors=True)


def forget(settings: Settings, folder: Path) -> None:
    """Delete what a test run made."""
    if settings.test_database_url:
        given = Given(settings.test_database_url).url("postgres", "postgres")
        _run(given, f'DROP DATABASE IF EXISTS "{_template(folder)}"')
    remove(folder)


@contextlib.contextmanager
def server(settings: Settings, folder: Path) -> Iterator[Server]:
    """Bring the test run's server, with its template migrated, for as long as the block."""
    with contextlib.ExitStack() as used:
        found: Server
        if settings.test_database_url:
            found = Given(settings.test_database_url)
        else:
            found = used.enter_context(_cluster(folder).used())
        with alone(folder / "template.lock"):
            if not (made := folder / "template").exists():
                _make_template(found, _template(folder))
                made.touch()
        yield found


@contextlib.contextmanager
def copy(server: Server, folder: Path, name: str) -> Iterator[Settings]:
    """Make a database from the template for as long as the block."""
    database = f"{_template(folder)}_{name}"
    admin = server.url("postgres", "postgres")
    template = _template(folder)
    _run(admin, f'CREATE DATABASE "{database}" OWNER {OWNER_ROLE} TEMPLATE "{template}"')
    try:
        urls = (server.url(role, database) for role in (APP_ROLE, OWNER_ROLE))
        yield replace(
            Settings(), **dict(zip(("database_url", "owner_database_url"), urls, strict=True))
        )
    finally:
        _run(admin, f'DROP DATABASE "{database}" WITH (FORCE)')


def _cluster(folder: Path) -> Cluster:
    return Cluster(folder / "pg", THROW_AWAY)


def _template(folder: Path) -> str:
    return folder.name.replace("-", "_")


def _make_template(server: Server, name: str) -> None:
    admin = server.url("postgres", "postgres")
    _run(admin, ROLES)
    if password := make_url(admin).password:
        for role in (OWNER_ROLE, APP_ROLE):
            _run(admin, f"ALTER ROLE {role} PASSWORD '{password}'")
    _run(admin, f'DROP DATABASE IF EXISTS "{name}"')
    _run(admin, f'CREATE DATABASE "{name}" OWNER {OWNER_ROLE} TEMPLATE template0 ENCODING UTF8')
    _run(server.url("postgres", name), "CREATE EXTENSION postgis")
    _run(server.url("postgres", name), "CREATE EXTENSION btree_gist")
    migrate(server.url(OWNER_ROLE, name))


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
