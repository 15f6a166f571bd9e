"""Hazards: risk points that stand, and defects that are to be put right."""

from __future__ import annotations

from datetime import datetime

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, DateTime, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, Symbol, history, point_index, shape, sound
from layers.bulk import absorb_frame
from layers.dossiers import Ground, Section, within
from layers.editing import editing

OPEN = ("open", "rectified", "rechecked")


class Hazard(Register):
    """One risk point or one defect."""

    __tablename__ = "hazards"
    __table_args__ = (
        UniqueConstraint("district", "code"),
        CheckConstraint("nature IN ('risk_point','defect')", name="nature_known"),
        CheckConstraint("grade IN ('general','major')", name="grade_known"),
        CheckConstraint(
            "state IN ('open','rectified','rechecked','written_off')", name="state_known"
        ),
        CheckConstraint("l IN (10,6,3,1,0.5,0.2,0.1)", name="likelihood_known"),
        CheckConstraint("e IN (10,6,3,2,1,0.5)", name="exposure_known"),
        CheckConstraint("c IN (100,40,15,7,3,1)", name="consequence_known"),
        *point_index("hazards"),
        sound(),
    )

    code: Mapped[str] = mapped_column(comment="编码")
    name: Mapped[str | None] = mapped_column(comment="名称")
    nature: Mapped[str] = mapped_column(server_default="defect", comment="性质")
    kind: Mapped[str] = mapped_column(comment="种类")
    likelihood: Mapped[float | None] = mapped_column("l", comment="可能性 L")
    exposure: Mapped[float | None] = mapped_column("e", comment="暴露 E")
    consequence: Mapped[float | None] = mapped_column("c", comment="后果 C")
    grade: Mapped[str | None] = mapped_column(comment="等级")
    state: Mapped[str] = mapped_column(server_default="open", comment="状态")
    deadline: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), comment="整改期限")
    parent_code: Mapped[str | None] = mapped_column(comment="所属风险点")
    place_code: Mapped[str | None] = mapped_column(comment="所在场所")
    address: Mapped[str | None] = mapped_column(comment="地址")
    geom: Mapped[WKBElement] = shape("GEOMETRY")


history(Hazard)


def dossier(ground: Ground) -> Section:
    """Count risk points and open defects on a ground, the nearest deadline first."""
    defect = (Hazard.nature == "defect") & Hazard.state.in_(OPEN)
    return Section(
        figures={
            "Risk points|风险点": func.count().filter(Hazard.nature == "risk_point"),
            "Open defects|未销号隐患": func.count().filter(defect),
            "Major|重大隐患": func.count().filter(defect & (Hazard.grade == "major")),
            "Past deadline|逾期未改": func.count().filter(defect & (Hazard.deadline < func.now())),
        },
        where=within(Hazard.geom, ground),
        label=func.coalesce(Hazard.name, Hazard.kind),
        detail=func.coalesce(Hazard.address, Hazard.kind),
        point=func.ST_PointOnSurface(Hazard.geom),
        first=Hazard.deadline.asc().nulls_last(),
    )


LAYER = Layer(
    table=Hazard,
    title="Hazards",
    title_zh="风险隐患",
    properties=(
        "code",
        "name",
        "nature",
        "kind",
        "l",
        "e",
        "c",
        "grade",
        "state",
        "deadline",
        "parent_code",
        "place_code",
        "address",
    ),
    style={"color": "#e8a33d", "fillColor": "#e8a33d", "radius": 3.5, "fillOpacity": 0.9},
    by="nature",
    symbols=(
        Symbol("risk_point", "Risk point", "风险点", {"color": "#e8c53d", "fillColor": "#e8c53d"}),
        Symbol("defect", "Defect", "隐患", {"color": "#e8823d", "fillColor": "#e8823d"}),
    ),
    order=60,
    minzoom=14,
    tile_properties=("name", "nature", "kind", "grade", "state"),
    load=absorb_frame(Hazard),
    edits=editing(
        Hazard,
        ("planner", "dispatcher", "department"),
        referred=[("hazards", "parent_code")],
    ),
    dossier=dossier,
    search=("name", "code"),
)
