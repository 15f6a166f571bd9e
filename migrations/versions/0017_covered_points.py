"""Keep enterprises whole in their spatial index: a page of a box reads only the rows it shows."""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX, TABLE = "ix_enterprises_geom", "enterprises"


def upgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(
        INDEX,
        TABLE,
        ["geom"],
        postgresql_using="gist",
        postgresql_include=["geom", "id", "district"],
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(INDEX, TABLE, ["geom"], postgresql_using="gist")
