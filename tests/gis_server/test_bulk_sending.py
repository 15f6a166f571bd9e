"""Files from a real server: whole or cut off, few at a time, and given up with the client."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from threading import Event

import pytest
import requests
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from geodata.streams import Row
from gis_server import bulk_sending
from gis_server.bulk_sending import PIECE_BYTES, File, Reading
from gis_server.config import Settings
from gis_server.db import STREAMS
from tests.factories import add_town

ROWS = 25_000  # of a kilobyte each: more than the buffers between server and client hold
REPLY_LIMIT_S, SOON_S = 20, 3.0
FILL = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, description)
SELECT 441900, 'B' || n, '101', 3, 'app', 'EPSG:4326', now(), now(), repeat('长', 150)
FROM generate_series(1, :rows) AS n
""")
HELD = text("""
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
""")
END = text("SELECT pg_terminate_backend(:pid)")


QUICKLY_S, PART = 0.5, b"\x00" * 2**23


class _Large:
    """Write a file of one large part, as a group of rows is."""

    def begin(self) -> bytes:
        """Begin with nothing."""
        return b""

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write all rows as one part."""
        return PART

    def end(self) -> Iterator[bytes]:
        """End with nothing more."""
        return iter(())

    def close(self) -> None:
        """Let go of nothing."""


def _sent(pace_s: float, bytes_: int) -> bool:
    """Send that file to a client which takes so many bytes at a time; whether it got all of it."""
    ours, theirs = socket.socketpair()
    over = Event()
    with ours, theirs, ThreadPoolExecutor() as beside:
        taken = beside.submit(_take, theirs, (pace_s, bytes_), over)
        client, held = Reading(ours), ExitStack()
        client.limit(held)
        try:
            with closing(File(_Large(), [[()]], held, client).parts()) as pieces:
                for piece in pieces:
                    ours.sendall(piece)
            ours.shutdown(socket.SHUT_WR)
            return taken.result() == len(PART)
        except TimeoutError:
            return False
        finally:
            over.set()


def _take(theirs: socket.socket, pace: tuple[float, int], over: Event) -> int:
    pause_s, bytes_ = pace
    taken = 0
    while not over.wait(pause_s) and (part := theirs.recv(bytes_)):
        taken += len(part)
    return taken


def test_a_steady_client_on_a_slow_line_gets_the_whole_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_sending, "STALL_S", QUICKLY_S)

    assert _sent(0.02, PIECE_BYTES)


def test_a_client_that_takes_next_to_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_sending, "STALL_S", QUICKLY_S)

    assert not _sent(QUICKLY_S / 5, 1)


@pytest.fixture(scope="module")
def engine(live_settings: Settings) -> Iterator[Engine]:
    """Reach the server's database, which holds many cases."""
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        add_town(session)
        session.execute(FILL, {"rows": ROWS})
    yield engine
    engine.dispose()


def _held(engine: Engine) -> list[int]:
    """Name the connections that hold a snapshot."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return list(connection.execute(HELD).scalars())


def _await_none(engine: Engine) -> None:
    """Wait until no connection holds a snapshot."""
    end = time.monotonic() + SOON_S
    while held := _held(engine):
        assert time.monotonic() < end, f"{held} still hold a snapshot"
        time.sleep(0.05)


def _file(server: str, form: str = "ndjson") -> requests.Response:
    """Ask for a file, and read no more than its head."""
    address = f"{server}/collections/incidents/items?f={form}"
    return requests.get(address, stream=True, timeout=REPLY_LIMIT_S)


@contextmanager
def _begun(server: str, form: str = "ndjson") -> Iterator[Iterator[bytes]]:
    """Have a client that reads no faster than it is told to."""
    with closing(_file(server, form)) as reply:
        yield reply.iter_content(2**10)


def test_a_whole_file_has_every_row(live_server: str, engine: Engine) -> None:
    with closing(_file(live_server)) as reply:
        assert sum(1 for _ in reply.iter_lines(2**16)) == ROWS

    assert _held(engine) == []


def test_a_file_that_fails_half_way_is_no_whole_file(live_server: str, engine: Engine) -> None:
    with closing(_file(live_server)) as reply:
        parts = reply.iter_content(2**16)
        next(parts)
        with engine.begin() as connection:
            [connection.execute(END, {"pid": pid}) for pid in _held(engine)]

        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(parts)


def test_a_file_that_fails_half_way_is_no_whole_file_for_a_proxy_either(
    live_server: str, engine: Engine
) -> None:
    """Without chunks, as HTTP/1.0 is answered, only the connection tells."""
    host, port = live_server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), REPLY_LIMIT_S) as client:
        client.sendall(b"GET /collections/incidents/items?f=ndjson HTTP/1.0\r\n\r\n")
        client.recv(2**10)
        with engine.begin() as connection:
            [connection.execute(END, {"pid": pid}) for pid in _held(engine)]

        with pytest.raises(ConnectionResetError):
            while client.recv(2**16):
                pass


@pytest.mark.parametrize("form", ["ndjson", "fgb", "parquet", "csv"])
def test_a_client_that_goes_away_frees_the_snapshot(
    live_server: str, engine: Engine, form: str
) -> None:
    with _begun(live_server, form) as parts:
        next(parts)

    _await_none(engine)


def test_too_many_files_at_once_are_put_off_and_nothing_else(
    live_server: str, engine: Engine
) -> None:
    with ExitStack() as held:
        begun = [held.enter_context(_begun(live_server)) for _ in range(STREAMS)]
        [next(parts) for parts in begun]
        refused = held.enter_context(closing(_file(live_server)))
        assert (refused.status_code, refused.headers["Retry-After"].isdigit()) == (503, True)
        assert requests.get(f"{live_server}/town", timeout=REPLY_LIMIT_S).ok

    _await_none(engine)


def test_asking_for_the_headers_alone_frees_the_snapshot(live_server: str, engine: Engine) -> None:
    reply = requests.head(f"{live_server}/collections/incidents/items?f=fgb", timeout=REPLY_LIMIT_S)

    assert reply.status_code == 200
    _await_none(engine)


def test_others_are_answered_while_a_file_is_written(live_server: str, engine: Engine) -> None:
    with closing(_file(live_server, "parquet")) as reply:
        slowest = 0.0
        for _ in reply.iter_content(2**16):
            started = time.monotonic()
            requests.get(f"{live_server}/collections", timeout=REPLY_LIMIT_S)
            slowest = max(slowest, time.monotonic() - started)

    assert slowest < 1.0
