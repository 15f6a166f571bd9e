"""A live town: post incidents and move cases on, through the public API only."""

from __future__ import annotations

import heapq
import logging
import random
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests

from geodata.reports import incidents
from geodata.town import make_town

LOG = logging.getLogger(__name__)

# How long a case stays in a stage, on average: short, so that the wall lives.
STAY_S = {"reported": 20.0, "accepted": 40.0, "handling": 90.0}
NEXT_STAGE = {"reported": "accepted", "accepted": "handling", "handling": "closed"}
POST_OF_STAGE = {"accepted": "网格组长", "handling": "治理员", "closed": "网格组长"}
LONGEST_PAUSE_S = 30.0
TAKEN_OVER = 200
REPLY_LIMIT_S = 10.0


class Away(Exception):
    """Say that the server does not answer, or asks to be left alone for a while."""


@dataclass
class Simulation:
    """One run of the simulation against one server.

    Args:
        server: the address, such as http://127.0.0.1:8400.
        stream: the incidents to post, GeoJSON features without an id.
        chance: decides how long each case stays in a stage.
    """

    server: str
    stream: Iterator[Mapping[str, Any]]
    chance: random.Random
    web: requests.Session = field(default_factory=requests.Session)
    _due: list[tuple[float, int, str]] = field(default_factory=list)
    _unsent: tuple[Mapping[str, Any], str] | None = None

    def __post_init__(self) -> None:
        self.web.trust_env = False  # no proxy stands between us and our own server

    def run(self, rate: float) -> None:
        """Post so many incidents a second until the process is ended, and move cases on."""
        pause_s, at = 1.0, time.monotonic()
        taken_over = False
        while True:
            try:
                taken_over = taken_over or self.take_over()
                self.post()
                self.move_on(time.monotonic())
                pause_s = 1.0
            except Away as reason:
                LOG.warning("simulation: %s; again in %.0f s", reason, pause_s)
                time.sleep(pause_s)
                pause_s, at = min(pause_s * 2, LONGEST_PAUSE_S), time.monotonic()
            at += 1 / rate
            time.sleep(max(0.0, at - time.monotonic()))

    def take_over(self) -> bool:
        """Take over the cases that an earlier run left open."""
        for stage in NEXT_STAGE:
            query = {"stage": stage, "limit": TAKEN_OVER}
            for case in self._ask("GET", "", params=query)["features"]:
                self._schedule(case["id"], stage)
        return True

    def post(self) -> None:
        """Post the next incident; one whose reply was lost again, under the key it had."""
        if not self._unsent:
            self._unsent = next(self.stream), str(uuid.UUID(int=self.chance.getrandbits(128)))
        feature, key = self._unsent
        case = self._ask("POST", "", json=dict(feature), headers={"Idempotency-Key": key})
        self._unsent = None
        if case:
            self._schedule(case["id"], "reported")

    def move_on(self, now: float) -> None:
        """Give every case whose time has come its next stage."""
        while self._due and self._due[0][0] <= now:
            _, case, stage = self._due[0]
            to = NEXT_STAGE[stage]
            step = {"stage": to, "post": POST_OF_STAGE[to], "reason": "模拟"}
            moved = self._ask("POST", f"/{case}/steps", json=step)
            heapq.heappop(self._due)
            if moved:
                self._schedule(case, to)

    def _schedule(self, case: int, stage: str) -> None:
        if stage in STAY_S:
            stay_s = self.chance.expovariate(1 / STAY_S[stage])
            heapq.heappush(self._due, (time.monotonic() + stay_s, case, stage))

    def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        url = f"{self.server}/collections/incidents/items{path}"
        try:
            reply = self.web.request(method, url, timeout=REPLY_LIMIT_S, **content)
        except requests.RequestException as error:
            raise Away(f"{self.server} does not answer ({type(error).__name__})") from error
        if reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Away(f"{self.server} answers {reply.status_code}")
        if not reply.ok:
            # Somebody else moved the case on meanwhile, or the rules refuse: not ours any more.
            LOG.info("simulation: refused: %s", reply.text)
            return {}
        return dict(reply.json())


def main(server: str, rate: float) -> None:
    """Simulate the demo town on a server.

    Args:
        server: its address.
        rate: incidents a second.
    """
    began = int(time.time())
    # Another seed each time, for a report's number at its source is never used twice.
    stream = incidents(make_town(), seed=began)
    Simulation(server, stream, random.Random(began)).run(rate)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
