"""Take in what a source sends: rows in its own form become incidents, each of them once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from geodata.adapters import Adapter
from geodata.errors import Forbidden, InvalidInput, SignInRequired
from geodata.geojson import Feature
from geodata.source_rows import Refused
from layers import intake, posting
from layers.base import Json, Reader, Scope
from layers.duplicates import cases
from layers.queries import seen

SENDERS = frozenset({"dispatcher", "administrator", "department"})

# A source's deliveries wait for each other, so that what one stores the next one knows.
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(:district, hashtext(:source))")

# How a case with an id of the source came: through here (own), or from a visitor (open).
HELD = text("""
SELECT i.external_id, i.id, i.number, first.evidence ? 'adapter' AS own,
       first.actor IS NULL AND NOT first.evidence ? 'adapter' AS open
FROM incidents AS i
CROSS JOIN LATERAL (
    SELECT s.actor, s.evidence FROM steps AS s
    WHERE s.district = i.district AND s.incident_id = i.id ORDER BY s.id LIMIT 1
) AS first
WHERE i.district = :district AND i.source = :source AND i.external_id = ANY(:ids)
""")
MARK = text("""
UPDATE steps AS s SET evidence = s.evidence || jsonb_build_object('adapter', CAST(:name AS text))
FROM incidents AS i
WHERE i.district = :district AND i.source = :source AND i.external_id = ANY(:ids)
  AND s.district = i.district AND s.incident_id = i.id AND s.move = 'report'
""")
# What a visitor claimed stays readable in the first step.
FREE = text("""
WITH freed AS (
    UPDATE incidents SET external_id = NULL, row_version = row_version + 1
    WHERE district = :district AND id = ANY(:ids)
    RETURNING id, grid_code
), told AS (
    UPDATE steps AS s
    SET evidence = s.evidence || jsonb_build_object('claimed', was.external_id)
    FROM incidents AS was
    WHERE was.district = :district AND was.id = ANY(:ids)
      AND s.district = was.district AND s.incident_id = was.id AND s.move = 'report'
)
INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
SELECT :district, 'incidents', id, 'freed', grid_code FROM freed
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


def check_sender(reader: Reader) -> None:
    """Refuse who may not send a source's rows.

    Raises:
        SignInRequired: if nobody has signed in.
        Forbidden: if the account is no dispatcher's, administrator's or department's.
    """
    if reader.account is None:
        raise SignInRequired("sign in to send a source's rows")
    if not reader.roles & SENDERS:
        raise Forbidden("a dispatcher, an administrator or a department sends a source's rows")


def take(session: Session, scope: Scope, adapter: Adapter, rows: list[Any]) -> Json:
    """Store a source's rows; those that it sent before are known and stay as they are.

    An id that a visitor's report had claimed is the row's; one that an account gave to a case in
    another way is not, and the row is refused.

    Returns:
        How many were read, written, known, and lie outside every grid; the cases by row, known
        ones that the sender may not see without id and number; and the rows that were refused,
        each with the member at fault in the source's own words.
    """
    session.execute(ONE_BY_ONE, {"district": scope.district, "source": adapter.source})
    features, refused = adapter.features(rows)
    ids = {row: feature.properties["external_id"] for row, feature in features.items()}
    held = _held(session, scope, adapter, ids.values())
    _free(session, scope, [case.id for case in held.values() if case.open])
    barred = {own for own, case in held.items() if not (case.own or case.open)}
    new = _new(features, ids, {own for own, case in held.items() if case.own} | barred)
    taken = _stored(session, scope, new)
    refused += [_in_its_words(adapter, r, list(new)) for r in taken["rejected"]]
    refused += [_barred(adapter, row, own) for row, own in ids.items() if own in barred]
    wrong = {r.row for r in refused}
    _finish(session, scope, adapter, [ids[row] for row in new if row not in wrong])
    came = {row: (own, row not in new) for row, own in ids.items()}
    told = _told(session, scope, adapter, came)
    return {
        "source": adapter.name,
        "rows_read": len(rows),
        "rows_written": taken["rows_written"],
        "rows_known": sum(case["known"] for case in told),
        "outside": taken["outside"],
        "cases": told,
        "rejected": [r._asdict() for r in sorted(refused)],
    }


def _held(
    session: Session, scope: Scope, adapter: Adapter, ids: Iterable[str]
) -> dict[str, Row[Any]]:
    """Find the cases that have ids of a source, by id, and how they came."""
    asked = {"district": scope.district, "source": adapter.source, "ids": list(ids)}
    return {row.external_id: row for row in session.execute(HELD, asked)}


def _free(session: Session, scope: Scope, claimed: list[int]) -> None:
    if claimed:
        session.execute(FREE, {"district": scope.district, "ids": claimed})


def _barred(adapter: Adapter, row: int, own: str) -> Refused:
    member = adapter.member("external_id")
    return Refused(row, member, f"{own} is the id of a case that came in another way")


def _finish(session: Session, scope: Scope, adapter: Adapter, ids: list[str]) -> None:
    """Mark the cases just stored as the source's own, and tell the departments that help."""
    asked = {"district": scope.district, "source": adapter.source, "ids": ids}
    session.execute(MARK, asked | {"name": adapter.name})
    if adapter.helpers:
        stored = [case.id for case in _held(session, scope, adapter, ids).values()]
        _join(session, scope, adapter, stored)


def _told(
    session: Session, scope: Scope, adapter: Adapter, came: Mapping[int, tuple[str, bool]]
) -> list[dict[str, Any]]:
    """Tell of each row's case; of a known one that the sender may not see, only that it is known.

    Args:
        session: an open session.
        scope: who sends.
        adapter: the source.
        came: the id of each row, and whether it was known.
    """
    held = _held(session, scope, adapter, [own for own, _ in came.values()])
    own_cases = {own: case for own, case in held.items() if case.own}
    shown = seen(session, cases(), scope, [case.id for case in own_cases.values()])
    told = list[dict[str, Any]]()
    for row, (own, known) in came.items():
        if (case := own_cases.get(own)) is not None:
            open_ = not known or case.id in shown
            named = {"id": case.id, "number": case.number} if open_ else {}
            told.append({"row": row, "external_id": own, **named, "known": known})
    return told


def _new(
    features: Mapping[int, Feature], ids: Mapping[int, str], before: Collection[str]
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
