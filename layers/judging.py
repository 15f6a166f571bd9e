"""Judge a batch of cases by their categories: severity, limits, and the procedure they follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.worktime import Spans
from layers.base import Scope
from layers.worktime import due_times

CATEGORIES = text("""
SELECT c.code, c.severity, c.limit_h, c.limit_unit, COALESCE(p.code, 'basic') AS procedure,
       COALESCE(p.edition, 1) AS edition, COALESCE(p.first_step, 'reported') AS first_step,
       p.first_level AS level, p.first_limit, p.first_unit, COALESCE((
           SELECT s.step ->> 'code' FROM jsonb_array_elements(p.definition -> 'steps') AS s (step)
           WHERE CAST(s.step ->> 'final' AS boolean) LIMIT 1), 'closed') AS final_step
FROM categories AS c
LEFT JOIN procedures AS p
       ON p.district = c.district AND p.code = c.procedure AND upper_inf(p.valid)
WHERE c.district = :district
""")

Known = dict[str, Any]  # category to its row


def categories(session: Session, scope: Scope) -> Known:
    """Read what each category says, with the first and final steps of its procedure."""
    asked = {"district": scope.district}
    return {row.code: row for row in session.execute(CATEGORIES, asked)}


def judge(table: pd.DataFrame, known: Known, spans: Spans) -> pd.DataFrame:
    """Add what the category says of severity, time limit and procedure; words as categories.

    Args:
        table: cases of known categories.
        known: what those say.
        spans: the working time that limits run over.
    """
    kinds, codes = pd.factorize(table["category"])
    rows = [known[code] for code in codes]

    def each(name: str, kind: Any) -> Any:
        return np.array([getattr(row, name) for row in rows], dtype=kind)[kinds]

    def words(name: str) -> pd.Categorical:
        return pd.Categorical([getattr(row, name) for row in rows]).take(kinds)

    starts = table["reported_at"].to_numpy("datetime64[us]")
    due = due_times(spans, starts, (each("limit_h", float), each("limit_unit", object)))
    first = each("first_limit", float)
    own = ~np.isnan(first)
    step_due = due.copy()
    limit = first[own], each("first_unit", object)[own]
    step_due[own] = np.minimum(due[own], due_times(spans, starts[own], limit))
    steps = pd.Categorical([row.first_step for row in rows] + [row.final_step for row in rows])
    closed = table["closed_at"].notna().to_numpy()
    given = table["severity"].to_numpy(float)
    return table.assign(
        severity=np.where(np.isnan(given), each("severity", float), given).astype(np.int64),
        due_at=_utc(due, table),
        step_due_at=_utc(step_due, table),
        step=steps.take(kinds + len(rows) * closed),
        edition=each("edition", np.int64),
        **{name: words(name) for name in ("procedure", "first_step", "level")},
    )


def _utc(times: NDArray[np.datetime64], table: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.DatetimeIndex(times).tz_localize("UTC"), table.index)
