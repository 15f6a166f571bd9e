"""/events: everything that changes, as server-sent events that can be resumed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request

from gis_server.access import Asking, Standing
from gis_server.db import Database
from gis_server.feed import Feed, Keeping, check_snapshot, written
from layers import masks

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def make(
    database: Database,
    keeping: Keeping,
    asking: Asking,
    standing: Callable[[], Standing | None],
) -> Blueprint:
    """Make the blueprint of ``/events``.

    Args:
        database: where changes are read.
        keeping: finds what is not for everybody among them.
        asking: tells the scope of the request at hand.
        standing: gives what tells later whether the reader of the request at hand is still
            signed in; None for a visitor.
    """
    pages = Blueprint("events", __name__)
    feed = Feed(database.single, keeping)

    @pages.get("/events")
    def events() -> Response:
        since = request.headers.get("Last-Event-ID") or request.args.get("last_event_id")
        marks = masks.marks(asking())
        stream, missed = feed.subscribe(check_snapshot(since) if since else None, marks)
        told = written(feed, stream, missed, standing())
        reply = Response(told, headers=HEADERS, mimetype="text/event-stream")
        # Not left to the generator: one that is never started (HEAD) does not end either.
        reply.call_on_close(partial(feed.leave, stream))
        return reply

    return pages
