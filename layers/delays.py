"""Delays: asked for, granted so that the clock stands still for a while, or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from geodata.errors import Conflict, InvalidInput
from layers.making import Change, Making

LONGEST_DELAY = timedelta(days=366)
LEFT = text("SELECT greatest(0, worked_between(:district, now(), :due_at))")
PUT_OFF = text("SELECT greatest(:due_at, due_after(:district, :until, :left_h, :unit))")


def ask_delay(making: Making) -> Change:
    """Ask for more time, until a time to come."""
    case, until = making.case, making.said.until
    if case.asked_until is not None and case.paused_h is None:
        raise Conflict("a delay is asked for already", "move")
    if until is None or not _is_to_come(until):
        raise InvalidInput(f"{until} is no time in the year to come", "until")
    return Change({"asked_until": until, "paused_h": None})


def grant_delay(making: Making) -> Change:
    """Let the clock stand still until the time asked for; what was left runs from then on."""
    case = making.case
    if case.asked_until is None or case.paused_h is not None:
        raise Conflict("no delay is asked for", "move")
    until = making.said.until or case.asked_until
    if not _is_to_come(until):
        raise Conflict(f"the time asked for, {until}, has passed", "until")
    clock = "hours" if case.limit_unit == "hours" else "working_hours"
    asked = {"district": making.scope.district, "due_at": case.due_at, "until": until}
    left_h = _left(making) if clock == "working_hours" else _plain_left(case)
    asked |= {"left_h": left_h, "unit": clock}
    due_at = making.session.execute(PUT_OFF, asked).scalar_one()
    delayed = {"asked_until": until, "paused_h": left_h, "delays": case.delays + 1}
    return Change(delayed | {"due_at": due_at}, {"due_before": case.due_at.isoformat()})


def _left(making: Making) -> float:
    asked = {"district": making.scope.district, "due_at": making.case.due_at}
    return float(making.session.execute(LEFT, asked).scalar_one())


def _plain_left(case: Any) -> float:
    return float(max(0.0, (case.due_at - case.now).total_seconds() / 3600))


def _is_to_come(until: datetime) -> bool:
    now = datetime.now(UTC)
    return now < until < now + LONGEST_DELAY


def refuse_delay(making: Making) -> Change:
    """Refuse the time that was asked for."""
    if making.case.asked_until is None or making.case.paused_h is not None:
        raise Conflict("no delay is asked for", "move")
    return Change({"asked_until": None})
