"""Plain requests, answered before Flask routes them; all others are left to the routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask

# The extension that holds the ways by which a plain GET is answered, for the server to try first.
PLAIN = "plain"
STATUS: Mapping[int, str] = {200: "200 OK", 204: "204 NO CONTENT", 304: "304 NOT MODIFIED"}

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(frozen=True)
class Reply:
    """A status, the headers of a reply, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def fields(self) -> str:
        """The headers as they are sent."""
        return "".join([f"{name}: {value}\r\n" for name, value in self.headers.items()])


Answer = Callable[[Environ], Reply | None]


@dataclass(frozen=True)
class Answered:
    """Try a way of answering before the routes (PEP 3333).

    Args:
        routes: the application that answers everything.
        answer: answers a plain GET, and gives None for anything else.
    """

    routes: Application
    answer: Answer

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        """Answer a request."""
        reply = self.answer(environ) if environ["REQUEST_METHOD"] == "GET" else None
        if reply is None:
            return self.routes(environ, start)
        start(STATUS[reply.status], list(reply.headers.items()))
        return [reply.body]


def before(app: Flask, answer: Answer) -> None:
    """Put a way of answering plain GETs before an application's routes."""
    app.wsgi_app = Answered(app.wsgi_app, answer)  # type: ignore[method-assign, assignment]
    app.extensions.setdefault(PLAIN, []).append(answer)
