"""Check a batch of incidents in columns: values that cannot be stored, and ids sent before."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import Scope
from layers.judging import Known
from layers.loading import Rejected
from layers.report import AHEAD, TEXT_LIMITS

HAS_SENT = text("""
SELECT 1 FROM incidents
WHERE district = :district AND source = :source AND external_id IS NOT NULL LIMIT 1
""")
KNOWN_IDS = text("""
SELECT external_id FROM incidents
WHERE district = :district AND source = :source AND external_id = ANY(:ids)
""")
TEXTS = ("source", "external_id", "description", "address")


def checked(table: pd.DataFrame, known: Known) -> list[Rejected]:
    """Name the rows whose values cannot be stored.

    Args:
        table: rows as ``layers/batch.py`` completes them.
        known: the categories.
    """
    ahead = pd.Timestamp.now("UTC") + AHEAD
    wrong = (
        ("category", ~table["category"].isin(list(known)), "unknown category {}"),
        (
            "severity",
            table["severity"].notna() & ~table["severity"].isin([1, 2, 3, 4]),
            "severity is 1, 2, 3 or 4, not {}",
        ),
        (
            "accuracy_m",
            (table["accuracy_m"] < 0) | (table["accuracy_m"] > 100_000),
            "accuracy_m is 0…100000 metres, not {}",
        ),
        ("reported_at", table["reported_at"].isna(), "no time: {}"),
        ("reported_at", table["reported_at"] > ahead, "{} is more than 5 minutes ahead"),
        ("closed_at", table["closed_at"] > ahead, "{} is more than 5 minutes ahead"),
        ("closed_at", table["closed_at"] < table["reported_at"], "{} is before reported_at"),
        *[_too_long(table, name) for name in TEXTS],
    )
    return [
        Rejected(int(i) + 1, f"properties.{name}", reason.format(table[name].iloc[i]))
        for name, rows, reason in wrong
        for i in np.flatnonzero(rows.fillna(True).to_numpy(dtype=bool))
    ]


def _too_long(table: pd.DataFrame, name: str) -> tuple[str, pd.Series, str]:
    lengths = table[name].astype("string").str.len().fillna(0)
    return name, lengths > TEXT_LIMITS[name], f"more than {TEXT_LIMITS[name]} characters"


def repeated(session: Session, scope: Scope, table: pd.DataFrame) -> list[Rejected]:
    """Name the rows whose source has sent their external id before."""
    sent = table.loc[table["external_id"].notna(), ["source", "external_id"]]
    # To tell that all differ is a third of the work of telling which do not.
    alike = sent[:0] if sent["external_id"].is_unique else sent[sent.duplicated()]
    found = [(i, "twice in this file", False) for i in alike.index]
    for source, rows in sent.groupby("source"):
        asked = {"district": scope.district, "source": source}
        if session.execute(HAS_SENT, asked).first() is None:
            continue
        ids = rows["external_id"].astype(str)
        asked["ids"] = ids.tolist()
        stored = set(session.execute(KNOWN_IDS, asked).scalars())
        found += [(i, "stored before", True) for i in rows.index[ids.isin(stored)]]
    ids = table["external_id"]
    return [
        Rejected(int(i) + 1, "properties.external_id", f"{ids.iloc[i]} {why}", known)
        for i, why, known in found
    ]
