"""What changed, as one JSON document: for who asks from time to time instead of following."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from queue import Empty
from typing import Any

from gis_server.access import Standing
from gis_server.feed import STANDING_S, Feed, stands
from gis_server.messages import Message, Subscription, time_now

LONGEST_WAIT_S = 25  # less than the half minute after which proxies give up


def polled(
    feed: Feed,
    joined: tuple[Subscription, Message | None],
    wait_s: float,
    standing: Standing | None = None,
) -> dict[str, Any]:
    """Tell what a stream missed; if that is nothing, wait a while for the next change.

    Args:
        feed: the stream's; it is left in the end.
        joined: the stream, and what it missed.
        wait_s: how long to wait for a change.
        standing: tells whether the reader is still who he was; None for a visitor.

    Returns:
        ``since``, to be asked with next; the ``changes`` in their order; and whether all must be
        read anew, as the question came from before what is kept (``reset``).
    """
    stream, missed = joined
    with ExitStack() as held:
        held.callback(feed.leave, stream)
        if missed is None:
            return _told(feed.snapshot, [], reset=True)
        if missed.changes:
            return _told(missed.snapshot, missed.changes)
        until = time.monotonic() + wait_s
        return _awaited(feed, stream, missed.snapshot, lambda: _left_s(until, standing))


def _left_s(until: float, standing: Standing | None) -> float:
    """Tell how long may still be waited: no longer for somebody who is signed out meanwhile."""
    left = until - time.monotonic()
    return left if left > 0 and (standing is None or stands(standing)) else 0.0


def _awaited(
    feed: Feed, stream: Subscription, since: str, left_s: Callable[[], float]
) -> dict[str, Any]:
    while left := left_s():
        here = feed.snapshot
        try:
            message = stream.queue.get(timeout=min(left, STANDING_S))
        except Empty:
            since = here
            continue
        if left_s():
            return _told(message.snapshot, message.changes, reset=stream.lost)
    return _told(since, [])


def _told(since: str, changes: list[Any], reset: bool = False) -> dict[str, Any]:
    return {"at": time_now(), "since": since, "changes": changes, "reset": reset}
