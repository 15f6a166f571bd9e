"""The incidents that the benches post, and what became of them in the database."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
import psycopg2
from numpy.typing import NDArray

from bench.client import Answer, post_request
from bench.rig import Rig
from bench.streams import Stream
from geodata.regions import categories
from gis_server.config import Settings

ITEMS = "/collections/incidents/items"
CREATED = 201
PHONE_M = 15
"""Accuracy of a phone outdoors, which every fifth report brings."""


def requests(rig: Rig, count: int, seed: int = 1) -> list[bytes]:
    """Write the POSTs of so many incidents in the town, each with a key of its own."""
    return requests_at(rig.town.points(count, seed), seed)


def requests_at(points: NDArray[np.float64], seed: int = 1) -> list[bytes]:
    """Write a POST for each place (n, 2) in degrees (lon, lat)."""
    count = len(points)
    # Streams that anybody may open do not tell of the others.
    codes = [c.code for c in categories(441900) if not c.restricted]
    order = np.random.default_rng(seed).integers(0, len(codes), count)
    return [
        post_request(ITEMS, _body(points[i], codes[order[i]], i), f"{seed}-{i}")
        for i in range(count)
    ]


def _body(point: Sequence[float], category: str, number: int) -> bytes:
    properties = {"category": category, "source": "bench", "description": f"第 {number} 件"}
    if number % 5 == 0:
        properties["accuracy_m"] = PHONE_M
    geometry = {"type": "Point", "coordinates": [float(point[0]), float(point[1])]}
    return orjson.dumps({"type": "Feature", "geometry": geometry, "properties": properties})


def address(settings: Settings) -> tuple[str, int]:
    """Name where a server listens."""
    return settings.host, settings.port


def rows(settings: Settings, statement: str) -> list[tuple]:
    """Ask the database."""
    url = settings.database_url.replace("+psycopg2", "", 1)
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def missing(settings: Settings, answers: Sequence[Answer]) -> int:
    """Count the 201s whose incident is not in the database, or is there for another answer too."""
    told = [orjson.loads(a.body)["id"] for a in answers if a.status == CREATED]
    stored = {row[0] for row in rows(settings, "SELECT id FROM incidents")}
    return len(told) - len(set(told) & stored)


def untrue_streams(settings: Settings, streams: Sequence[Stream]) -> int:
    """Count the streams that were not told every event exactly once, in order per incident."""
    outbox = sorted(
        row[0] for row in rows(settings, "SELECT id FROM outbox WHERE layer = 'incidents'")
    )
    return sum(not _true(stream, outbox) for stream in streams)


def _true(stream: Stream, outbox: list[int]) -> bool:
    told = stream.events()
    last: dict[int, int] = {}
    for event in told:
        if last.get(event.feature, -1) >= event.seq:
            return False
        last[event.feature] = event.seq
    return sorted(event.seq for event in told) == outbox and not stream.resets
