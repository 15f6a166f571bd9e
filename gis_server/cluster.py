"""The embedded default: a private PostGIS cluster on a Unix socket, without a network port."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from geodata.errors import Unavailable
from gis_server.config import Settings
from gis_server.locks import Users, alone
from gis_server.postgres import ADMIN_ROLE, binaries, enterable, own_folder, run

OWNER_ROLE = "gis_owner"
APP_ROLE = "gis_app"
DATABASE = "gis"
PORT = 5432
SOCKET_PATH_BYTES = 107
START_LIMIT_S = 60.0
SYSTEM_FOLDER = Path("/var/lib/gis-server")

# Sized for 2 cores and 4 GB beside the server itself. jit costs 10-100 times on short queries.
LAPTOP: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "lz4",
    "random_page_cost": "1.1",
    # A new town fills fast: plans made for its empty tables must not last a minute.
    "autovacuum_naptime": "10s",
    "timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}

# For clusters that are deleted after use: a crash of the machine may lose everything.
THROW_AWAY: Mapping[str, str] = {
    **LAPTOP,
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


@dataclass(frozen=True)
class Cluster:
    """A PostGIS cluster that belongs to one folder; any number of processes may use it at once.

    Args:
        folder: holds ``data``, ``log``, ``socket`` and two lock files.
        parameters: the server's settings, given anew at each start.
    """

    folder: Path
    parameters: Mapping[str, str]

    @classmethod
    def beside(cls, var: Path) -> Cluster:
        """Find the cluster of a var folder: in it, or in a system folder if it cannot be entered.

        The database never runs as root, so a var inside a private home of root will not do.
        """
        _make_folder(var)
        if enterable(var):
            return cls(var / "pg", LAPTOP)
        _make_folder(SYSTEM_FOLDER)
        SYSTEM_FOLDER.chmod(0o711)
        return cls(SYSTEM_FOLDER / _short_name(var), LAPTOP)

    @property
    def data(self) -> Path:
        """Name the data directory."""
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        """Name the folder of the Unix socket, whose path must stay under 107 bytes."""
        folder = self.folder / "socket"
        if len(os.fsencode(f"{folder}/.s.PGSQL.{PORT}")) < SOCKET_PATH_BYTES:
            return folder
        place = Path("/run") if os.geteuid() == 0 else Path(f"/run/user/{os.geteuid()}")
        place = place if os.access(place, os.W_OK) else Path("/tmp")
        return place / f"gis-{os.geteuid()}-{_short_name(self.folder)}"

    def url(self, role: str, database: str = DATABASE) -> str:
        """Name the SQLAlchemy address of a database for a role."""
        return (
            f"postgresql+psycopg2://{role}@/{database}?host={quote(str(self.sockets))}&port={PORT}"
        )

    @contextlib.contextmanager
    def used(self) -> Iterator[Cluster]:
        """Have the cluster run for as long as the block; the last one to leave stops it.

        Raises:
            Unavailable: if it cannot be made or started.
        """
        own_folder(self.folder)
        users = Users(self.folder / "users.lock")
        with alone(self.folder / "starting.lock"):
            users.join()
            self.start()
        try:
            yield self
        finally:
            with alone(self.folder / "starting.lock"):
                if users.leave():
                    self.stop()

    def start(self) -> None:
        """Start the cluster, making it first if there is none; one that runs already is adopted.

        Raises:
            Unavailable: with the end of the server's log.
        """
        own_folder(self.folder)
        own_folder(self.sockets)
        if not self.data.exists():
            self._initialise()
        self._await_answer()
        if not (made := self.folder / "made").exists():
            _make_database(self.url(ADMIN_ROLE, "postgres"), self.url(ADMIN_ROLE))
            made.touch()

    def revive(self) -> None:
        """Start the cluster if somebody else stopped or killed it."""
        if not self._postmaster_runs():
            with alone(self.folder / "starting.lock"):
                self.start()

    def stop(self) -> None:
        """Stop the cluster, ending its connections; do nothing if it does not run."""
        if not self._postmaster_runs():
            return
        if self._pg("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-t", "60").returncode:
            self._pg("pg_ctl", "stop", "-D", self.data, "-m", "immediate")

    def remove(self) -> None:
        """Stop the cluster and delete all that it stored."""
        self.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        # Made under another name, so that an interrupted initdb is not taken for a cluster.
        making = self.folder / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-instructions"]
        if self.parameters.get("fsync") == "off":
            options.append("--no-sync")
        made = self._pg("initdb", "-D", making, "-U", ADMIN_ROLE, *options)
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")
        making.rename(self.data)

    def _launch(self) -> None:
        self._outlive_orphans()
        given = {**self.parameters, "unix_socket_directories": str(self.sockets)}
        options = shlex.join(f"--{name}={value}" for name, value in given.items())
        log = self.folder / "start.log"
        wait = ["-w", "-t", str(int(START_LIMIT_S))]
        started = self._pg("pg_ctl", "start", "-D", self.data, "-l", log, *wait, "-o", options)
        if started.returncode:
            raise Unavailable(f"PostgreSQL did not start: {self._last_words()}")

    def _last_words(self) -> str:
        logs = [self.folder / "start.log", *(self.folder / "log").glob("*.log")]
        written = [log for log in logs if log.exists()]
        newest = max(written, key=lambda log: log.stat().st_mtime)
        return "\n".join(newest.read_text(errors="replace").splitlines()[-5:])

    def _outlive_orphans(self) -> None:
        # Backends may outlive a killed postmaster for a moment. Only when none is left is it safe
        # to remove its pid files, which would stop us if that number was given out again.
        until = time.monotonic() + START_LIMIT_S
        while pids := self._processes():
            if time.monotonic() > until:
                raise Unavailable(f"processes of a dead PostgreSQL linger: {sorted(pids)}")
            time.sleep(0.1)
        for left in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def _postmaster_runs(self) -> bool:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return False
        return pid in self._processes()

    def _processes(self) -> set[int]:
        # PostgreSQL's processes work in the data directory. Asked as the database's own user,
        # for in a container even root may not read the links of another user's processes.
        search = ["find", "/proc", "-maxdepth", "2", "-name", "cwd", "-printf", "%h %l\n"]
        rows = (line.split(" ", 1) for line in run(self.folder, *search).stdout.splitlines())
        here = os.path.realpath(self.data)
        return {int(proc.rsplit("/", 1)[1]) for proc, at in rows if at == here}

    def _await_answer(self) -> None:
        until = time.monotonic() + START_LIMIT_S
        while True:
            if not self._postmaster_runs():
                self._launch()
            try:
                psycopg2.connect(_libpq(self.url(ADMIN_ROLE, "postgres"))).close()
                return
            except psycopg2.OperationalError as error:
                if time.monotonic() > until:
                    raise Unavailable(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.1)

    def _pg(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run(self.folder, str(binaries(self.data) / program), *map(str, arguments))


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """Bring the database for as long as the block: the one that is named, else the embedded one.

    Yields:
        The settings with both database addresses filled in.
    """
    if settings.database_url:
        yield settings
        return
    with Cluster.beside(settings.var).used() as cluster:
        yield replace(
            settings,
            database_url=cluster.url(APP_ROLE),
            owner_database_url=cluster.url(OWNER_ROLE),
        )


def _make_database(server: str, database_url: str) -> None:
    with _connected(server) as cursor:
        for role in (OWNER_ROLE, APP_ROLE):
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
        if not cursor.fetchone():
            names = map(sql.Identifier, (DATABASE, OWNER_ROLE))
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    with _connected(database_url) as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(_libpq(url))
    try:
        connection.autocommit = True
        yield connection.cursor()
    finally:
        connection.close()


def _libpq(url: str) -> str:
    return url.replace("+psycopg2", "", 1)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be made: {error.strerror}; set GIS_VAR") from error


def _short_name(folder: Path) -> str:
    return hashlib.blake2b(os.fsencode(folder), digest_size=5).hexdigest()
