"""Take in a visitor's post of one feature before Flask routes it: half of what the rest costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geodata.errors import GisError
from geodata.geojson import parse_feature
from gis_server.asked import GEOJSON
from gis_server.db import Database
from gis_server.features import FEATURE_LIMIT_BYTES, check_key
from gis_server.listing import items_path
from gis_server.plain import Application, Environ
from layers.base import Layer, Scope, Stored

# What tells of an account, of another site's page, or of a body that must first be unpacked.
UNUSUAL = frozenset(
    {
        *("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE"),
        *("HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING"),
    }
)
RAISED = "gis_server.raised"


@dataclass(frozen=True)
class Quick:
    """Answer the plainest posts with the routes' own functions, and leave all else to the routes.

    Args:
        routes: the application that answers everything.
        layers: the layers that can be posted to, by the path for it.
        home: the scope of a visitor.
        database: where features are stored.
    """

    routes: Application
    layers: Mapping[str, Layer]
    home: Scope
    database: Database

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333); an error is left to the routes to tell."""
        layer = self.layers.get(environ["PATH_INFO"])
        if layer is None or not (length := _plain_bytes(environ)):
            return self.routes(environ, start)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = BytesIO(body)
        if len(body) < length:
            return self.routes(environ, start)
        try:
            stored = self._stored(layer, body, environ.get("HTTP_IDEMPOTENCY_KEY"))
        except (GisError, DBAPIError, PoolTimeout) as error:
            environ[RAISED] = error
            return self.routes(environ, start)
        told = stored.body.encode()
        headers = [
            ("Content-Type", "application/geo+json"),
            ("Content-Length", str(len(told))),
            ("Location", f"{items_path(layer.name)}/{stored.id}"),
            ("Vary", "Accept-Encoding"),  # the routes pack such an answer
        ]
        start("201 CREATED", headers)
        return [told]

    def _stored(self, layer: Layer, body: bytes, key: str | None) -> Stored:
        assert layer.create is not None
        feature = parse_feature(body)
        check_key(key)
        with self.database.single() as session:
            return layer.create(session, self.home, feature, key)


def before(app: Flask, layers: Mapping[str, Layer], home: Scope, database: Database) -> None:
    """Put the quick way before an application's routes."""
    posted = {items_path(name): layer for name, layer in layers.items() if layer.create}
    app.before_request(_raise_again)
    app.wsgi_app = Quick(app.wsgi_app, posted, home, database)  # type: ignore[method-assign, assignment]


def _raise_again() -> None:
    """Raise what the quick way ran into, so that it is told as any error."""
    if error := request.environ.get(RAISED):
        raise error


def _plain_bytes(environ: Environ) -> int:
    """Tell the length of a plain post's body; 0 when the request is anything else."""
    if environ["REQUEST_METHOD"] != "POST" or environ.get("CONTENT_TYPE") not in GEOJSON:
        return 0
    if environ.get("QUERY_STRING"):
        return 0
    length = environ.get("CONTENT_LENGTH", "")
    if not UNUSUAL.isdisjoint(environ) or not (length.isascii() and length.isdigit()):
        return 0
    return int(length) if len(length) < 8 and int(length) <= FEATURE_LIMIT_BYTES else 0
