"""What is served: the landing page, what it conforms to, the town, and every layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify

from geodata.served_crs import SERVED
from gis_server import asked, formats
from gis_server.access import Asking
from gis_server.config import Settings
from gis_server.conformance import CONFORMS_TO
from gis_server.db import Database
from gis_server.describing import REL, Extents, describe
from gis_server.links import HTML, JSON, here, href, link
from layers import find_layers, town
from layers.base import Layer, Scope
from web_map import browse
from web_map.pages import PAGES

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
EVENTS = "text/event-stream"
FORMS = {"json": JSON, "html": HTML}
TABLES = "tables"  # the parameter that asks for the layers without a place too


@dataclass(frozen=True)
class Landing:
    """Answer what is served here."""

    settings: Settings
    layers: Mapping[str, Layer]
    asking: Asking
    database: Database
    home: Layer
    extents: Extents

    def landing(self) -> Response:
        """Lead to all that is served."""
        form = _formed()
        about = {
            "title": self.settings.title_en,
            "title_zh": self.settings.title,
            "description": "Grids, buildings, firms, hazards and live cases of a town",
        }
        return _answer(form, {**about, "links": _links()}, browse.landing)

    def conformance(self) -> Response:
        """Name the requirements classes that are met."""
        return _answer(_formed(), {"conformsTo": list(CONFORMS_TO)}, browse.conformance)

    def the_town(self) -> dict[str, Any]:
        """Tell of the town as a whole."""
        asked.only()
        with self.database.reading() as session:
            about = town.about(session, self.asking(), self.home)
        return {
            "title": about.pop("name", None) or self.settings.title,
            "title_en": about.pop("name_en", None) or self.settings.title_en,
            "district": self.settings.district,
            "time_zone": self.settings.time_zone,
            "synthetic": False,
            "basemap": vars(self.settings.basemap) if self.settings.basemap else None,
            **about,
            "now": about["now"].isoformat(),
        }

    def collections(self) -> Response:
        """Describe the layers that have a place, in drawing order; with ``tables`` all."""
        form, tables = _formed(TABLES), asked.flag(TABLES)
        links = [
            link("self", here()),
            link("alternate", here(f="html"), HTML),
            link(TABLES, href("/collections", {TABLES: "true"}), title="With tables"),
        ]
        shown = {n: layer for n, layer in self.layers.items() if tables or layer.geom is not None}
        found = self._described(shown)
        document = {"collections": found, "crs": list(SERVED), "links": links}
        return _answer(form, document, browse.collections)

    def collection(self, name: str) -> Response:
        """Describe one layer."""
        form, layer = _formed(), asked.layer_of(self.layers, name)
        return _answer(form, self._described({name: layer})[0], browse.collection)

    def _described(self, layers: Mapping[str, Layer]) -> list[dict[str, Any]]:
        with self.database.reading() as session:
            boxes = self.extents.of(session, layers)
        return [describe(layer, boxes.get(name)) for name, layer in layers.items()]


def _formed(*more: str) -> str:
    asked.only(formats.F, *more)
    return formats.wanted(FORMS)


def _answer(
    form: str, document: dict[str, Any], page: Callable[[dict[str, Any]], Response]
) -> Response:
    return page(document) if form == "html" else jsonify(document)


def _links() -> list[dict[str, Any]]:
    return [
        link("self", href("/"), title="This document"),
        link("alternate", href("/", {"f": "html"}), HTML, title="This document as a page"),
        link("service-desc", href("/api"), OPENAPI, title="The API's definition"),
        link("service-doc", href("/api", {"f": "html"}), HTML, title="The API's documentation"),
        link("conformance", href("/conformance"), title="Requirements classes met"),
        link(f"{REL}/conformance", href("/conformance"), title="Requirements classes met"),
        link("data", href("/collections"), title="Collections"),
        link(f"{REL}/data", href("/collections"), title="Collections"),
        link(f"{REL}/tilesets-vector", href("/tiles"), title="Vector tiles of several layers"),
        link(f"{REL}/tiling-schemes", href("/tileMatrixSets"), title="Tile matrix sets"),
        link("town", href("/town"), title="The town"),
        link("events", href("/events"), EVENTS, title="What changes"),
        *(link(rel, href(path), HTML) for rel, path in PAGES.items()),
        link("locate", href("/locate") + "?lon={lon}&lat={lat}", templated=True),
        link("search", href("/search") + "?q={words}", templated=True),
    ]


def make(
    settings: Settings, layers: Mapping[str, Layer], asking: Asking, database: Database
) -> Blueprint:
    """Make the blueprint of ``/``, ``/conformance``, ``/town`` and ``/collections``."""
    pages = Blueprint("landing", __name__)
    # A layer of the program: the database may be away when the server starts.
    home = next(layer for layer in find_layers().values() if layer.home)
    extents = Extents(Scope(settings.district, settings.time_zone), home)
    views = Landing(settings, layers, asking, database, home, extents)
    pages.get("/")(views.landing)
    pages.get("/conformance")(views.conformance)
    pages.get("/town")(views.the_town)
    pages.get("/collections")(views.collections)
    pages.get("/collections/<name>")(views.collection)
    return pages
