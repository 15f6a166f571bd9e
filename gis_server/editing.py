"""Write one feature: create, replace, update and delete it.

Source: OGC API – Features Part 4 (20-002r1): Create, Replace, Update and Delete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from geodata.errors import NotFound, ReadOnly
from geodata.served_crs import CRS84
from gis_server import asked, written
from gis_server.access import Asking
from gis_server.db import Database
from gis_server.links import href
from gis_server.listing import geojson, items_path
from gis_server.parameters import BIGINT
from layers import masks, queries
from layers.base import Layer, Query, Scope
from layers.edits import Edits, Written

READ = ("GET", "HEAD", "OPTIONS")
NOTHING = Edits()
RETURN, HANDLING, APPLIED = "return", "handling", "Preference-Applied"

Write = Callable[[Session, Scope], Written]


@dataclass(frozen=True)
class Editing:
    """Answer who writes a feature."""

    layers: Mapping[str, Layer]
    asking: Asking
    database: Database

    def replace(self, name: str, number: int) -> Response:
        """Put another feature in the place of one."""
        layer, scope, edits = self._opened(name, number)
        if (put := edits.replace) is None:
            raise ReadOnly(f"{name} cannot be replaced")
        edits.check(scope)
        given, aim = written.feature(), written.aim(number)
        return self._write(layer, scope, lambda s, who: put(s, who, aim, given))

    def update(self, name: str, number: int) -> Response:
        """Change some members of a feature."""
        layer, scope, edits = self._opened(name, number)
        if (update := edits.update) is None:
            raise ReadOnly(f"{name} cannot be updated")
        edits.check(scope)
        given, aim = written.patch(number), written.aim(number)
        return self._write(layer, scope, lambda s, who: update(s, who, aim, given))

    def remove(self, name: str, number: int) -> Response:
        """End a feature."""
        _, scope, edits = self._opened(name, number)
        if edits.remove is None:
            raise ReadOnly(f"{name} cannot be deleted")
        edits.check(scope)
        aim = written.aim(number)
        with self.database.transaction() as session:
            edits.remove(session, scope, aim)
        return Response(status=204)

    def _write(self, layer: Layer, scope: Scope, write: Write) -> Response:
        return _stored(layer, scope, self.database, write)[0]

    def _opened(self, name: str, number: int) -> tuple[Layer, Scope, Edits]:
        layer = asked.layer_of(self.layers, name)
        if request.method not in item_methods(layer):
            raise ReadOnly(f"{name} do not take {request.method}")
        asked.only()
        if number > BIGINT:
            raise NotFound(f"no feature {number} in {name}")
        return layer, self.asking(), layer.edits or NOTHING

    def items_options(self, name: str) -> Response:
        """Say what can be done with a layer's features by who asks."""
        layer = asked.layer_of(self.layers, name)
        posts = layer.create is not None or (layer.edits or NOTHING).allowed(self.asking())
        return _options(items_methods(layer) if posts else READ, layer)

    def item_options(self, name: str, number: int) -> Response:
        """Say what can be done with one feature by who asks."""
        layer, _, edits = self._opened(name, number)
        return _options(item_methods(layer) if edits.allowed(self.asking()) else READ, layer)

    def mark(self, reply: Response) -> Response:
        """Say which methods there are, when one is not."""
        if reply.status_code == 405 and request.view_args:
            layer = self.layers[request.view_args["name"]]
            reply.headers["Allow"] = ", ".join(item_methods(layer))
        return reply


def created(layer: Layer, scope: Scope, database: Database, key: str | None) -> Response:
    """Create a feature of the request's body, once per key."""
    asked.only()
    edits = layer.edits or NOTHING
    if (create := edits.create) is None:
        raise ReadOnly(f"{layer.name} cannot be posted to")
    edits.check(scope)
    given = replace(written.feature(), key=key)
    reply, done = _stored(layer, scope, database, lambda s, who: create(s, who, given))
    reply.status_code = 201
    reply.headers["Location"] = href(f"{items_path(layer.name)}/{done.id}")
    return reply


def _stored(
    layer: Layer, scope: Scope, database: Database, write: Write
) -> tuple[Response, Written]:
    """Write a feature; answer with it only if that is preferred.

    Source: RFC 7240, section 4.2.
    """
    wish, body = written.preferences().get(RETURN), None
    with database.transaction() as session:
        done = write(session, scope)
        if wish == "representation":
            shown = Query(ids=(done.id,))
            body = queries.feature(session, layer, masks.lifted(scope), shown)[1]
    headers = {"ETag": f'"{done.version}"'}
    if wish in ("representation", "minimal"):
        headers[APPLIED] = f"{RETURN}={wish}"
    if body is None:
        return Response(status=204, headers=headers), done
    headers["Content-Location"] = href(f"{items_path(layer.name)}/{done.id}")
    return geojson(body, 200, {**headers, "Content-Crs": f"<{CRS84.uri}>"}), done


def _marked(reply: Response) -> Response:
    """Tell a client that asked for strict handling that it got it: there is no other here."""
    if "Prefer" in request.headers and written.preferences().get(HANDLING) == "strict":
        before = reply.headers.get(APPLIED)
        strict = f"{HANDLING}=strict"
        reply.headers[APPLIED] = f"{before}, {strict}" if before else strict
    return reply


def items_methods(layer: Layer) -> tuple[str, ...]:
    """List what can be done with a layer's features."""
    posts = layer.create or (layer.edits or NOTHING).create
    return (*READ, "POST") if posts else READ


def item_methods(layer: Layer) -> tuple[str, ...]:
    """List what can be done with one feature of a layer."""
    edits = layer.edits or NOTHING
    ways = (("PUT", edits.replace), ("PATCH", edits.update), ("DELETE", edits.remove))
    return (*READ, *(method for method, way in ways if way is not None))


def _options(methods: tuple[str, ...], layer: Layer) -> Response:
    headers: dict[str, Any] = {"Allow": ", ".join(methods)}
    if "POST" in methods:
        many = asked.GEOJSON_SEQ if layer.create_many or not layer.create else frozenset[str]()
        headers["Accept-Post"] = ", ".join(sorted(asked.GEOJSON | many))
    if "PATCH" in methods:
        headers["Accept-Patch"] = ", ".join(sorted(written.MERGE_PATCH))
    return Response(status=200, headers=headers)


def make(layers: Mapping[str, Layer], asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of what writes ``/collections/<name>/items/<id>``.

    It goes before that of reading, which would answer OPTIONS by itself.
    """
    pages, views = Blueprint("editing", __name__), Editing(layers, asking, database)
    items = items_path("<name>")
    pages.add_url_rule(items, "items_options", views.items_options, methods=["OPTIONS"])
    pages.add_url_rule(
        f"{items}/<int:number>", "item_options", views.item_options, methods=["OPTIONS"]
    )
    pages.put(f"{items}/<int:number>")(views.replace)
    pages.patch(f"{items}/<int:number>")(views.update)
    pages.delete(f"{items}/<int:number>")(views.remove)
    pages.after_request(views.mark)
    pages.after_app_request(_marked)
    return pages
