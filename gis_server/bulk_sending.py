"""Send a file while it is written, and stop as soon as nobody reads it any more."""

from __future__ import annotations

import errno
import select
import socket
import ssl
import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from geodata.streams import Encoder, Row
from gis_server.workbooks import WRITING

NOW = struct.pack("ii", 1, 0)  # close at once, and with a reset
STALL_S = 60.0  # a client that takes no piece for so long holds up a snapshot no longer
PIECE_BYTES = 2**17  # so 2 kB/s is enough, however large a part of a file is


@dataclass(frozen=True)
class Reading:
    """Tell of the client that reads an answer, over the socket that gunicorn names.

    Attributes:
        socket: None where there is none, as in tests.
    """

    socket: Any = None

    def limit(self, held: ExitStack) -> None:
        """Give the client up when it takes less than a piece in ``STALL_S``, till the file is sent.

        A socket's limit is for all of what it is told to send at once, not for each byte.
        """
        if self.socket is not None:
            held.callback(self._relax, self.socket.gettimeout())
            self.socket.settimeout(STALL_S)

    def _relax(self, limit_s: float | None) -> None:
        if self.socket.fileno() >= 0:  # else it was reset
            self.socket.settimeout(limit_s)

    def check(self) -> None:
        """Notice a client that went away while nothing was sent to it.

        Raises:
            ConnectionResetError: if it did.
        """
        # A TLS socket cannot be looked into; there it is noticed when something is sent.
        if self.socket is None or isinstance(self.socket, ssl.SSLSocket):
            return
        readable, _, _ = select.select([self.socket], [], [], 0)
        if readable and not self.socket.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError(errno.ECONNRESET, "the client went away")

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Reset the connection unless the block comes to its end.

        An answer to HTTP/1.0, which many proxies ask by, ends where the connection is closed; only
        a reset tells it from one that is cut off.
        """
        with ExitStack() as failed:
            failed.callback(self._reset)
            yield
            failed.pop_all()

    def _reset(self) -> None:
        if self.socket is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
            self.socket.close()


@dataclass(frozen=True)
class File:
    """A file under way.

    Attributes:
        encoder: what writes it.
        batches: its rows; closing ``held`` ends them.
        held: what is let go of when the file is sent, or given up.
        client: who reads it.
    """

    encoder: Encoder
    batches: Iterable[list[Row]]
    held: ExitStack
    client: Reading

    def parts(self) -> Generator[bytes, None, None]:
        """Write the file piece by piece; the work is done beside the event loop."""
        with self.held, self.client.whole():
            for part in self._written():
                yield from pieces(part)

    def _written(self) -> Iterator[bytes]:
        waiting = self.encoder.begin()
        for rows in self.batches:
            waiting += WRITING.aside(self.encoder.add, rows)
            if waiting:
                yield waiting
                waiting = b""
            self.client.check()
        ending = self.encoder.end()
        while (part := WRITING.aside(next, ending, None)) is not None:
            yield waiting + part
            waiting = b""
        if waiting:
            yield waiting


def pieces(part: bytes) -> Iterator[bytes]:
    """Cut a part of a file into what a client on a slow line takes in time."""
    for start in range(0, len(part), PIECE_BYTES):
        yield part[start : start + PIECE_BYTES]
