"""What tests of the server share."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import add_account
from tests.gis_server.doors import LEADER


@pytest.fixture
def door(client: FlaskClient, town: Session) -> FlaskClient:
    """Ask a town in which one account may sign in."""
    add_account(town, LEADER)
    return client
