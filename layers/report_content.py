"""What a report says: figures with their groups, or the ledger of cases handed over."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Unavailable
from layers.base import Json, Query, Scope
from layers.figure_counts import period_figures
from layers.masks import lifted

WAIT_S, LOOK_EVERY_S = 3.0, 0.05
GROUPED = ("area", "department", "category", "post")
# Of what stands beside by its code or number.
NAMES = frozenset({"title", "item", "from", "to", "id"})


@dataclass(frozen=True)
class Frozen:
    """What a report is about: an area over a period, as it stood at a moment.

    Attributes:
        area: code of a district, town, village or grid.
        starts_at: the first moment of the period.
        ends_at: the first moment after it.
        as_of: the moment whose state is told.
        last_case: the last case that was known when it was issued.
        groupings: what its figures are grouped by.
    """

    area: str
    starts_at: datetime
    ends_at: datetime
    as_of: datetime
    last_case: int
    groupings: tuple[str, ...] = GROUPED

    @property
    def columns(self) -> dict[str, Any]:
        """What a report's row keeps of it."""
        return {n: v for n, v in vars(self).items() if n != "groupings"}

    @property
    def where(self) -> dict[str, str]:
        """The filters of its cases."""
        return {
            "area": self.area,
            "from": self.starts_at.isoformat(),
            "to": self.ends_at.isoformat(),
            "as_of": self.as_of.isoformat(),
            "last_case": str(self.last_case),
        }


LAST_CASE = text("SELECT COALESCE(max(id), 0) FROM incidents WHERE district = :district")
# A statement that stores a case has its lock before it draws an id, and keeps it to the end of
# its transaction. To ask who has one makes nobody wait, unlike a lock of one's own.
WRITING = text("""
SELECT virtualtransaction FROM pg_locks
WHERE relation IN (CAST('incidents' AS regclass), CAST('steps' AS regclass))
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
""")


def last_case(session: Session, scope: Scope) -> int:
    """Tell the last case that is known, when all up to it are stored or never will be.

    Raises:
        Unavailable: if those who are writing cases do not end within three seconds.
    """
    last = int(session.execute(LAST_CASE, {"district": scope.district}).scalar_one())
    writing = _writing(session)
    until = time.monotonic() + WAIT_S
    while writing:
        if time.monotonic() > until:
            message = "cases are being written; a report is issued when they are"
            raise Unavailable(message, code="cases_being_written")
        time.sleep(LOOK_EVERY_S)
        writing &= _writing(session)
    return last


def _writing(session: Session) -> set[str]:
    return set(session.execute(WRITING).scalars())


def figures_of(session: Session, scope: Scope, frozen: Frozen) -> Json:
    """Tell the figures of the period, whole and by area, department, item and post."""
    parts = {
        by: period_figures(session, scope, Query(where={**frozen.where, "by": by}))
        for by in frozen.groupings
    }
    whole = parts[frozen.groupings[0]]
    groups = {by: [_short(group) for group in told["groups"]] for by, told in parts.items()}
    return {"figures": whole["figures"], "rates": whole["rates"], "groups": groups}


def _short(group: Json) -> Json:
    """Leave out the filters of a group's rows, which follow from its key and the report."""
    return {name: group[name] for name in ("key", "title", "figures", "rates")}


# The moves by which a case passes from one body to another, and by which it is written off.
LEDGER = text("""
WITH move AS MATERIALIZED (
    SELECT p.code AS procedure, p.edition, m.move ->> 'code' AS code, m.move ->> 'title' AS title,
           m.move ->> 'effect' AS effect
    FROM procedures AS p, jsonb_array_elements(p.definition -> 'moves') AS m (move)
    WHERE p.district = :district
), passed AS (
    SELECT s.id, s.incident_id, s.at, s.unit, s.unit_to, s.reason, m.title,
           CASE WHEN m.effect IN ('assign', 'reassign', 'raise', 'lower', 'command', 'call_up',
                                  'return') THEN 'handed_over'
                WHEN m.effect = 'write_off' OR s.stage_to = 'closed' THEN 'written_off' END AS kind
    FROM steps AS s
    JOIN incidents AS i ON i.district = s.district AND i.id = s.incident_id
    JOIN move AS m ON m.procedure = i.procedure AND m.edition = i.edition AND m.code = s.move
    LEFT JOIN LATERAL (  -- the first placing after the moment tells where the case lay then
        SELECT true AS later, l.evidence ->> 'grid_before' AS grid_before FROM steps AS l
        WHERE l.district = i.district AND l.incident_id = i.id AND l.at > :as_of
          AND l.move = 'place' ORDER BY l.id LIMIT 1
    ) AS placed ON length(:area) > 6
    WHERE s.district = :district AND s.at >= :starts_at AND s.at < :ends_at
      AND s.at <= :as_of AND i.id <= :last_case
      AND (length(:area) = 6 OR CASE WHEN placed.later THEN placed.grid_before ELSE i.grid_code END
           LIKE :area || '%')
      AND s.stage_from IS DISTINCT FROM 'closed'
)
SELECT COALESCE(json_agg(json_build_object(
    'kind', p.kind, 'at', p.at, 'move', p.title, 'id', i.id, 'number', i.number,
    'category', i.category, 'item', c.item, 'address', i.address, 'reported_at', i.reported_at,
    'unit', p.unit, 'from', COALESCE(f.name, p.unit), 'unit_to', p.unit_to,
    'to', COALESCE(t.name, p.unit_to), 'reason', p.reason)
    ORDER BY p.at, p.id), '[]')::text
FROM passed AS p
JOIN incidents AS i ON i.district = :district AND i.id = p.incident_id
JOIN categories AS c ON c.district = i.district AND c.code = i.category
LEFT JOIN organisations AS f ON f.district = i.district AND f.code = p.unit
LEFT JOIN organisations AS t ON t.district = i.district AND t.code = p.unit_to
WHERE p.kind IS NOT NULL
""")


def ledger_of(session: Session, scope: Scope, frozen: Frozen) -> Json:
    """List the cases that were handed over and those that were written off, in order of time."""
    asked = {"district": scope.district, **frozen.columns}
    rows = orjson.loads(session.execute(LEDGER, asked).scalar_one())
    parts = {
        kind: [{n: v for n, v in row.items() if n != "kind"} for row in rows if row["kind"] == kind]
        for kind in ("handed_over", "written_off")
    }
    return {"counts": {kind: len(part) for kind, part in parts.items()}, **parts}


KINDS: Mapping[str, Callable[[Session, Scope, Frozen], Json]] = {
    "figures": figures_of,
    "ledger": ledger_of,
}


def content_of(session: Session, scope: Scope, kind: str, frozen: Frozen) -> Json:
    """Tell what a report says, over all cases, whoever asks."""
    told = KINDS[kind](session, lifted(scope), frozen)
    return orjson.loads(orjson.dumps(told))


def digest(content: Json) -> str:
    """Tell the SHA-256 of what a report counts and lists; names may change, and are left out."""
    told = orjson.dumps(_nameless(content), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(told).hexdigest()


def _nameless(content: Json) -> Json:
    if isinstance(content, list):
        return [_nameless(one) for one in content]
    if isinstance(content, dict):
        return {n: _nameless(one) for n, one in content.items() if n not in NAMES}
    return content
