"""Whether anything is lost or doubled when the server is killed while incidents are posted."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.client import Answer, Loop, Posts
from bench.figure import Figure, Finding, at_most
from bench.intake.reports import CREATED, address, missing, requests, rows, untrue_streams
from bench.rig import Rig
from bench.streams import Stream, listen, open_streams, step_all
from gis_server import serving
from gis_server.config import Settings

RATE = 200
STREAMS = 10
DOWN_S = 0.5
ARRIVAL_S = 2.0


@dataclass
class Crash:
    """Kill a running server at a time, and start it again after a while.

    Args:
        settings: of the server.
        after_s: seconds after the first turn at which it is killed.
        also: what else breaks, and is mended, while it is down.
    """

    settings: Settings
    after_s: float
    also: Callable[[], None] = lambda: None
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _child: serving.Child | None = None
    _due_at: float = 0.0

    def __enter__(self) -> Crash:
        """Start the server."""
        self._start()
        serving.await_answer(self.settings)
        return self

    def __exit__(self, *_: object) -> None:
        """End the server."""
        self._held.close()

    def turn(self) -> None:
        """Kill the server when its time has come."""
        self._due_at = self._due_at or time.monotonic() + self.after_s
        if self._child is not None and time.monotonic() >= self._due_at:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None
            self.also()
            time.sleep(DOWN_S)
            self._start()
            self._due_at = float("inf")

    def _start(self) -> None:
        commands = [serving.web(self.settings)]
        (self._child,) = self._held.enter_context(serving.running(self.settings, commands))


def post_through(
    crash: Crash, posts: Sequence[bytes], streams: int
) -> tuple[list[Answer], list[Stream]]:
    """Post at 200 a second through a crash, while streams listen and resume."""
    loop, at = Loop(), address(crash.settings)
    listening = open_streams(loop, at, streams)

    def turn() -> None:
        step_all(listening)
        crash.turn()

    answers = Posts(loop, at, posts, RATE).run(turn)
    listen(loop, listening, ARRIVAL_S)
    for stream in listening:
        stream.close()
    return answers, listening


def kill(rig: Rig) -> Iterator[Finding]:
    """Kill the server with SIGKILL; then the server and the database together."""
    with rig.database() as settings:
        yield from _killed(rig, Crash(settings, 1.5 if rig.quick else 4.0), "kill -9")
    with rig.database() as settings:

        def break_database() -> None:
            pid = (rig.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0]
            os.kill(int(pid), signal.SIGKILL)
            rig.cluster.revive()

        crash = Crash(settings, 1.5 if rig.quick else 4.0, break_database)
        yield from _killed(rig, crash, "kill -9 with database")


def _killed(rig: Rig, crash: Crash, case: str) -> Iterator[Finding]:
    posts = requests(rig, RATE * (3 if rig.quick else 10))
    settings = crash.settings
    with crash:
        answers, streams = post_through(crash, posts, STREAMS)
    again = sum(answer.tries > 1 for answer in answers)
    yield Figure(f"{case}: posts sent again under their key", again, "posts")
    refused = sum(answer.status != CREATED for answer in answers)
    yield Figure(f"{case}: not answered 201", refused, "posts", at_most(0))
    lost = missing(settings, answers)
    yield Figure(f"{case}: 201s not stored once", lost, "posts", at_most(0))
    ((stored,),) = rows(settings, "SELECT count(*) FROM incidents")
    yield Figure(f"{case}: stored without need", stored - len(posts), "incidents", at_most(0))
    resumed = min(stream.resumed for stream in streams)
    yield Figure(f"{case}: times that each stream resumed", resumed, "times")
    untrue = untrue_streams(settings, streams)
    yield Figure(f"{case}: streams not told all once", untrue, "streams", at_most(0))
