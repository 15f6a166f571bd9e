"""Find the cases at one address, closed ones too."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_incidents_address",
        "incidents",
        ["district", "address", "id"],
        postgresql_where=sa.text("address IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_incidents_address", table_name="incidents")
