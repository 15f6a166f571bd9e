"""What tests of the layers share: a case, and one that is being handled."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Desk
from tests.layers.casework import (
    CENTRE,
    Case,
    add_bodies,
    reported,
)


@pytest.fixture
def case(desk: Desk, town: Session) -> Case:
    """Report a fire in the eastern micro-grid."""
    add_bodies(town)
    return reported(desk, CENTRE)


@pytest.fixture
def handled(case: Case) -> Case:
    """Have the leader of the micro-grid handle the case."""
    case.moved(CENTRE, "dispatch", post="leader")
    case.moved("leader", "take")
    return case
