"""Answer plain questions for features before Flask routes them: half of what the rest costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from geodata.errors import GisError
from gis_server import compressing, listing, parameters, plain
from gis_server.asked import LIMIT, MOST
from gis_server.db import Database
from gis_server.links import GEOJSON, Address
from gis_server.plain import Environ, Reply
from layers import queries
from layers.base import Layer, Query, Scope

ACCEPTED = frozenset({"", "*/*", GEOJSON})
PLAIN = frozenset({"bbox", "limit"})
# What tells of an account, or of what the client has already.
UNUSUAL = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")
_ITEMS = re.compile(r"/collections/([a-z_]+)/items(?:/([0-9]{1,18}))?")
# Of other names and ports, the routes write another form or refuse them.
_HOST = re.compile(
    r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?::(?!80$|443$)(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
)


class Asked(NamedTuple):
    """A plain question: of which layer, what, and where it was asked."""

    layer: Layer
    query: Query
    at: Address


@dataclass(frozen=True)
class QuickReads:
    """Answer a box of features or one feature that everybody may see; leave all else to the routes.

    Args:
        layers: the layers of the program.
        home: the scope of a visitor.
        database: where features are read.
    """

    layers: Mapping[str, Layer]
    home: Scope
    database: Database

    def answer(self, environ: Environ) -> Reply | None:
        """Answer a GET; an error is left to the routes to find and tell."""
        try:
            asked = self._asked(environ)
            if asked is None:
                return None
            body, told = self._answer(asked)
        except (GisError, SQLAlchemyError):
            return None
        body, told = compressing.packed(body, told, environ.get("HTTP_ACCEPT_ENCODING", ""))
        return Reply(200, {**told, "Content-Length": str(len(body))}, body)

    def _asked(self, environ: Environ) -> Asked | None:
        found = _ITEMS.fullmatch(environ["PATH_INFO"])
        layer = self.layers.get(found[1]) if found else None
        if not found or layer is None or layer.mask is not None or layer.private:
            return None
        if not _is_usual(environ):
            return None
        told = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        given = dict(told)
        if len(given) < len(told) or not given.keys() <= (PLAIN if found[2] is None else set()):
            return None
        return Asked(layer, _query(given, found[2]), _address(environ, given))

    def _answer(self, asked: Asked) -> tuple[bytes, dict[str, str]]:
        layer, query, at = asked
        if query.ids is not None:
            fetch = self.database.reads.rows
            version, body = queries.single(fetch, layer, self.home, query)
            return listing.feature_text(layer, body, at).encode(), _headers(query, version)
        return listing.collection_text(layer, self._page(layer, query), at), _headers(query)

    def _page(self, layer: Layer, query: Query) -> queries.Page:
        if found := queries.few(self.database.reads.rows, layer, self.home, query):
            return found
        with self.database.reading() as session:
            return queries.features(session, layer, self.home, query)


def before(app: Flask, layers: Mapping[str, Layer], home: Scope, database: Database) -> None:
    """Put the quick way before an application's routes."""
    plain.before(app, QuickReads(layers, home, database).answer)


def _is_usual(environ: Environ) -> bool:
    if any(name in environ for name in UNUSUAL) or environ.get("HTTP_ACCEPT", "") not in ACCEPTED:
        return False
    simple = ";" not in environ.get("HTTP_ACCEPT_ENCODING", "")
    return simple and bool(_HOST.fullmatch(environ.get("HTTP_HOST", "")))


def _query(given: Mapping[str, str], number: str | None) -> Query:
    if number is not None:
        return Query(ids=(int(number),))
    limit = parameters.whole(given.get("limit", str(LIMIT)), "limit", MOST)
    if not limit:
        raise GisError("left to the routes to refuse")
    return Query(bbox=parameters.bbox(given["bbox"]) if "bbox" in given else None, limit=limit)


def _address(environ: Environ, given: Mapping[str, str]) -> Address:
    root = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ.get('SCRIPT_NAME', '')}"
    return Address(root, environ["PATH_INFO"], given)


def _headers(query: Query, version: int | None = None) -> dict[str, str]:
    return {"Content-Type": GEOJSON, "Vary": "Accept", **listing.told_of(query.crs, version)}
