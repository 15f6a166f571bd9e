"""A cheap HTTP client in one thread: many keep-alive connections and many event streams at once."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

RETRY_S = 0.05
TURN_S = 0.02
CHUNK_BYTES = 2**18
END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Answer:
    """What became of one request; times are monotonic seconds.

    Attributes:
        due_at: when it was to be sent; when it was sent, if there was no schedule.
        done_at: when its last byte was here.
        tries: how often it was sent.
    """

    due_at: float = 0.0
    done_at: float = 0.0
    status: int = 0
    body: bytes = b""
    tries: int = 0

    @property
    def took_ms(self) -> float:
        """Milliseconds from when it was to be sent to its last byte."""
        return (self.done_at - self.due_at) * 1000


@dataclass
class Loop:
    """Wait for any of the sockets, and call what belongs to it."""

    _selector: selectors.BaseSelector = field(default_factory=selectors.SelectSelector)

    def watch(self, sock: socket.socket, act: Callable[[], None]) -> None:
        """Call ``act`` whenever the socket can be read."""
        self._selector.register(sock, selectors.EVENT_READ, act)

    def forget(self, sock: socket.socket) -> None:
        """Watch a socket no more, and close it."""
        self._selector.unregister(sock)
        sock.close()

    def turn(self, wait_s: float) -> None:
        """Wait at most so long, and act once on every socket that is ready."""
        for key, _ in self._selector.select(max(0.0, min(wait_s, TURN_S))):
            key.data()


class _Connection:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, posts: Posts) -> None:
        self._posts = posts
        self._sock: socket.socket | None = None
        self._held = b""
        self._retry_at = 0.0
        self.number: int | None = None

    def send(self, number: int, request: bytes) -> bool:
        """Send a request; False when there is no server to take it."""
        if self._sock is None and not self._connected():
            return False
        self.number = number
        try:
            self._live.sendall(request)
        except OSError:
            self._lost()
        return True

    @property
    def _live(self) -> socket.socket:
        assert self._sock is not None
        return self._sock

    def _connected(self) -> bool:
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._sock = socket.create_connection(self._posts.address, timeout=5)
        except OSError:
            self._retry_at = time.monotonic() + RETRY_S
            return False
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._posts.loop.watch(self._sock, self._read)
        return True

    def _read(self) -> None:
        try:
            part = self._live.recv(CHUNK_BYTES)
        except OSError:
            part = b""
        if not part:
            self._lost()
            return
        self._held += part
        head, found, body = self._held.partition(END_OF_HEAD)
        if found and len(body) >= _length(head):
            self._held = b""
            number, self.number = self.number, None
            self._posts.answered(self, number, (int(head[9:12]), body))

    def _lost(self) -> None:
        self.close()
        self._held, self._retry_at = b"", time.monotonic() + RETRY_S
        number, self.number = self.number, None
        self._posts.cut(self, number)

    def close(self) -> None:
        """Close the connection."""
        if self._sock is not None:
            self._posts.loop.forget(self._sock)
            self._sock = None


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Posts:
    """Send requests, each again until it is answered, over a number of connections.

    Args:
        loop: waits for the sockets.
        address: host and port.
        requests: whole requests, ready to send.
        rate: requests a second by an open schedule; None sends as fast as answers come.
        connections: how many requests may be under way at once.
    """

    def __init__(
        self,
        loop: Loop,
        address: tuple[str, int],
        requests: Sequence[bytes],
        rate: float | None = None,
        connections: int = 16,
    ) -> None:
        self.loop, self.address = loop, address
        self._requests, self._rate = requests, rate
        self.answers = [Answer() for _ in requests]
        self._waiting = deque(range(len(requests)))
        self._idle = deque(_Connection(self) for _ in range(connections))
        self._all = list(self._idle)
        self.started_at = time.monotonic()
        self.open = len(requests)

    def step(self) -> float:
        """Send what is due; seconds until the next one is."""
        now = time.monotonic()
        for _ in range(len(self._idle)):
            if not self._waiting or (wait_s := self._due_at(self._waiting[0]) - now) > 0:
                return wait_s if self._waiting else TURN_S
            self._send(self._waiting.popleft(), self._idle.popleft(), now)
        return TURN_S if not self._idle else RETRY_S / 10

    def run(self, also: Callable[[], None] = lambda: None) -> list[Answer]:
        """Send all and wait for all; ``also`` is called at every turn."""
        while self.open:
            self.loop.turn(self.step())
            also()
        self.close()
        return self.answers

    def close(self) -> None:
        """Close the connections."""
        for connection in self._all:
            connection.close()

    def answered(
        self, connection: _Connection, number: int | None, reply: tuple[int, bytes]
    ) -> None:
        """Keep an answer."""
        self._idle.append(connection)
        if number is not None:
            answer = self.answers[number]
            answer.status, answer.body = reply
            answer.done_at = time.monotonic()
            self.open -= 1

    def cut(self, connection: _Connection, number: int | None) -> None:
        """Send a request again whose connection broke."""
        if number is not None:
            self._idle.append(connection)
            self._waiting.appendleft(number)

    def _due_at(self, number: int) -> float:
        return self.started_at + number / self._rate if self._rate else 0.0

    def _send(self, number: int, connection: _Connection, now: float) -> None:
        answer = self.answers[number]
        answer.due_at = answer.due_at or self._due_at(number) or now
        if connection.send(number, self._requests[number]):
            answer.tries += 1
        else:
            self._waiting.appendleft(number)
            self._idle.append(connection)


class Line:
    """One keep-alive connection on which a request is sent and its answer awaited.

    Args:
        address: host and port.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._sock = socket.create_connection(address, timeout=120)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> Answer:
        """Send one request and wait for its answer."""
        answer = Answer(due_at=time.monotonic(), tries=1)
        self._sock.sendall(request)
        held = b""
        while True:
            if not (part := self._sock.recv(CHUNK_BYTES)):
                raise ConnectionResetError("the server closed the connection")
            held += part
            head, found, body = held.partition(END_OF_HEAD)
            if found and len(body) >= _length(head):
                answer.done_at = time.monotonic()
                answer.status, answer.body = int(head[9:12]), body
                return answer

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()


def post_request(path: str, body: bytes, key: str) -> bytes:
    """Write a POST of one GeoJSON feature with its Idempotency-Key."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/geo+json\r\n"
        f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get_request(path: str) -> bytes:
    """Write a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n\r\n".encode()
