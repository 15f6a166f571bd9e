"""The views that an account has saved: /account/views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint

from geodata.geojson import parse_json
from gis_server import asked
from gis_server.access import Asking
from gis_server.db import Database
from layers import saved_views


@dataclass(frozen=True)
class Views:
    """Answer for the views of who asks."""

    asking: Asking
    database: Database

    def listed(self) -> Any:
        """List the views by name."""
        with self.database.reading() as session:
            return saved_views.views(session, self.asking())

    def save(self) -> tuple[Any, int]:
        """Keep a view: ``{"name": …, "query": …}``, the filters as the query of an address."""
        asked.content_type(asked.GEOJSON)
        body, scope = parse_json(asked.body()), self.asking()
        with self.database.transaction() as session:
            saved_views.save(session, scope, body)
            return saved_views.views(session, scope), 201

    def forget(self, name: str) -> tuple[str, int]:
        """Forget a view."""
        with self.database.transaction() as session:
            saved_views.forget(session, self.asking(), name)
        return "", 204


def make(asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/account/views``."""
    pages, views = Blueprint("views", __name__), Views(asking, database)
    pages.get("/account/views")(views.listed)
    pages.post("/account/views")(views.save)
    pages.delete("/account/views/<path:name>", merge_slashes=False)(views.forget)
    return pages
