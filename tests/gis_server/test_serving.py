"""The real server answers, ends with all its parts, and outlives its database."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from geodata.errors import Conflict
from gis_server import serving
from gis_server.config import ROOT, Settings

LIMIT_S = 60.0


@pytest.fixture(scope="module")
def alone(free_port: int) -> Iterator[Settings]:
    """Settings of a server with an embedded database of its own."""
    # Not pytest's own folder, which the database's user may not enter when root runs the tests.
    var = Path(tempfile.mkdtemp(prefix="gis-serving-", dir="/tmp"))
    var.chmod(0o711)
    yield Settings(var=var, port=free_port, workers=1)
    shutil.rmtree(var)


@contextlib.contextmanager
def _serving(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "gis_server.cli", "serve"],
        cwd=ROOT,
        env=settings.environment(),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _status(settings) == 200)
        yield server
    finally:
        server.terminate()
        server.wait(LIMIT_S)


def _status(settings: Settings) -> int:
    try:
        return requests.get(f"{serving.address(settings)}/town", timeout=5).status_code
    except requests.ConnectionError:
        return 0


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT_S
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)


def _postmaster(settings: Settings) -> int:
    return int((settings.var / "pg" / "data" / "postmaster.pid").read_text().split("\n")[0])


def test_the_real_server_answers_on_its_own_database(live_server: str) -> None:
    assert requests.get(f"{live_server}/town", timeout=5).json()["district"] == 441900


def test_an_address_too_long_to_be_read_is_refused_as_any_problem(live_server: str) -> None:
    reply = requests.get(f"{live_server}/collections/grids/items?filter={'a' * 9000}", timeout=5)

    told = reply.headers["Content-Type"], reply.json()["status"], reply.json()["title"]
    assert told == ("application/problem+json", 414, "URI Too Long")
    assert reply.status_code == 414


def test_a_stopped_server_takes_its_database_along(alone: Settings) -> None:
    with _serving(alone) as server:
        server.send_signal(signal.SIGINT)
        code = server.wait(LIMIT_S)

    left = (alone.var / "pg" / "data" / "postmaster.pid").exists()
    assert (code, left, _status(alone)) == (0, False, 0)


def test_a_killed_servers_database_is_adopted_by_the_next(alone: Settings) -> None:
    with _serving(alone) as first:
        before = _postmaster(alone)
        first.kill()
        _until(lambda: _status(alone) == 0)

    with _serving(alone):
        assert _postmaster(alone) == before


def test_a_second_server_is_refused_by_the_number_of_the_first(alone: Settings) -> None:
    with _serving(alone) as first:
        second = subprocess.run(
            [sys.executable, "-m", "gis_server.cli", "serve"],
            cwd=ROOT,
            env=alone.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    assert (second.returncode, f"process {first.pid}" in second.stderr) == (1, True)


def test_a_server_recovers_when_its_database_was_killed(alone: Settings) -> None:
    with _serving(alone):
        os.kill(_postmaster(alone), signal.SIGKILL)
        _until(lambda: _status(alone) != 200)
        _until(lambda: _status(alone) == 200)

        assert _status(alone) == 200


def test_a_taken_port_is_refused_by_number(
    live_server: str, live_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PORT_LIMIT_S", 0.0)

    with pytest.raises(Conflict, match=str(live_settings.port)):
        serving.await_port(live_settings)


def test_a_server_for_every_address_is_named_by_one_that_a_browser_opens() -> None:
    assert serving.address(replace(Settings(), host="0.0.0.0")) == "http://127.0.0.1:8400"


def test_an_ipv6_address_is_bracketed() -> None:
    assert serving.address(replace(Settings(), host="::")) == "http://[::1]:8400"
