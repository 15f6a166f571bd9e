"""Follow the outbox: one reader a process, one message a poll, bounded queues for each stream."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from queue import Empty
from threading import Lock, Thread

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput, Unavailable
from gis_server.access import Standing
from gis_server.db import Sessions
from gis_server.event_places import Placing
from gis_server.messages import (
    EVERYTHING,
    Event,
    Kept,
    Marks,
    Message,
    Poll,
    Subscription,
    Wanted,
    sent,
    time_now,
)
from layers import outbox

POLL_S = 0.1
AWAY_S = 0.5
HEARTBEAT_S = 15.0
STANDING_S = 1.5  # how often it is asked whether a stream's reader is still signed in
SNAPSHOT_LIMIT = 20_000
_SNAPSHOT = re.compile(
    r"[0-9a-f]{12}-[1-9][0-9]{0,18}:[1-9][0-9]{0,18}:([0-9]{1,19}(,[0-9]{1,19})*)?"
)

log = logging.getLogger(__name__)

# Finds, among changes, the features that are not for everybody, with the marks of who may see them.
Keeping = Callable[[Session, list[Event]], Kept]


def check_snapshot(text: str, member: str = "Last-Event-ID") -> str:
    """Refuse a Last-Event-ID that is no snapshot; the member is where it was given.

    Raises:
        InvalidInput: if it has not the form history-xmin:xmax:xip,…
    """
    if len(text) > SNAPSHOT_LIMIT or not (match := _SNAPSHOT.fullmatch(text)):
        raise InvalidInput("the last event id is not one of ours", member)
    low, high = text.partition("-")[2].split(":")[:2]
    running = [int(x) for x in (match[1] or "").split(",") if x]
    if int(low) > int(high) or running != sorted(set(running)):
        raise InvalidInput("the last event id is not one of ours", member)
    if running and not int(low) <= running[0] <= running[-1] < int(high):
        raise InvalidInput("the last event id is not one of ours", member)
    return text


class Feed:
    """Read the outbox ten times a second while anyone listens, and hand each poll to all."""

    def __init__(self, reading: Sessions, keeping: Keeping, placing: Placing) -> None:
        self._reading, self._keeping, self._placing = reading, keeping, placing
        self._lock = Lock()
        self._streams: set[Subscription] = set()
        self._snapshot = ""
        self._read_at = 0.0
        self._running = False
        self._cut_off = False
        self._failed_at = 0.0

    @property
    def fresh(self) -> bool:
        """Whether the last poll succeeded a moment ago."""
        return time.monotonic() - self._read_at < HEARTBEAT_S / 3

    @property
    def snapshot(self) -> str:
        """The snapshot up to which every stream has been handed all that changed."""
        return self._snapshot

    def subscribe(
        self, since: str | None, marks: Marks = None, wanted: Wanted = EVERYTHING
    ) -> tuple[Subscription, Message | None]:
        """Join the feed, with what was missed since a snapshot.

        Args:
            since: the snapshot; None for nothing missed.
            marks: the reader's; None for one who hears of everything.
            wanted: what the reader wants to hear of.

        Returns:
            The stream's queue, and the missed changes; None for those when the snapshot is older
            than what is kept, so that all must be read anew.

        Raises:
            DBAPIError: if the database is away.
            Unavailable: if another stream found that out while this one waited for its turn.
        """
        stream, asked_at = Subscription(marks, wanted), time.monotonic()
        with self._lock:
            if self._failed_at > asked_at:
                raise Unavailable("the database is away; try again")
            self._poll()
            self._streams.add(stream)
            here = self._snapshot
            if not self._running:
                self._running = True
                Thread(target=self._follow, daemon=True, name="feed").start()
        with ExitStack() as undone:
            undone.callback(self.leave, stream)
            missed = self._missed(since, here, stream)
            undone.pop_all()
        return stream, missed

    def leave(self, stream: Subscription) -> None:
        """Leave the feed."""
        with self._lock:
            self._streams.discard(stream)

    def _missed(self, since: str | None, here: str, stream: Subscription) -> Message | None:
        if since is None:
            return Message(here, [])
        with self._reading() as session:
            if not outbox.is_kept(session, since):
                return None
            poll = self._read(session, since, here, [stream])
        if len(poll.changes) >= outbox.TOO_MANY:
            return None
        return poll.message(stream.marks, stream.wanted)

    def _follow(self) -> None:
        while True:
            started = time.monotonic()
            pause = POLL_S
            try:
                with self._lock:
                    if not self._streams:
                        self._running = False
                        return
                    self._poll()
            except (DBAPIError, PoolTimeout) as error:
                log.warning(
                    "events wait for the database: %s",
                    str(error.orig if isinstance(error, DBAPIError) else error).strip(),
                )
                self._cut_off, pause = True, AWAY_S
            time.sleep(max(0.0, pause - (time.monotonic() - started)))

    def _poll(self) -> None:
        try:
            self._read_on()
        except (DBAPIError, PoolTimeout):
            self._failed_at = time.monotonic()
            raise

    def _read_on(self) -> None:
        """Read what became visible since the last poll and hand it on; the lock is held.

        A database that comes back may have been restored, so that our snapshot is not its own;
        then all must be read anew, as after more changes than a message should hold.
        """
        with self._reading() as session:
            lost = self._cut_off and not outbox.is_kept(session, self._snapshot)
            if lost or not self._snapshot or not self._streams:
                poll = Poll(outbox.snapshot(session), [])
            else:
                poll = self._read(session, self._snapshot, None, self._streams)
        self._read_at, self._cut_off = time.monotonic(), False
        lost |= len(poll.changes) >= outbox.TOO_MANY
        if poll.changes or lost:
            self._hand_out(poll, lost)
        # Only now, so that a stream which read this and then finds its queue empty missed nothing.
        self._snapshot = poll.snapshot

    def _hand_out(self, poll: Poll, lost: bool) -> None:
        nothing = Message.of(poll.snapshot, [])
        for stream in self._streams:
            stream.lost |= lost
            message = nothing if lost else poll.message(stream.marks, stream.wanted)
            if lost or message.changes:
                stream.offer(message)

    def _read(
        self, session: Session, since: str, until: str | None, streams: Collection[Subscription]
    ) -> Poll:
        snapshot, rows = outbox.changes(session, since, until)
        changes = [
            {"seq": r.id, "layer": r.layer, "id": r.feature_id, "kind": r.kind, "grid": r.grid_code}
            for r in rows
        ]
        if not changes:
            return Poll(snapshot, [])
        boxed = any(stream.wanted.box for stream in streams)
        places = self._placing(session, changes) if boxed else {}
        return Poll(snapshot, changes, self._keeping(session, changes), places)


def written(
    feed: Feed, stream: Subscription, missed: Message | None, standing: Standing | None = None
) -> Iterator[bytes]:
    """Write a stream of server-sent events: what was missed, then what happens.

    While the database is away there is a comment in place of each heartbeat, so that a reader
    knows that what it shows is old, and a broken connection is still noticed. The stream ends when
    its reader is no more who he was: signed out, disabled, or in other roles.
    """
    yield b"retry: 1000\n\n"
    if missed is None:
        yield sent("reset", feed.snapshot, {"at": time_now()})
    elif missed.changes:
        yield missed.body
    else:
        yield sent("heartbeat", missed.snapshot, {"at": time_now()})
    last = time.monotonic()
    while standing is None or stands(standing):
        told, beat_in_s = feed.snapshot, HEARTBEAT_S - time.monotonic() + last
        try:
            wait_s = min(beat_in_s, STANDING_S) if standing else beat_in_s
            message = stream.queue.get(timeout=max(0.01, wait_s))
        except Empty:
            if time.monotonic() - last >= HEARTBEAT_S:
                last = time.monotonic()
                yield sent("heartbeat", told, {"at": time_now()}) if feed.fresh else b":\n\n"
            continue
        if stream.lost:
            stream.lost = False
            yield sent("reset", message.snapshot, {"at": time_now()})
        else:
            yield message.body


def stands(standing: Standing) -> bool:
    """Tell whether a reader is still who he was, as far as can be told just now."""
    try:
        return standing()
    except (DBAPIError, PoolTimeout):
        return True  # while the database is away there is nothing to tell


__all__ = ["Feed", "check_snapshot", "stands", "written"]
