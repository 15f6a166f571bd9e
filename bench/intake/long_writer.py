"""Whether one transaction that stays open holds up anybody else's events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from bench.client import Answer, Loop, Posts
from bench.figure import Figure, Finding, at_most, percentile
from bench.intake.reports import CREATED, address, requests, untrue_streams
from bench.rig import Rig
from bench.streams import Stream, listen, open_streams, step_all
from geodata.geojson import Feature, parse_feature
from gis_server.config import Settings
from layers import intake
from layers.base import Scope

HELD_S = 60
RATE = 50
STREAMS = 4
DELAY_MS = 1000
ARRIVAL_S = 2.0


def long_writer(rig: Rig) -> Iterator[Finding]:
    """Post while a transaction that has reported an incident stays open; then commit it."""
    held_s = 5 if rig.quick else HELD_S
    with rig.served() as settings:
        loop = Loop()
        streams = open_streams(loop, address(settings), STREAMS)
        posts = requests(rig, RATE * held_s)
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as slow:
            long_id = intake.report(slow, Scope(settings.district), _feature(posts[0])).id
            answers = Posts(loop, address(settings), posts, RATE).run(lambda: step_all(streams))
            listen(loop, streams, ARRIVAL_S)
            committed_at = time.monotonic()
            slow.commit()
        listen(loop, streams, ARRIVAL_S)
        yield from _figures(settings, (answers, streams), (long_id, committed_at))
        for stream in streams:
            stream.close()


def _feature(request: bytes) -> Feature:
    return parse_feature(request.partition(b"\r\n\r\n")[2])


def _figures(
    settings: Settings, seen: tuple[list[Answer], list[Stream]], slow: tuple[int, float]
) -> Iterator[Finding]:
    answers, streams = seen
    long_id, committed_at = slow
    at = {event.feature: event.at for event in streams[0].events()}
    sent = {orjson.loads(a.body)["id"]: a.due_at for a in answers if a.status == CREATED}
    never = datetime.max.replace(tzinfo=UTC).timestamp()
    delays = [(at.get(number, never) - due_at) * 1000 for number, due_at in sent.items()]
    case = "long writer: others' POST to event"
    yield Figure(f"{case} p50", percentile(delays, 50), "ms")
    yield Figure(f"{case} p99", percentile(delays, 99), "ms", at_most(DELAY_MS))
    late_ms = (at.get(long_id, never) - committed_at) * 1000
    yield Figure("long writer: its own commit to event", late_ms, "ms", at_most(DELAY_MS))
    early = sum(
        event.at < committed_at for s in streams for event in s.events() if event.feature == long_id
    )
    yield Figure("long writer: told before its commit", early, "events", at_most(0))
    untrue = untrue_streams(settings, streams)
    yield Figure("long writer: streams not told all once", untrue, "streams", at_most(0))
