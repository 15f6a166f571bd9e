"""Gucheng: those who are whistled for report for duty, consult, mediate, and revisit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Desk
from tests.layers.casework import (
    CENTRE,
    EAST_TEAM,
    PROOF,
    STREETS,
    Case,
    add_bodies,
    follow,
    reported,
)

NEIGHBOURS, NOISE = "201", "209"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)


@pytest.fixture
def dispute(desk: Desk, town: Session) -> Case:
    """Report a dispute that is mediated by the police, the grid and whoever is called."""
    follow(town, NEIGHBOURS, "gucheng_mediation")
    return reported(desk, CENTRE, category=NEIGHBOURS, description="宅基地边界争执")


def _mediated(dispute: Case) -> None:
    dispute.moved(CENTRE, "blow", unit=STREETS)
    dispute.moved("leader", "report_in")
    dispute.moved("police", "consult", minutes="约定周五现场丈量")
    dispute.moved("police", "finish", evidence=PROOF)
    dispute.moved(CENTRE, "settle")


def test_a_dispute_is_consulted_on_mediated_revisited_and_rated(dispute: Case) -> None:
    _mediated(dispute)
    dispute.moved("police", "steady", evidence={"note": "回访正常"})
    closed = dispute.moved(CENTRE, "rate", rating=4)

    assert dispute.story() == [
        ("report", None, "grid_worker", None, "whistled"),
        ("blow", None, None, None, "called"),
        ("report_in", "leader", EAST_TEAM, None, "consulting"),
        ("consult", "police", STREETS, None, "carrying_out"),
        ("finish", "police", STREETS, None, "feedback"),
        ("settle", None, None, None, "revisiting"),
        ("steady", "police", STREETS, None, "rating"),
        ("rate", None, None, None, "closed"),
    ]
    assert (closed["rating"], closed["helpers"]) == (4, [EAST_TEAM])
    begun = dispute.dues()[0][0]
    assert {due for _, due in dispute.dues()} == {begun + timedelta(hours=35)}


def test_the_grid_is_called_in_beside_the_police(dispute: Case) -> None:
    called = dispute.moved(CENTRE, "blow", unit=STREETS)

    assert (called["unit"], called["helpers"]) == (STREETS, [EAST_TEAM])
    assert dispute.moves("leader")["report_in"]["allowed"]


def test_a_dispute_that_relapses_is_taken_up_again_with_its_history(dispute: Case) -> None:
    _mediated(dispute)
    closed_at = dispute.properties()["closed_at"]

    again = dispute.moved("leader", "relapse", reason="再起争执")

    assert (again["step"], again["closed_at"], again["reworks"]) == ("consulting", None, 1)
    assert dispute.steps()[-1]["evidence"]["closed_before"][:19] == closed_at[:19]
    assert len(dispute.steps()) == 7


def test_noise_is_whistled_for_and_rated_without_a_revisit(desk: Desk, town: Session) -> None:
    follow(town, NOISE, "gucheng")
    noise = reported(desk, CENTRE, category=NOISE)
    noise.moved(CENTRE, "blow", unit=STREETS)
    noise.moved("police", "report_in")
    noise.moved("police", "consult", minutes="联合巡查")
    noise.moved("police", "finish", evidence=PROOF)
    noise.moved(CENTRE, "close")

    assert noise.moved(CENTRE, "rate", rating=5)["step"] == "closed"
