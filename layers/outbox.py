"""The outbox: what changed, written with the change and read by whoever follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    Text,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from layers.base import Base, InDistrict, Scope


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type in DDL."""
        return "xid8"


class Outbox(InDistrict):
    """One change of one feature, or of a whole layer when no feature is named."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_xid", "xid"), Index("ix_outbox_at", "at"))

    xid: Mapped[str] = mapped_column(Xid8, server_default=func.pg_current_xact_id())
    layer: Mapped[str]
    feature_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str]
    grid_code: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )


class LayerVersion(Base):
    """The version of a register as a whole; a cached tile is good for one version."""

    __tablename__ = "layer_versions"

    district: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Change:
    """A change to announce: of one feature, or of the layer when ``id`` is None."""

    layer: str
    kind: str
    id: int | None = None
    grid_code: str | None = None


def announce(session: Session, scope: Scope, change: Change) -> None:
    """Write the event of a change in the change's own transaction."""
    session.execute(
        insert(Outbox).values(
            district=scope.district,
            layer=change.layer,
            feature_id=change.id,
            kind=change.kind,
            grid_code=change.grid_code,
        )
    )


def bump(session: Session, scope: Scope, layer: str) -> None:
    """Give a register its next version, so that no cached tile of the old one is served."""
    row = upsert(LayerVersion).values(district=scope.district, layer=layer, version=1)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["district", "layer"], set_={"version": LayerVersion.version + 1}
        )
    )


def version(session: Session, scope: Scope, layer: str) -> int:
    """Tell the version of a register; 0 before its first change."""
    asked = select(LayerVersion.version).where(
        LayerVersion.district == scope.district, LayerVersion.layer == layer
    )
    return session.execute(asked).scalar() or 0


def versions(session: Session, scope: Scope) -> dict[str, int]:
    """Tell the versions of all registers that were ever changed."""
    asked = select(LayerVersion.layer, LayerVersion.version).where(
        LayerVersion.district == scope.district
    )
    return {row.layer: row.version for row in session.execute(asked)}


TOO_MANY = 20_000  # changes, about 2 MB of text: to read all anew costs a client less
# The rows that became visible between two snapshots: neither a late commit nor a long
# transaction hides one, and none is read twice.
CHANGES = text("""
WITH present AS MATERIALIZED (
    SELECT COALESCE(CAST(:until AS pg_snapshot), pg_current_snapshot()) AS snap
)
SELECT event_history() || '-' || present.snap::text AS snapshot,
       o.id, o.layer, o.feature_id, o.kind, o.grid_code
FROM present LEFT JOIN LATERAL (
    SELECT * FROM outbox
    WHERE xid >= pg_snapshot_xmin(CAST(:since AS pg_snapshot))
      AND pg_visible_in_snapshot(xid, present.snap)
      AND NOT pg_visible_in_snapshot(xid, CAST(:since AS pg_snapshot))
    LIMIT :most
) AS o ON true
ORDER BY o.id
""")

# Whether every event after a snapshot is still kept, and the snapshot is of this history. What was
# purged came from transactions up to one: all must have ended before the snapshot's oldest.
KEPT = text("""
SELECT event_history() = :history
   AND pg_snapshot_xmax(CAST(:since AS pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot())
   AND NOT EXISTS (SELECT FROM outbox_purges
                   WHERE purged_to >= pg_snapshot_xmin(CAST(:since AS pg_snapshot)))
""")


NOW = text("SELECT event_history() || '-' || pg_current_snapshot()::text")


def snapshot(session: Session) -> str:
    """Tell what is visible now: the database's history and the snapshot, joined by a hyphen."""
    return str(session.execute(NOW).scalar_one())


def changes(session: Session, since: str, until: str | None) -> tuple[str, list[Any]]:
    """Read what became visible after one snapshot and up to another (or now), in order.

    Returns:
        The snapshot read up to, and the rows; ``TOO_MANY`` of them, of which some may be missing,
        when there are so many or more.
    """
    asked = {"since": _bare(since), "until": until and _bare(until), "most": TOO_MANY}
    rows = session.execute(CHANGES, asked).all()
    return str(rows[0].snapshot), [row for row in rows if row.id is not None]


def is_kept(session: Session, since: str) -> bool:
    """Tell whether all that happened after a snapshot can still be read."""
    history, _, bare = since.partition("-")
    return bool(session.execute(KEPT, {"history": history, "since": bare}).scalar_one())


def _bare(snapshot: str) -> str:
    return snapshot.partition("-")[2]


class OutboxPurge(Base):
    """The highest transaction whose events were purged."""

    __tablename__ = "outbox_purges"

    purged_to: Mapped[str] = mapped_column(Xid8, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


PURGE = text("""
WITH gone AS (
    DELETE FROM outbox WHERE at < now() - make_interval(hours => :hours) RETURNING xid
)
INSERT INTO outbox_purges (purged_to) SELECT xid FROM gone ORDER BY xid DESC LIMIT 1
ON CONFLICT (purged_to) DO NOTHING
""")
FORGET = text("""
DELETE FROM outbox_purges AS p
WHERE EXISTS (SELECT FROM outbox_purges AS later WHERE later.purged_to > p.purged_to)
""")


def purge(session: Session, hours: int) -> None:
    """Forget events older than a number of hours; who resumes from before gets a reset."""
    session.execute(PURGE, {"hours": hours})
    session.execute(FORGET)
