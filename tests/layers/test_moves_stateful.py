"""Random moves over all procedures: no illegal state, no lost step, and every figure is right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.cases.rules import RULES, broken
from bench.cases.walk import CENTRE, Walk
from geodata.geojson import feature_of
from geodata.regions import procedures
from layers.base import Target
from layers.intake import report
from layers.moves import take_step
from tests.factories import SCOPE, incident
from tests.layers.casework import add_bodies, follow, holder

FEW = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
AS_CENTRE = replace(SCOPE, reader=CENTRE)


@pytest.fixture
def cases(town: Session) -> list[int]:
    """Report one case for each procedure, by the governance worker of its grid."""
    add_bodies(town)
    return list(_reported(town))


def _reported(town: Session) -> Iterator[int]:
    scope = replace(SCOPE, reader=holder("governance"))
    for procedure in procedures(SCOPE.district):
        follow(town, "404", procedure.code)
        yield report(town, scope, feature_of(incident(50, 50, category="404"))).id


def test_no_random_moves_lead_to_an_illegal_state(town: Session, cases: list[int]) -> None:
    class Moves(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.begun = town.begin_nested()
            self.walk = Walk(town, AS_CENTRE, cases, random.Random(0))

        @rule(case=st.integers(0, len(cases) - 1), seed=st.integers(0, 2**32 - 1))
        def move(self, case: int, seed: int) -> None:
            self.walk.chance.seed(seed)
            self.walk.note(self.walk.attempt(cases[case]))

        @invariant()
        def all_rules_hold(self) -> None:
            assert self.walk.changed == []
            assert self.walk.told["made against the rules"] == 0

        def teardown(self) -> None:
            assert broken(town, SCOPE) == {}
            self.begun.rollback()

    run_state_machine_as_test(Moves, settings=FEW)


def test_a_walk_makes_moves_and_is_refused_others(town: Session, cases: list[int]) -> None:
    walk = Walk(town, AS_CENTRE, cases, random.Random(3))

    walk.go(60)

    assert walk.told["made"] > 15
    assert walk.told["refused Forbidden"] + walk.told["refused Conflict"] > 3


BREAKS: dict[str, str] = {
    "a case whose steps are not one for each of its versions": "DELETE FROM steps WHERE id = :last",
    "a step that begins elsewhere than the one before ended": (
        "UPDATE steps SET step_from = 'verifying' WHERE id = :last"
    ),
    "a move that the procedure does not have there": (
        "UPDATE steps SET move = 'close' WHERE id = :last"
    ),
    "a stage that is not its step's": "UPDATE incidents SET stage = 'handling' WHERE id = :case",
    "a case that is not as its last step left it": (
        "UPDATE incidents SET unit = 'DW' WHERE id = :case"
    ),
    "a due time or a step before the one before": (
        "UPDATE steps SET due_at = due_at - interval '1 minute' WHERE id = :last"
    ),
    "a reporter who handles or closes his own": (
        "UPDATE steps SET post_to = 'governance' WHERE id = :last"
    ),
    "a case that is handled by nobody": "UPDATE steps SET unit_to = NULL WHERE id = :last",
    "a figure that is not what its steps count": (
        "UPDATE incidents SET returns = 1 WHERE id = :case"
    ),
    "a step without its event": "DELETE FROM outbox WHERE feature_id = :case",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_found(town: Session, cases: list[int], rule: str) -> None:
    case = _dispatched(town, cases)
    assert broken(town, SCOPE) == {}

    last = text("SELECT max(id) FROM steps WHERE incident_id = :case")
    asked = {"case": case, "last": town.execute(last, {"case": case}).scalar_one()}
    town.execute(text(BREAKS[rule]), asked)

    assert broken(town, SCOPE)[rule] == [case]


def _dispatched(town: Session, cases: list[int]) -> int:
    """Dispatch the case that follows the whistles."""
    found = text("SELECT id FROM incidents WHERE procedure = 'dongkeng' AND id = ANY(:cases)")
    case = int(town.execute(found, {"cases": cases}).scalar_one())
    said: dict[str, Any] = {"move": "dispatch", "post": "leader"}
    take_step(town, AS_CENTRE, Target(case, 1), said)
    return case
