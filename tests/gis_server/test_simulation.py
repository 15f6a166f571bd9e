"""The simulation speaks the public API only, and backs off when it is not answered."""

from __future__ import annotations

import random
from itertools import repeat
from typing import Any

import pytest
import requests

from gis_server.simulation import Away, Simulation

REPORT = {"type": "Feature", "geometry": None, "properties": {"category": "101"}}


class Web:
    """Stand in for the server: hand out prepared answers, remember the questions."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers, self.asked, self.trust_env = list(answers), [], True

    def request(self, method: str, url: str, **content: Any) -> requests.Response:
        """Give the next answer."""
        self.asked.append((method, url.removeprefix("http://town/collections/incidents"), content))
        reply = requests.Response()
        reply.status_code, body = self.answers.pop(0)
        reply.json = lambda: body
        return reply


def _simulation(*answers: tuple[int, Any]) -> tuple[Simulation, Web]:
    web = Web(*answers)
    return Simulation("http://town", repeat(REPORT), random.Random(1), web), web


def test_a_posted_case_is_accepted_handled_and_closed() -> None:
    simulation, web = _simulation(*[(201, {"id": 7})] * 4)

    simulation.post()
    simulation.move_on(now=float("inf"))

    steps = [content["json"]["stage"] for _, path, content in web.asked if path.endswith("/steps")]
    assert steps == ["accepted", "handling", "closed"]


def test_an_incident_whose_reply_was_lost_is_posted_again_under_its_key() -> None:
    simulation, web = _simulation((503, {}), (201, {"id": 7}))

    with pytest.raises(Away):
        simulation.post()
    simulation.post()

    first, second = (content["headers"] for _, _, content in web.asked)
    assert first == second


def test_two_incidents_have_different_keys() -> None:
    simulation, web = _simulation((201, {"id": 7}), (201, {"id": 8}))

    simulation.post()
    simulation.post()

    first, second = (content["headers"] for _, _, content in web.asked)
    assert first != second


def test_a_case_that_somebody_else_moved_on_is_left_alone() -> None:
    simulation, web = _simulation((201, {"id": 7}), (409, {}))

    simulation.post()
    simulation.move_on(now=float("inf"))
    simulation.move_on(now=float("inf"))

    assert len(web.asked) == 2


def test_a_step_that_found_the_server_away_is_tried_again() -> None:
    simulation, web = _simulation((201, {"id": 7}), (503, {}), (409, {}))

    simulation.post()
    with pytest.raises(Away):
        simulation.move_on(now=float("inf"))
    simulation.move_on(now=float("inf"))

    assert [path for _, path, _ in web.asked[1:3]] == ["/items/7/steps", "/items/7/steps"]


def test_open_cases_of_an_earlier_run_are_taken_over() -> None:
    simulation, web = _simulation(
        (200, {"features": [{"id": 3}]}),
        (200, {"features": []}),
        (200, {"features": []}),
        (409, {}),
    )

    simulation.take_over()
    simulation.move_on(now=float("inf"))

    assert web.asked[-1][1] == "/items/3/steps"
