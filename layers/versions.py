"""What a cached tile is good for: the versions of registers, and what changed of live layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Float, cast, func, select, text, union_all
from sqlalchemy.orm import Session

from layers.base import Layer, Register, Scope
from layers.periods import VALID
from layers.prepared import Prepared


class Standing(NamedTuple):
    """The versions of the registers that were ever changed, in one history of the database."""

    history: str
    versions: Mapping[str, int]


# A restored database may give a version again that was given to something else.
STANDING = Prepared(
    "layers_standing",
    """
    SELECT event_history(), (SELECT COALESCE(jsonb_object_agg(layer, version), '{}')
                             FROM layer_versions WHERE district = :district)
    """,
    {"district": "integer"},
)
# As in the outbox, what became visible since a snapshot, whatever was committed when.
CHANGED = Prepared(
    "layers_changed",
    """
    SELECT pg_current_snapshot()::text,
           ARRAY(SELECT DISTINCT layer FROM outbox
                 WHERE district = :district AND xid >= pg_snapshot_xmin(:since)
                   AND NOT pg_visible_in_snapshot(xid, :since))
    """,
    {"district": "integer", "since": "pg_snapshot"},
)
SNAPSHOT = text("SELECT pg_current_snapshot()::text")


def standing(session: Session, scope: Scope) -> Standing:
    """Tell the versions of all registers, in one round trip."""
    row: Any = STANDING.run(session, {"district": scope.district}).one()
    return Standing(str(row[0]), row[1])


def changed(session: Session, scope: Scope, since: str | None) -> tuple[str, frozenset[str]]:
    """Tell which layers had an event that became visible since a snapshot.

    Args:
        session: an open session on the primary.
        scope: whose district.
        since: a snapshot that is younger than the time for which events are kept; None for none.

    Returns:
        The snapshot read in, and the layers; none of them without an earlier snapshot.
    """
    if since is None:
        return str(session.execute(SNAPSHOT).scalar_one()), frozenset()
    row: Any = CHANGED.run(session, {"district": scope.district, "since": since}).one()
    return str(row[0]), frozenset(row[1])


def good_for_s(session: Session, layer: Layer, scope: Scope) -> float | None:
    """Tell the seconds until an edition of a register begins or ends; None when none will."""
    columns: Any = layer.table.__table__.columns
    if VALID not in columns or not issubclass(layer.table, Register):
        return None
    valid, district = columns[VALID], columns["district"]
    bounds = [
        select(edge(valid).label("at")).where(
            district == scope.district, edge(valid) > func.now(), ~infinite(valid)
        )
        for edge, infinite in ((func.lower, func.lower_inf), (func.upper, func.upper_inf))
    ]
    at = union_all(*bounds).subquery("bounds").c.at
    left = cast(func.extract("epoch", func.min(at) - func.now()), Float)
    found = session.execute(select(left)).scalar()
    return None if found is None else float(found)
