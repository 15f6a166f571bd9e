"""The past of a synthetic case: in order, up to now, and only by moves that there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from geodata.histories import PLOTS, Event, history
from geodata.procedures import Procedure
from geodata.regions import procedures

REPORTED = datetime(2026, 6, 1, 1, tzinfo=UTC)
CLOSED = REPORTED + timedelta(hours=10)
LATER = REPORTED + timedelta(days=30)
PASTS = 300


def _pasts(procedure: str, now: datetime = LATER) -> list[list[Event]]:
    chance = np.random.default_rng(1)
    return [history(procedure, (REPORTED, CLOSED, now), chance) for _ in range(PASTS)]


@pytest.mark.parametrize("procedure", PLOTS)
def test_every_past_follows_its_procedure(procedure: str) -> None:
    known = next(p for p in procedures(441900) if p.code == procedure)

    strayed = [past for past in _pasts(procedure) if not _follows(past, known)]

    assert strayed == []


def _follows(past: list[Event], procedure: Procedure) -> bool:
    step = procedure.first
    for event in past:
        moves = {move.code: move for move in procedure.leaving(step)}
        if event.move not in moves:
            return False
        step = procedure.step(moves[event.move].to or step.code)
    return bool(step.final)


@pytest.mark.parametrize("procedure", PLOTS)
def test_the_moves_of_a_past_are_in_order_of_time(procedure: str) -> None:
    unordered = [p for p in _pasts(procedure) if [e.at for e in p] != sorted(e.at for e in p)]

    assert unordered == []


def test_nothing_has_happened_after_now() -> None:
    noon = REPORTED + timedelta(hours=5)

    assert {event.at <= noon for past in _pasts("dongkeng", noon) for event in past} == {True}


def test_some_cases_are_returned_raised_reworked_or_delayed() -> None:
    moves = {event.move for past in _pasts("dongkeng") for event in past}

    assert {"return", "raise", "rework", "grant_delay"} <= moves


def test_a_dispute_is_revisited_days_after_it_was_settled() -> None:
    past = _pasts("dongkeng_dispute")[0]

    assert (past[-1].move, past[-1].at - past[-2].at) == ("steady", timedelta(days=3))


def test_a_procedure_without_a_plot_has_no_past() -> None:
    assert history("basic", (REPORTED, CLOSED, LATER), np.random.default_rng(1)) == []
