"""Merge a case that repeats another into it, and take it out again; always by a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from geodata.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    SignInRequired,
    Stale,
    VersionRequired,
)
from layers.actors import actor_of
from layers.base import Json, Reader, Scope, Target
from layers.said import only

MERGES = frozenset({"dispatcher", "administrator"})
REASON_LIMIT = 400

INTO = text("SELECT duplicate_of FROM incidents WHERE district = :district AND id = :id")

# Both cases, and those merged into them, are locked in the order of their ids, so that no two
# changes wait for each other.
LOCK = text("""
SELECT id, row_version, grid_code, closed_at, duplicate_of
FROM incidents
WHERE district = :district AND (id IN (:id, :into) OR duplicate_of IN (:id, :into))
ORDER BY id FOR UPDATE
""")

# What was merged into the case before follows it.
MERGE = text("""
WITH brought AS (
    UPDATE incidents SET duplicate_of = :into, row_version = row_version + 1
    WHERE district = :district AND duplicate_of = :id
    RETURNING id, grid_code
), was AS MATERIALIZED (
    SELECT id, stage, step, step_due_at FROM incidents WHERE district = :district AND id = :id
), moved AS (
    UPDATE incidents SET duplicate_of = :into, stage = 'closed', step_due_at = NULL,
           closed_at = greatest(now(), reported_at), row_version = row_version + 1
    WHERE district = :district AND id = :id
    RETURNING id, grid_code, step, level, unit, post, due_at, in_grid, closed_at
), kept AS (
    UPDATE incidents SET row_version = row_version + 1
    WHERE district = :district AND id = :into
    RETURNING id, grid_code
), taken AS (
    INSERT INTO steps (district, incident_id, move, step_from, step_to, stage_from, stage_to,
                       level, unit_to, post_to, due_at, in_grid, at, actor, post, unit, reason,
                       evidence)
    SELECT :district, m.id, 'merge', m.step, m.step, was.stage, 'closed', m.level, m.unit, m.post,
           m.due_at, m.in_grid, m.closed_at, :actor, :own_post, :own_unit, :reason,
           jsonb_build_object('into', CAST(:into AS bigint), 'stage', was.stage,
               'left_step_due_at', was.step_due_at,
               'brought', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM brought))
    FROM moved AS m JOIN was ON was.id = m.id
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, 'merged', grid_code FROM moved
    UNION ALL SELECT :district, 'incidents', id, 'merged', grid_code FROM kept
    UNION ALL SELECT :district, 'incidents', id, 'merged', grid_code FROM brought
)
SELECT id FROM moved
""")

# What the merge brought comes back with the case, unless it was merged again since then, by itself
# or with another case than this one.
UNMERGE = text("""
WITH step AS MATERIALIZED (
    SELECT id, evidence FROM steps
    WHERE district = :district AND incident_id = :id AND move = 'merge'
    ORDER BY id DESC LIMIT 1
), since AS MATERIALIZED (
    SELECT s.incident_id, s.evidence -> 'brought' AS brought
    FROM step, incidents AS i
    JOIN steps AS s ON s.district = i.district AND s.incident_id = i.id AND s.move = 'merge'
    WHERE i.district = :district AND i.duplicate_of = :into AND s.id > step.id
), brought AS (
    UPDATE incidents AS i SET duplicate_of = :id, row_version = i.row_version + 1
    FROM step
    WHERE i.district = :district AND i.duplicate_of = :into
      AND step.evidence -> 'brought' @> to_jsonb(i.id)
      AND NOT EXISTS (
          SELECT FROM since
          WHERE since.incident_id = i.id
             OR since.brought @> to_jsonb(i.id)
                AND NOT since.brought @> to_jsonb(CAST(:id AS bigint)))
    RETURNING i.id, i.grid_code
), moved AS (
    UPDATE incidents SET duplicate_of = NULL, closed_at = NULL, row_version = row_version + 1,
           stage = COALESCE(step.evidence ->> 'stage', 'reported'),
           step_due_at = CAST(step.evidence ->> 'left_step_due_at' AS timestamptz)
    FROM step WHERE district = :district AND incidents.id = :id
    RETURNING incidents.id, grid_code, stage, incidents.step, step_due_at, level, unit, post,
              due_at, in_grid, reported_at
), kept AS (
    UPDATE incidents SET row_version = row_version + 1
    WHERE district = :district AND id = :into
    RETURNING id, grid_code
), taken AS (
    INSERT INTO steps (district, incident_id, move, step_from, step_to, stage_from, stage_to,
                       level, unit_to, post_to, due_at, in_grid, at, actor, post, unit, reason,
                       evidence)
    SELECT :district, id, 'unmerge', step, step, 'closed', stage, level, unit, post, due_at,
           in_grid, greatest(now(), reported_at), :actor, :own_post, :own_unit, :reason,
           jsonb_strip_nulls(jsonb_build_object('from', CAST(:into AS bigint),
               'step_due_at', step_due_at))
    FROM moved
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, 'unmerged', grid_code FROM moved
    UNION ALL SELECT :district, 'incidents', id, 'unmerged', grid_code FROM kept
    UNION ALL SELECT :district, 'incidents', id, 'unmerged', grid_code FROM brought
)
SELECT id FROM moved
""")


def merge(session: Session, scope: Scope, case: Target, body: Json) -> None:
    """Merge a case into an open one that it repeats: ``{"into": id, "reason": …}``.

    The case is closed as merged and keeps its own source, external id and steps; what had been
    merged into it follows it.

    Raises:
        InvalidInput: without another case of this district to merge into, or without a reason.
        SignInRequired, Forbidden: if the reader is no dispatcher of where both cases lie.
        NotFound: if there is no such case.
        VersionRequired, Stale: without the present version of the case.
        Conflict: if one of the two is closed or merged already.
    """
    _check_reader(scope.reader)
    only(body, frozenset({"into", "reason"}))
    into, reason = _into(body.get("into"), case), _reason(body.get("reason"), needed=True)
    found = _locked(session, scope, case, into)
    if into not in found:
        message = f"no incident {into} in district {scope.district}"
        raise InvalidInput(message, "into", code="no_case", id=into)
    _check_place(session, scope, [found[case.id], found[into]])
    _check_open(found[case.id], None)
    _check_open(found[into], "into")
    session.execute(MERGE, _asked(scope, case, into, reason))


def unmerge(session: Session, scope: Scope, case: Target, body: Json) -> None:
    """Take a merged case out again: it is open as before, with its history.

    Raises:
        SignInRequired, Forbidden: if the reader is no dispatcher of where both cases lie.
        NotFound: if there is no such case.
        VersionRequired, Stale: without the present version of the case.
        Conflict: if it is not merged.
    """
    _check_reader(scope.reader)
    only(body, frozenset({"reason"}))
    reason = _reason(body.get("reason"), needed=False)
    asked = {"district": scope.district, "id": case.id}
    into = session.execute(INTO, asked).scalar_one_or_none()
    found = _locked(session, scope, case, into or 0)
    if found[case.id].duplicate_of != into:
        message = f"incident {case.id} was merged or taken out just now"
        raise Stale(message, "If-Match", code="changed", id=case.id)
    _check_place(session, scope, [found[one] for one in (case.id, into) if one])
    if into is None:
        message = f"incident {case.id} is not merged into another"
        raise Conflict(message, code="not_merged", id=case.id)
    session.execute(UNMERGE, _asked(scope, case, into, reason))


def _check_reader(reader: Reader) -> None:
    if reader.account is None:
        raise SignInRequired("sign in to merge cases", code="sign_in")
    if not reader.roles & MERGES:
        raise Forbidden("a dispatcher merges cases", code="no_merger")


def _check_place(session: Session, scope: Scope, cases: list[Row[Any]]) -> None:
    """Refuse cases outside the areas that the reader answers for."""
    actor = actor_of(session, scope)
    for case in cases:
        if not actor.is_at(case.grid_code):
            message = f"incident {case.id} lies outside your areas"
            raise Forbidden(message, code="outside_areas", id=case.id)


def _into(value: Any, case: Target) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise InvalidInput(
            f"into is the id of a case, not {value!r}", "into", code="no_case", id=value
        )
    if value == case.id:
        raise InvalidInput("a case cannot be merged into itself", "into", code="merge_itself")
    return value


def _reason(value: Any, needed: bool) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > REASON_LIMIT):
        message = f"reason is text of at most {REASON_LIMIT} characters"
        raise InvalidInput(message, "reason", code="too_long", most=REASON_LIMIT)
    if needed and not (value or "").strip():
        raise InvalidInput("a merge needs a reason", "reason", code="merge_needs_reason")
    return value and value.strip()


def _locked(session: Session, scope: Scope, case: Target, into: int) -> dict[int, Row[Any]]:
    """Lock the cases, and check that the first is the version that the change is based on."""
    asked = {"district": scope.district, "id": case.id, "into": into}
    found = {row.id: row for row in session.execute(LOCK, asked)}
    if case.id not in found:
        raise NotFound(f"no incident {case.id}", code="no_case", id=case.id)
    if case.version is None:
        message = "say in If-Match which version of the case this is about"
        raise VersionRequired(message, "If-Match", code="no_version")
    if case.version != (now := found[case.id].row_version):
        message = f"incident {case.id} is version {now}, not {case.version}"
        raise Stale(message, "If-Match", code="changed", id=case.id)
    return found


def _check_open(case: Row[Any], member: str | None) -> None:
    if case.duplicate_of is not None:
        message = f"incident {case.id} is merged into {case.duplicate_of} already"
        raise Conflict(message, member, code="merged", id=case.id, into=case.duplicate_of)
    if case.closed_at is not None:
        raise Conflict(f"incident {case.id} is closed", member, code="closed", id=case.id)


def _asked(scope: Scope, case: Target, into: int, reason: str | None) -> dict[str, Any]:
    return {
        "district": scope.district,
        "id": case.id,
        "into": into,
        "reason": reason,
        "actor": scope.reader.account,
        "own_post": scope.reader.post,
        "own_unit": scope.reader.unit,
    }
