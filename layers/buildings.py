"""Buildings: footprints with addresses and counts of households, never people's names."""

from __future__ import annotations

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from geodata.crs import WGS84
from layers.base import (
    Layer,
    Register,
    Symbol,
    history,
    point_index,
    shape,
    sound,
    spatial_index,
)
from layers.bulk import absorb_frame
from layers.dossiers import Ground, Section, within
from layers.editing import editing
from layers.loading import Imports


class Building(Register):
    """One building."""

    __tablename__ = "buildings"
    __table_args__ = (
        UniqueConstraint("district", "code"),
        CheckConstraint("danger_grade IN ('A','B','C','D')", name="danger_grade_known"),
        CheckConstraint(
            "households >= 0 AND residents >= 0 AND floating >= 0", name="counts_not_negative"
        ),
        Index("ix_buildings_road", "district", "road", "door"),
        *spatial_index("buildings"),
        *point_index("buildings", "point"),
        sound(),
    )

    code: Mapped[str] = mapped_column(comment="编码")
    name: Mapped[str | None] = mapped_column(comment="名称")
    address: Mapped[str | None] = mapped_column(comment="地址")
    road: Mapped[str | None] = mapped_column(comment="道路")
    door: Mapped[str | None] = mapped_column(comment="门牌")
    estate: Mapped[str | None] = mapped_column(comment="小区")
    village_code: Mapped[str | None] = mapped_column(comment="村社代码")
    kind: Mapped[str | None] = mapped_column(comment="用途")
    households: Mapped[int | None] = mapped_column(comment="户数")
    residents: Mapped[int | None] = mapped_column(comment="常住人口")
    floating: Mapped[int | None] = mapped_column(comment="流动人口")
    rental: Mapped[bool | None] = mapped_column(comment="出租屋")
    height_m: Mapped[float | None] = mapped_column(comment="高度（米）")
    floors: Mapped[int | None] = mapped_column(SmallInteger, comment="层数")
    year: Mapped[int | None] = mapped_column(SmallInteger, comment="建成年份")
    danger_grade: Mapped[str | None] = mapped_column(comment="危房等级")
    leader_post: Mapped[str | None] = mapped_column(comment="楼长岗")
    geom: Mapped[WKBElement] = shape("MULTIPOLYGON")
    point: Mapped[WKBElement] = mapped_column(
        Geometry("POINT", WGS84, spatial_index=False),
        Computed("ST_PointOnSurface(geom)", persisted=True),
        comment="代表点",
    )


history(Building)


def dossier(ground: Ground) -> Section:
    """Count people and houses on a ground, with the largest buildings."""
    here = within(Building.point, ground)
    return Section(
        figures={
            "Buildings|建筑": func.count(),
            "Households|户数": func.sum(Building.households),
            "Residents|常住人口": func.sum(Building.residents),
            "Floating population|流动人口": func.sum(Building.floating),
            "Rental buildings|出租屋": func.count().filter(Building.rental.is_(True)),
            "Unsafe (C, D)|危房（C、D级）": func.count().filter(
                Building.danger_grade.in_(["C", "D"])
            ),
        },
        where=here,
        label=func.coalesce(Building.name, Building.address, Building.code),
        detail=Building.address,
        point=Building.point,
        first=Building.households.desc().nulls_last(),
    )


LAYER = Layer(
    table=Building,
    title="Buildings",
    title_zh="建筑",
    properties=(
        "code",
        "name",
        "address",
        "road",
        "door",
        "estate",
        "village_code",
        "kind",
        "households",
        "residents",
        "floating",
        "rental",
        "height_m",
        "floors",
        "year",
        "danger_grade",
        "leader_post",
    ),
    style={"color": "#56647a", "weight": 0.7, "fillColor": "#2a3444", "fillOpacity": 0.9},
    by="danger_grade",
    symbols=(
        Symbol("C", "Unsafe (C)", "C级危房", {"color": "#d89a5b", "weight": 1.5}),
        Symbol("D", "Unsafe (D)", "D级危房", {"color": "#e0705f", "weight": 1.5}),
    ),
    order=15,
    minzoom=14,
    tile_properties=("name", "address", "kind", "danger_grade"),
    load=absorb_frame(Building),
    edits=editing(
        Building,
        ("planner", "dispatcher", "department"),
        referred=[("enterprises", "building_code")],
    ),
    imports=Imports(osm="buildings"),
    dossier=dossier,
    search=("name", "address", "estate", "code"),
)
