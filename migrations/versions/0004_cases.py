"""Let cases follow procedures: what they say, and where each case stands in its own."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON procedures TO gis_app;
GRANT USAGE ON SEQUENCE procedures_id_seq TO gis_app
"""
# What cases followed until now; the shipped file says the same.
BASIC = """
INSERT INTO procedures (district, code, edition, title, title_en, first_step, definition)
SELECT district, 'basic', 1, '通用流程', 'Basic', 'reported', CAST(:definition AS jsonb)
FROM (SELECT district FROM categories UNION SELECT district FROM incidents) AS known
"""
STEPS = (
    ("reported", "上报", "Reported"),
    ("accepted", "受理", "Accepted"),
    ("handling", "处置", "Handling"),
    ("closed", "结案", "Closed"),
)
MOVES = (
    ("accept", "受理", "Accept", "a", "reported", "accepted"),
    ("handle", "处置", "Handle", "h", "accepted", "handling"),
    ("close", "结案", "Close", "c", "handling", "closed"),
)
DEFINITION = {
    "code": "basic",
    "title": "通用流程",
    "title_en": "Basic",
    "separate": False,
    "posts": [],
    "levels": [],
    "steps": [
        {
            "code": code,
            "title": title,
            "title_en": title_en,
            "stage": code,
            "limit": None,
            "unit": None if code == "closed" else "case",
            "first": code == "reported",
            "final": code == "closed",
        }
        for code, title, title_en in STEPS
    ],
    "moves": [
        {
            "code": code,
            "title": title,
            "title_en": title_en,
            "key": key,
            "effect": "advance",
            "from": [before],
            "to": after,
            "by": ["handler", "unit", "town/dispatcher"],
            "needs": [],
            "helpers": [],
        }
        for code, title, title_en, key, before, after in MOVES
    ],
}
FILL = """
UPDATE incidents SET step = stage, step_due_at = CASE WHEN closed_at IS NULL THEN due_at END
"""
FILL_STEPS = """
UPDATE steps AS s
SET step_from = s.stage_from, step_to = s.stage_to,
    move = CASE WHEN s.evidence ->> 'how' IS NOT NULL THEN 'place'
                WHEN s.stage_from IS NULL THEN 'report'
                WHEN s.stage_to = 'accepted' THEN 'accept'
                WHEN s.stage_to = 'handling' THEN 'handle' ELSE 'close' END,
    due_at = i.due_at, in_grid = true
FROM incidents AS i WHERE i.district = s.district AND i.id = s.incident_id
"""
TIME = sa.DateTime(timezone=True)
COUNTS = (
    ("returns", "退回次数"),
    ("reworks", "返工次数"),
    ("delays", "延期次数"),
    ("raises", "升级次数"),
)


def upgrade() -> None:
    op.create_table(
        "procedures",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("edition", sa.Integer(), nullable=False, comment="版本"),
        sa.Column("title", sa.String(), nullable=False, comment="名称"),
        sa.Column("title_en", sa.String(), nullable=False, comment="英文名称"),
        sa.Column("first_step", sa.String(), nullable=False, comment="首个步骤"),
        sa.Column("first_limit", sa.Double(), nullable=True, comment="首步时限"),
        sa.Column("first_unit", sa.String(), nullable=True, comment="首步时限单位"),
        sa.Column("first_level", sa.String(), nullable=True, comment="首个哨级"),
        sa.Column("definition", postgresql.JSONB(), nullable=False, comment="定义"),
        sa.Column(
            "valid",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(now(), NULL)"),
            nullable=False,
            comment="有效期",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "first_unit IN ('hours','working_hours','working_days')",
            name=op.f("ck_procedures_first_unit_known"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_procedures")),
        sa.UniqueConstraint(
            "district", "code", "edition", name=op.f("uq_procedures_district_code_edition")
        ),
    )
    op.create_index(
        "ix_procedures_present",
        "procedures",
        ["district", "code"],
        unique=True,
        postgresql_where=sa.text("upper_inf(valid)"),
    )
    op.execute(GRANTS)
    op.add_column(
        "categories",
        sa.Column("limit_unit", sa.String(), server_default="hours", nullable=False),
    )
    op.add_column(
        "categories", sa.Column("procedure", sa.String(), server_default="basic", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_categories_limit_unit_known"),
        "categories",
        "limit_unit IN ('hours','working_hours','working_days')",
    )
    _widen_incidents()
    _widen_steps()
    given = sa.bindparam("definition", DEFINITION, type_=postgresql.JSONB())
    op.execute(sa.text(BASIC).bindparams(given))
    op.execute(FILL)
    op.execute(FILL_STEPS)


def _widen_incidents() -> None:
    told = (
        sa.Column("procedure", sa.String(), server_default="basic", nullable=False, comment="流程"),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False, comment="流程版本"),
        sa.Column("step", sa.String(), server_default="reported", nullable=False, comment="步骤"),
        sa.Column("level", sa.String(), nullable=True, comment="哨级"),
        sa.Column("unit", sa.String(), nullable=True, comment="责任单位"),
        sa.Column("post", sa.String(), nullable=True, comment="责任岗位"),
        sa.Column("step_due_at", TIME, nullable=True, comment="步骤时限"),
        sa.Column("reporter", sa.String(), nullable=True, comment="上报岗位"),
        sa.Column("in_grid", sa.Boolean(), server_default="true", nullable=False, comment="格内"),
        *[
            sa.Column(name, sa.SmallInteger(), server_default="0", nullable=False, comment=comment)
            for name, comment in COUNTS
        ],
        sa.Column(
            "supervised", sa.Boolean(), server_default="false", nullable=False, comment="督办"
        ),
        sa.Column(
            "helpers", postgresql.JSONB(), server_default="[]", nullable=False, comment="协办单位"
        ),
        sa.Column("asked_until", TIME, nullable=True, comment="申请延期至"),
        sa.Column("paused_h", sa.Double(), nullable=True, comment="暂停时剩余工时"),
        sa.Column("rating", sa.SmallInteger(), nullable=True, comment="评分"),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True, comment="重复于"),
    )
    for column in told:
        op.add_column("incidents", column)
    op.create_check_constraint(
        op.f("ck_incidents_rating_known"), "incidents", "rating BETWEEN 1 AND 5"
    )
    op.create_check_constraint(
        op.f("ck_incidents_pause_has_end"),
        "incidents",
        "paused_h IS NULL OR asked_until IS NOT NULL",
    )
    op.create_foreign_key(
        op.f("fk_incidents_district_duplicate_of_incidents"),
        "incidents",
        "incidents",
        ["district", "duplicate_of"],
        ["district", "id"],
    )
    for name in ("unit", "post", "duplicate_of"):
        op.create_index(
            f"ix_incidents_{name}",
            "incidents",
            ["district", name],
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )


def _widen_steps() -> None:
    for name in ("move", "step_from", "step_to", "level", "unit_to", "post_to", "actor"):
        op.add_column("steps", sa.Column(name, sa.String(), nullable=True))
    op.add_column("steps", sa.Column("due_at", TIME, nullable=True))
    op.add_column("steps", sa.Column("in_grid", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for name in ("unit", "post", "duplicate_of"):
        op.drop_index(f"ix_incidents_{name}", table_name="incidents")
    op.drop_constraint(
        op.f("fk_incidents_district_duplicate_of_incidents"), "incidents", type_="foreignkey"
    )
    for rule in ("rating_known", "pause_has_end"):
        op.drop_constraint(op.f(f"ck_incidents_{rule}"), "incidents", type_="check")
    op.drop_constraint(op.f("ck_categories_limit_unit_known"), "categories", type_="check")
    for name in (
        *("procedure", "edition", "step", "level", "unit", "post", "step_due_at", "reporter"),
        *("in_grid", "returns", "reworks", "delays", "raises", "supervised", "helpers"),
        *("asked_until", "paused_h", "rating", "duplicate_of"),
    ):
        op.drop_column("incidents", name)
    for name in (
        *("move", "step_from", "step_to", "level", "unit_to", "post_to", "actor"),
        *("due_at", "in_grid"),
    ):
        op.drop_column("steps", name)
    for name in ("procedure", "limit_unit"):
        op.drop_column("categories", name)
    op.drop_index("ix_procedures_present", table_name="procedures")
    op.drop_table("procedures")
