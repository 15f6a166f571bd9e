"""Find the former rows of a code at once: each new row asks whether its code was ever used."""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REGISTERS = (
    *("areas", "buildings", "duties", "enterprises", "facilities", "grids", "hazards"),
    *("organisations", "streets"),
)


def upgrade() -> None:
    for register in REGISTERS:
        former = f"{register}_history"
        op.create_index(f"ix_{former}_code", former, ["district", "code"], unique=False)


def downgrade() -> None:
    for register in REGISTERS:
        op.drop_index(f"ix_{register}_history_code", table_name=f"{register}_history")
