"""Which cases each figure of a period counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_

FIGURES = (
    *("filed", "due", "closed", "closed_due", "on_time", "overdue"),
    *("returned", "reworked", "delayed", "in_grid", "open"),
)
# Which of a case's times says whether the period holds it; the others count some of those.
DATED = {"filed": "reported_at", "due": "due_at", "closed": "closed_at"}
SHARES = {
    "filed": ("returned", "reworked", "delayed"),
    "due": ("closed_due", "on_time", "overdue"),
    "closed": ("in_grid",),
}


@dataclass(frozen=True)
class Period:
    """What a figure is counted over.

    Attributes:
        since: the first moment of the period.
        until: the first moment after it.
        now: what is due by this moment is due; the present, unless ``past``.
        past: whether cases are counted as they stood at ``now``, by their steps.
        last_case: the last case that was known then; None when all are counted.
    """

    since: datetime
    until: datetime
    now: datetime
    past: bool = False
    last_case: int | None = None


def counted(row: Any, period: Period) -> Mapping[str, ColumnElement[bool]]:
    """Say which cases each figure counts.

    ``due`` are those due in the period and by now; of them ``closed_due`` are closed by now,
    ``on_time`` closed by their due time, and ``overdue`` still open. ``closed`` were closed in the
    period, ``in_grid`` of them by the grid's own team. ``returned``, ``reworked`` and ``delayed``
    are those filed in the period to which that happened. ``open`` are open now and were filed
    before the period's end.

    Args:
        row: the mapped class, or the columns of ``past_cases.moving``.
        period: what they are counted over.
    """
    by_now = row.due_at <= period.now if period.now < period.until else row.due_at < period.until
    wholes = {
        "filed": and_(row.reported_at >= period.since, row.reported_at < period.until),
        "due": and_(row.due_at >= period.since, by_now),
        "closed": and_(row.closed_at >= period.since, row.closed_at < period.until),
    }
    told = marks(row)
    # What is rarely true stands first.
    shares = {
        name: and_(told[name], wholes[whole]) for whole, names in SHARES.items() for name in names
    }
    still = and_(row.closed_at.is_(None), row.reported_at < period.until)
    return {**wholes, **shares, "open": still}


def marks(row: Any) -> Mapping[str, ColumnElement[bool]]:
    """Say of the figures that count a share what marks it out, whatever the period."""
    return {
        "closed_due": row.closed_at.is_not(None),
        "on_time": row.closed_at <= row.due_at,
        "overdue": row.closed_at.is_(None),
        "returned": row.returns > 0,
        "reworked": row.reworks > 0,
        "delayed": row.delays > 0,
        "in_grid": row.in_grid,
    }
