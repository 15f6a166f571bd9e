"""Areas: county, town and village, each with its 12-digit code."""

from __future__ import annotations

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, Symbol, history, shape, sound, spatial_index
from layers.bulk import absorb_frame
from layers.editing import editing


class Area(Register):
    """One county, town or village for the time its code is in force."""

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{12}$'", name="code_of_12_digits"),
        ExcludeConstraint(
            ("district", "="),
            ("code", "="),
            ("valid", "&&"),
            name="ex_areas_one_edition",
            using="gist",
        ),
        Index("ix_areas_parent_code", "district", "parent_code"),
        *spatial_index("areas"),
        sound(),
    )

    code: Mapped[str] = mapped_column(comment="区划代码")
    name: Mapped[str] = mapped_column(comment="名称")
    level: Mapped[int] = mapped_column(SmallInteger, comment="层级")
    kind: Mapped[str | None] = mapped_column(comment="类别")
    parent_code: Mapped[str | None] = mapped_column(comment="上级代码")
    successor: Mapped[str | None] = mapped_column(comment="后续代码")
    valid: Mapped[Range[object]] = mapped_column(TSTZRANGE, comment="有效期")
    seat: Mapped[WKBElement | None] = shape("POINT", "驻地")
    geom: Mapped[WKBElement | None] = shape("MULTIPOLYGON")


history(Area)

LAYER = Layer(
    table=Area,
    title="Areas",
    title_zh="行政区划",
    properties=("code", "name", "level", "kind", "parent_code", "successor", "valid"),
    style={"color": "#8fa3bf", "weight": 2.5, "fill": False, "dashArray": "8 4 2 4"},
    by="level",
    symbols=(
        Symbol("2", "Town", "镇街", {"color": "#b8c7dc", "weight": 3}),
        Symbol("3", "Village", "村（社区）", {"color": "#8fa3bf", "weight": 2}),
    ),
    order=20,
    minzoom=8,
    tile_properties=("code", "name", "level"),
    load=absorb_frame(Area),
    edits=editing(
        Area,
        ("planner",),
        referred=[
            ("areas", "parent_code"),
            ("grids", "village_code"),
            ("buildings", "village_code"),
            ("organisations", "area_code"),
        ],
    ),
    search=("name", "code"),
)
