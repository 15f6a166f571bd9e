"""Questions about a place: whose it is, what lies in a grid, and where some words are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, request

from geodata.errors import InvalidInput, NotFound
from geodata.geojson import check_lonlat
from gis_server import asked
from gis_server.access import Asking
from gis_server.db import Database
from gis_server.features import json
from gis_server.parameters import BIGINT, whole
from layers import dossiers, gazetteer, places, search
from layers.base import Layer, Scope
from layers.report import to_lonlat

ACCURACY_LIMIT_M = 100_000
WORDS_LIMIT = 200


def make(layers: Mapping[str, Layer], asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/locate``, ``/dossier`` and ``/search``."""
    pages = Blueprint("places", __name__)

    @pages.get("/locate")
    def locate() -> Response:
        asked.answered_to_one()
        if "q" in request.args:
            asked.only("q", "valid_at")
            return _located(database, asking(), _words())
        asked.only("lon", "lat", "accuracy_m", "crs", "valid_at")
        spot = _spot()
        with database.reading() as session:
            return json(places.locate(session, asking(), spot))

    @pages.get("/dossier/<int:number>")
    def dossier(number: int) -> Response:
        asked.answered_to_one()
        asked.only()
        if number > BIGINT:
            raise NotFound(f"no grid {number}")
        with database.reading() as session:
            return json(dossiers.dossier(session, asking(), layers, number))

    @pages.get("/search")
    def find() -> dict[str, Any]:
        asked.answered_to_one()
        asked.only("q", "limit")
        words, limit = _words(), whole(request.args.get("limit", "8"), "limit", 50)
        scope = asking()
        with database.reading() as session:
            named = search.search(session, scope, layers, words)
            addressed = gazetteer.as_results(gazetteer.candidates_for(session, scope, words))
        found = sorted(named + addressed, key=lambda r: -r["score"])
        seen = {(r["layer"], r["id"]): r for r in reversed(found)}
        return {"results": sorted(seen.values(), key=lambda r: -r["score"])[:limit]}

    return pages


def _located(database: Database, scope: Scope, words: str) -> Response:
    """Answer for the best address that some words could mean."""
    at = asked.time("valid_at")
    with database.reading() as session:
        found = gazetteer.candidates_for(session, scope, words)
        if not found.candidates:
            raise NotFound(f"no address like {words!r}")
        best = found.placed or found.candidates[0]
        body = places.locate(session, scope, places.Spot(best.lon, best.lat, None, at))
    told = orjson.loads(body)
    told["placed"] = found.placed is not None
    told["candidates"] = orjson.Fragment(found.as_json())
    return json(orjson.dumps(told))


def _words() -> str:
    words = request.args.get("q", "").strip()
    if not 0 < len(words) <= WORDS_LIMIT or "\x00" in words:
        raise InvalidInput(f"q is 1…{WORDS_LIMIT} characters", "q")
    return words


def _spot() -> places.Spot:
    """Read a position in its declared CRS, with its accuracy and time."""
    lon, lat = asked.needed("lon"), asked.needed("lat")
    if crs := request.args.get("crs"):
        lon, lat = to_lonlat(lon, lat, crs, "crs")
    check_lonlat(lon, lat)
    accuracy_m = asked.number("accuracy_m")
    if accuracy_m is not None and not 0 <= accuracy_m <= ACCURACY_LIMIT_M:
        raise InvalidInput(f"accuracy_m is 0…{ACCURACY_LIMIT_M} metres", "accuracy_m")
    return places.Spot(lon, lat, accuracy_m, asked.time("valid_at"))
