"""Features: list, read and post them, and what a layer offers beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from flask import Blueprint, Response, request

from geodata.errors import InvalidInput, NotFound
from geodata.geojson import parse_feature, parse_json
from gis_server import asked, bulk, bulk_taking, editing, formats, listing
from gis_server.access import Asking
from gis_server.bulk_taking import KEY
from gis_server.db import Database
from gis_server.listing import LISTED, SINGLE, geojson, items_path
from gis_server.parameters import BIGINT
from layers import masks, queries
from layers.base import Layer, Query, Scope, Target

FEATURE_LIMIT_BYTES = 2**20
KEY_LIMIT = 200


@dataclass(frozen=True)
class Features:
    """Answer what is asked of any layer's features."""

    layers: Mapping[str, Layer]
    asking: Asking
    database: Database

    def items(self, name: str) -> Response:
        """List features in the order asked for, the newest first if none was."""
        scope = self.asking()
        layer = asked.layer_for(self.layers, name, scope)
        query, form = asked.query(layer, scope), formats.wanted({**LISTED, **bulk.OFFERED})
        if asked.hits():
            return self._hits(layer, scope, query)
        if form in bulk.FORMATS:
            return bulk.answer(self.database.streaming, bulk.Question(layer, scope, query), form)
        with self.database.reading() as session:
            page = queries.features(session, layer, scope, query)
        return listing.FORMS[form](layer, page, query)

    def _hits(self, layer: Layer, scope: Scope, query: Query) -> Response:
        with self.database.reading() as session:
            return listing.hits(queries.count(session, layer, scope, query))

    def item(self, name: str, number: int) -> Response:
        """Read one feature."""
        scope, form = self.asking(), formats.wanted(SINGLE)
        layer = asked.layer_for(self.layers, name, scope)
        query = asked.one(layer, _known(number))
        with self.database.reading() as session:
            version, body = queries.feature(session, layer, scope, query)
        return listing.SINGLE_FORMS[form](layer, version, body, query)

    def count(self, name: str) -> dict[str, int]:
        """Count features."""
        scope = self.asking()
        layer = asked.layer_for(self.layers, name, scope)
        query = asked.query(layer, scope)
        with self.database.reading() as session:
            return {"count": queries.count(session, layer, scope, query)}

    def create(self, name: str) -> Response:
        """Store one posted feature, or a sequence of them."""
        layer = asked.layer_of(self.layers, name)
        if request.mimetype in asked.GEOJSON_SEQ:
            return bulk_taking.taken(layer, self.asking(), self.database)
        if layer.create is None:
            key = check_key(request.headers.get(KEY))
            return editing.created(layer, self.asking(), self.database, key)
        asked.only()
        asked.content_type(asked.GEOJSON)
        feature, key = parse_feature(asked.body()), check_key(request.headers.get(KEY))
        with self.database.single() as session:
            stored = layer.create(session, self.asking(), feature, key)
        return geojson(stored.body, 201, {"Location": f"{items_path(name)}/{stored.id}"})

    def act(self, name: str, number: int, action: str) -> Response:
        """Do something to one feature."""
        layer = asked.layer_of(self.layers, name)
        if action not in layer.actions:
            raise NotFound(f"{name} have no action {action!r}")
        asked.content_type(asked.GEOJSON)
        body, scope = parse_json(asked.body()), self.asking()
        target, told = Target(_known(number), asked.version()), Query(ids=(number,))
        with self.database.transaction() as session:
            queries.check_seen(session, layer, scope, target.id)
            layer.actions[action](session, scope, target, body)
            # Who hands a case on is told how it left him, even if it is not his to see any more.
            version, body = queries.feature(session, layer, masks.lifted(scope), told)
        return geojson(body, 201, {"ETag": f'"{version}"'})

    def act_on_many(self, name: str, action: str) -> Response:
        """Do something to several features, or to the whole layer."""
        layer = asked.layer_of(self.layers, name)
        if action not in layer.actions_many:
            raise NotFound(f"{name} have no action {action!r}")
        asked.content_type(asked.GEOJSON)
        body = parse_json(asked.body())
        with self.database.transaction() as session:
            return json(orjson.dumps(layer.actions_many[action](session, self.asking(), body)))

    def view(self, name: str, number: int, view: str) -> Response:
        """Ask something of one feature."""
        layer = asked.layer_of(self.layers, name)
        if view not in layer.views:
            raise NotFound(f"{name} have no view {view!r}", code="no_page")
        scope, number = self.asking(), _known(number)
        with self.database.reading() as session:
            queries.check_seen(session, layer, scope, number)
            return json(layer.views[view](session, scope, number))

    def summary(self, name: str, summary: str) -> Response:
        """Ask something of a whole layer."""
        layer = asked.layer_of(self.layers, name)
        if summary not in layer.summaries:
            raise NotFound(f"{name} have no summary {summary!r}", code="no_page")
        scope = self.asking()
        query = asked.query(layer, scope)
        with self.database.reading() as session:
            return json(layer.summaries[summary](session, scope, query))


def make(layers: Mapping[str, Layer], asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/collections/<name>/items`` and what hangs on it."""
    pages, views = Blueprint("features", __name__), Features(layers, asking, database)
    items = items_path("<name>")
    pages.get(items)(views.items)
    pages.post(items)(views.create)
    pages.get(f"{items}/<int:number>")(views.item)
    pages.get(f"{items}/<int:number>/<view>")(views.view)
    pages.post(f"{items}/<int:number>/<action>")(views.act)
    pages.get("/collections/<name>/count")(views.count)
    pages.get("/collections/<name>/<summary>")(views.summary)
    pages.post("/collections/<name>/<action>")(views.act_on_many)
    return pages


def json(body: str | bytes) -> Response:
    """Answer JSON text."""
    return Response(body, mimetype="application/json")


def _known(number: int) -> int:
    if number > BIGINT:
        raise NotFound(f"no feature {number}", code="no_feature", id=str(number))
    return number


def check_key(key: str | None) -> str | None:
    """Refuse an Idempotency-Key that is not printable ASCII of at most 200 characters.

    Raises:
        InvalidInput: if there is one, and it is something else.
    """
    if key is not None and not (0 < len(key) <= KEY_LIMIT and key.isascii() and key.isprintable()):
        raise InvalidInput(f"a key has 1…{KEY_LIMIT} printable characters", KEY)
    return key
