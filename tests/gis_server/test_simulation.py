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
    return Simulation("http://town", repeat(REPORT), random.Random(1), web=web), web


def _told(*moves: tuple[str, str, str], step: str = "reported", **more: Any) -> dict[str, Any]:
    """Write what the server tells of a case's moves: code, effect and target of each."""
    steps = [{"code": code} for code in ("reported", "assigned", "closed")]
    listed = [
        {"code": code, "effect": effect, "to": to, "needs": [], "allowed": True} | more
        for code, effect, to in moves
    ]
    return {"procedure": {"steps": steps}, "step": step, "version": 3, "moves": listed}


def _at(stage: str) -> tuple[int, Any]:
    return 201, {"id": 7, "properties": {"stage": stage}}


def _moves(web: Web) -> list[str]:
    return [content["json"]["move"] for _, path, content in web.asked if path.endswith("/steps")]


def test_a_posted_case_goes_on_until_no_move_is_left() -> None:
    simulation, web = _simulation(
        (201, {"id": 7}),
        (200, _told(("dispatch", "assign", "assigned"))),
        _at("accepted"),
        (200, _told(("close", "advance", "closed"), step="assigned")),
        _at("closed"),
        (200, _told(step="closed")),
    )

    simulation.post()
    simulation.move_on(now=float("inf"))

    assert _moves(web) == ["dispatch", "close"]


def test_a_move_is_based_on_the_version_that_was_read() -> None:
    simulation, web = _simulation(
        (201, {"id": 7}), (200, _told(("dispatch", "assign", "assigned"))), (412, {})
    )

    simulation.post()
    simulation.move_on(now=float("inf"))

    assert web.asked[-1][2]["headers"] == {"If-Match": '"3"'}


def test_the_nearest_step_onward_is_chosen() -> None:
    told = _told(("dismiss", "advance", "closed"), ("dispatch", "assign", "assigned"))
    simulation, web = _simulation((201, {"id": 7}), (200, told), (409, {}))

    simulation.post()
    simulation.move_on(now=float("inf"))

    assert _moves(web) == ["dispatch"]


def test_what_a_move_needs_is_given() -> None:
    told = _told(("rate", "rate", "closed"), needs=["rating", "reason", "photo"])
    simulation, web = _simulation((201, {"id": 7}), (200, told), (409, {}))

    simulation.post()
    simulation.move_on(now=float("inf"))

    said = web.asked[-1][2]["json"]
    assert (said["rating"] in range(1, 6), bool(said["reason"])) == (True, True)
    assert said["evidence"]["photos"]


def test_a_move_that_is_for_others_is_not_made() -> None:
    told = _told(("dispatch", "assign", "assigned"), allowed=False)
    simulation, web = _simulation((201, {"id": 7}), (200, told))

    simulation.post()
    simulation.move_on(now=float("inf"))

    assert _moves(web) == []


def test_it_signs_in_as_the_command_centre() -> None:
    simulation, web = _simulation((200, {"account": "dispatcher"}))

    assert simulation.sign_in()

    assert web.asked[0][2]["json"]["username"] == "dispatcher"


def test_where_it_may_not_sign_in_cases_are_posted_all_the_same() -> None:
    simulation, web = _simulation((401, {}), (201, {"id": 7}))

    simulation.sign_in()
    simulation.post()

    assert len(web.asked) == 2


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
    simulation, web = _simulation(
        (201, {"id": 7}), (200, _told(("dispatch", "assign", "assigned"))), (412, {})
    )

    simulation.post()
    simulation.move_on(now=float("inf"))
    simulation.move_on(now=float("inf"))

    assert len(web.asked) == 3


def test_a_move_that_found_the_server_away_is_tried_again() -> None:
    told = 200, _told(("dispatch", "assign", "assigned"))
    simulation, web = _simulation((201, {"id": 7}), told, (503, {}), told, (409, {}))

    simulation.post()
    with pytest.raises(Away):
        simulation.move_on(now=float("inf"))
    simulation.move_on(now=float("inf"))

    assert _moves(web) == ["dispatch", "dispatch"]


def test_open_cases_of_an_earlier_run_are_taken_over() -> None:
    simulation, web = _simulation(
        (200, {"features": [{"id": 3}]}),
        (200, {"features": []}),
        (200, {"features": []}),
        (404, {}),
    )

    simulation.take_over()
    simulation.move_on(now=float("inf"))

    assert web.asked[-1][1] == "/items/3/moves"
