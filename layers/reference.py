"""Reference: any imported dataset that no register holds, such as water."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, Symbol, history, shape, sound, spatial_index
from layers.bulk import absorb_frame
from layers.loading import Imports


class Reference(Register):
    """One feature of one imported collection."""

    __tablename__ = "reference"
    __table_args__ = (UniqueConstraint("district", "code"), *spatial_index("reference"), sound())

    code: Mapped[str] = mapped_column(comment="编码")
    collection: Mapped[str] = mapped_column(comment="数据集")
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", comment="属性")
    geom: Mapped[WKBElement] = shape("GEOMETRY")


history(Reference)

LAYER = Layer(
    table=Reference,
    title="Reference",
    title_zh="参考数据",
    properties=("code", "collection", "properties"),
    label="collection",
    style={"color": "#2b4a63", "weight": 1, "fillColor": "#1d3a52", "fillOpacity": 0.8},
    by="collection",
    symbols=(Symbol("water", "Water", "水系", {"fillColor": "#1d3a52", "color": "#2b4a63"}),),
    order=5,
    minzoom=8,
    tile_properties=("collection",),
    load=absorb_frame(Reference),
    imports=Imports(rest="properties"),
    search=(),
)
