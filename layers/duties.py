"""Duties: who holds which post for which grid, net, category and time.

Who of them answers for a place and an item is the rule of ``layers/answers.py``.
"""

from __future__ import annotations

from sqlalchemy import Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, history
from layers.bulk import absorb_frame
from layers.editing import editing


class Duty(Register):
    """One post of one grid; a vacant one has no holder."""

    __tablename__ = "duties"
    __table_args__ = (
        UniqueConstraint("district", "code"),
        Index("ix_duties_grid_code", "district", "grid_code", "rank"),
    )

    code: Mapped[str] = mapped_column(comment="编码")
    organisation_code: Mapped[str | None] = mapped_column(comment="所属组织")
    post: Mapped[str] = mapped_column(comment="岗位")
    title: Mapped[str] = mapped_column(comment="岗位名称")
    grid_code: Mapped[str | None] = mapped_column(comment="网格编码")
    net: Mapped[str] = mapped_column(server_default="general", comment="网")
    category: Mapped[str | None] = mapped_column(comment="事项")
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="顺位")
    holder: Mapped[str] = mapped_column(server_default="", comment="任岗")
    phone: Mapped[str | None] = mapped_column(comment="电话")
    valid: Mapped[Range[object]] = mapped_column(
        TSTZRANGE, server_default=func.tstzrange(None, None), comment="有效期"
    )


history(Duty)

LAYER = Layer(
    table=Duty,
    title="Duties",
    title_zh="岗位职责",
    properties=(
        "code",
        "organisation_code",
        "post",
        "title",
        "grid_code",
        "net",
        "category",
        "rank",
        "holder",
        "phone",
        "valid",
    ),
    label="title",
    order=66,
    load=absorb_frame(Duty),
    edits=editing(Duty, referred=[("incidents", "post"), ("accounts", "post")]),
    search=(),
    private=("holder",),
)
