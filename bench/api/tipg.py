"""The peer: tipg in an environment of its own, on the same database with as many processes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import requests

from gis_server.config import Settings

NAME = "tipg 1.6.1"
PACKAGES = ("tipg==1.6.1", "uvicorn[standard]==0.54.0")
START_S = 60
ADDRESS = ("127.0.0.1", 8497)


@contextlib.contextmanager
def tipg(settings: Settings) -> Iterator[tuple[str, int]]:
    """Serve a database by tipg for as long as the block; its host and port."""
    python = _environment(Path(Settings.from_env().var) / "bench-tipg")
    host, port = ADDRESS
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--host", host, "--port", str(port)]
    told = {
        "DATABASE_URL": _address(settings.database_url),
        "TIPG_DB_SCHEMAS": '["public"]',
        # As many as there are, and not the first 10,000.
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
        # It takes one column for the key, and has an index of its own on it here.
        "TIPG_TABLE_CONFIG": '{"public_enterprises": {"pk": "id"}, "public_grids": {"pk": "id"}}',
    }
    process = subprocess.Popen(
        [*command, "--workers", str(settings.workers), "--log-level", "error"],
        env={**os.environ, **told},
    )
    try:
        _await(f"http://{host}:{port}/conformance")
        yield ADDRESS
    finally:
        process.terminate()
        process.wait(10)


def _environment(folder: Path) -> Path:
    """Make the environment once; the Python of it."""
    python = folder / "bin" / "python"
    stamp = folder / "made-from"
    wanted = "\n".join((sys.version, *PACKAGES))
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        stamp.write_text(wanted)
    return python


def _address(url: str) -> str:
    """Write the address of a Unix socket as asyncpg reads it: as the host."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query)["host"][0]
    user = (parts.username or "").strip()
    return f"postgresql://{user}@{quote(folder, safe='')}:5432{parts.path}"


def _await(url: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=START_S).ok:
                return
        time.sleep(0.2)
    raise TimeoutError(f"{NAME} does not answer at {url}")
