"""What tests of the layers share: a case, and one that is being handled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.conftest import Databases, Desk
from tests.layers.casework import (
    CENTRE,
    Case,
    add_bodies,
    reported,
)
from tests.layers.plans import Explained, crowded, explaining


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


@pytest.fixture(scope="module")
def full(new_databases: Databases) -> Iterator[Settings]:
    """Have a database that is full enough for its indexes to matter."""
    with crowded(new_databases) as settings:
        yield settings


@pytest.fixture
def explained(full: Settings) -> Iterator[Explained]:
    """Have a session on it that notes the plan of each statement."""
    with explaining(full) as explained:
        yield explained
