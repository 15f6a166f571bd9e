"""Plain GETs answered from the wire: to read one as gunicorn does costs more than a kept tile.

A browser sends the same head with each request for a tile but for the address, so heads are read
once. Whatever is not plain beyond doubt is gunicorn's: another method, a body, a head that is not
whole, two requests at once, headers that a proxy sets or that change what a connection does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache, partial
from typing import Any

from gevent import GreenletExit, Timeout
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn import http
from gunicorn.http.parser import RequestParser
from gunicorn.util import http_date
from gunicorn.workers.ggevent import GeventWorker

from gis_server.plain import PLAIN, STATUS, Answer, Environ, Reply

CHUNK_BYTES = 8192
HEAD_BYTES = 4096  # longer heads are read by gunicorn, which has limits of its own
HEADS = 256  # that are kept
ACCEPTED = 4  # connections at a time
END = b"\r\n\r\n"
LINE = re.compile(rb"GET (/collections/[\w/.:@+~-]+)(?:\?([!-~]*))? HTTP/1\.1\r\n", re.A)
FIELD = re.compile(rb"([A-Za-z0-9-]+):[ \t]*([ -~]*?)[ \t]*\r\n")
# They say what becomes of the connection, that a body follows, or who asked a proxy for what.
UNUSUAL = re.compile(
    r"HTTP_(?:CONNECTION|CONTENT_.*|EXPECT|FORWARDED|KEEP_ALIVE|PROXY.*|SCRIPT_NAME|TE|TRAILER"
    r"|TRANSFER_ENCODING|UPGRADE|X_.*)"
)
KEPT_ALIVE = ("HTTP_CONNECTION", "keep-alive")


class Worker(GeventWorker):  # type: ignore[misc]
    """A worker of gunicorn's that answers plain GETs from the wire."""

    def timeout_ctx(self) -> AbstractContextManager[None]:
        """Leave the time that a connection may be silent to ``Requests``, which begins it anew."""
        return nullcontext()

    def init_process(self) -> None:
        """Read requests by ``Requests`` from now on."""
        http.get_parser = self._requests
        super().init_process()

    def server_class(self, listener: Any, *, spawn: Pool, **_: Any) -> StreamServer:
        """Accept several connections a round of the event loop.

        gunicorn accepts one, and under load, which makes rounds long, the last of a crowd waits for
        seconds. Of more, one worker would take all that a browser opens.
        """
        server = StreamServer(listener, handle=partial(self.handle, listener), spawn=spawn)
        server.max_accept = ACCEPTED
        return server

    def _requests(self, cfg: Any, wire: Any, peer: Any, **_: Any) -> Requests:
        return Requests(cfg, wire, peer, self)


class Patient:
    """A connection as its reader has it: after a long silence it has ended.

    Args:
        wire: the socket.
        silence_s: how long it may be silent.
    """

    def __init__(self, wire: Any, silence_s: float) -> None:
        self._wire, self._silence_s, self._is_over = wire, silence_s, False

    def recv(self, most: int) -> bytes:
        """Wait for a part; nothing from the end on."""
        if not self._is_over:
            with Timeout(self._silence_s, False):
                part = bytes(self._wire.recv(most))
                self._is_over = not part
                return part
            # What comes after all may be the rest of a body that was given up.
            self._is_over = True
        return b""


class Requests(RequestParser):  # type: ignore[misc]
    """The requests of one connection that are not answered already.

    Args:
        cfg: gunicorn's configuration.
        wire: the socket.
        peer: its other end.
        worker: whose application answers.
    """

    def __init__(self, cfg: Any, wire: Any, peer: Any, worker: Worker) -> None:
        self._patient = Patient(wire, cfg.keepalive)
        super().__init__(cfg, self._patient, peer)
        self._wire, self._worker = wire, worker
        self._answers: Sequence[Answer] = worker.wsgi.extensions[PLAIN]

    def __next__(self) -> Any:
        """Answer plain requests; give the first that is not.

        Raises:
            StopIteration: if the connection is to be closed.
        """
        if self.mesg and (self.mesg.should_close() or not self._is_read()):
            raise StopIteration
        while not self.unreader.buf.getbuffer():
            sent = self._patient.recv(CHUNK_BYTES)
            if not sent:
                raise StopIteration
            if not self._is_answered(sent):
                self.unreader.unread(sent)
        with Timeout(self.cfg.keepalive, False):
            return super().__next__()
        raise StopIteration

    def _is_read(self) -> bool:
        """Read the last request to its end; tell whether that came in time."""
        with Timeout(self.cfg.keepalive, False):
            return bool(self.finish_body())
        return False

    def _is_answered(self, sent: bytes) -> bool:
        environ = asked(sent) if self._worker.alive else None
        if environ is None:
            return False
        for answer in self._answers:
            reply = answer(environ)
            if reply is not None:
                self._send(reply)
                return True
        return False

    def _send(self, reply: Reply) -> None:
        whole = written(reply)
        try:
            sent = self._wire.send(whole)
            if sent < len(whole):
                self._wire.sendall(memoryview(whole)[sent:])
        except GreenletExit as error:
            # What gunicorn would tell of it now would be read as the rest of the body.
            raise StopIteration from error


def asked(sent: bytes) -> Environ | None:
    """Read a plain GET as the environment of an application (PEP 3333).

    Returns:
        None for all that is not plain.
    """
    line = LINE.match(sent)
    if line is None or len(sent) > HEAD_BYTES or not sent.endswith(END):
        return None
    told = _told(sent[line.end() - 2 : -2])
    if told is None:
        return None
    path, query = line[1].decode(), (line[2] or b"").decode()
    return {**told, "PATH_INFO": path, "QUERY_STRING": query}


@lru_cache(HEADS)
def _told(head: bytes) -> Mapping[str, str] | None:
    """Read the fields of a head, which begins with a line's end; None if any is unusual."""
    told = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "SCRIPT_NAME": ""}
    at = 2
    while at < len(head):
        field = FIELD.match(head, at)
        if field is None:
            return None
        name = f"HTTP_{field[1].decode().upper().replace('-', '_')}"
        value = field[2].decode()
        if name in told or (UNUSUAL.fullmatch(name) and (name, value.lower()) != KEPT_ALIVE):
            return None
        told[name] = value
        at = field.end()
    return told if told.get("HTTP_HOST") else None


def written(reply: Reply) -> bytes:
    """Write a reply as gunicorn writes those of the application."""
    head = f"HTTP/1.1 {STATUS[reply.status]}\r\n{_general(int(time.time()))}{reply.fields}\r\n"
    return head.encode("latin-1") + reply.body


@lru_cache(1)
def _general(now_s: int) -> str:
    """Write the fields that all replies of a second have."""
    return f"Server: gunicorn\r\nDate: {http_date(now_s)}\r\nConnection: keep-alive\r\n"
