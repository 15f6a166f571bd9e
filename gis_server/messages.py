"""What streams are sent: messages made once for all who may hear the same, in bounded queues."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import Any

import orjson

from layers import outbox
from layers.masks import sees

QUEUED = 64

Event = dict[str, Any]
Marks = frozenset[str] | None
Kept = Mapping[tuple[str, int], frozenset[str]]


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


@dataclass(frozen=True)
class Poll:
    """What one poll read: its changes, and the marks of who may hear of those for few.

    ``kept`` holds the marks by layer and id; a message is written once for all streams whose
    readers may hear of the same changes.
    """

    snapshot: str
    changes: list[Event]
    kept: Kept = field(default_factory=dict)
    _written: dict[frozenset[tuple[str, int]], Message] = field(default_factory=dict)
    _known: dict[Marks, Message] = field(default_factory=dict)

    def message(self, marks: Marks) -> Message:
        """Tell what a reader with some marks may hear of."""
        if marks not in self._known:
            self._known[marks] = self._message(marks)
        return self._known[marks]

    def _message(self, marks: Marks) -> Message:
        hidden = frozenset(key for key, audience in self.kept.items() if not sees(marks, audience))
        if hidden not in self._written:
            told = [c for c in self.changes if (c["layer"], c["id"]) not in hidden]
            self._written[hidden] = Message.of(self.snapshot, told)
        return self._written[hidden]


@dataclass(eq=False)
class Subscription:
    """One stream's queue; when it is full, what waits is merged by feature.

    Attributes:
        marks: those of its reader; None for one who hears of everything.
    """

    marks: Marks = None
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
