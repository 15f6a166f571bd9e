"""Make the intake of incidents cheaper: find a certain grid without asking for chances."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parents[1] / "sql"
SOUND = "ck_incidents_geom_sound"
# A point within the degrees is valid: ST_IsValid and four boxes cost a tenth of an intake.
ON_EARTH = "ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90"
FORMER = (
    "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180"
    " AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90"
)


def upgrade() -> None:
    op.execute((SQL / "answering_grid.sql").read_text())
    _check(ON_EARTH)


def downgrade() -> None:
    _check(FORMER)
    op.execute("DROP FUNCTION answering_grid")
    op.execute("DROP FUNCTION likely_grid")


def _check(condition: str) -> None:
    op.drop_constraint(op.f(SOUND), "incidents", type_="check")
    op.create_check_constraint(op.f(SOUND), "incidents", condition)
