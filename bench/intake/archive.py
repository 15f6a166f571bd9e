"""A town's past: closed incidents of years, and those that are open."""

from __future__ import annotations

from bench.rig import Rig
from gis_server.config import Settings

# Closed cases at an even pace back in time, one in 5 minutes; the last are open. Places are
# even over the micro-grids and in no order, as reports come in.
FILL = """
INSERT INTO incidents (district, id, number, category, severity, source, source_crs, description,
                       reported_at, stage, due_at, closed_at, grid_id, grid_code, confidence,
                       placed_by, geom)
SELECT district, i, 'B-' || i, '101', 1 + i % 4, 'bench', 'EPSG:4326', 'from the archive',
       at, CASE WHEN is_open THEN 'reported' ELSE 'closed' END, at + interval '2 days',
       CASE WHEN is_open THEN NULL ELSE at + interval '5 hours' END, grid_id, code, 1, 'point', geom
FROM (
    SELECT *, now() - ({total} - i) * interval '5 minutes' AS at, i > {total} - {opened} AS is_open
    FROM (
        SELECT *, row_number() OVER (ORDER BY random()) AS i
        FROM (
            SELECT g.district, g.id AS grid_id, g.code,
                   (ST_Dump(ST_GeneratePoints(g.geom, {each}, 1))).geom AS geom
            FROM grids AS g WHERE g.level = 2
        ) AS place
    ) AS one WHERE i <= {total}
) AS incident
ORDER BY i
"""
STEPS = """
INSERT INTO steps (district, incident_id, stage_to, at)
SELECT district, id, 'reported', reported_at FROM incidents
"""


def fill(rig: Rig, settings: Settings, total: int, opened: int) -> None:
    """Store an archive of closed incidents and a number of open ones."""
    database = settings.database_url.split("?")[0].rsplit("/", 1)[1]
    each = -(-total // 132)
    rig.run(database, FILL.format(total=total, opened=opened, each=each))
    rig.run(database, STEPS)
    rig.run(database, f"SELECT setval('incidents_id_seq', {total})")
    rig.run(database, "VACUUM ANALYZE")
