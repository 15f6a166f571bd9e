"""What a bench runs on: its own cluster with production settings, databases and web servers."""

from __future__ import annotations

import contextlib
import glob
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from geodata.town import Town, make_town
from gis_server import serving
from gis_server.cluster import APP_ROLE, DATABASE, LAPTOP, OWNER_ROLE, Cluster
from gis_server.config import Settings
from gis_server.demo import SEED, load_town
from gis_server.locks import Users
from gis_server.postgres import ADMIN_ROLE
from gis_server.schema import migrate

PREFIX = "gis-bench-"
TOWN = "town"
REGISTERS = (
    *(
        "areas",
        "buildings",
        "categories",
        "collections",
        "duties",
        "enterprises",
        "facilities",
        "grids",
    ),
    *("hazards", "organisations", "reference", "streets", "work_spans"),
)


@dataclass
class Rig:
    """Make databases of the demo town, and servers on them, for one run of benches.

    Args:
        quick: whether small sizes will do.
        minutes: how long the simulation of the wall bench runs.
        held: ends what the rig started.
    """

    quick: bool
    minutes: float
    held: contextlib.ExitStack
    _made: int = 0
    _templates: set[str] = field(default_factory=set)

    @cached_property
    def cluster(self) -> Cluster:
        """A running throw-away cluster with production settings."""
        _forget_leftovers()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        folder.chmod(0o711)
        cluster = Cluster(folder / "pg", LAPTOP)
        self.held.callback(shutil.rmtree, folder, ignore_errors=True)
        self.held.callback(cluster.remove)
        return self.held.enter_context(cluster.used())

    @cached_property
    def town(self) -> Town:
        """The demo town."""
        return make_town(SEED)

    @cached_property
    def bare(self) -> str:
        """A migrated database without rows, which is only copied."""
        migrate(self._urls(DATABASE)["owner_database_url"])
        return DATABASE

    @cached_property
    def demo(self) -> str:
        """A database of the demo town before its first incident, which is only copied."""
        self._copy(self.bare, TOWN)
        load_town(Settings(**self._urls(TOWN)))
        self.run(TOWN, "TRUNCATE incidents, steps, replies, outbox")
        # Not tables without rows: a plan for an empty table stays until it is analysed anew.
        self.run(TOWN, f"VACUUM ANALYZE {', '.join(REGISTERS)}")
        return TOWN

    @contextlib.contextmanager
    def database(self, template: str = "", workers: int = 2) -> Iterator[Settings]:
        """Make a database for as long as the block, of the demo town if nothing else is named."""
        self._made += 1
        name = f"bench_{self._made}"
        self._copy(template or self.demo, name)
        try:
            yield replace(Settings(**self._urls(name)), port=_free_port(), workers=workers)
        finally:
            self.run("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')

    def template(self, name: str, fill: Callable[[Settings], None]) -> str:
        """Make a database that is only copied, once in a run; ``fill`` fills it."""
        if name not in self._templates:
            self._copy(self.bare, name)
            fill(Settings(**self._urls(name)))
            self._templates.add(name)
        return name

    def _copy(self, template: str, name: str) -> None:
        self.run("postgres", f'CREATE DATABASE "{name}" OWNER {OWNER_ROLE} TEMPLATE "{template}"')

    @contextlib.contextmanager
    def served(self, workers: int = 2) -> Iterator[Settings]:
        """Make a database of the demo town and run a web server on it for as long as the block."""
        with self.database(workers=workers) as settings, server(settings):
            yield settings

    def run(self, database: str, statement: str) -> None:
        """Run one statement as the superuser, outside a transaction."""
        url = self.cluster.url(ADMIN_ROLE, database)
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))

    def _urls(self, database: str) -> dict[str, Any]:
        return {
            "database_url": self.cluster.url(APP_ROLE, database),
            "owner_database_url": self.cluster.url(OWNER_ROLE, database),
        }


@contextlib.contextmanager
def rigged(quick: bool = False, minutes: float = 0.5) -> Iterator[Rig]:
    """Give benches what they run on; it is made on first use and ended with the block."""
    with contextlib.ExitStack() as held:
        yield Rig(quick, minutes, held)


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[serving.Child]:
    """Run a web server for as long as the block; it answers when the block begins."""
    with serving.running(settings, [serving.web(settings)]) as (child,):
        serving.await_answer(settings)
        yield child


def _forget_leftovers() -> None:
    """Delete the clusters of runs that were killed."""
    for left in map(Path, glob.glob(f"{tempfile.gettempdir()}/{PREFIX}*/pg/users.lock")):
        if Users(left).leave():
            Cluster(left.parent, LAPTOP).remove()
            shutil.rmtree(left.parent.parent, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
