"""What dispatches teach: which were wrong, how often, and whether promised chances came true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers import labels
from tests.conftest import Desk
from tests.factories import EAST, SCOPE, Json
from tests.layers.casework import CENTRE, EAST_TEAM, STREETS, Case, add_bodies, reported

RATES = "/collections/incidents/wrong_dispatch"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)
    labels.forget()


def right(desk: Desk) -> Case:
    """Dispatch a case to whom it is proposed, who closes it."""
    case = reported(desk, category="302")
    case.moved(CENTRE, "dispatch")
    return case


def sent_back(desk: Desk) -> Case:
    """Dispatch a case to whom it is proposed, who sends it back."""
    case = right(desk)
    case.moved("leader", "return", reason="不属本网格")
    return case


def reassigned(desk: Desk) -> Case:
    case = right(desk)
    case.moved(CENTRE, "reassign", unit=STREETS, reason="占道")
    return case


def close(town: Session, *cases: Case) -> None:
    town.execute(
        text("UPDATE incidents SET stage = 'closed', closed_at = now() WHERE id = ANY(:ids)"),
        {"ids": [case.id for case in cases]},
    )


def rates(desk: Desk, **asked: str) -> Json:
    return dict(desk.client.get(RATES, query_string=asked).get_json(force=True))


def test_returned_and_reassigned_dispatches_count_as_wrong(desk: Desk) -> None:
    right(desk)
    sent_back(desk)
    reassigned(desk)

    told = rates(desk)

    (row,) = told["rows"]
    named = (row["key"], row["title"], row["title_en"])
    assert named == ("302", "垃圾堆积", "Piled-up rubbish")
    assert (row["dispatched"], row["returned"], row["rate"]) == (4, 2, 0.5)
    assert told["total"]["rate"] == 0.5


def test_the_rate_is_told_by_grid_too(desk: Desk) -> None:
    sent_back(desk)

    (row,) = rates(desk, by="grid")["rows"]

    assert (row["key"], row["title"], row["rate"]) == (EAST, EAST[-5:], 1.0)


def test_dispatches_of_another_time_are_left_out(desk: Desk) -> None:
    sent_back(desk)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    assert rates(desk, **{"from": later})["rows"] == []
    assert rates(desk, **{"from": later})["total"]["rate"] is None
    assert len(rates(desk, to=later)["rows"]) == 1


@pytest.mark.parametrize(
    ("asked", "member"),
    [({"by": "moon"}, "by"), ({"from": "today"}, "from"), ({"figure": "x"}, "figure")],
)
def test_a_wrong_question_is_refused_by_name(desk: Desk, asked: Json, member: str) -> None:
    reply = desk.client.get(RATES, query_string=asked)

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, member)


def test_what_was_promised_is_held_against_what_came(town: Session, desk: Desk) -> None:
    close(town, right(desk), right(desk), sent_back(desk))

    (found,) = rates(desk)["calibration"]

    assert (found["n"], found["observed"]) == (3, pytest.approx(0.6667))
    assert 0.9 <= found["from"] <= found["expected"] < found["to"] <= 1.0


def test_an_open_dispatch_is_neither_right_nor_wrong_yet(desk: Desk) -> None:
    right(desk)

    assert rates(desk)["calibration"] == []


def test_returns_lower_the_next_proposals_of_the_same_rule(town: Session, desk: Desk) -> None:
    before = labels.learn_anew(town, SCOPE)
    close(town, *(sent_back(desk) for _ in range(8)))

    after = labels.learn_anew(town, SCOPE)

    key = labels.key_of("post", ("302", EAST), 1.0)
    assert after.rate(key) < before.rate(key) - 0.1


def test_a_border_is_learnt_of_apart_from_places_that_are_certain() -> None:
    chances = (1.0, 0.9, 0.7, 0.3)

    found = [labels.key_of("post", ("302", EAST), chance)[1] for chance in chances]

    assert found == ["certain", "certain", "likely", "doubtful"]


def test_another_choice_that_held_says_that_the_proposal_was_wrong(
    town: Session, desk: Desk
) -> None:
    case = reported(desk, category="302")
    case.moved(CENTRE, "dispatch", unit=STREETS)
    close(town, case)

    learnt = labels.learn_anew(town, SCOPE)

    assert learnt.rate(("post",)) < labels.Rates().rate(("post",))


def test_the_step_of_a_dispatch_keeps_what_was_proposed(desk: Desk) -> None:
    proposal = right(desk).steps()[-1]["evidence"]["proposal"]

    assert proposal.pop("probability") == pytest.approx(0.95, abs=0.03)
    assert proposal == {
        **{"unit": EAST_TEAM, "post": "leader", "rule": "post", "taken": True},
        **{"chance": 1.0, "grid": EAST},
    }


def test_what_was_learnt_is_kept_until_there_is_another_step(town: Session, desk: Desk) -> None:
    first = labels.rates(town, SCOPE)
    assert labels.rates(town, SCOPE) is first

    close(town, sent_back(desk))
    labels.forget()

    assert labels.rates(town, SCOPE).rate(("post",)) < first.rate(("post",))


def test_odd_proposals_among_the_steps_teach_nothing_wrong(desk: Desk, town: Session) -> None:
    odd, other = right(desk), reported(desk, category="302")
    kept = """UPDATE steps SET evidence = evidence ||
        '{"proposal": {"rule": "x", "taken": "maybe", "chance": "a", "probability": "b"}}',
        at = at - interval '5 days' WHERE move = 'dispatch'"""
    town.execute(text(kept))
    labels.forget()

    told = rates(desk)

    assert (told["total"]["dispatched"], told["calibration"]) == (1, [])
    assert other.moved(CENTRE, "dispatch")["unit"] == odd.properties()["unit"]


@pytest.mark.parametrize("refused", ['"x"', "[1]", '{"unit": ["x"]}', "7"])
def test_odd_refusals_among_the_steps_do_not_stop_a_dispatch(
    desk: Desk, town: Session, refused: str
) -> None:
    case = reported(desk, category="302")
    told = text("UPDATE steps SET evidence = jsonb_build_object('refused_by', CAST(:v AS jsonb))")
    town.execute(told, {"v": refused})

    assert case.moved(CENTRE, "dispatch")["post"] is not None
