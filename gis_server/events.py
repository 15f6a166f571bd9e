"""/events: everything that changes, as server-sent events that can be resumed."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, request

from gis_server.db import Database
from gis_server.feed import Feed, check_snapshot, written

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def make(database: Database) -> Blueprint:
    """Make the blueprint of ``/events``."""
    pages = Blueprint("events", __name__)
    feed = Feed(database.single)

    @pages.get("/events")
    def events() -> Response:
        since = request.headers.get("Last-Event-ID") or request.args.get("last_event_id")
        stream, missed = feed.subscribe(check_snapshot(since) if since else None)
        told = written(feed, stream, missed)
        reply = Response(told, headers=HEADERS, mimetype="text/event-stream")
        # Not left to the generator: one that is never started (HEAD) does not end either.
        reply.call_on_close(partial(feed.leave, stream))
        return reply

    return pages
