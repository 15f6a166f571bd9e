"""Features by box and by id: as many a second as tipg, and how long the slowest wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

import numpy as np

from bench.api.stage import boxes, staged
from bench.api.tipg import NAME, tipg
from bench.client import Answer, Loop, Posts
from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.intake.reports import address
from bench.rig import Rig, server

CLIENTS = 16
HALF = 0.01  # degrees: a box of 2 km
ROUNDS = 4
BOX_TIMES, ID_TIMES = 5.0, 1.5

Ask = Callable[[str], bytes]
Side = tuple[str, tuple[str, int]]


def items(rig: Rig) -> Iterator[Finding]:
    """Ask both servers the same in turns, with 16 requests under way."""
    count = 60 if rig.quick else 600
    with staged(rig) as settings, server(settings), tipg(settings) as peer:
        sides: list[Side] = [("ours", address(settings)), ("theirs", peer)]
        where = boxes(rig, count, HALF)
        for limit in (10, 100):
            case = f"a box of points, {limit} at most"
            asked = {
                "ours": [_get(f"/collections/enterprises/items?{_box(b, limit)}") for b in where],
                "theirs": [
                    _get(f"/collections/public.enterprises/items?{_box(b, limit)}") for b in where
                ],
            }
            yield from held(case, measured(sides, asked), BOX_TIMES)
        numbers = np.random.default_rng(4).integers(1, len(where), count).tolist()
        asked = {
            "ours": [_get(f"/collections/enterprises/items/{n}") for n in numbers],
            "theirs": [_get(f"/collections/public.enterprises/items/{n}") for n in numbers],
        }
        yield from held("a feature by its id", measured(sides, asked), ID_TIMES)


def measured(
    sides: Sequence[Side], asked: Mapping[str, Sequence[bytes]]
) -> dict[str, tuple[float, float]]:
    """Ask in turns: requests a second, and the milliseconds that 99 of 100 take, by side."""
    rates: dict[str, list[float]] = defaultdict(list)
    waits: dict[str, list[float]] = defaultdict(list)
    for turn in range(ROUNDS + 1):
        for name, where in sides if turn % 2 else reversed(sides):
            answers = Posts(Loop(), where, asked[name], connections=CLIENTS).run()
            assert all(a.status in (200, 204) for a in answers), answers[0].body[:300]
            if turn:  # the first turn warms up
                rates[name].append(_rate(answers))
                waits[name] += [answer.took_ms for answer in answers]
    return {name: (float(np.median(rates[name])), percentile(waits[name], 99)) for name in rates}


def held(
    case: str, found: Mapping[str, tuple[float, float]], times: float | None
) -> Iterator[Finding]:
    """Hold what was measured against the peer: the ratio, and that the slowest wait less."""
    (ours, ours_ms), (theirs, theirs_ms) = found["ours"], found["theirs"]
    goal = None if times is None else at_least(theirs, NAME, times)
    yield Figure(f"{case}: requests", ours, "1/s", goal)
    yield Figure(f"{case}: times theirs", ours / theirs, "×")
    yield Figure(f"{case}: p99", ours_ms, "ms", at_most(theirs_ms, NAME))


def _rate(answers: Sequence[Answer]) -> float:
    began, ended = min(a.due_at for a in answers), max(a.done_at for a in answers)
    return len(answers) / (ended - began)


def _box(box: tuple[float, float, float, float], limit: int) -> str:
    return f"bbox={quote(','.join(f'{v:.6f}' for v in box))}&limit={limit}"


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/geo+json\r\n\r\n".encode()
