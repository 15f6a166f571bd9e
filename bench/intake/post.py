"""How long a POST takes at a steady rate, and how many POSTs a second the server bears."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from bench.client import Loop, Posts
from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.intake.archive import fill
from bench.intake.processor import spent_s
from bench.intake.reports import CREATED, address, missing, requests, untrue_streams
from bench.rig import Rig, server
from bench.streams import listen, open_streams, step_all
from gis_server.config import Settings
from gis_server.serving import Child

RATE = 100
P50_MS, P99_MS = 8, 40
SUSTAINED = 1000
PROCESSORS = 2
STREAMS = 50
WARM = 300
PAST, OPEN = 20_000, 5_000
ARRIVAL_S = 2.0


@contextlib.contextmanager
def _town(rig: Rig) -> Iterator[tuple[Settings, Child]]:
    """Serve a town with a past: as a running one, its tables are analysed."""
    with rig.database() as settings:
        fill(rig, settings, PAST, OPEN)
        with server(settings) as web:
            yield settings, web


def post(rig: Rig) -> Iterator[Finding]:
    """Time POSTs from when each was to be sent to its 201, at 100 a second."""
    count = RATE * (3 if rig.quick else 30)
    with _town(rig) as (settings, _):
        Posts(Loop(), address(settings), requests(rig, WARM, seed=9)).run()
        answers = Posts(Loop(), address(settings), requests(rig, count), RATE).run()
        took = [answer.took_ms for answer in answers]
        yield Figure("post p50 at 100/s", percentile(took, 50), "ms", at_most(P50_MS))
        yield Figure("post p99 at 100/s", percentile(took, 99), "ms", at_most(P99_MS))
        refused = sum(answer.status != CREATED for answer in answers)
        yield Figure("post: not answered 201", refused, "posts", at_most(0))


def sustained(rig: Rig) -> Iterator[Finding]:
    """Post as fast as answers come while 50 streams listen, and check all that was told."""
    count = 1000 if rig.quick else 30_000
    with _town(rig) as (settings, web):
        loop = Loop()
        streams = open_streams(loop, address(settings), STREAMS)
        warm = Posts(loop, address(settings), requests(rig, WARM, seed=9)).run()
        posts = Posts(loop, address(settings), requests(rig, count), connections=24)
        before, started = spent_s(rig, web), time.monotonic()
        answers = posts.run(also=lambda: step_all(streams))
        rate, spent = count / (time.monotonic() - started), spent_s(rig, web)
        listen(loop, streams, ARRIVAL_S)
        goal = None if rig.quick else at_least(SUSTAINED)
        yield Figure(f"sustained with {STREAMS} streams", rate, "posts/s", goal)
        costs_ms = {side: (s - before[side]) * 1000 / count for side, s in spent.items()}
        for side, cost_ms in costs_ms.items():
            yield Figure(f"sustained: processor time of the {side}", cost_ms, "ms a post")
        borne = PROCESSORS * 1000 / sum(costs_ms.values())
        yield Figure(f"sustained: what {PROCESSORS} processors bear at that cost", borne, "posts/s")
        lost = missing(settings, [*warm, *answers])
        yield Figure("sustained: 201s not stored once", lost, "posts", at_most(0))
        refused = sum(answer.status != CREATED for answer in answers)
        yield Figure("sustained: not answered 201", refused, "posts", at_most(0))
        untrue = untrue_streams(settings, streams)
        yield Figure("sustained: streams not told all once", untrue, "streams", at_most(0))
        told = {event.seq: event.at for event in streams[0].events()}
        yield Figure("sustained: events on a stream", len(told), "events")
        for stream in streams:
            stream.close()
