"""Freeze issued reports, keep saved views, and count a year's figures from one index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
COUNTED = (
    *("due_at", "closed_at", "grid_code", "category", "unit", "post", "in_grid"),
    *("returns", "reworks", "delays", "duplicate_of", "id"),
)
GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON reports, saved_views TO gis_app;
GRANT USAGE ON SEQUENCE reports_id_seq TO gis_app
"""


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="种类"),
        sa.Column("period", sa.String(), nullable=False, comment="周期"),
        sa.Column("title", sa.String(), nullable=False, comment="标题"),
        sa.Column("area", sa.String(), nullable=False, comment="区划代码"),
        sa.Column("area_name", sa.String(), nullable=True, comment="区划名称"),
        sa.Column("starts_at", TIME, nullable=False, comment="起始时间"),
        sa.Column("ends_at", TIME, nullable=False, comment="截止时间"),
        sa.Column("as_of", TIME, nullable=False, comment="数据时间"),
        sa.Column("last_case", sa.BigInteger(), nullable=False, comment="末案件标识"),
        sa.Column(
            "issued_at", TIME, server_default=sa.text("now()"), nullable=False, comment="签发时间"
        ),
        sa.Column("issued_by", sa.String(), nullable=True, comment="签发人"),
        sa.Column("content", postgresql.JSONB(), nullable=False, comment="内容"),
        sa.Column("sha256", sa.String(), nullable=False, comment="校验和"),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "period IN ('day','week','month','quarter')", name=op.f("ck_reports_period_known")
        ),
        sa.CheckConstraint("kind IN ('figures','ledger')", name=op.f("ck_reports_kind_known")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_reports_not_empty")),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "district",
            "kind",
            "period",
            "area",
            "starts_at",
            name=op.f("uq_reports_district_kind_period_area_starts_at"),
        ),
    )
    op.create_table(
        "saved_views",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("district", "account", "name", name=op.f("pk_saved_views")),
    )
    op.execute(GRANTS)
    op.drop_index("ix_incidents_reported_at", table_name="incidents", if_exists=True)
    op.create_index(
        "ix_incidents_reported_at",
        "incidents",
        ["district", "reported_at"],
        postgresql_include=COUNTED,
    )


def downgrade() -> None:
    op.drop_index("ix_incidents_reported_at", table_name="incidents", if_exists=True)
    op.create_index("ix_incidents_reported_at", "incidents", ["district", "reported_at"])
    op.drop_table("saved_views")
    op.drop_table("reports")
