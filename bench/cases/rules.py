"""The rules that every case keeps, whatever was tried: one SELECT each of what breaks it."""

from __future__ import annotations

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from layers.base import Scope

# The steps of each case with the one before, and the move by the case's edition.
_CHAIN = """
WITH chain AS (
    SELECT s.*, lag(s.step_to) OVER w AS left_at, lag(s.due_at) OVER w AS due_before,
           lag(s.at) OVER w AS before_at, row_number() OVER w AS turn
    FROM steps AS s WHERE s.district = :district
    WINDOW w AS (PARTITION BY s.incident_id ORDER BY s.id)
), moves AS (
    SELECT p.code, p.edition, m ->> 'code' AS move, m ->> 'effect' AS effect, m -> 'from' AS ends,
           m ->> 'to' AS goal, CAST(p.definition ->> 'separate' AS boolean) AS separate
    FROM procedures AS p, jsonb_array_elements(p.definition -> 'moves') AS m
    WHERE p.district = :district
), stages AS (
    SELECT p.code, p.edition, s ->> 'code' AS step, s ->> 'stage' AS stage
    FROM procedures AS p, jsonb_array_elements(p.definition -> 'steps') AS s
    WHERE p.district = :district
), made AS (
    SELECT c.*, i.procedure, i.edition, i.reporter, m.effect, m.ends, m.goal, m.separate
    FROM chain AS c JOIN incidents AS i ON i.district = :district AND i.id = c.incident_id
    LEFT JOIN moves AS m
           ON m.code = i.procedure AND m.edition = i.edition AND m.move = c.move
    WHERE c.turn > 1
)
"""


def _chained(asked: str) -> TextClause:
    return text(_CHAIN + asked)


RULES: dict[str, TextClause] = {
    "a case whose steps are not one for each of its versions": text("""
SELECT i.id FROM incidents AS i WHERE i.district = :district AND i.row_version <> (
    SELECT count(*) FROM steps AS s WHERE s.district = i.district AND s.incident_id = i.id)
"""),
    "a step that begins elsewhere than the one before ended": _chained(
        "SELECT incident_id FROM made WHERE step_from IS DISTINCT FROM left_at"
    ),
    "a move that the procedure does not have there": _chained("""
SELECT incident_id FROM made
WHERE effect IS NULL OR step_to <> COALESCE(goal, step_from)
   OR NOT (ends ? step_from OR (ends ? '*' AND stage_from <> 'closed'))
"""),
    "a stage that is not its step's": _chained("""
SELECT i.id FROM incidents AS i
LEFT JOIN stages AS t ON t.code = i.procedure AND t.edition = i.edition AND t.step = i.step
WHERE i.district = :district
  AND (t.stage IS DISTINCT FROM i.stage OR (i.stage = 'closed') <> (i.closed_at IS NOT NULL))
UNION ALL
SELECT c.incident_id FROM chain AS c
JOIN incidents AS i ON i.district = :district AND i.id = c.incident_id
JOIN stages AS t ON t.code = i.procedure AND t.edition = i.edition AND t.step = c.step_to
WHERE t.stage <> c.stage_to
"""),
    "a case that is not as its last step left it": text("""
SELECT i.id FROM incidents AS i
CROSS JOIN LATERAL (SELECT * FROM steps AS s WHERE s.district = i.district AND s.incident_id = i.id
                    ORDER BY s.id DESC LIMIT 1) AS s
WHERE i.district = :district AND (i.step, i.stage, i.level, i.unit, i.post, i.due_at, i.in_grid)
      IS DISTINCT FROM (s.step_to, s.stage_to, s.level, s.unit_to, s.post_to, s.due_at, s.in_grid)
"""),
    "a due time or a step before the one before": _chained(
        "SELECT incident_id FROM made WHERE due_at < due_before OR at < before_at"
    ),
    "a reporter who handles or closes his own": _chained("""
SELECT incident_id FROM made
WHERE separate AND reporter IS NOT NULL
  AND (post_to = reporter OR post = reporter
       AND effect IN ('advance', 'claim', 'write_off', 'revisit', 'reopen'))
"""),
    "a case that is handled by nobody": _chained("""
SELECT incident_id FROM made
WHERE effect IN ('assign', 'reassign', 'claim', 'raise', 'lower', 'command', 'call_up')
  AND unit_to IS NULL
"""),
    "a figure that is not what its steps count": _chained("""
SELECT i.id FROM incidents AS i
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE m.effect = 'return') AS returns,
           count(*) FILTER (WHERE m.effect = 'reopen') AS reworks,
           count(*) FILTER (WHERE m.effect = 'grant_delay') AS delays,
           count(*) FILTER (WHERE m.effect = 'raise') AS raises,
           COALESCE(bool_or(m.effect = 'supervise'), false) AS supervised
    FROM made AS m WHERE m.incident_id = i.id
) AS told ON true
WHERE i.district = :district AND (i.returns, i.reworks, i.delays, i.raises, i.supervised)
      IS DISTINCT FROM (told.returns, told.reworks, told.delays, told.raises, told.supervised)
"""),
    "a step without its event": text("""
SELECT i.id FROM incidents AS i WHERE i.district = :district AND i.row_version <> (
    SELECT count(*) FROM outbox AS o
    WHERE o.district = i.district AND o.layer = 'incidents' AND o.feature_id = i.id)
"""),
}


def broken(session: Session, scope: Scope) -> dict[str, list[int]]:
    """Tell which rules are broken, each with the cases that do; none when all is well."""
    asked = {"district": scope.district}
    found = {rule: list(session.execute(sql, asked).scalars()) for rule, sql in RULES.items()}
    return {rule: sorted(set(cases)) for rule, cases in found.items() if cases}
