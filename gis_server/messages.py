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
Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
Places = Mapping[tuple[str, int], tuple[Bounds, ...]]


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
class Wanted:
    """What a reader wants to hear of: everything, but for what is given.

    A change of a whole layer is told to all who want the layer. A feature that was removed is
    told whatever the box, as it has no place any more.

    Attributes:
        layers: only changes of these layers.
        box: only features whose place, now or before, touches this box; west > east crosses ±180.
        grid: only changes on the ground of grids whose codes begin so.
    """

    layers: frozenset[str] | None = None
    box: Bounds | None = None
    grid: str = ""

    def takes(self, change: Event, places: Places) -> bool:
        """Tell whether the reader wants to hear of a change."""
        if self.layers is not None and change["layer"] not in self.layers:
            return False
        if change["id"] is None:
            return True
        if not (change["grid"] or "").startswith(self.grid):
            return False
        boxes = places.get((change["layer"], change["id"]))
        return self.box is None or boxes is None or any(_touch(self.box, box) for box in boxes)


def _touch(wanted: Bounds, box: Bounds) -> bool:
    west, south, east, north = wanted
    across = box[2] >= west or box[0] <= east
    beside = across if west > east else box[2] >= west and box[0] <= east
    return beside and box[1] <= north and box[3] >= south


EVERYTHING = Wanted()


@dataclass(frozen=True)
class Poll:
    """What one poll read: its changes, and the marks of who may hear of those for few.

    ``kept`` holds the marks by layer and id, and ``places`` where the features are when somebody
    asks for that; a message is written once for all streams whose readers hear of the same changes.
    """

    snapshot: str
    changes: list[Event]
    kept: Kept = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    _written: dict[tuple[frozenset[tuple[str, int]], Wanted], Message] = field(default_factory=dict)
    _known: dict[tuple[Marks, Wanted], Message] = field(default_factory=dict)

    def message(self, marks: Marks, wanted: Wanted = EVERYTHING) -> Message:
        """Tell what a reader with some marks may and wants to hear of."""
        if (marks, wanted) not in self._known:
            self._known[marks, wanted] = self._message(marks, wanted)
        return self._known[marks, wanted]

    def _message(self, marks: Marks, wanted: Wanted) -> Message:
        hidden = frozenset(key for key, audience in self.kept.items() if not sees(marks, audience))
        if (hidden, wanted) not in self._written:
            told = [
                change
                for change in self.changes
                if (change["layer"], change["id"]) not in hidden
                and wanted.takes(change, self.places)
            ]
            self._written[hidden, wanted] = Message.of(self.snapshot, told)
        return self._written[hidden, wanted]


@dataclass(eq=False)
class Subscription:
    """One stream's queue; when it is full, what waits is merged.

    Attributes:
        marks: those of its reader; None for one who hears of everything.
        wanted: what its reader wants to hear of.
    """

    marks: Marks = None
    wanted: Wanted = EVERYTHING
    queue: Queue[Message] = field(default_factory=lambda: Queue(QUEUED))
    lost: bool = False

    def offer(self, message: Message) -> None:
        """Add a message without ever waiting for a slow reader."""
        try:
            self.queue.put_nowait(message)
        except Full:
            self._coalesce(message)

    def _coalesce(self, message: Message) -> None:
        """Tell once what happened to a feature several times, where it happened last.

        Each kind is kept: that a case is new, or touches a neighbour's ground, is not told by what
        happened to it later.
        """
        waiting = []
        while True:
            try:
                waiting.append(self.queue.get_nowait())
            except Empty:
                break
        merged: dict[tuple[Any, ...], Event] = {}
        for change in (c for m in [*waiting, message] for c in m.changes):
            key = (change["layer"], change["id"], change["kind"], change["grid"])
            merged.pop(key, None)
            merged[key] = change
        if len(merged) >= outbox.TOO_MANY:
            self.lost = True
            merged = {}
        self.queue.put_nowait(Message.of(message.snapshot, list(merged.values())))
