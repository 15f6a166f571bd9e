"""Name the history that an event's id belongs to, so that a restore is always noticed."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    op.execute((SQL / "event_history.sql").read_text())


def downgrade() -> None:
    op.execute("DROP FUNCTION event_history()")
