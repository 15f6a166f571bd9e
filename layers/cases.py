"""The tables of cases: incidents, their steps, and the answers kept for repeated posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, InDistrict, Spatial, in_district, point_index, shape
from layers.grids import Grid

STAGES = ("reported", "accepted", "handling", "closed")


class Incident(Spatial):
    """One reported incident; it keeps the edition of the grid that was in force when reported."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("district", "number"),
        UniqueConstraint("district", "source", "external_id"),
        in_district("grid_id", Grid),
        ForeignKeyConstraint(["district", "category"], ["categories.district", "categories.code"]),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity_known"),
        CheckConstraint("stage IN ('reported','accepted','handling','closed')", name="stage_known"),
        CheckConstraint("(stage = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("accuracy_m >= 0 AND accuracy_m <= 100000", name="accuracy_in_range"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_is_chance"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_known"),
        CheckConstraint("paused_h IS NULL OR asked_until IS NOT NULL", name="pause_has_end"),
        ForeignKeyConstraint(["district", "duplicate_of"], ["incidents.district", "incidents.id"]),
        *point_index("incidents"),
        Index(
            "ix_incidents_live",
            "geom",
            postgresql_using="gist",
            postgresql_where="closed_at IS NULL",
        ),
        Index("ix_incidents_grid_id", "district", "grid_id", "id"),
        # All that figures count stands in it, so that a year of cases is counted from it alone.
        Index(
            "ix_incidents_reported_at",
            "district",
            "reported_at",
            postgresql_include=[
                *("due_at", "closed_at", "grid_code", "category", "unit", "post", "in_grid"),
                *("returns", "reworks", "delays", "duplicate_of", "id"),
            ],
        ),
        Index("ix_incidents_due_at", "district", "due_at"),
        Index("ix_incidents_open", "district", "due_at", postgresql_where="closed_at IS NULL"),
        Index(
            "ix_incidents_closed_at",
            "district",
            "closed_at",
            postgresql_where="closed_at IS NOT NULL",
        ),
        Index(
            "ix_incidents_tray",
            "district",
            "id",
            postgresql_where="geom IS NULL AND closed_at IS NULL",
        ),
        Index("ix_incidents_unit", "district", "unit", postgresql_where="unit IS NOT NULL"),
        Index("ix_incidents_post", "district", "post", postgresql_where="post IS NOT NULL"),
        Index(
            "ix_incidents_duplicate_of",
            "district",
            "duplicate_of",
            postgresql_where="duplicate_of IS NOT NULL",
        ),
        Index(
            "ix_incidents_address",
            "district",
            "address",
            "id",
            postgresql_where="address IS NOT NULL",
        ),
        # Within the degrees a point is valid; this is checked a thousand times a second.
        CheckConstraint(
            "ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90", name="geom_sound"
        ),
    )

    number: Mapped[str] = mapped_column(comment="案件编号")
    category: Mapped[str] = mapped_column(comment="事项")
    severity: Mapped[int] = mapped_column(SmallInteger, comment="紧急程度")
    source: Mapped[str] = mapped_column(comment="来源")
    external_id: Mapped[str | None] = mapped_column(comment="外部编号")
    description: Mapped[str | None] = mapped_column(comment="描述")
    address: Mapped[str | None] = mapped_column(comment="地址")
    accuracy_m: Mapped[float | None] = mapped_column(comment="定位精度（米）")
    source_crs: Mapped[str] = mapped_column(comment="来源坐标系")
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), comment="上报时间")
    stage: Mapped[str] = mapped_column(server_default="reported", comment="环节")
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), comment="时限")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), comment="结案时间")
    grid_id: Mapped[int | None] = mapped_column(BigInteger, comment="网格")
    grid_code: Mapped[str | None] = mapped_column(comment="网格编码")
    confidence: Mapped[float | None] = mapped_column(comment="置信度")
    candidates: Mapped[Any] = mapped_column(JSONB, server_default="[]", comment="候选")
    placed_by: Mapped[str | None] = mapped_column(comment="定位方式")
    photos: Mapped[Any] = mapped_column(JSONB, server_default="[]", comment="照片")
    procedure: Mapped[str] = mapped_column(server_default="basic", comment="流程")
    edition: Mapped[int] = mapped_column(server_default="1", comment="流程版本")
    step: Mapped[str] = mapped_column(server_default="reported", comment="步骤")
    level: Mapped[str | None] = mapped_column(comment="哨级")
    unit: Mapped[str | None] = mapped_column(comment="责任单位")
    post: Mapped[str | None] = mapped_column(comment="责任岗位")
    step_due_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), comment="步骤时限"
    )
    reporter: Mapped[str | None] = mapped_column(comment="上报岗位")
    in_grid: Mapped[bool] = mapped_column(server_default="true", comment="格内")
    returns: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="退回次数")
    reworks: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="返工次数")
    delays: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="延期次数")
    raises: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="升级次数")
    supervised: Mapped[bool] = mapped_column(server_default="false", comment="督办")
    helpers: Mapped[Any] = mapped_column(JSONB, server_default="[]", comment="协办单位")
    asked_until: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), comment="申请延期至"
    )
    paused_h: Mapped[float | None] = mapped_column(comment="暂停时剩余工时")
    rating: Mapped[int | None] = mapped_column(SmallInteger, comment="评分")
    duplicate_of: Mapped[int | None] = mapped_column(BigInteger, comment="重复于")
    geom: Mapped[WKBElement | None] = shape("POINT")


class Step(InDistrict):
    """One step of an incident: who did what, and the state after it.

    The state at any time is that of the last step up to then.
    """

    __tablename__ = "steps"
    __table_args__ = (
        in_district("incident_id", Incident),
        Index("ix_steps_incident_id", "district", "incident_id", "id"),
        # Steps are written in the order of their times, so that a few bytes a page find a period.
        Index("ix_steps_at", "at", postgresql_using="brin"),
    )

    incident_id: Mapped[int] = mapped_column(BigInteger)
    move: Mapped[str | None]
    step_from: Mapped[str | None]
    step_to: Mapped[str | None]
    stage_from: Mapped[str | None]
    stage_to: Mapped[str]
    level: Mapped[str | None]
    unit_to: Mapped[str | None]
    post_to: Mapped[str | None]
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    in_grid: Mapped[bool | None]
    actor: Mapped[str | None]
    post: Mapped[str | None]
    unit: Mapped[str | None]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    evidence: Mapped[Any] = mapped_column(JSONB, server_default="{}")


class Reply(Base):
    """The answer given to an idempotency key, kept so that a repeated post gets it again."""

    __tablename__ = "replies"
    __table_args__ = (Index("ix_replies_at", "at"),)

    district: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_sha: Mapped[bytes] = mapped_column(LargeBinary)
    incident_id: Mapped[int] = mapped_column(BigInteger)
    reply: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
