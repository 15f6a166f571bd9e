"""Delays: asked for, granted so that the clock stands still for a while, or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from geodata.errors import Conflict, InvalidInput
from layers.making import Change, Making

LONGEST_DELAY = timedelta(days=366)
LEFT = text("SELECT greatest(0, worked_between(:district, :from_at, :due_at))")
# The clock stands still until the latest end that was granted since the case was last reopened.
STANDS_UNTIL = text("""
SELECT greatest(now(), max(CAST(evidence ->> 'paused_until' AS timestamptz)))
FROM steps
WHERE district = :district AND incident_id = :id AND evidence ? 'paused_until'
  AND id > COALESCE((
      SELECT max(id) FROM steps WHERE district = :district AND incident_id = :id
         AND stage_from = 'closed' AND stage_to <> 'closed'), 0)
""")
PUT_OFF = text("SELECT greatest(:due_at, due_after(:district, :until, :left_h, :unit))")


def ask_delay(making: Making) -> Change:
    """Ask for more time, until a time to come."""
    case, until = making.case, making.said.until
    if case.asked_until is not None and case.paused_h is None:
        raise Conflict("a delay is asked for already", "move", code="delay_asked")
    if until is None or not _is_to_come(until):
        raise InvalidInput(f"{until} is no time in the year to come", "until", code="not_to_come")
    return Change({"asked_until": until, "paused_h": None})


def grant_delay(making: Making) -> Change:
    """Let the clock stand still until the time asked for; what was left runs from then on.

    What is left of a case that is paused already is counted from the end of that pause.
    """
    case = making.case
    if case.asked_until is None or case.paused_h is not None:
        raise Conflict("no delay is asked for", "move", code="no_delay_asked")
    until = making.said.until or case.asked_until
    if not _is_to_come(until):
        raise Conflict(f"the time asked for, {until}, has passed", "until", code="delay_passed")
    clock = "hours" if case.limit_unit == "hours" else "working_hours"
    asked = {"district": making.scope.district, "due_at": case.due_at, "until": until}
    left_h = _left(making, _stands_until(making), clock)
    asked |= {"left_h": left_h, "unit": clock}
    due_at = making.session.execute(PUT_OFF, asked).scalar_one()
    delayed = {"asked_until": until, "paused_h": left_h, "delays": case.delays + 1}
    told = {"due_before": case.due_at.isoformat(), "paused_until": until.isoformat()}
    return Change(delayed | {"due_at": due_at}, told)


def _stands_until(making: Making) -> Any:
    """Tell from when on the clock runs: now, or the end of a pause that was granted before."""
    asked = {"district": making.scope.district, "id": making.case.id}
    return making.session.execute(STANDS_UNTIL, asked).scalar_one()


def _left(making: Making, from_at: datetime, clock: str) -> float:
    """Tell how many hours of a clock are left from a time until the case is due."""
    due_at = making.case.due_at
    if clock == "hours":
        return float(max(0.0, (due_at - from_at).total_seconds() / 3600))
    asked = {"district": making.scope.district, "from_at": from_at, "due_at": due_at}
    return float(making.session.execute(LEFT, asked).scalar_one())


def _is_to_come(until: datetime) -> bool:
    now = datetime.now(UTC)
    return now < until < now + LONGEST_DELAY


def refuse_delay(making: Making) -> Change:
    """Refuse the time that was asked for; a pause granted before goes on."""
    case = making.case
    if case.asked_until is None or case.paused_h is not None:
        raise Conflict("no delay is asked for", "move", code="no_delay_asked")
    former = _stands_until(making)
    if former <= case.now:
        return Change({"asked_until": None})
    clock = "hours" if case.limit_unit == "hours" else "working_hours"
    return Change({"asked_until": former, "paused_h": _left(making, former, clock)})
