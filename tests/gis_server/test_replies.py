"""A whole reply leaves in one piece; a streamed or an empty one as gunicorn sends it."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from gis_server.replies import Reply, refuse


class Wire:
    """Keep what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, part: bytes) -> None:
        """Send a part."""
        self.sent.append(part)


def _replied(method: str, status: str, length: int | None, *parts: bytes) -> list[bytes]:
    wire = Wire()
    asked = SimpleNamespace(version=(1, 1), method=method, should_close=lambda: False)
    settings: Any = SimpleNamespace(protocol="http", is_ssl=False)
    reply = Reply(asked, wire, settings)
    headers = [] if length is None else [("Content-Length", str(length))]
    reply.start_response(status, [("Content-Type", "text/plain"), *headers])
    for part in parts:
        reply.write(part)
    reply.close()
    return wire.sent


def test_a_whole_reply_is_sent_at_once() -> None:
    (sent,) = _replied("GET", "200 OK", 5, b"hello")

    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nServer: ")
    assert b"\r\nContent-Type: text/plain\r\nContent-Length: 5" in head
    assert body == b"hello"


@pytest.mark.parametrize(
    ("method", "status", "length", "parts", "body"),
    [
        ("GET", "200 OK", 5, (b"he", b"llo"), b"hello"),
        ("GET", "200 OK", 5, (b"hello", b" and more"), b"hello"),
        ("GET", "200 OK", 2, (b"hello",), b"he"),
        ("GET", "200 OK", None, (b"hello",), b"5\r\nhello\r\n0\r\n\r\n"),
        ("HEAD", "200 OK", 5, (b"hello",), b""),
        ("GET", "204 NO CONTENT", None, (), b""),
        ("GET", "200 OK", 0, (b"",), b""),
    ],
)
def test_every_reply_has_the_body_it_should(
    method: str, status: str, length: int | None, parts: tuple[bytes, ...], body: bytes
) -> None:
    sent = b"".join(_replied(method, status, length, *parts))

    assert sent.count(b"HTTP/1.1") == 1
    assert sent.partition(b"\r\n\r\n")[2] == body


def _refused(status: int, reason: str, detail: str) -> dict[str, Any]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        refuse(ours, status, reason, detail)
        head, _, body = theirs.recv(2**16).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    told: dict[str, Any] = orjson.loads(body)
    return told


def test_who_asks_by_too_long_an_address_is_told_what_to_do() -> None:
    told = _refused(414, "URI Too Long", "Request Line is too large (9045 > 8190)")

    assert (told["status"], told["title"]) == (414, "URI Too Long")
    assert "shorten the filter" in told["detail"]
    assert (told["code"], told["params"]) == ("address_too_long", {"most": 8190})


def test_what_else_the_web_server_refuses_is_told_in_its_words() -> None:
    told = _refused(400, "Bad Request", "Invalid Method 'get'")

    assert (told["detail"], "code" in told) == ("Invalid Method 'get'", False)
