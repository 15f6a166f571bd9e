"""Follow the outbox: one reader a process, one message a poll, bounded queues for each stream."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Any

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput, Unavailable
from gis_server.db import Sessions
from layers import outbox

POLL_S = 0.1
AWAY_S = 0.5
HEARTBEAT_S = 15.0
QUEUED = 64
SNAPSHOT_LIMIT = 20_000
_SNAPSHOT = re.compile(r"[1-9][0-9]{0,18}:[1-9][0-9]{0,18}:([0-9]{1,19}(,[0-9]{1,19})*)?")

log = logging.getLogger(__name__)

Event = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What became visible between two polls: its last snapshot, its changes, and its bytes."""

    snapshot: str
    changes: list[Event]
    body: bytes = b""

    @classmethod
    def of(cls, snapshot: str, changes: list[Event]) -> Message:
        """Write the message once for all streams."""
        data = {"at": time_now(), "changes": changes}
        return cls(snapshot, changes, sent("changes", snapshot, data))


def sent(event: str, snapshot: str, data: Any) -> bytes:
    """Write a server-sent event.

    Source: WHATWG HTML, section Server-sent events.
    """
    return b"event: %b\nid: %b\ndata: %b\n\n" % (
        event.encode(), snapshot.encode(), orjson.dumps(data),
    )  # fmt: skip


def time_now() -> str:
    """Tell the time in UTC to the millisecond."""
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"


def check_snapshot(text: str) -> str:
    """Refuse a Last-Event-ID that is no snapshot.

    Raises:
        InvalidInput: if it has not the form xmin:xmax:xip,…
    """
    if len(text) > SNAPSHOT_LIMIT or not (match := _SNAPSHOT.fullmatch(text)):
        raise InvalidInput("the last event id is not one of ours", "Last-Event-ID")
    low, high = text.split(":")[:2]
    running = [int(x) for x in (match[1] or "").split(",") if x]
    if int(low) > int(high) or running != sorted(set(running)):
        raise InvalidInput("the last event id is not one of ours", "Last-Event-ID")
    if running and not int(low) <= running[0] <= running[-1] < int(high):
        raise InvalidInput("the last event id is not one of ours", "Last-Event-ID")
    return text


@dataclass(eq=False)
class Subscription:
    """One stream's queue; when it is full, what waits is merged by feature."""

    queue: Queue[Message] = field(default_factory=lambda: Queue(QUEUED))
    lost: bool = False

    def offer(self, message: Message) -> None:
        """Add a message without ever waiting for a slow reader."""
        try:
            self.queue.put_nowait(message)
        except Full:
            self._coalesce(message)

    def _coalesce(self, message: Message) -> None:
        waiting = []
        while True:
            try:
                waiting.append(self.queue.get_nowait())
            except Empty:
                break
        merged: dict[tuple[str, Any], Event] = {}
        for change in (c for m in [*waiting, message] for c in m.changes):
            merged.pop((change["layer"], change["id"]), None)
            merged[change["layer"], change["id"]] = change
        if len(merged) >= outbox.TOO_MANY:
            self.lost = True
            merged = {}
        self.queue.put_nowait(Message.of(message.snapshot, list(merged.values())))


class Feed:
    """Read the outbox ten times a second while anyone listens, and hand each poll to all."""

    def __init__(self, reading: Sessions) -> None:
        self._reading = reading
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

    def subscribe(self, since: str | None) -> tuple[Subscription, Message | None]:
        """Join the feed, with what was missed since a snapshot.

        Returns:
            The stream's queue, and the missed changes; None for those when the snapshot is older
            than what is kept, so that all must be read anew.

        Raises:
            DBAPIError: if the database is away.
            Unavailable: if another stream found that out while this one waited for its turn.
        """
        stream, asked_at = Subscription(), time.monotonic()
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
            missed = self._missed(since, here)
            undone.pop_all()
        return stream, missed

    def leave(self, stream: Subscription) -> None:
        """Leave the feed."""
        with self._lock:
            self._streams.discard(stream)

    def _missed(self, since: str | None, here: str) -> Message | None:
        if since is None:
            return Message(here, [])
        with self._reading() as session:
            if not outbox.is_kept(session, since):
                return None
            changes = _read(session, since, here)[1]
        return Message.of(here, changes) if len(changes) < outbox.TOO_MANY else None

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
                snapshot, changes = outbox.snapshot(session), list[Event]()
            else:
                snapshot, changes = _read(session, self._snapshot, None)
        self._read_at, self._cut_off = time.monotonic(), False
        lost |= len(changes) >= outbox.TOO_MANY
        if changes or lost:
            message = Message.of(snapshot, [] if lost else changes)
            for stream in self._streams:
                stream.lost |= lost
                stream.offer(message)
        # Only now, so that a stream which read this and then finds its queue empty missed nothing.
        self._snapshot = snapshot


def _read(session: Session, since: str, until: str | None) -> tuple[str, list[Event]]:
    snapshot, rows = outbox.changes(session, since, until)
    return snapshot, [
        {"seq": r.id, "layer": r.layer, "id": r.feature_id, "kind": r.kind, "grid": r.grid_code}
        for r in rows
    ]


def written(feed: Feed, stream: Subscription, missed: Message | None) -> Iterator[bytes]:
    """Write a stream of server-sent events without end: what was missed, then what happens.

    While the database is away there is a comment in place of each heartbeat, so that a reader
    knows that what it shows is old, and a broken connection is still noticed.
    """
    yield b"retry: 1000\n\n"
    if missed is None:
        yield sent("reset", feed.snapshot, {"at": time_now()})
    elif missed.changes:
        yield missed.body
    else:
        yield sent("heartbeat", missed.snapshot, {"at": time_now()})
    last = time.monotonic()
    while True:
        told = feed.snapshot
        try:
            message = stream.queue.get(timeout=max(0.01, HEARTBEAT_S - time.monotonic() + last))
        except Empty:
            last = time.monotonic()
            yield sent("heartbeat", told, {"at": time_now()}) if feed.fresh else b":\n\n"
            continue
        if stream.lost:
            stream.lost = False
            yield sent("reset", message.snapshot, {"at": time_now()})
        else:
            yield message.body


__all__ = ["Feed", "check_snapshot", "written"]
