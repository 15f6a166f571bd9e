"""Write features as an answer: a page of them with its links, or one with its version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, request

from gis_server.describing import describe
from gis_server.links import GEOJSON, HTML, JSON, here, href, link
from gis_server.messages import time_now
from layers.base import Layer, Query
from layers.queries import Page
from web_map import browse

LISTED: Mapping[str, str] = {"geojson": GEOJSON, "json": JSON, "html": HTML}
SINGLE: Mapping[str, str] = {"geojson": GEOJSON, "json": JSON, "html": HTML}


def items_path(name: str) -> str:
    """Name the path of a layer's features."""
    return f"/collections/{name}/items"


def geojson(
    body: str | bytes, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer GeoJSON text."""
    return Response(body, status, headers, mimetype=GEOJSON)


def hits(matched: int) -> Response:
    """Answer how many features a question finds, and none of them.

    Source: OGC 20-004r1, resulttype.
    """
    return geojson(orjson.dumps({**_frame([]), "numberMatched": matched, "features": []}))


def _listed(layer: Layer, page: Page, query: Query) -> Response:
    reply = geojson(_collection(layer, page), 200, {"Content-Crs": f"<{query.crs.uri}>"})
    return _typed(reply)


def _listed_page(layer: Layer, page: Page, query: Query) -> Response:
    return browse.items(orjson.loads(_collection(layer, page)), describe(layer, None))


def _collection(layer: Layer, page: Page) -> bytes:
    document = {**_frame(page.features), "links": _links(layer, page)}
    if page.matched is not None:
        document["numberMatched"] = page.matched
    document["features"] = [orjson.Fragment(stored.body) for stored in page.features]
    return orjson.dumps(document)


def _frame(found: list[Any]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "numberReturned": len(found),
        "timeStamp": time_now(),
        "links": [link("self", here(), GEOJSON)],
    }


def _links(layer: Layer, page: Page) -> list[dict[str, Any]]:
    links = [
        link("self", here(), GEOJSON, title="This document"),
        link("alternate", here(f="html"), HTML, title="This document as a page"),
        link("collection", href(f"/collections/{layer.name}"), title=layer.title),
    ]
    if page.further is not None:
        links.append(link("next", here(after=_told(page.further), offset=None), GEOJSON))
    return links


def _told(further: tuple[Any, ...]) -> str:
    """Write where the next page begins: its id, after the values that features are sorted by."""
    return str(further[0]) if len(further) == 1 else orjson.dumps(list(further)).decode()


def _single(layer: Layer, version: int, body: str, query: Query) -> Response:
    headers = {"ETag": f'"{version}"', "Content-Crs": f"<{query.crs.uri}>"}
    reply = _typed(geojson(_feature(layer, body), 200, headers))
    reply.make_conditional(request)
    return reply


def _single_page(layer: Layer, version: int, body: str, query: Query) -> Response:
    return browse.item(orjson.loads(_feature(layer, body)), describe(layer, None))


def _feature(layer: Layer, body: str) -> str:
    links = [
        link("self", here(), GEOJSON),
        link("alternate", here(f="html"), HTML),
        link("collection", href(f"/collections/{layer.name}"), title=layer.title),
    ]
    # The database wrote an object; the links are its last member.
    return f'{body[:-1]}, "links": {orjson.dumps(links).decode()}}}'


def _typed(reply: Response) -> Response:
    """Name the type that was asked for: GeoJSON is JSON too."""
    if request.args.get("f") == "json":
        reply.mimetype = JSON
    return reply


FORMS: Mapping[str, Callable[[Layer, Page, Query], Response]] = {
    "geojson": _listed,
    "json": _listed,
    "html": _listed_page,
}
SINGLE_FORMS: Mapping[str, Callable[[Layer, int, str, Query], Response]] = {
    "geojson": _single,
    "json": _single,
    "html": _single_page,
}
