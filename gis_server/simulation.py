"""A live town: post incidents and move cases on, through the public API only.

Each case goes on by its own procedure: the server is asked which moves there are, and the one that
leads on is made, as the command centre writes it down for whoever is responsible.
"""

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
from gis_server import keys
from gis_server.config import Settings

LOG = logging.getLogger(__name__)

# How long a case stays at a step of a stage, on average: short, so that the wall lives.
STAY_S = {"reported": 20.0, "accepted": 40.0, "handling": 60.0, "closed": 60.0}
OPEN = ("reported", "accepted", "handling")
DETOUR_SHARE = 0.06  # of the moves: raised, returned, reassigned
DETOURS = ("raise", "return")
ACCOUNT = "dispatcher"
SAID: Mapping[str, Any] = {
    "reason": "模拟",
    "minutes": "模拟会商：分工已明确",
    "evidence": {"photos": ["simulated.jpg"], "note": "模拟处置"},
}
RATINGS = (3, 4, 4, 5, 5, 5)
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
        chance: decides how long each case stays at a step, and by which move it leaves.
        password: of the demo town's dispatcher; without it cases are only posted.
    """

    server: str
    stream: Iterator[Mapping[str, Any]]
    chance: random.Random
    password: str = ""
    web: requests.Session = field(default_factory=requests.Session)
    _due: list[tuple[float, int]] = field(default_factory=list)
    _unsent: tuple[Mapping[str, Any], str] | None = None

    def __post_init__(self) -> None:
        self.web.trust_env = False  # no proxy stands between us and our own server

    def run(self, rate: float) -> None:
        """Post so many incidents a second until the process is ended, and move cases on."""
        pause_s, at = 1.0, time.monotonic()
        taken_over = False
        while True:
            try:
                taken_over = taken_over or (self.sign_in() and self.take_over())
                self.post()
                self.move_on(time.monotonic())
                pause_s = 1.0
            except Away as reason:
                LOG.warning("simulation: %s; again in %.0f s", reason, pause_s)
                time.sleep(pause_s)
                pause_s, at = min(pause_s * 2, LONGEST_PAUSE_S), time.monotonic()
            at += 1 / rate
            time.sleep(max(0.0, at - time.monotonic()))

    def sign_in(self) -> bool:
        """Sign in as the command centre; where that is refused, nothing will be moved on."""
        given = {"username": ACCOUNT, "password": self.password}
        if not self._asked("POST", "/login", json=given):
            LOG.warning("simulation: may not sign in; cases are posted, and not moved on")
        return True

    def take_over(self) -> bool:
        """Take over the cases that an earlier run left open."""
        for stage in OPEN:
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
        """Make the next move of every case whose time has come."""
        while self._due and self._due[0][0] <= now:
            _, case = self._due[0]
            moved = self._move(case)
            heapq.heappop(self._due)
            if moved:
                self._schedule(case, moved["properties"]["stage"])

    def _move(self, case: int) -> dict[str, Any]:
        """Make one move of a case; the case as it is then, or nothing if there is none to make."""
        told = self._ask("GET", f"/{case}/moves")
        if not told or not (move := self._chosen(told)):
            return {}
        said = {need: SAID[need] for need in move["needs"] if need in SAID}
        if {"photo", "evidence"} & set(move["needs"]):
            said["evidence"] = SAID["evidence"]
        if "rating" in move["needs"]:
            said["rating"] = self.chance.choice(RATINGS)
        headers = {"If-Match": f'"{told["version"]}"'}
        body = {"move": move["code"], **said}
        return self._ask("POST", f"/{case}/steps", json=body, headers=headers)

    def _chosen(self, told: Mapping[str, Any]) -> dict[str, Any] | None:
        """Choose the move that leads on by the fewest steps; now and then one that does not."""
        allowed = [move for move in told["moves"] if move["allowed"]]
        detours = [move for move in allowed if move["effect"] in DETOURS]
        if detours and self.chance.random() < DETOUR_SHARE:
            return dict(self.chance.choice(detours))
        order = [step["code"] for step in told["procedure"]["steps"]]
        at = order.index(told["step"])
        onward = [m for m in allowed if m["to"] in order and order.index(m["to"]) > at]
        return min(onward, key=lambda move: order.index(move["to"]), default=None)

    def _schedule(self, case: int, stage: str) -> None:
        stay_s = self.chance.expovariate(1 / STAY_S[stage])
        heapq.heappush(self._due, (time.monotonic() + stay_s, case))

    def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        return self._asked(method, f"/collections/incidents/items{path}", **content)

    def _asked(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        url = self.server + path
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
    password = keys.demo_password(Settings.from_env())
    Simulation(server, stream, random.Random(began), password).run(rate)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
