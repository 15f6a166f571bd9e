"""Nobody moves or places a case with more rank than he has, or beyond his own ground."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import Reader
from tests.conftest import Desk
from tests.factories import EAST
from tests.layers.casework import CENTRE, ITEMS, PROOF, TEAM, Case, add_bodies, follow, reported

ELSEWHERE = ("441900109999",)
HERE = ("441900109",)
AT = {"lon": 113.9401, "lat": 22.9901}


@pytest.fixture
def case(desk: Desk, town: Session) -> Case:
    """Report a fire in the eastern micro-grid."""
    add_bodies(town)
    return reported(desk, CENTRE)


def dispatcher(*areas: str, net: str | None = None) -> Reader:
    return Reader("d", frozenset({"dispatcher"}), areas=areas, net=net)


def placed(case: Case, who: str | Reader, **said: Any) -> tuple[int, str | None]:
    """Place a case as somebody; the status and the member that is wrong."""
    reply = case._as(who).post(f"{ITEMS}/{case.id}/place", json=AT | said)
    return reply.status_code, reply.get_json(force=True).get("member")


@pytest.mark.parametrize("named", [{"unit": "O1"}, {"post": "leader"}, {}])
def test_naming_what_is_ones_own_gives_no_higher_rank(
    desk: Desk, town: Session, named: dict[str, str]
) -> None:
    add_bodies(town)
    follow(town, "101", "gucheng")
    case = reported(desk, CENTRE)
    case.moved(CENTRE, "blow", post="captain")
    case.moved("captain", "report_in")
    case.moved("captain", "consult", minutes="分工")
    case.moved("captain", "finish", evidence=PROOF)
    leader = Reader("w", frozenset({"worker"}), "leader", "O1", (EAST,))

    assert case.refused(leader, "rework", reason="x", **named)[0] == 403


def test_naming_ones_own_post_does_not_lead_out_of_ones_areas(case: Case) -> None:
    secretary = Reader("s", frozenset({"worker"}), "secretary", "O1", ELSEWHERE)

    assert case.refused(secretary, "raise", reason="x", post="secretary") == (403, "post")
    assert case.moved("secretary", "raise", reason="x", post="secretary")["level"] == "major"


@pytest.mark.parametrize("named", [{}, {"post": "leader"}])
def test_a_dispatcher_speaks_for_others_in_his_areas_only(
    case: Case, named: dict[str, str]
) -> None:
    case.moved(CENTRE, "dispatch", post="leader")

    assert case.refused(dispatcher(*ELSEWHERE), "take", **named)[0] == 403
    assert case.moved(dispatcher(*HERE), "take", **named)["step"] == "handling"


def test_a_dispatcher_speaks_for_a_unit_in_his_areas_only(case: Case) -> None:
    said = {"reason": "x", "unit": TEAM}
    case.moved(CENTRE, "dispatch", post="leader")

    assert case.refused(dispatcher(*ELSEWHERE), "supervise", **said) == (403, "unit")


def test_a_dispatcher_places_cases_of_his_areas_only(case: Case) -> None:
    assert placed(case, dispatcher(*ELSEWHERE))[0] == 403
    assert placed(case, dispatcher(*HERE))[0] == 201


def test_who_answers_for_another_net_neither_moves_nor_places_a_case(case: Case) -> None:
    fire = dispatcher(net="fire")

    assert case.refused(fire, "dispatch") == (403, "move")
    assert placed(case, fire)[0] == 403
    assert not any(move["allowed"] for move in case.moves(fire).values())


def test_who_answers_for_the_general_net_moves_cases(case: Case) -> None:
    assert case.moved(dispatcher(net="general"), "dispatch")["step"] == "assigned"


def test_a_handler_of_another_net_does_not_take_a_case(case: Case) -> None:
    case.moved(CENTRE, "dispatch", post="leader")
    handler = Reader("w", frozenset({"worker"}), "leader", f"{EAST}T", (EAST,), "fire")

    assert case.refused(handler, "take") == (403, "move")


def test_a_case_is_placed_by_ones_own_post(case: Case) -> None:
    placed(case, "leader")

    step = case.steps()[-1]
    assert (step["move"], step["post"], step["unit"]) == ("place", "leader", f"{EAST}T")


@pytest.mark.parametrize("named", [{"post": "secretary"}, {"unit": "O1"}])
def test_a_case_is_not_placed_in_anothers_name(case: Case, named: dict[str, str]) -> None:
    assert placed(case, "leader", **named) == (403, next(iter(named)))
    assert len(case.steps()) == 1


def test_a_dispatcher_places_a_case_for_a_post_that_is_there(case: Case) -> None:
    assert placed(case, CENTRE, post="nobody") == (400, "post")
    assert placed(case, CENTRE, post="secretary") == (201, None)
    assert (case.steps()[-1]["actor"], case.steps()[-1]["post"]) == ("centre", "secretary")


def test_a_case_is_not_placed_before_it_is_reported(case: Case, town: Session) -> None:
    town.execute(text("UPDATE incidents SET reported_at = now() + interval '1 minute'"))

    placed(case, CENTRE)

    late = text("SELECT bool_and(s.at >= i.reported_at) FROM steps AS s JOIN incidents AS i"
                " ON i.id = s.incident_id WHERE s.move = 'place'")  # fmt: skip
    assert town.execute(late).scalar_one()
