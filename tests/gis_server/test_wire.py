"""Plain GETs are answered from the wire as by gunicorn and Flask, to whom all others are left."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import gevent.socket
import pytest
from gunicorn.config import Config
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from gis_server.plain import PLAIN, Reply
from gis_server.wire import Requests, asked, written
from tests.factories import add_building

HOST = b"Host: gis\r\n"
ITEMS = b"/collections/buildings/items"
TILE = b"/collections/buildings/tiles/14/13377/7116"
UNPLAIN = b"Via: 1.1 a-proxy\r\nX-Real-IP: 10.0.0.1\r\n"  # gunicorn reads such a head
CHANGING = re.compile(rb'"timeStamp":"[^"]+"')
DATE = re.compile(rb"Date: [^\r]+\r\n")
PASSING = (b"Content-Length", b"Vary")
LENGTH = re.compile(rb"Content-Length: (\d+)\r\n")


def _get(path: bytes, fields: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + fields + b"\r\n"


def test_a_plain_request_is_read() -> None:
    environ = asked(_get(ITEMS + b"?limit=3", b'If-None-Match:  "a b" \r\nAccept: */*\r\n'))

    assert environ == {
        "REQUEST_METHOD": "GET",
        "wsgi.url_scheme": "http",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/collections/buildings/items",
        "QUERY_STRING": "limit=3",
        "HTTP_HOST": "gis",
        "HTTP_IF_NONE_MATCH": '"a b"',
        "HTTP_ACCEPT": "*/*",
    }


def test_a_connection_may_be_said_to_be_kept() -> None:
    assert asked(_get(ITEMS, b"Connection: Keep-Alive\r\n"))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        _get(ITEMS).replace(b"GET", b"POST"),
        _get(ITEMS).replace(b"GET", b"HEAD"),
        _get(ITEMS).replace(b"1.1", b"1.0"),
        _get(b"/town"),
        _get(b"/collections/%E7%BD%91/items"),
        _get(b"/collections/a b/items"),
        _get(b"/collections/buildings/items#top"),
        _get(b"/collections/\xe7\xbd\x91/items"),
        _get(ITEMS)[:-1],
        _get(ITEMS)[:-2] + b"{}",
        _get(ITEMS) + _get(ITEMS),
        _get(ITEMS).replace(HOST, b""),
        _get(ITEMS).replace(HOST, b"Host:\r\n"),
        _get(ITEMS, HOST),
        _get(ITEMS, b"Accept: a\r\nACCEPT: b\r\n"),
        _get(ITEMS, b"Content-Length: 0\r\n"),
        _get(ITEMS, b"Transfer-Encoding: chunked\r\n"),
        _get(ITEMS, b"Connection: close\r\n"),
        _get(ITEMS, b"Connection: Upgrade, HTTP2-Settings\r\n"),
        _get(ITEMS, b"Upgrade: h2c\r\n"),
        _get(ITEMS, b"Expect: 100-continue\r\n"),
        _get(ITEMS, b"X-Forwarded-Proto: https\r\n"),
        _get(ITEMS, b"Forwarded: proto=https\r\n"),
        _get(ITEMS, b"Script_Name: /a\r\n"),
        _get(ITEMS, b"Script-Name: /a\r\n"),
        _get(ITEMS, b" Accept: a\r\n"),
        _get(ITEMS, b"Accept : a\r\n"),
        _get(ITEMS, b"Accept: a\x00b\r\n"),
        _get(ITEMS, b"Accept: \xe7\xbd\x91\r\n"),
        _get(ITEMS, b"Accept: a\nCookie: b\r\n"),
        _get(ITEMS, b"Accept: a\r\n folded\r\n"),
        _get(ITEMS, b"Cookie: " + b"a" * 4096 + b"\r\n"),
    ],
)
def test_whatever_is_not_plain_is_left_to_gunicorn(sent: bytes) -> None:
    assert asked(sent) is None


def test_a_reply_is_written_with_its_date() -> None:
    sent = written(Reply(204, {"ETag": '"a"'}))

    head = rb"HTTP/1.1 204 NO CONTENT\r\nServer: gunicorn\r\nDate: \w{3}, [\w :]+ GMT\r\n"
    assert re.fullmatch(head + rb'Connection: keep-alive\r\nETag: "a"\r\n\r\n', sent)


def _requests(wire: Any) -> Requests:
    settings = Config()
    settings.set("keepalive", 1)
    worker: Any = SimpleNamespace(alive=True, wsgi=SimpleNamespace(extensions={PLAIN: []}))
    return Requests(settings, wire, ("127.0.0.1", 1), worker)


def test_a_silent_connection_is_let_go_of() -> None:
    ours, theirs = gevent.socket.socketpair()
    with ours, theirs, pytest.raises(StopIteration):
        next(_requests(ours))


def test_a_request_that_is_never_whole_is_let_go_of() -> None:
    ours, theirs = gevent.socket.socketpair()
    with ours, theirs, pytest.raises(StopIteration):
        theirs.sendall(_get(ITEMS)[:-2])
        next(_requests(ours))


def test_what_no_way_answers_is_handed_on_whole() -> None:
    ours, theirs = gevent.socket.socketpair()
    with ours, theirs:
        theirs.sendall(_get(ITEMS, b"Accept: */*\r\n"))
        request = next(_requests(ours))

    assert (request.method, request.uri) == ("GET", ITEMS.decode())
    assert request.headers == [("HOST", "gis"), ("ACCEPT", "*/*")]


@pytest.fixture(scope="module")
def street(live_settings: Settings, live_server: str) -> None:
    """Build a dozen houses in a row in the town that is served."""
    with Session(create_engine(live_settings.database_url)) as session, session.begin():
        for i in range(12):
            add_building(session, f"A{i:02}", (10.0 * i, 0.0), name="安居")


@pytest.fixture
def wire(live_server: str, street: None) -> Iterator[socket.socket]:
    """Connect to the server."""
    found = urlsplit(live_server)
    with socket.create_connection((found.hostname or "", found.port or 0), timeout=10) as made:
        yield made


def _answered(wire: socket.socket) -> tuple[bytes, bytes]:
    """Read one answer: its head, and its body without what each moment changes."""
    held = b""
    while b"\r\n\r\n" not in held:
        held += wire.recv(2**16)
    head, _, body = held.partition(b"\r\n\r\n")
    length = LENGTH.search(head + b"\r\n")
    while len(body) < (int(length[1]) if length else 0):
        body += wire.recv(2**16)
    if b"Content-Encoding: gzip" in head:
        body = gzip.decompress(body)
    return DATE.sub(b"", head), CHANGING.sub(b"", body)


def _fields(head: bytes) -> tuple[bytes, set[bytes]]:
    status, *fields = head.split(b"\r\n")
    return status, {field for field in fields if not field.startswith(PASSING)}


@pytest.mark.parametrize("fields", [b"", b"Accept-Encoding: gzip\r\n"])
@pytest.mark.parametrize("path", [ITEMS + b"?limit=3", ITEMS + b"/1", TILE, ITEMS + b"?limit=0"])
def test_a_request_is_answered_from_the_wire_as_by_gunicorn(
    wire: socket.socket, path: bytes, fields: bytes
) -> None:
    wire.sendall(_get(path, fields))
    plain = _answered(wire)
    wire.sendall(_get(path, fields + UNPLAIN))
    usual = _answered(wire)

    assert _fields(plain[0]) == _fields(usual[0])
    assert plain[1] == usual[1]


def test_a_kept_tile_is_not_sent_again(wire: socket.socket) -> None:
    wire.sendall(_get(TILE))
    tag = re.search(rb'ETag: ("[^"]+")', _answered(wire)[0])
    assert tag

    wire.sendall(_get(TILE, b"If-None-Match: " + tag[1] + b"\r\n"))

    head, body = _answered(wire)
    assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 304 NOT MODIFIED", b"")


def test_plain_and_other_requests_share_a_connection(wire: socket.socket) -> None:
    answers = []
    for path in (ITEMS + b"/1", b"/town", ITEMS + b"/1", b"/nothing", ITEMS + b"/1"):
        wire.sendall(_get(path))
        answers.append(_answered(wire))

    statuses = [head.split(b" ", 2)[1] for head, _ in answers]
    assert statuses == [b"200", b"200", b"200", b"404", b"200"]
    assert answers[0] == answers[2] == answers[4]


def test_requests_sent_together_are_answered_in_turn(wire: socket.socket) -> None:
    wire.sendall(_get(ITEMS + b"/1") + _get(b"/town", b"Connection: close\r\n"))

    held = b"".join(iter(lambda: wire.recv(2**16), b""))

    assert held.count(b"HTTP/1.1 200 OK") == 2
    assert held.index(b'"Feature"') < held.rindex(b"HTTP/1.1 200 OK")


def test_a_request_that_comes_in_parts_is_answered(wire: socket.socket) -> None:
    whole = _get(ITEMS + b"/1")
    wire.sendall(whole)
    expected = _answered(wire)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    wire.sendall(whole[:30])
    wire.sendall(whole[30:])

    assert _answered(wire) == expected


def test_a_body_is_read_to_its_end_before_the_next_request(wire: socket.socket) -> None:
    body = b'{"type": "Feature"}'
    told = b"Content-Type: application/geo+json\r\nContent-Length: %d\r\n" % len(body)
    wire.sendall(_get(b"/collections/incidents/items", told).replace(b"GET", b"POST") + body)
    refused = _answered(wire)[0]

    wire.sendall(_get(ITEMS + b"/1"))

    assert refused.startswith(b"HTTP/1.1 400")
    assert _answered(wire)[0].startswith(b"HTTP/1.1 200")
