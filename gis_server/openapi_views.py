"""/api: the description of the API, for programs in two versions and for people as a page."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Response

from gis_server import asked, formats, openapi
from gis_server.links import HTML, JSON
from gis_server.openapi_server import OPENAPI, OPENAPI_31
from layers.base import Layer
from web_map import browse

# Each form that is offered, by the name for ``f``; what names no version gets the older one.
OFFERED: Mapping[str, str] = {
    "openapi30": OPENAPI,
    "openapi31": OPENAPI_31,
    "openapi": OPENAPI.partition(";")[0],
    "json": JSON,
    "html": HTML,
}


def make(layers: Mapping[str, Layer], title: str) -> Blueprint:
    """Make the blueprint of ``/api``.

    Args:
        layers: those that are served, at any time.
        title: what the server is called.
    """
    pages = Blueprint("openapi", __name__)

    @pages.get("/api")
    def api() -> Response:
        asked.only(formats.F)
        form = formats.wanted(OFFERED)
        version = "3.1" if form == "openapi31" else "3.0"
        document = openapi.document(layers, version, title)
        if form == "html":
            return browse.api(document)
        kind = {"openapi31": OPENAPI_31, "json": JSON}.get(form, OPENAPI)
        reply = Response(orjson.dumps(document), content_type=kind)
        reply.vary.add("Accept")
        return reply

    return pages
