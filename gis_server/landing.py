"""What is served: the landing page, the town, and the description of every layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from gis_server import asked
from gis_server.access import Asking
from gis_server.config import Settings
from gis_server.db import Database
from layers import town
from layers.base import Layer
from web_map.pages import PAGES

LINKS = {
    "data": "/collections",
    "town": "/town",
    "events": "/events",
    **PAGES,
    "locate": "/locate?lon={lon}&lat={lat}",
    "search": "/search?q={words}",
}


def make(
    settings: Settings, layers: Mapping[str, Layer], asking: Asking, database: Database
) -> Blueprint:
    """Make the blueprint of ``/``, ``/town`` and ``/collections``."""
    pages = Blueprint("landing", __name__)
    described = {name: describe(layer) for name, layer in layers.items()}
    home = next(layer for layer in layers.values() if layer.home)

    @pages.get("/")
    def landing() -> dict[str, Any]:
        links = [{"rel": rel, "href": href} for rel, href in LINKS.items()]
        return {"title": settings.title_en, "title_zh": settings.title, "links": links}

    @pages.get("/town")
    def the_town() -> dict[str, Any]:
        with database.reading() as session:
            about = town.about(session, asking(), home)
        return {
            "title": about.pop("name", None) or settings.title,
            "title_en": about.pop("name_en", None) or settings.title_en,
            "district": settings.district,
            "time_zone": settings.time_zone,
            "synthetic": False,
            "basemap": vars(settings.basemap) if settings.basemap else None,
            **about,
            "now": about["now"].isoformat(),
        }

    @pages.get("/collections")
    def collections() -> dict[str, Any]:
        return {
            "collections": list(described.values()),
            "links": [{"rel": "self", "href": "/collections"}],
        }

    @pages.get("/collections/<name>")
    def collection(name: str) -> dict[str, Any]:
        return described[asked.layer_of(layers, name).name]

    return pages


def describe(layer: Layer) -> dict[str, Any]:
    """Describe a layer to those who draw and read it."""
    columns = layer.table.__table__.columns
    base = f"/collections/{layer.name}"
    return {
        "id": layer.name,
        "title": layer.title,
        "title_zh": layer.title_zh,
        "geometry": None if layer.geom is None else _shape_of(columns["geom"].type),
        "order": layer.order,
        "minzoom": layer.minzoom,
        "live": layer.live,
        "label": layer.label,
        "style": dict(layer.style),
        "by": layer.by,
        "legend": [symbol._asdict() for symbol in layer.symbols],
        "properties": [
            {"name": n, "title_zh": columns[n].comment, "type": _kind(columns[n].type)}
            for n in layer.properties
        ],
        "links": [
            {"rel": "items", "href": f"{base}/items"},
            {"rel": "tiles", "href": f"{base}/tiles/{{z}}/{{x}}/{{y}}"},
            *({"rel": name, "href": f"{base}/{name}"} for name in layer.summaries),
        ],
    }


def _shape_of(column_type: Any) -> str:
    return str(column_type.geometry_type)


def _kind(column_type: Any) -> str:
    """Name a column's type as JSON Schema does."""
    names = {
        "SMALL_INTEGER": "integer",
        "INTEGER": "integer",
        "BIG_INTEGER": "integer",
        "BOOLEAN": "boolean",
        "FLOAT": "number",
        "DOUBLE": "number",
        "JSONB": "object",
        "TSTZRANGE": "array",
        "DATETIME": "date-time",
    }
    return names.get(column_type.__visit_name__.upper(), "string")
