"""Write features as an answer: a page of them with its links, or one with its version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, request

from geodata.served_crs import ServedCrs
from gis_server.asked import TO_KNOWN
from gis_server.describing import describe
from gis_server.links import GEOJSON, HTML, JSON, Address, asked_at, here, link
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
    links = [link("self", here(), GEOJSON)]
    frame = {**_frame([]), "links": links, "numberMatched": matched, "features": []}
    return geojson(orjson.dumps(frame))


def collection_text(layer: Layer, page: Page, at: Address) -> bytes:
    """Write a page of features that was asked for at an address."""
    document = {**_frame(page.features), "links": _links(layer, page, at)}
    if page.matched is not None:
        document["numberMatched"] = page.matched
    document["features"] = [orjson.Fragment(stored.body) for stored in page.features]
    return orjson.dumps(document)


def feature_text(layer: Layer, body: str, at: Address) -> str:
    """Write one feature that was asked for at an address; ``body`` is what the database wrote."""
    links = [
        link("self", at.changed(), GEOJSON),
        link("alternate", at.changed(f="html"), HTML),
        link("collection", at.href(f"/collections/{layer.name}"), title=layer.title),
    ]
    # The database wrote an object; the links are its last member.
    return f'{body[:-1]}, "links": {orjson.dumps(links).decode()}}}'


def told_of(crs: ServedCrs, version: int | None = None, told_to: str = "") -> dict[str, str]:
    """Tell the system of an answer's coordinates, and the version of its one feature.

    Args:
        crs: the system.
        version: the feature's.
        told_to: ends the version's tag where not all readers are told the same.
    """
    told = {"Content-Crs": f"<{crs.uri}>"}
    return told if version is None else {"ETag": f'"{version}{told_to}"', **told}


def _listed(layer: Layer, page: Page, query: Query) -> Response:
    return _typed(geojson(collection_text(layer, page, asked_at()), 200, told_of(query.crs)))


def _listed_page(layer: Layer, page: Page, query: Query) -> Response:
    document = orjson.loads(collection_text(layer, page, asked_at()))
    return browse.items(document, _about(layer))


def _frame(found: list[Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "numberReturned": len(found), "timeStamp": time_now()}


def _links(layer: Layer, page: Page, at: Address) -> list[dict[str, Any]]:
    links = [
        link("self", at.changed(), GEOJSON, title="This document"),
        link("alternate", at.changed(f="html"), HTML, title="This document as a page"),
        link("collection", at.href(f"/collections/{layer.name}"), title=layer.title),
    ]
    if page.further is not None:
        following = at.changed(after=_told(page.further), offset=None)
        links.append(link("next", following, GEOJSON))
    return links


def _told(further: tuple[Any, ...]) -> str:
    """Write where the next page begins: its id, after the values that features are sorted by."""
    return str(further[0]) if len(further) == 1 else orjson.dumps(list(further)).decode()


def _single(layer: Layer, version: int, body: str, query: Query) -> Response:
    text = feature_text(layer, body, asked_at())
    told_to = TO_KNOWN if layer.private else ""
    reply = _typed(geojson(text, 200, told_of(query.crs, version, told_to)))
    reply.make_conditional(request)
    return reply


def _single_page(layer: Layer, version: int, body: str, query: Query) -> Response:
    return browse.item(orjson.loads(feature_text(layer, body, asked_at())), _about(layer))


def _about(layer: Layer) -> dict[str, Any]:
    """Describe a layer to a page, which writes a period in words."""
    periods = [name for name, field in layer.fields.items() if field.kind == "period"]
    return {**describe(layer, None), "periods": periods}


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
