"""Run the server: the database, the web workers and the jobs, started and ended together."""

from __future__ import annotations

import contextlib
import errno
import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import NoReturn

import click

from geodata.errors import Conflict, Unavailable
from gis_server.cluster import Cluster, database
from gis_server.config import ROOT, Settings
from gis_server.locks import only_server
from gis_server.schema import migrate

ANSWER_LIMIT_S = 60.0
ENDING_LIMIT_S = 10.0
PORT_LIMIT_S = 6.0
WATCH_S = 0.2
REVIVE_S = 5.0

Command = Sequence[str]
Child = subprocess.Popen[bytes]


def serve(settings: Settings) -> None:
    """Serve the map until told to stop.

    Raises:
        Conflict: if another server uses the same folder or port.
        Unavailable: if the database or the web server does not come up.
    """
    with _ready(settings) as ready:
        _run(ready, [jobs()], _revival(settings))


def demo(settings: Settings, rate: float) -> None:
    """Serve the demo town, loading it first if no grid is stored, with a live simulation.

    Args:
        settings: as for serve.
        rate: how many incidents a second the simulation posts; 0 for none.
    """
    # Heavy; plain serve does without.
    from gis_server.demo import load_town  # noqa: PLC0415
    from gis_server.demo_accounts import open_accounts  # noqa: PLC0415

    with _ready(settings) as ready:
        load_town(ready)
        open_accounts(ready)
        live = [simulation(ready, rate)] if rate else []
        _run(ready, [jobs(), *live], _revival(settings))


def web(settings: Settings) -> Command:
    """Name the command that answers requests."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = ["--workers", str(settings.workers), "--bind", f"{host}:{settings.port}"]
    config = ["--config", "python:gis_server.workers"]
    return [sys.executable, "-m", "gunicorn", *config, *options, "gis_server.app:create_app()"]


def jobs() -> Command:
    """Name the command that does the scheduled work."""
    return [sys.executable, "-m", "gis_server.jobs"]


def simulation(settings: Settings, rate: float) -> Command:
    """Name the command that posts incidents to the server at a rate per second."""
    return [sys.executable, "-m", "gis_server.simulation", address(settings), str(rate)]


def address(settings: Settings) -> str:
    """Name the address at which a browser on this machine finds the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


@contextlib.contextmanager
def running(settings: Settings, commands: Sequence[Command]) -> Iterator[Sequence[Child]]:
    """Run processes for as long as the block; they end even if this process is killed."""
    children = [_spawn(settings, command) for command in commands]
    try:
        yield children
    finally:
        _end(children)


def await_answer(settings: Settings) -> None:
    """Wait until the server answers.

    Raises:
        Unavailable: if it does not within a minute, or answers that it is broken.
    """
    until = time.monotonic() + ANSWER_LIMIT_S
    while (status := _status(settings)) != http.client.OK:
        if time.monotonic() > until or status == http.client.INTERNAL_SERVER_ERROR:
            raise Unavailable(f"{address(settings)} does not answer (status {status})")
        time.sleep(WATCH_S)


@contextlib.contextmanager
def _ready(settings: Settings) -> Iterator[Settings]:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    with contextlib.ExitStack() as held:
        if not settings.database_url:
            settings.var.mkdir(parents=True, exist_ok=True)
            held.enter_context(only_server(settings.var / "lock"))
        await_port(settings)
        click.echo("gis: database: starting", err=True)
        ready = held.enter_context(database(settings))
        click.echo("gis: database: migrating", err=True)
        migrate(ready.owner_database_url)
        yield ready


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    click.echo("gis: stopping", err=True)
    sys.exit(0)


def _revival(settings: Settings) -> Callable[[], None]:
    if settings.database_url:
        return lambda: None
    return Cluster.beside(settings.var).revive


def _run(settings: Settings, others: Sequence[Command], revive: Callable[[], None]) -> None:
    with running(settings, [web(settings)]) as answering:
        watch = _watch(answering, revive)
        while _status(settings) != http.client.OK:
            next(watch)
        click.echo(f"gis: the wall map is at {address(settings)}/wall (Ctrl-C ends it)")
        with running(settings, others) as behind:
            for _ in _watch([*answering, *behind], revive):
                pass


def _watch(children: Sequence[Child], revive: Callable[[], None]) -> Iterator[None]:
    revived = time.monotonic()
    while True:
        for child in children:
            if child.poll() is not None:
                raise Unavailable(
                    f"a part of the server ended ({child.returncode}): {child.args!r}"
                )
        if time.monotonic() - revived > REVIVE_S:
            revive()
            revived = time.monotonic()
        time.sleep(WATCH_S)
        yield


def _spawn(settings: Settings, command: Command) -> Child:
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *command],
        cwd=ROOT,
        env=settings.environment(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C in the terminal is for us, who then end the children
    )


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.terminate()
    until = time.monotonic() + ENDING_LIMIT_S
    for child in children:
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _status(settings: Settings) -> int | None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/town")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def await_port(settings: Settings) -> None:
    """Wait until the port is free: a killed server's workers let go of it a moment later.

    Raises:
        Conflict: if it stays in use.
    """
    until = time.monotonic() + PORT_LIMIT_S
    while not _free(settings):
        if time.monotonic() > until:
            raise Conflict(f"port {settings.port} is in use; set GIS_PORT to another")
        time.sleep(WATCH_S)


def _free(settings: Settings) -> bool:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Unavailable(f"cannot listen on {settings.host}: {error.strerror}") from error
            return False
    return True
