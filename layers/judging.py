"""Judge a batch of cases by their categories: severity, limits, and the procedure they follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

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


def judge(session: Session, scope: Scope, table: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Add what the category says of severity, time limit and procedure."""
    codes = pd.Series(table["category"].to_numpy(dtype=object), table.index)

    def told(name: str) -> pd.Series:
        return codes.map({code: getattr(row, name) for code, row in known.items()})

    starts = table["reported_at"].to_numpy("datetime64[us]")
    limit = told("limit_h").to_numpy(float), told("limit_unit").tolist()
    due = due_times(session, scope, starts, limit)
    first = told("first_limit").to_numpy(float)
    own = ~np.isnan(first)
    step_due = due.copy()
    units = told("first_unit")[own].tolist()
    step_due[own] = np.minimum(
        due[own], due_times(session, scope, starts[own], (first[own], units))
    )
    return table.assign(
        severity=table["severity"].fillna(told("severity")).astype("int64"),
        due_at=_utc(due, table),
        step_due_at=_utc(step_due, table),
        step=told("first_step").where(table["closed_at"].isna(), told("final_step")),
        **{name: told(name) for name in ("procedure", "edition", "first_step", "level")},
    )


def _utc(times: NDArray[np.datetime64], table: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.DatetimeIndex(times).tz_localize("UTC"), table.index)
