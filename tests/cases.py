"""Cases with a past, written as the steps that made them, at times that a test names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from layers.cases import Incident, Step
from tests.factories import SCOPE, WEST

NOON = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=3)


def ago(hours: float) -> datetime:
    """Tell the time so many hours before ``NOON``, which is noon of the town three days ago."""
    return NOON - timedelta(hours=hours)


def add_case(session: Session, reported_at: datetime, **given: Any) -> int:
    """Store a case with its first step; closed ones with the step that closed them.

    ``limit_h`` is its limit in hours (24 unless told); the rest are columns of a case.
    """
    due_at = reported_at + timedelta(hours=given.pop("limit_h", 24))
    closed_at = given.get("closed_at")
    told = {
        "number": f"T-{session.scalar(select(func.count()).select_from(Incident)):06}",
        "category": "101",
        "severity": 1,
        "source": "app",
        "source_crs": "EPSG:4326",
        "grid_code": WEST,
        "stage": "closed" if closed_at else "reported",
        "step": "closed" if closed_at else "reported",
        "due_at": due_at,
        **given,
    }
    asked = insert(Incident).values(district=SCOPE.district, reported_at=reported_at, **told)
    number = int(session.execute(asked.returning(Incident.id)).scalar_one())
    state = {name: told.get(name) for name in ("level", "unit", "post")}
    add_step(session, number, reported_at, "report", due_at=told["due_at"], **state)
    if closed_at:
        add_step(
            session, number, closed_at, "close", stage="closed", due_at=told["due_at"], **state
        )
    return number


def add_step(session: Session, case: int, at: datetime, move: str, **given: Any) -> None:
    """Store a step that leaves a case as told, in its own stage unless that is told too."""
    stage = given.pop("stage", "reported")
    told = {
        "stage_from": None if move == "report" else "reported",
        "stage_to": stage,
        "step_to": stage,
        "due_at": given.pop("due_at", None),
        "level": given.pop("level", None),
        "unit_to": given.pop("unit", None),
        "post_to": given.pop("post", None),
        "in_grid": given.pop("in_grid", True),
    }
    own = {"district": SCOPE.district, "incident_id": case, "at": at, "move": move}
    session.execute(insert(Step).values(**own, **(told | given)))
