"""The departments of the town, and what each is answerable for, in the tests."""

from __future__ import annotations

from sqlalchemy.orm import Session

from geodata.regions import mandates
from layers import labels
from layers.mandates import load_mandates
from layers.organisations import Organisation
from tests.factories import (
    SCOPE,
)
from tests.layers.casework import TOWN, add_bodies


def add_offices(town: Session) -> None:
    """Store bodies, posts, two departments and the mandates of the district."""
    add_bodies(town)
    offices = {"DF": "消防救援大队", "DE": "应急管理分局"}
    for code, name in offices.items():
        told = {"code": code, "name": name, "kind": "department", "area_code": TOWN}
        town.add(Organisation(district=SCOPE.district, **told))
    load_mandates(town, SCOPE, mandates(SCOPE.district))
    labels.forget()
