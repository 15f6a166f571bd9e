"""How well a list of home addresses is located at once, and what it costs others meanwhile."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import requests

from bench.figure import Figure, Finding, at_least, at_most
from bench.rig import Rig
from geodata.home_addresses import Home, home_addresses
from gis_server import serving

HOMES, FEW = 2901, 400
CHAOHU_SHARE = 94.0
"""Percent of its members that 巢湖 assigned to grids by their home addresses."""
WAIT_S = 300


def locating(rig: Rig) -> Iterator[Finding]:
    """Send home addresses as a table, and hold the answer against the generator's truth."""
    homes = home_addresses(rig.town.frames, FEW if rig.quick else HOMES, seed=1)
    with rig.served(workers=1) as settings:
        url = serving.address(settings)
        _located(url, homes[:1])  # makes the gazetteer
        waited = _Waiting(url)
        began = time.monotonic()
        told = _located(url, homes)
        took_s = time.monotonic() - began
        yield from _figures(homes, told)
        case = f"{len(homes)} home addresses"
        yield Figure(f"{case}: rows a second", len(homes) / took_s, "1/s")
        yield Figure(f"{case}: p99 of another request meanwhile", waited.p99_ms(), "ms")


def _located(url: str, homes: Sequence[Home]) -> list[dict[str, str]]:
    """Ask for the micro-grids of homes; the rows of the answer."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows([("address",), *((home.text,) for home in homes)])
    reply = requests.post(
        f"{url}/locate:batch",
        data=sheet.getvalue().encode(),
        headers={"Content-Type": "text/csv"},
        timeout=WAIT_S,
    )
    reply.raise_for_status()
    return list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))


def _figures(homes: Sequence[Home], told: Sequence[dict[str, str]]) -> Iterator[Figure]:
    pairs = [
        (home.grid_code, row["grid_code"] or None) for home, row in zip(homes, told, strict=True)
    ]
    case, share = f"{len(homes)} home addresses", 100 / len(homes)
    right = sum(found is not None and found == truth for truth, found in pairs)
    wrong = sum(found is not None and found != truth for truth, found in pairs)
    silent = sum(not row["grid_code"] and not row["reason"] for row in told)
    yield Figure(f"{case}: right micro-grid", right * share, "%", at_least(CHAOHU_SHARE))
    yield Figure(f"{case}: wrong micro-grid", wrong * share, "%", at_most(0.5))
    yield Figure(f"{case}: no grid, with the reason", 100 - (right + wrong) * share, "%")
    yield Figure(f"{case}: no grid and no reason", silent, "rows", at_most(0))


class _Waiting:
    """Ask the server something small all the time, and tell how long that took."""

    def __init__(self, url: str) -> None:
        self._url, self._over, self._took_s = url, threading.Event(), list[float]()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        while not self._over.wait(0.02):
            began = time.monotonic()
            requests.get(f"{self._url}/conformance", timeout=WAIT_S)
            self._took_s.append(time.monotonic() - began)

    def p99_ms(self) -> float:
        """Stop asking; milliseconds that one request in a hundred took longer than."""
        self._over.set()
        self._thread.join()
        return float(np.percentile(self._took_s, 99)) * 1000
