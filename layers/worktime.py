"""The town's working time as stored: spans of work that due times are reckoned over."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata.worktime import NOTHING, Calendar, Spans, Units, Us
from layers.base import Base, Scope
from layers.bulk import copy_arrays

AWARE = DateTime(timezone=True)


class WorkSpan(Base):
    """One span of work; ``worked_us`` counts the microseconds worked before it."""

    __tablename__ = "work_spans"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="not_empty"),
        Index("ix_work_spans_worked_us", "district", "worked_us", unique=True),
        Index("ix_work_spans_day_at", "district", "day_at"),
        Index("ix_work_spans_day_number", "district", "day_number", "starts_at"),
    )

    district: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(AWARE, primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(AWARE)
    day_at: Mapped[datetime] = mapped_column(AWARE)
    day_number: Mapped[int]
    worked_us: Mapped[int] = mapped_column(BigInteger)


# One text, which NumPy reads faster than the driver reads rows.
STORED = text("""
SELECT string_agg(concat_ws(' ', (extract(epoch FROM starts_at) * 1000000)::bigint,
                            (extract(epoch FROM ends_at) * 1000000)::bigint,
                            (extract(epoch FROM day_at) * 1000000)::bigint), ' ' ORDER BY starts_at)
FROM work_spans WHERE district = :district
""")


def stored(session: Session, scope: Scope) -> Spans:
    """Read the spans of the district; none when no calendar was loaded."""
    told = session.execute(STORED, {"district": scope.district}).scalar_one()
    if told is None:
        return NOTHING
    return Spans(*np.array(told.split(), dtype=np.int64).reshape(-1, 3).T)


def store_spans(session: Session, scope: Scope, calendar: Calendar) -> int:
    """Store a calendar's spans in place of those that are there; tell how many.

    The due times of open cases stay what they are.
    """
    spans = calendar.spans
    session.execute(delete(WorkSpan).where(WorkSpan.district == scope.district))
    columns = {
        "district": pa.array(np.full(len(spans.starts_us), scope.district)),
        "starts_at": _times(spans.starts_us),
        "ends_at": _times(spans.ends_us),
        "day_at": _times(spans.days_us),
        "day_number": pa.array(spans.numbers),
        "worked_us": pa.array(spans.worked_us),
    }
    copy_arrays(session, "work_spans", list(columns), list(columns.values()))
    session.execute(text("ANALYZE work_spans"))
    return len(spans.starts_us)


def ensure_spans(session: Session, scope: Scope, calendar: Calendar) -> None:
    """Store a calendar unless the district has one."""
    if session.query(WorkSpan).filter(WorkSpan.district == scope.district).first() is None:
        store_spans(session, scope, calendar)


def due_times(
    spans: Spans,
    starts: NDArray[np.datetime64],
    limits: tuple[NDArray[np.float64], Units],
) -> NDArray[np.datetime64]:
    """Tell when many limits run out.

    Args:
        spans: the working time, as ``stored`` reads it.
        starts: UTC times at which the limits begin to run.
        limits: the amounts, and the unit of each; see ``geodata.worktime.UNITS``.

    Returns:
        UTC times in microseconds, as the database's ``due_after`` tells them one by one.
    """
    amounts, units = limits
    starts_us = starts.astype("datetime64[us]").astype(np.int64)
    due = spans.due_after(starts_us, amounts, units)
    return due.astype("datetime64[us]")


def _times(times_us: Us) -> pa.Array:
    return pa.array(times_us).cast(pa.timestamp("us", "UTC"))
