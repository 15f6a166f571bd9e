"""The steps of a case, with the names of posts and units."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from layers.base import Scope

STEPS = text("""
SELECT COALESCE(json_agg(json_build_object(
    'id', s.id, 'move', s.move, 'step_from', s.step_from, 'step_to', s.step_to,
    'stage_from', s.stage_from, 'stage_to', s.stage_to, 'level', s.level,
    'post', s.post, 'post_title', d.title,
    'post_holder', CASE WHEN :named THEN d.holder END,
    'unit', s.unit, 'unit_name', o.name, 'post_to', s.post_to, 'post_to_title', dt.title,
    'unit_to', s.unit_to, 'unit_to_name', ot.name, 'due_at', s.due_at, 'in_grid', s.in_grid,
    'reason', s.reason, 'at', s.at, 'actor', CASE WHEN :named THEN s.actor END,
    'evidence', s.evidence) ORDER BY s.id), '[]')::text
FROM steps AS s
LEFT JOIN duties AS d ON d.district = s.district AND d.code = s.post
LEFT JOIN duties AS dt ON dt.district = s.district AND dt.code = s.post_to
LEFT JOIN organisations AS o ON o.district = s.district AND o.code = s.unit
LEFT JOIN organisations AS ot ON ot.district = s.district AND ot.code = s.unit_to
WHERE s.district = :district AND s.incident_id = :id
""")
KNOWN = text("SELECT 1 FROM incidents WHERE district = :district AND id = :id")


def steps_of(session: Session, scope: Scope, incident_id: int) -> str:
    """List the steps of a case, oldest first, as JSON text; a visitor is told no names.

    Raises:
        NotFound: if there is no such incident.
    """
    asked = {"district": scope.district, "id": incident_id}
    if session.execute(KNOWN, asked).first() is None:
        raise NotFound(f"no incident {incident_id}")
    asked["named"] = scope.reader.account is not None
    return str(session.execute(STEPS, asked).scalar_one())
