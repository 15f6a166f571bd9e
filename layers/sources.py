"""Take in what a source sends: rows in its own form become incidents, each of them once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from geodata.adapters import Adapter
from geodata.errors import InvalidInput
from geodata.geojson import Feature
from geodata.source_rows import Refused
from layers import intake, posting
from layers.base import Json, Scope

# A source's deliveries wait for each other, so that what one stores the next one knows.
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(:district, hashtext(:source))")

KNOWN = text("""
SELECT external_id, id, number FROM incidents
WHERE district = :district AND source = :source AND external_id = ANY(:ids)
""")

# The department in charge of each case's item is told with the post that answers.
JOIN = text("""
WITH told AS MATERIALIZED (
    SELECT i.id, o.code
    FROM incidents AS i
    JOIN categories AS c ON c.district = i.district AND c.code = i.category
    JOIN organisations AS o ON o.district = i.district AND o.name = c.department
    WHERE i.district = :district AND i.id = ANY(:ids) AND i.unit IS DISTINCT FROM o.code
), joined AS (
    UPDATE incidents AS i
    SET helpers = i.helpers || to_jsonb(told.code), row_version = i.row_version + 1
    FROM told
    WHERE i.district = :district AND i.id = told.id AND NOT i.helpers ? told.code
    RETURNING i.id, i.grid_code, i.step, i.stage, i.level, i.unit, i.post, i.due_at,
              i.step_due_at, i.in_grid, i.reported_at, told.code
), step AS (
    INSERT INTO steps (district, incident_id, move, step_from, step_to, stage_from, stage_to,
                       level, unit_to, post_to, due_at, in_grid, at, actor, unit, evidence)
    SELECT :district, id, 'join', step, step, stage, stage, level, unit, post, due_at, in_grid,
           greatest(now(), reported_at), :actor, :source,
           jsonb_strip_nulls(jsonb_build_object('joined', code, 'step_due_at', step_due_at))
    FROM joined
)
INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
SELECT :district, 'incidents', id, 'join', grid_code FROM joined
""")


def take(session: Session, scope: Scope, adapter: Adapter, rows: list[Any]) -> Json:
    """Store a source's rows; those that it sent before are known and stay as they are.

    Returns:
        How many were read, written, known, and lie outside every grid; the cases by row; and the
        rows that were refused, each with the member at fault in the source's own words.
    """
    session.execute(ONE_BY_ONE, {"district": scope.district, "source": adapter.source})
    features, refused = adapter.features(rows)
    ids = {row: feature.properties["external_id"] for row, feature in features.items()}
    before = _known(session, scope, adapter, list(ids.values()))
    new = _new(features, ids, before)
    taken = _stored(session, scope, new)
    now = _known(session, scope, adapter, list(ids.values()))
    if adapter.helpers:
        stored = [case.id for own, case in now.items() if own not in before]
        _join(session, scope, adapter, stored)
    refused += [_in_its_words(adapter, r, list(new)) for r in taken["rejected"]]
    wrong = {r.row for r in refused}
    return {
        "source": adapter.name,
        "rows_read": len(rows),
        "rows_written": taken["rows_written"],
        "rows_known": len(ids) - len(new),
        "outside": taken["outside"],
        "cases": [
            {"row": row, "external_id": own, "id": now[own].id, "number": now[own].number,
             "known": row not in new}
            for row, own in ids.items()
            if own in now and row not in wrong
        ],
        "rejected": [r._asdict() for r in sorted(refused)],
    }  # fmt: skip


def _known(session: Session, scope: Scope, adapter: Adapter, ids: list[str]) -> dict[str, Row[Any]]:
    asked = {"district": scope.district, "source": adapter.source, "ids": ids}
    return {row.external_id: row for row in session.execute(KNOWN, asked)}


def _new(
    features: Mapping[int, Feature], ids: Mapping[int, str], before: Mapping[str, Any]
) -> dict[int, Feature]:
    """Pick the rows that were neither sent before nor stand in these rows twice."""
    seen, new = set(before), dict[int, Feature]()
    for row, feature in features.items():
        if ids[row] not in seen:
            seen.add(ids[row])
            new[row] = feature
    return new


def _stored(session: Session, scope: Scope, new: Mapping[int, Feature]) -> Json:
    """Store features as posted ones are: one by itself, with its own event; several together."""
    if len(new) != 1:
        return posting.report_many(session, scope, list(new.values())) if new else _taken(0)
    (feature,) = new.values()
    try:
        stored = intake.report(session, scope, feature)
    except InvalidInput as error:
        rejected = {"row": 1, "member": error.member or "", "detail": error.message}
        return _taken(0) | {"rejected": [rejected]}
    told = orjson.loads(stored.body)
    outside = told["geometry"] is not None and told["properties"]["grid_id"] is None
    return _taken(1, int(outside))


def _taken(written: int, outside: int = 0) -> dict[str, Any]:
    return {"rows_written": written, "outside": outside, "rejected": []}


def _join(session: Session, scope: Scope, adapter: Adapter, ids: list[int]) -> None:
    asked = {"district": scope.district, "ids": ids, "source": adapter.source}
    session.execute(JOIN, asked | {"actor": scope.reader.account})


def _in_its_words(adapter: Adapter, refused: Mapping[str, Any], rows: list[int]) -> Refused:
    """Tell of a refused row by its number in the delivery and by its own member's name."""
    member = adapter.member(refused["member"])
    return Refused(rows[refused["row"] - 1], member, refused["detail"])
