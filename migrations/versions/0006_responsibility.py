"""Keep which organisation answers for which item at places of which class."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

GRANT = "GRANT SELECT, INSERT, UPDATE, DELETE ON mandates TO gis_app"


def upgrade() -> None:
    op.create_table(
        "mandates",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False, comment="事项"),
        sa.Column("place_class", sa.Text(), nullable=False, comment="场所类别，空为不限"),
        sa.Column("organisation_kind", sa.String(), nullable=False, comment="组织类别"),
        sa.Column("organisation", sa.String(), nullable=False, comment="组织名称"),
        sa.ForeignKeyConstraint(
            ["district", "item"],
            ["categories.district", "categories.code"],
            name=op.f("fk_mandates_district_categories"),
        ),
        sa.PrimaryKeyConstraint("district", "item", "place_class", name=op.f("pk_mandates")),
    )
    op.execute(GRANT)


def downgrade() -> None:
    op.drop_table("mandates")
