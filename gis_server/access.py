"""Who asks, and from where: the scope of each request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from geodata.errors import Forbidden
from gis_server.db import Sessions
from layers import accounts
from layers.base import VISITOR, Reader, Scope

COOKIE = "gis_session"
TRUSTED_S = 2.0  # how long it may take until somebody disabled or signed out is a visitor
MOST_KEPT = 10_000
PAGES = "pages"  # the blueprint of shells and static files
READING = frozenset({"GET", "HEAD", "OPTIONS"})

Asking = Callable[[], Scope]
# Reads what a signed cookie holds; None when the signature is not ours or too old.
Opener = Callable[[str], Mapping[str, Any] | None]
# Tells whether the reader of the request at hand is still the one who asked.
Standing = Callable[[], bool]


@dataclass
class Readers:
    """Know who is signed in, by the cookie; looked up again every other second.

    Attributes:
        home: the scope of a visitor.
        opener: reads the cookie.
        sessions: opens a session on the primary, as a replica may lag behind a sign-out.
        demo: whether accounts of the demo town are let in.
    """

    home: Scope
    opener: Opener
    sessions: Sessions
    demo: bool
    _known: dict[str, tuple[float, Reader]] = field(default_factory=dict)

    def reader(self, cookie: str) -> Reader:
        """Tell who holds a cookie; a visitor when nobody does any more.

        Raises:
            DBAPIError: if the database is away.
        """
        now = time.monotonic()
        at, known = self._known.get(cookie, (0.0, VISITOR))
        if at and now - at < TRUSTED_S:
            return known
        found = self._looked_up(cookie)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[cookie] = now, found
        return found

    def _looked_up(self, cookie: str) -> Reader:
        told = self.opener(cookie) or {}
        key, uniquifier = told.get("key"), told.get("_user_id")
        if not isinstance(key, str) or not isinstance(uniquifier, str):
            return VISITOR
        with self.sessions() as session:
            reader, demo = accounts.signed_in(session, self.home, key, uniquifier)
        return VISITOR if demo and not self.demo else reader

    def arrive(self) -> None:
        """Find out who asks, before a view holds a connection; a visitor costs nothing.

        Pages and their files are the same for all, and come while the database is away too.
        """
        if (cookie := _cookie()) and request.blueprint != PAGES:
            g.scope = replace(self.home, reader=self.reader(cookie))

    def scope(self) -> Scope:
        """Tell the scope of the request at hand."""
        found: Scope = g.get("scope", self.home)
        return found

    def standing(self) -> Standing | None:
        """Give what tells later whether the reader of the request at hand is still who he was.

        A visitor stays one.
        """
        cookie, reader = _cookie(), self.scope().reader
        if cookie is None or reader == VISITOR:
            return None
        return lambda: self.reader(cookie) == reader

    def watch(self, app: Flask) -> None:
        """Let an application know who asks, and keep what it tells them out of shared caches."""
        app.before_request(refuse_other_sites)
        app.before_request(self.arrive)
        app.after_request(_private)


def _cookie() -> str | None:
    # Most clients, and all sensors, have none at all; to parse them costs more than to look.
    if "HTTP_COOKIE" not in request.environ:
        return None
    return request.cookies.get(COOKIE)


def _private(reply: Response) -> Response:
    if "scope" in g:
        reply.headers.setdefault("Cache-Control", "private, no-cache")
        reply.vary.add("Cookie")
    return reply


def refuse_other_sites() -> None:
    """Refuse a change that another site's page asks for, with this browser's cookie.

    Browsers say where a request comes from: by Sec-Fetch-Site over HTTPS and on loopback, by
    Origin elsewhere. A client that is no browser says neither.

    Raises:
        Forbidden: if the page is not ours.

    Source: OWASP Cross-Site Request Forgery Prevention, section Fetch Metadata headers.
    """
    environ = request.environ
    if environ["REQUEST_METHOD"] in READING:
        return
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site is not None and site not in {"same-origin", "none"}:
        raise Forbidden(f"a page of another site asks for this ({site})", "Sec-Fetch-Site")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden(f"a page of {origin} asks for this", "Origin")
