"""/events: everything that changes, as a stream that can be resumed, or as JSON for a poll."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import orjson
from flask import Blueprint, Response, request

from geodata.errors import InvalidInput
from gis_server import asked, formats, parameters
from gis_server.access import Asking, Standing
from gis_server.feed import Feed, check_snapshot, written
from gis_server.messages import Wanted
from gis_server.polling import LONGEST_WAIT_S, polled
from layers import masks
from layers.base import Layer

STREAM, JSON = "text/event-stream", "application/json"
FORMS = {"sse": STREAM, "json": JSON}
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
HEADER, SINCE, FORMER_SINCE = "Last-Event-ID", "since", "last_event_id"
PARAMETERS = (SINCE, FORMER_SINCE, "layers", "bbox", "grid", "wait", formats.F)
MOST_DIGITS = 17  # of a micro-grid's code


def make(
    feed: Feed,
    layers: Mapping[str, Layer],
    asking: Asking,
    standing: Callable[[], Standing | None],
) -> Blueprint:
    """Make the blueprint of ``/events``.

    Args:
        feed: what tells of changes.
        layers: what can be followed.
        asking: tells the scope of the request at hand.
        standing: gives what tells later whether the reader of the request at hand is still
            signed in; None for a visitor.
    """
    pages = Blueprint("events", __name__)

    @pages.get("/events")
    def events() -> Response:
        asked.only(*PARAMETERS)
        form, since = formats.wanted(FORMS), _since()
        wait_s = _wait_s(form)
        joined = feed.subscribe(since, masks.marks(asking()), _wanted(layers))
        if form == "json":
            told = polled(feed, joined, wait_s, standing())
            return Response(orjson.dumps(told), headers=HEADERS, mimetype=JSON)
        reply = Response(written(feed, *joined, standing()), headers=HEADERS, mimetype=STREAM)
        # Not left to the generator: one that is never started (HEAD) does not end either.
        reply.call_on_close(partial(feed.leave, joined[0]))
        return reply

    return pages


def _since() -> str | None:
    """Read what was heard last; a browser that comes back says it in its header."""
    given = {HEADER: request.headers.get(HEADER)}
    given |= {name: request.args.get(name) for name in (SINCE, FORMER_SINCE)}
    return next((check_snapshot(text, name) for name, text in given.items() if text), None)


def _wait_s(form: str) -> int:
    if "wait" in request.args and form != "json":
        raise InvalidInput("a stream waits by itself; wait is for f=json", "wait")
    return parameters.whole(request.args.get("wait", "0"), "wait", LONGEST_WAIT_S)


def _wanted(layers: Mapping[str, Layer]) -> Wanted:
    given = request.args
    names = given["layers"].split(",") if "layers" in given else None
    if unknown := [name for name in names or () if name not in layers]:
        raise InvalidInput(f"there is no collection {unknown[0]!r}", "layers")
    grid = given.get("grid", "")
    if grid and not (grid.isascii() and grid.isalnum() and len(grid) <= MOST_DIGITS):
        raise InvalidInput(f"grid is the beginning of a code, not {grid!r}", "grid")
    return Wanted(
        None if names is None else frozenset(names),
        parameters.bbox(given["bbox"]) if "bbox" in given else None,
        grid,
    )
