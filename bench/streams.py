"""Event streams as a browser holds them: each resumes by itself with its Last-Event-ID."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench.client import CHUNK_BYTES, RETRY_S, Loop

_ID = re.compile(rb"^id: (.+)$", re.M)
_DATA = re.compile(rb"^data: (.+)$", re.M)


@dataclass
class Event:
    """A change as one stream was told of it, at a monotonic time."""

    seq: int
    feature: int
    at: float


@dataclass
class Stream:
    """One reader of ``/events``; it keeps whole messages and drops one that was cut off."""

    loop: Loop
    address: tuple[str, int]
    messages: list[tuple[float, bytes]] = field(default_factory=list)
    last_id: str = ""
    resumed: int = 0
    resets: int = 0
    _sock: socket.socket | None = None
    _held: bytes = b""
    _retry_at: float = 0.0

    @property
    def open(self) -> bool:
        """Whether the first message is here, which says that the subscription stands."""
        return bool(self.last_id) and self._sock is not None

    def step(self) -> None:
        """Connect if there is no connection and the time for it has come."""
        if self._sock is None and time.monotonic() >= self._retry_at:
            self._connect()

    def close(self) -> None:
        """Close the connection."""
        if self._sock is not None:
            self.loop.forget(self._sock)
            self._sock = None

    def _connect(self) -> None:
        try:
            self._sock = socket.create_connection(self.address, timeout=5)
            self._sock.sendall(self._request())
        except OSError:
            self._retry_at = time.monotonic() + RETRY_S
            if self._sock is not None:
                self._sock.close()
                self._sock = None
            return
        self.resumed += bool(self.last_id)
        self._held = b""
        self.loop.watch(self._sock, self._read)

    def _request(self) -> bytes:
        resume = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        # HTTP/1.0, so that no transfer coding cuts the messages.
        return f"GET /events HTTP/1.0\r\nHost: bench\r\n{resume}\r\n".encode()

    def _read(self) -> None:
        try:
            part = self._sock.recv(CHUNK_BYTES) if self._sock else b""
        except OSError:
            part = b""
        self._held += part
        refused = self._held.startswith(b"HTTP/1.") and self._held[8:12] not in (b" 200", b"")
        if not part or refused:
            self.close()
            self._retry_at = time.monotonic() + RETRY_S
            return
        if b"\n\n" in part:
            self._take(time.monotonic())

    def _take(self, now: float) -> None:
        """Keep the whole messages."""
        whole, _, self._held = self._held.rpartition(b"\n\n")
        for message in whole.split(b"\n\n"):
            if found := _ID.search(message):
                self.last_id = found[1].decode()
            if b"event: changes" in message:
                self.messages.append((now, message))
            elif b"event: reset" in message:
                self.resets += 1

    def events(self) -> list[Event]:
        """Read the changes of all messages, in the order told."""
        return [
            Event(change["seq"], change["id"], at)
            for at, message in self.messages
            for change in _data(message)["changes"]
        ]


def _data(message: bytes) -> Any:
    found = _DATA.search(message)
    assert found is not None
    return orjson.loads(found[1])


def open_streams(loop: Loop, address: tuple[str, int], count: int) -> list[Stream]:
    """Open a number of streams and wait until each is subscribed."""
    streams = [Stream(loop, address) for _ in range(count)]
    while not all(stream.open for stream in streams):
        step_all(streams)
        loop.turn(RETRY_S)
    return streams


def step_all(streams: list[Stream]) -> None:
    """Reconnect the streams that were cut."""
    for stream in streams:
        stream.step()


def listen(loop: Loop, streams: list[Stream], seconds: float) -> None:
    """Listen on for a while."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        step_all(streams)
        loop.turn(left)
