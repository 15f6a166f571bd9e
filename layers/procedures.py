"""Procedures: how a case moves on, in editions; a case keeps the one it began under."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Spatial


class Procedure(Spatial):
    """One edition of one procedure."""

    __tablename__ = "procedures"
    __table_args__ = (
        UniqueConstraint("district", "code", "edition"),
        CheckConstraint(
            "first_unit IN ('hours','working_hours','working_days')", name="first_unit_known"
        ),
        Index(
            "ix_procedures_present",
            "district",
            "code",
            unique=True,
            postgresql_where="upper_inf(valid)",
        ),
    )

    code: Mapped[str] = mapped_column(comment="编码")
    edition: Mapped[int] = mapped_column(comment="版本")
    title: Mapped[str] = mapped_column(comment="名称")
    title_en: Mapped[str] = mapped_column(comment="英文名称")
    first_step: Mapped[str] = mapped_column(comment="首个步骤")
    first_limit: Mapped[float | None] = mapped_column(comment="首步时限")
    first_unit: Mapped[str | None] = mapped_column(comment="首步时限单位")
    first_level: Mapped[str | None] = mapped_column(comment="首个哨级")
    definition: Mapped[Any] = mapped_column(JSONB, comment="定义")
    valid: Mapped[Range[object]] = mapped_column(
        TSTZRANGE, server_default=func.tstzrange(func.now(), None), comment="有效期"
    )


LAYER = Layer(
    table=Procedure,
    title="Procedures",
    title_zh="流程",
    properties=("code", "edition", "title", "title_en", "definition", "valid"),
    label="title",
    order=68,
    search=(),
)
