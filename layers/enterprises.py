"""Enterprises: factories, shops and the small places that the rule table names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from geoalchemy2 import WKBElement
from geopandas import GeoDataFrame
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata.dataset import Progress, silent
from geodata.places import classify_places
from geodata.regions import place_rules
from layers.base import Layer, Register, Scope, Symbol, covering_index, history, shape, sound
from layers.bulk import absorb_frame
from layers.dossiers import Ground, Section, within
from layers.editing import editing
from layers.loading import Taken


class Enterprise(Register):
    """One enterprise at one place."""

    __tablename__ = "enterprises"
    __table_args__ = (
        UniqueConstraint("district", "code"),
        CheckConstraint("place IN ('three_small','nine_small')", name="place_known"),
        Index("ix_enterprises_building_code", "district", "building_code"),
        *covering_index("enterprises"),
        sound(),
    )

    code: Mapped[str] = mapped_column(comment="编码")
    name: Mapped[str | None] = mapped_column(comment="名称")
    credit_code: Mapped[str | None] = mapped_column(comment="统一社会信用代码")
    class_: Mapped[str] = mapped_column("class", comment="类别")
    place: Mapped[str | None] = mapped_column(comment="三小/九小")
    area_m2: Mapped[float | None] = mapped_column(comment="面积（平方米）")
    staff: Mapped[int | None] = mapped_column(comment="从业人数")
    seats: Mapped[int | None] = mapped_column(comment="座位数")
    beds: Mapped[int | None] = mapped_column(comment="床位数")
    pupils: Mapped[int | None] = mapped_column(comment="学生数")
    height_m: Mapped[float | None] = mapped_column(comment="建筑高度（米）")
    floor_m2: Mapped[float | None] = mapped_column(comment="单层面积（平方米）")
    fire_class: Mapped[str | None] = mapped_column(comment="火灾危险性")
    parent_code: Mapped[str | None] = mapped_column(comment="出租方")
    control_tier: Mapped[str | None] = mapped_column(comment="管控等级")
    department: Mapped[str | None] = mapped_column(comment="行业部门")
    building_code: Mapped[str | None] = mapped_column(comment="建筑编码")
    address: Mapped[str | None] = mapped_column(comment="地址")
    geom: Mapped[WKBElement] = shape("POINT")


history(Enterprise)
ABSORB = absorb_frame(Enterprise)


def load(session: Session, scope: Scope, frame: GeoDataFrame, progress: Progress = silent) -> Taken:
    """Merge enterprises by code; where the frame gives no place, the city's rules tell it."""
    return ABSORB(session, scope, _judged(session, scope, frame), progress)


def follow(session: Session, scope: Scope, values: Mapping[str, Any]) -> dict[str, Any]:
    """Tell by the city's rules which small place an enterprise is."""
    rules = place_rules(scope.district)
    figures = ["class", *sorted({r.attribute for r in rules} & set(Enterprise.__table__.c.keys()))]
    known = pd.DataFrame([[values.get(name) for name in figures]], columns=figures)
    place = classify_places(known, rules).iloc[0]
    return {"place": None if pd.isna(place) else str(place)}


def _judged(session: Session, scope: Scope, frame: GeoDataFrame) -> GeoDataFrame:
    """Fill the places of a frame that brings figures; what it lacks is taken as stored."""
    rules = place_rules(scope.district)
    figures = {rule.attribute for rule in rules} & set(Enterprise.__table__.c.keys())
    if "code" not in frame or figures.isdisjoint(frame.columns):
        return frame
    known = pd.DataFrame({name: frame[name] for name in ("class", *figures) if name in frame})
    if missing := sorted({"class", *figures} - set(known)):
        known = known.join(_stored(session, scope, frame["code"], missing))
    place = classify_places(known, rules)
    given = frame.get("place", place)
    return frame.assign(place=given.where(given.notna(), place))


def _stored(session: Session, scope: Scope, codes: pd.Series, names: list[str]) -> pd.DataFrame:
    """Read columns of the enterprises of some codes, in the order of the codes."""
    columns = Enterprise.__table__.c
    asked = select(columns.code, *[columns[name] for name in names]).where(
        columns.district == scope.district, columns.code.in_(codes.dropna().unique().tolist())
    )
    stored = pd.DataFrame(session.execute(asked).all(), columns=["code", *names])
    return stored.set_index("code").reindex(codes).set_index(codes.index)


def dossier(ground: Ground) -> Section:
    """Count the enterprises and small places on a ground."""
    return Section(
        figures={
            "Enterprises|企业场所": func.count(),
            "Three small|三小场所": func.count().filter(Enterprise.place == "three_small"),
            "Nine small|九小场所": func.count().filter(Enterprise.place == "nine_small"),
            "Factories|工厂": func.count().filter(Enterprise.class_ == "factory"),
        },
        where=within(Enterprise.geom, ground),
        label=func.coalesce(Enterprise.name, Enterprise.code),
        detail=func.coalesce(Enterprise.address, Enterprise.class_),
        point=Enterprise.geom,
        first=Enterprise.control_tier.asc().nulls_last(),
    )


LAYER = Layer(
    table=Enterprise,
    title="Enterprises",
    title_zh="企业场所",
    properties=(
        "code",
        "name",
        "credit_code",
        "class",
        "place",
        "area_m2",
        "staff",
        "seats",
        "beds",
        "pupils",
        "height_m",
        "floor_m2",
        "fire_class",
        "parent_code",
        "control_tier",
        "department",
        "building_code",
        "address",
    ),
    style={"color": "#7c8aa0", "fillColor": "#7c8aa0", "radius": 2.5, "fillOpacity": 0.9},
    by="place",
    symbols=(
        Symbol(
            "three_small", "Three small", "三小场所", {"fillColor": "#5fb3c9", "color": "#5fb3c9"}
        ),
        Symbol(
            "nine_small", "Nine small", "九小场所", {"fillColor": "#7fc79b", "color": "#7fc79b"}
        ),
    ),
    order=55,
    minzoom=16,
    tile_properties=("name", "class", "place"),
    load=load,
    edits=editing(
        Enterprise,
        ("planner", "dispatcher", "department"),
        referred=[("hazards", "place_code"), ("enterprises", "parent_code")],
        complete=follow,
    ),
    dossier=dossier,
    search=("name", "credit_code", "code"),
)
