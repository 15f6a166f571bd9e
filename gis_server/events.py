"""/events: everything that changes, as server-sent events that can be resumed."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gis_server.db import Database
from gis_server.feed import Feed, check_snapshot, stream

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def make(database: Database) -> Blueprint:
    """Make the blueprint of ``/events``."""
    pages = Blueprint("events", __name__)
    feed = Feed(database.reading)

    @pages.get("/events")
    def events() -> Response:
        since = request.headers.get("Last-Event-ID") or request.args.get("last_event_id")
        told = stream(feed, check_snapshot(since) if since else None)
        return Response(told, headers=HEADERS, mimetype="text/event-stream")

    return pages
