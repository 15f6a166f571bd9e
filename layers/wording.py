"""Place the rows of a file that have words only, each as a single report is placed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.dataset import Progress
from layers.base import Scope
from layers.gazetteer import Found, matcher

EACH = 500  # rows between two words of progress, about half a second
KEPT = 20_000  # a file repeats its addresses


def placed_by_words(
    session: Session, scope: Scope, table: pd.DataFrame, progress: Progress
) -> pd.DataFrame:
    """Look up the address, or else the description, of each row without a point.

    Args:
        session: an open session.
        scope: the district.
        table: rows as ``layers/batch.py`` completes them.
        progress: told the rows looked up so far, and how many there are.

    Returns:
        The table with the places of those that are sure, and the candidates of the others.
    """
    words = _said(table["address"]).fillna(_said(table["description"]))
    rows = np.flatnonzero((table["lon"].isna() & words.notna()).to_numpy(dtype=bool))
    if not len(rows):
        return table
    match = lru_cache(KEPT)(matcher(session, scope))
    found = []
    for done, said in enumerate(words.iloc[rows], 1):
        found.append(match(said))
        if done % EACH == 0:
            progress(done, len(rows))
    return _put(table, rows, found)


def _said(column: pd.Series) -> pd.Series:
    said = column.astype("string").str.strip()
    return said.where(said != "")


def _put(table: pd.DataFrame, rows: NDArray[np.intp], found: list[Found]) -> pd.DataFrame:
    sure = np.array([one.placed is not None for one in found])
    best = [one.placed for one in found if one.placed is not None]
    candidates = np.full(len(table), "[]", dtype=object)
    candidates[rows[~sure]] = [one.as_json() for one in found if one.placed is None]
    return table.assign(
        candidates=candidates,
        **{
            name: _changed(table[name], rows[sure], values)
            for name, values in (
                ("lon", [one.lon for one in best]),
                ("lat", [one.lat for one in best]),
                ("certainty", [one.score for one in best]),
                ("placed_by", ["address"] * len(best)),
            )
        },
    )


def _changed(
    column: pd.Series, rows: NDArray[np.intp], values: list[float] | list[str]
) -> pd.Series:
    changed = column.copy()
    changed.iloc[rows] = values
    return changed
