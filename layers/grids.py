"""Grids and micro-grids: who answers for which ground, one row an edition."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Index, SmallInteger, func
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from layers import borders, orphans
from layers.base import Layer, Register, Symbol, history, shape, sound, spatial_index
from layers.bulk import absorb_frame
from layers.editing import renaming
from layers.loading import Imports

GENERAL = "general"
REDRAWN = "a plan redraws grids, and its publication opens their next editions"


class Grid(Register):
    """One edition of one grid."""

    __tablename__ = "grids"
    __table_args__ = (
        CheckConstraint("kind IN ('base','dedicated','micro','professional')", name="kind_known"),
        CheckConstraint("code <> ''", name="code_given"),
        ExcludeConstraint(
            ("district", "="),
            ("code", "="),
            ("valid", "&&"),
            name="ex_grids_one_edition",
            using="gist",
        ),
        Index("ix_grids_parent_code", "district", "parent_code"),
        *spatial_index("grids"),
        sound(),
    )

    code: Mapped[str] = mapped_column(comment="网格编码")
    name: Mapped[str] = mapped_column(comment="名称")
    net: Mapped[str] = mapped_column(server_default=GENERAL, comment="网")
    kind: Mapped[str] = mapped_column(server_default="base", comment="类别")
    level: Mapped[int] = mapped_column(SmallInteger, server_default="1", comment="层级")
    parent_code: Mapped[str | None] = mapped_column(comment="上级编码")
    village_code: Mapped[str | None] = mapped_column(comment="村社代码")
    valid: Mapped[Range[object]] = mapped_column(
        TSTZRANGE, server_default=func.tstzrange(None, None), comment="有效期"
    )
    geom: Mapped[WKBElement] = shape("MULTIPOLYGON")


history(Grid)


def answering_first() -> tuple[Any, ...]:
    """Order the grids that cover a place: a dedicated one, the deepest, the lowest code."""
    return ((Grid.kind == "dedicated").desc(), Grid.level.desc(), Grid.code.collate("C"))


LAYER = Layer(
    table=Grid,
    title="Grids",
    title_zh="网格",
    properties=(
        "code",
        "name",
        "net",
        "kind",
        "level",
        "parent_code",
        "village_code",
        "valid",
    ),
    style={"color": "#6f8fb8", "weight": 1, "fill": False},
    by="kind",
    symbols=(
        Symbol("base", "Grid", "网格", {"color": "#7fb2e5", "weight": 2}),
        Symbol(
            "micro", "Micro-grid", "微网格", {"color": "#5d7fa6", "weight": 1, "dashArray": "4 3"}
        ),
        Symbol("dedicated", "Dedicated grid", "专属网格", {"color": "#c9a3e8", "weight": 2}),
        Symbol("professional", "Professional net", "专业网格", {"color": "#8fc7a8", "weight": 1}),
    ),
    order=30,
    home=True,
    minzoom=8,
    tile_properties=("code", "name", "kind", "level", "net"),
    load=absorb_frame(Grid),
    edits=renaming(
        Grid,
        ("planner",),
        fixed=dict.fromkeys(("geom", "valid", "parent_code", "level", "net"), REDRAWN),
    ),
    imports=Imports(prepare=borders.united, settle=borders.settler(Grid)),
    summaries={"orphans": orphans.orphans},
    schemas={"summaries": {"orphans": {}}},
    search=("name", "code"),
)
