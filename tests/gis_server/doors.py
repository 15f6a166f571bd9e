"""Who signs in at the door in the tests."""

from __future__ import annotations

from layers.base import Reader
from tests.factories import PASSWORD

LEADER = Reader("leader", frozenset({"worker"}), "D1", "O1", ("44190010921200101",))
GOOD = {"username": "leader", "password": PASSWORD}
