"""What tests of the server share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers.base import Reader
from tests.factories import add_account, add_building
from tests.gis_server.doors import LEADER
from tests.gis_server.editors import PLANNER


@pytest.fixture
def door(client: FlaskClient, town: Session) -> FlaskClient:
    """Ask a town in which one account may sign in."""
    add_account(town, LEADER)
    return client


@pytest.fixture
def planner(client_as: Callable[[Reader], FlaskClient], town: Session) -> FlaskClient:
    """Ask as a planner, in the town."""
    return client_as(PLANNER)


@pytest.fixture
def street(session: Session) -> Session:
    """Build five houses, of which one has no name and two the same."""
    names = {"A1": "仓库", "A2": "车库", "A3": None, "A4": "车库", "A5": "安居"}
    for i, (code, name) in enumerate(names.items()):
        add_building(session, code, (20.0 * i, 0.0), name=name, floors=i)
    session.flush()
    return session
