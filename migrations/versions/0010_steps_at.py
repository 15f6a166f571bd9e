"""Find the steps of a period without reading those of all time."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_steps_at", "steps", ["at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_steps_at", table_name="steps")
