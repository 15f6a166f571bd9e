"""Incidents: what people report, and the grid that must answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    Text,
    UniqueConstraint,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers import batch, figures, intake, posting, steps
from layers.base import (
    Base,
    InDistrict,
    Layer,
    Query,
    Scope,
    Spatial,
    Symbol,
    in_district,
    point_index,
    shape,
    sound,
)
from layers.dossiers import Ground, Section
from layers.grids import Grid
from layers.loading import Imports, named_by_content
from layers.queries import clustered_tile, parse_flag, parse_time

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
        *point_index("incidents"),
        Index(
            "ix_incidents_live",
            "geom",
            postgresql_using="gist",
            postgresql_where="closed_at IS NULL",
        ),
        Index("ix_incidents_grid_id", "district", "grid_id", "id"),
        Index("ix_incidents_reported_at", "district", "reported_at"),
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
        sound(),
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
    geom: Mapped[WKBElement | None] = shape("POINT")


class Step(InDistrict):
    """One step of an incident; the steps tell its state at any time."""

    __tablename__ = "steps"
    __table_args__ = (
        in_district("incident_id", Incident),
        Index("ix_steps_incident_id", "district", "incident_id", "id"),
    )

    incident_id: Mapped[int] = mapped_column(BigInteger)
    stage_from: Mapped[str | None]
    stage_to: Mapped[str]
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


LIVE = Incident.closed_at.is_(None)
OVERDUE = LIVE & (Incident.due_at < func.now())


OWN_STAGE = frozenset({"live", "stage", "since"})


def _located(value: str) -> Any:
    placed = Incident.geom.is_not(None)
    return placed if parse_flag("located", value) else ~placed


def _flagged(name: str, condition: Any) -> Any:
    return lambda value: condition if parse_flag(name, value) else ~condition


def live_tile(layer: Layer, scope: Scope, tile: Any, query: Query) -> Select[Any]:
    """Select the cases of a tile, gathered in cells with the shares of their stages.

    The live ones, unless the question itself says which stage or time it is about.
    """
    shares = {f"stage_{stage}": Incident.stage == stage for stage in STAGES[:-1]}
    where = query.where if query.where.keys() & OWN_STAGE else {**query.where, "live": "true"}
    asked = Query(query.bbox, where, query.ids)
    return clustered_tile(layer, scope, tile, asked, shares | {"overdue": OVERDUE})


def dossier(ground: Ground) -> Section:
    """Count the cases that a grid and those below it answer for, and those just over a border."""
    own = Incident.grid_code.in_(ground.codes)
    border = ~own & LIVE & _may_lie_in(ground.codes)
    return Section(
        figures={
            "Open cases|在办案件": func.count().filter(own & LIVE),
            "Overdue|超期": func.count().filter(own & OVERDUE),
            "Closed|已结案": func.count().filter(own & ~LIVE),
            "At the border|边界待认": func.count().filter(border),
        },
        where=own | border,
        label=func.concat_ws(" ", Incident.number, Incident.description),
        detail=func.concat_ws(" · ", Incident.stage, Incident.address),
        point=Incident.geom,
        first=Incident.closed_at.is_not(None),
    )


def _may_lie_in(codes: Any) -> Any:
    """Pick the cases with a place whose position may lie in other grids, if in one of these."""
    other = func.jsonb_array_elements(Incident.candidates).table_valued(
        Column("value", JSONB), name="other"
    )
    return Incident.geom.is_not(None) & exists(
        select(1).select_from(other).where(other.c.value["grid_code"].astext.in_(codes))
    )


LAYER = Layer(
    table=Incident,
    title="Incidents",
    title_zh="案件",
    properties=(
        "number",
        "category",
        "severity",
        "source",
        "external_id",
        "description",
        "address",
        "accuracy_m",
        "source_crs",
        "reported_at",
        "stage",
        "due_at",
        "closed_at",
        "grid_id",
        "grid_code",
        "confidence",
        "candidates",
        "placed_by",
        "photos",
    ),
    label="number",
    style={"color": "#0a1017", "fillColor": "#ff9ad2", "radius": 7, "fillOpacity": 1},
    by="stage",
    symbols=(
        Symbol("reported", "Reported", "已上报", {"fillColor": "#ff9ad2"}),
        Symbol("accepted", "Accepted", "已受理", {"fillColor": "#5cc8ff"}),
        Symbol("handling", "Handling", "处置中", {"fillColor": "#2fd3a6"}),
        Symbol("closed", "Closed", "已结案", {"fillColor": "#8a9bad"}),
    ),
    order=90,
    live=True,
    tile_properties=("stage", "severity", "category", "number"),
    filters={
        "live": _flagged("live", LIVE),
        "overdue": _flagged("overdue", OVERDUE),
        "located": _located,
        "since": lambda value: Incident.reported_at >= parse_time("since", value),
    },
    create=intake.report,
    create_many=posting.report_many,
    actions={"steps": steps.take_step, "place": steps.place},
    views={"steps": steps.steps_of},
    summaries={
        "figures": figures.figures,
        "hours": figures.hours,
        "categories": figures.categories,
    },
    tile=live_tile,
    load=batch.load,
    imports=Imports(
        fields=batch.COLUMNS,
        required=("category",),
        key="external_id",
        source_name=named_by_content,
    ),
    dossier=dossier,
    search=("number", "address"),
)

__all__ = ["LAYER", "Incident", "Reply", "Step"]
