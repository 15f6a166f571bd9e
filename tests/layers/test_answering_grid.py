"""The quick way to the answering grid tells what the thorough one does, wherever one asks."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import EAST, GRID, SCOPE, VILLAGE, add_grid, block

SCHOOL, LONE_GRID, SECOND = "zz-school", f"{VILLAGE}002", f"{GRID}03"

# Places 40 m apart in and about the town, on all its borders and corners; asked of two times, and
# for a grid that the reporter chose or not.
DIFFERENT = text("""
SELECT count(*) AS places, count(quick) AS answered,
       count(*) FILTER (WHERE quick IS DISTINCT FROM thorough) AS different
FROM (
    SELECT ST_SetSRID(ST_MakePoint(113.94 + e * 40 / (111320 * cos(radians(22.99))),
                                   22.99 + n * 40 / 110574.0), 4326) AS place,
           (ARRAY[NULL, NULL, :chosen])[1 + (e + 30) % 3] AS chosen,
           (ARRAY['2020-01-01Z', '2026-01-01Z'])[1 + (n + 30) % 2]::timestamptz AS at
    FROM generate_series(-6, 16) AS e, generate_series(-6, 6) AS n
) AS asked, LATERAL (SELECT (
    SELECT jsonb_build_object('id', g.id, 'code', g.code, 'chance', g.chance,
                              'others', COALESCE(g.others, '[]'))
    FROM answering_grid(:district, place, :sigma_m, at, chosen) AS g
) AS quick, (
    WITH near AS MATERIALIZED (
        SELECT * FROM grids_at(:district, place, :sigma_m, at, 'general')
    )
    SELECT jsonb_build_object('id', a.id, 'code', a.code, 'chance', a.chance, 'others', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object(
                   'grid_code', o.code, 'name', o.name, 'chance', round(o.chance::numeric, 3))
                   ORDER BY o.chance DESC, o.code), '[]')
        FROM near AS o WHERE o.id <> a.id AND o.chance > 0.1))
    FROM near AS a
    WHERE CASE WHEN chosen IS NULL THEN a.answers
               ELSE a.code = chosen AND (a.answers OR a.chance > 0.1) END
) AS thorough) AS told
""")


@pytest.fixture
def tangle(town: Session) -> Session:
    """Add a dedicated grid, a grid without micro-grids, an overlap, and a change of editions."""
    add_grid(town, SCHOOL, block(40, 40, 160, 160), kind="dedicated", level=1)
    add_grid(town, LONE_GRID, block(200, -200, 600, 200), kind="base", level=1)
    add_grid(town, SECOND, block(-60, -200, 60, 0), parent_code=GRID, valid="[2024-01-01Z,)")
    town.execute(
        text("UPDATE grids SET valid = '[,2024-01-01Z)' WHERE code = :code"), {"code": EAST}
    )
    return town


@pytest.mark.parametrize("sigma_m", [None, 0.0004, 3, 40])
@pytest.mark.parametrize("chosen", [EAST, SECOND])
def test_the_answer_chance_and_others_are_those_of_the_thorough_way(
    tangle: Session, sigma_m: float | None, chosen: str
) -> None:
    asked = {"district": SCOPE.district, "sigma_m": sigma_m, "chosen": chosen}

    told = tangle.execute(DIFFERENT, asked).one()

    assert told.places == 23 * 13
    assert told.answered > 90
    assert told.different == 0
