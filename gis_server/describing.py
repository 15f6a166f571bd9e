"""Describe layers as collections, to those who draw them and to those who read them."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from geodata.served_crs import CRS84, SERVED
from gis_server.links import GEOJSON, HTML, JSON, href, link
from layers import queries
from layers.base import Layer, Scope
from layers.outbox import versions
from layers.periods import time_of

REL = "http://www.opengis.net/def/rel/ogc/1.0"
MVT = "application/vnd.mapbox-vector-tile"
SCHEMA = "application/schema+json"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

Bounds = list[float] | None


class Extents:
    """Keep the boxes around layers for as long as their versions stand; safe between threads.

    A live layer changes by the second; it is told to lie where the home layer does.
    """

    def __init__(self, scope: Scope, home: Layer) -> None:
        self._scope, self._home = scope, home
        self._known: dict[str, tuple[int, Bounds]] = {}
        self._lock = Lock()

    def of(self, session: Session, layers: Mapping[str, Layer]) -> dict[str, Bounds]:
        """Tell the boxes around some layers as west, south, east, north; None when empty."""
        standing = versions(session, self._scope)
        placed = [layer for layer in layers.values() if layer.geom is not None]
        return {layer.name: self._box(session, layer, standing) for layer in placed}

    def _box(self, session: Session, layer: Layer, standing: Mapping[str, int]) -> Bounds:
        layer = self._home if layer.live else layer
        if layer.box is not None:
            return list(layer.box)
        version = standing.get(layer.name, 0)
        with self._lock:
            known = self._known.get(layer.name)
        if known is None or known[0] != version:
            known = version, queries.extent(session, layer, self._scope)
            with self._lock:
                self._known[layer.name] = known
        return known[1]


def describe(layer: Layer, box: Bounds) -> dict[str, Any]:
    """Describe a layer as a collection.

    Args:
        layer: the layer.
        box: west, south, east and north of its features; None when that is not known.

    Source: OGC 17-069r4, section 7.14; OGC 18-058r1, section 6.2.
    """
    geometry = None if layer.geom is None else str(layer.geom.type.geometry_type)
    return {
        "id": layer.name,
        "title": layer.title,
        "title_zh": layer.title_zh,
        "itemType": "feature",
        **({} if geometry is None else {"crs": list(SERVED), "storageCrs": CRS84.uri}),
        "extent": _extent(layer, box),
        "geometry": geometry,
        "order": layer.order,
        "minzoom": layer.minzoom,
        "live": layer.live,
        "hidden": layer.hidden,
        "label": layer.label,
        "style": dict(layer.style),
        "by": layer.by,
        "legend": [symbol._asdict() for symbol in layer.symbols],
        "properties": [
            {"name": field.name, "title_zh": field.title_zh, "type": _kind(field.kind)}
            for field in layer.fields.values()
        ],
        "links": _links(layer),
    }


def _kind(kind: str) -> str:
    return "array" if kind == "period" else kind


def _extent(layer: Layer, box: Bounds) -> dict[str, Any]:
    extent: dict[str, Any] = {}
    if box is not None:
        extent["spatial"] = {"bbox": [box], "crs": CRS84.uri}
    if time_of(layer) is not None:
        extent["temporal"] = {"interval": [[None, None]], "trs": GREGORIAN}
    return extent


def _links(layer: Layer) -> list[dict[str, Any]]:
    base = f"/collections/{layer.name}"
    zh = layer.title_zh
    drawn = [
        link(f"{REL}/tilesets-vector", href(f"{base}/tiles"), title="Vector tiles"),
        link("tiles", href(base) + "/tiles/{z}/{x}/{y}", MVT, templated=True),
    ]
    return [
        link("self", href(base), title=layer.title),
        link("alternate", href(base, {"f": "html"}), HTML, title=zh, hreflang="zh-CN"),
        link("items", href(f"{base}/items"), GEOJSON, title=layer.title),
        link("items", href(f"{base}/items", {"f": "html"}), HTML, title=zh, hreflang="zh-CN"),
        link(f"{REL}/queryables", href(f"{base}/queryables"), SCHEMA, title="Queryables"),
        # The draft's relation, by which GDAL finds them (seen in 3.12.4).
        link("queryables", href(f"{base}/queryables"), title="Queryables"),
        link(f"{REL}/schema", href(f"{base}/schema"), SCHEMA, title="Schema"),
        link("describedby", href(f"{base}/schema"), SCHEMA, title="Schema"),
        *(drawn if layer.geom is not None else []),
        *(link(name, href(f"{base}/{name}"), JSON) for name in layer.summaries),
    ]
