"""Grids and micro-grids: who answers for which ground, one row an edition."""

from __future__ import annotations

from typing import Any

import pandas as pd
from geoalchemy2 import WKBElement
from geopandas import GeoDataFrame
from sqlalchemy import CheckConstraint, Index, SmallInteger, func
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from geodata.fabric import TOLERANCE_M, gaps, merge_parts, node, overlaps
from layers import orphans
from layers.base import Layer, Register, Symbol, history, shape, sound, spatial_index
from layers.bulk import absorb_frame
from layers.editing import renaming
from layers.loading import Imports, Prepared

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


def prepare(frame: GeoDataFrame) -> Prepared:
    """Unite parts of one code, make neighbours share their vertices, and list what is not right.

    Overlaps and enclosed gaps are listed for each net and level by itself.
    """
    merged = merge_parts(frame)
    noded = node(merged.frame)
    notes = [
        f"rows {', '.join(map(str, rows))} united as grid {code}"
        for code, rows in zip(merged.report["code"], merged.report["rows"], strict=True)
    ]
    if noded.snapped or noded.inserted:
        notes.append(
            f"borders shared: {noded.snapped} vertices moved onto a neighbour's by less than"
            f" {TOLERANCE_M} m, {noded.inserted} put into a neighbour's edge"
        )
    if noded.collapsed:
        listed = ", ".join(map(str, noded.collapsed))
        notes.append(f"narrower than {TOLERANCE_M} m, left as they are: rows {listed}")
    nets = [noded.frame[name] for name in ("net", "level") if name in noded.frame]
    each = [net for _, net in noded.frame.groupby(nets)] if nets else [noded.frame]
    flaws = [found for net in each for found in _flaws(net)]
    return Prepared(noded.frame, tuple(notes), pd.concat(flaws, ignore_index=True))


def _flaws(net: GeoDataFrame) -> tuple[GeoDataFrame, GeoDataFrame]:
    return overlaps(net).assign(flaw="overlap"), gaps(net).assign(flaw="gap")


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
    imports=Imports(prepare=prepare),
    summaries={"orphans": orphans.orphans},
    search=("name", "code"),
)
