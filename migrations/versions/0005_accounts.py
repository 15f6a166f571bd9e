"""Keep accounts, their roles and what they answer for; mark what is not for everybody."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = "roles, accounts, account_roles, sign_ins"
SEQUENCES = "roles_id_seq, accounts_id_seq, sign_ins_id_seq"
# Before this, disputes were the only class that a town hands to few.
DISPUTES = "UPDATE categories SET restricted = true WHERE class_code = '2'"


def _key() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
    )


def _time(name: str, **given: object) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), **given)


def upgrade() -> None:
    op.add_column(
        "categories",
        sa.Column("restricted", sa.Boolean(), server_default="false", nullable=False),
    )
    op.execute(DISPUTES)
    op.create_table(
        "roles",
        *_key(),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_roles")),
        sa.UniqueConstraint("district", "name", name=op.f("uq_roles_district_name")),
    )
    _make_accounts()
    _make_links()
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO gis_app")
    op.execute(f"GRANT USAGE ON SEQUENCE {SEQUENCES} TO gis_app")


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        *_key(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("post", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("net", sa.String(), nullable=True),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        _time("made_at", server_default=sa.text("now()"), nullable=False),
        _time("signed_in_at", nullable=True),
        sa.Column("sign_ins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        _time("failed_at", nullable=True),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_accounts")),
        sa.UniqueConstraint(
            "district", "fs_uniquifier", name=op.f("uq_accounts_district_fs_uniquifier")
        ),
        sa.UniqueConstraint("district", "name", name=op.f("uq_accounts_district_name")),
    )


def _make_links() -> None:
    op.create_table(
        "account_roles",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district", "account_id"],
            ["accounts.district", "accounts.id"],
            name=op.f("fk_account_roles_district_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["district", "role_id"],
            ["roles.district", "roles.id"],
            name=op.f("fk_account_roles_district_role_id_roles"),
        ),
        sa.PrimaryKeyConstraint("district", "account_id", "role_id", name=op.f("pk_account_roles")),
    )
    op.create_table(
        "sign_ins",
        *_key(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        _time("at", server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["district", "account_id"],
            ["accounts.district", "accounts.id"],
            name=op.f("fk_sign_ins_district_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("district", "key", name=op.f("uq_sign_ins_district_key")),
    )
    op.create_index("ix_sign_ins_account_id", "sign_ins", ["district", "account_id"])


def downgrade() -> None:
    for table in ("sign_ins", "account_roles", "accounts", "roles"):
        op.drop_table(table)
    op.drop_column("categories", "restricted")
