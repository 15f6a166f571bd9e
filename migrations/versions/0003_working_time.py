"""Reckon due times in the town's working hours."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parents[1] / "sql"
UNFUNCTIONS = """
DROP FUNCTION worked_between(int, timestamptz, timestamptz);
DROP FUNCTION due_after(int, timestamptz, float8, text)
"""


def upgrade() -> None:
    op.create_table(
        "work_spans",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day_number", sa.Integer(), nullable=False),
        sa.Column("worked_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_work_spans_not_empty")),
        sa.PrimaryKeyConstraint("district", "starts_at", name=op.f("pk_work_spans")),
    )
    op.create_index("ix_work_spans_worked_us", "work_spans", ["district", "worked_us"], unique=True)
    op.create_index("ix_work_spans_day_at", "work_spans", ["district", "day_at"])
    op.create_index(
        "ix_work_spans_day_number", "work_spans", ["district", "day_number", "starts_at"]
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON work_spans TO gis_app")
    op.execute((SQL / "working_time.sql").read_text())


def downgrade() -> None:
    op.execute(UNFUNCTIONS)
    op.drop_table("work_spans")
