"""Fixtures that all tests share: databases of the migrated schema, and servers on them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hypothesis
import pyproj
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server import serving
from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import Database, open_database
from gis_server.event_places import placing
from gis_server.feed import Feed
from gis_server.postgres import binaries
from layers import find_layers, gazetteer, masks
from layers.base import VISITOR, Reader, Scope
from tests import databases, factories

FOLDER = pytest.StashKey[Path]()
GIVEN = Settings.from_env()

collect_ignore = [] if GIVEN.real_data else ["real"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="DIR", help="save pictures of the pages there too")


def pytest_configure(config: pytest.Config) -> None:
    # On a machine that others use too, how long an example takes says nothing.
    hypothesis.settings.register_profile("patient", deadline=None)
    hypothesis.settings.load_profile("patient")
    worker = getattr(config, "workerinput", None)
    config.stash[FOLDER] = Path(worker["databases"]) if worker else databases.new_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["databases"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        databases.forget(GIVEN, config.stash[FOLDER])


def pytest_report_header() -> str:
    postgres = binaries(Path("/none")).parent.name
    control = Path(f"/usr/share/postgresql/{postgres}/extension/postgis.control").read_text()
    postgis = control.split("default_version = '")[1].split("'")[0]
    geos, proj = ".".join(map(str, shapely.geos_version)), pyproj.proj_version_str
    return f"PostgreSQL {postgres}, PostGIS {postgis}; in Python: GEOS {geos}, PROJ {proj}"


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Iterator[databases.Server]:
    """Bring the server that all databases of this run are made on."""
    with databases.server(GIVEN, request.config.stash[FOLDER]) as server:
        yield server


class Databases:
    """Make databases for one test process, under names that are not used twice."""

    def __init__(self, server: databases.Server, folder: Path, process: str) -> None:
        self._server, self._folder, self._process, self._made = server, folder, process, 0

    @contextlib.contextmanager
    def copy(self) -> Iterator[Settings]:
        """Make a database for as long as the block; settings that name it and a free port."""
        self._made += 1
        name = f"{self._process}_{self._made}"
        with databases.copy(self._server, self._folder, name) as settings:
            given = {"real_data": GIVEN.real_data, "secret_key": "of-the-tests"}
            yield replace(settings, port=_free_port(), workers=1, **given)


@pytest.fixture(scope="session")
def new_databases(database_server: databases.Server, request: pytest.FixtureRequest) -> Databases:
    """Give what makes databases."""
    process = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return Databases(database_server, request.config.stash[FOLDER], process)


@pytest.fixture(scope="session")
def settings(new_databases: Databases) -> Iterator[Settings]:
    """Name the database of this test process, in which no test may commit."""
    with new_databases.copy() as settings:
        yield settings


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """Connect as the application role, which owns nothing."""
    engine = create_engine(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Open a transaction that is rolled back after the test; commits in it are savepoints."""
    with (
        engine.connect() as connection,
        connection.begin() as whole,
        Session(connection, join_transaction_mode="create_savepoint") as session,
    ):
        yield session
        session.close()
        whole.rollback()


@pytest.fixture
def town(session: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Store a small town; words are looked up in it alone."""
    monkeypatch.setattr(gazetteer, "TOWN", gazetteer.Town())
    factories.add_town(session)
    return session


@pytest.fixture
def inside(session: Session) -> Database:
    """Reach the database by the test's transaction."""

    @contextlib.contextmanager
    def nested() -> Iterator[Session]:
        with session.begin_nested():
            yield session
        session.expire_all()

    return Database(nested, nested, nested, nested)


@pytest.fixture
def client(settings: Settings, inside: Database) -> FlaskClient:
    """Ask the application inside the test's transaction, as a visitor or as who signs in."""
    return create_app(settings, inside).test_client()


@pytest.fixture
def client_as(settings: Settings, inside: Database) -> Callable[[Reader], FlaskClient]:
    """Give what asks the application as a reader, inside the test's transaction."""

    def client_of(reader: Reader) -> FlaskClient:
        scope = replace(factories.SCOPE, reader=reader)
        return create_app(settings, inside, lambda: scope).test_client()

    return client_of


@pytest.fixture
def dispatcher(client_as: Callable[[Reader], FlaskClient]) -> FlaskClient:
    """Ask as the command centre, which sees and moves all cases."""
    return client_as(factories.DISPATCHER)


@dataclass
class Desk:
    """Ask the application as anybody: first a visitor, then whoever sits down."""

    district: int
    reader: Reader = VISITOR
    client: FlaskClient = field(init=False)

    def scope(self) -> Scope:
        """Tell who sits at the desk."""
        return Scope(self.district, reader=self.reader)


@pytest.fixture
def desk(settings: Settings, inside: Database) -> Desk:
    """Ask the application inside the test's transaction, as anybody."""
    made = Desk(settings.district)
    made.client = create_app(settings, inside, asking=made.scope).test_client()
    return made


@pytest.fixture
def own_database(new_databases: Databases) -> Iterator[Settings]:
    """Make a database for one test, which may commit in it."""
    with new_databases.copy() as settings:
        yield settings


@pytest.fixture
def own_engine(own_database: Settings) -> Iterator[Engine]:
    """Connect to the test's own database as the application role."""
    engine = create_engine(own_database.database_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def new_feed(own_database: Settings) -> Iterator[Callable[[], Feed]]:
    """Make feeds as several processes have them; all their streams are left in the end."""
    made: list[Feed] = []

    def new() -> Feed:
        layers, scope = find_layers(), factories.SCOPE
        single = open_database(own_database).single
        made.append(Feed(single, masks.keeping(layers, scope), placing(layers, scope)))
        return made[-1]

    yield new
    for feed in made:
        for stream in list(feed._streams):
            feed.leave(stream)


@pytest.fixture
def feed(new_feed: Callable[[], Feed]) -> Feed:
    """Make one feed."""
    return new_feed()


@pytest.fixture(scope="module")
def live_settings(new_databases: Databases) -> Iterator[Settings]:
    """Make a database and a port for a module's own server."""
    with new_databases.copy() as settings:
        yield settings


@pytest.fixture(scope="module")
def live_server(live_settings: Settings) -> Iterator[str]:
    """Run the real web server on the module's own database; its address."""
    with serving.running(live_settings, [serving.web(live_settings)]):
        serving.await_answer(live_settings)
        yield serving.address(live_settings)


@pytest.fixture(scope="module")
def free_port() -> int:
    """Find a port for a module's server."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
