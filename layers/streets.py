"""Streets: the town's own network, base map and measure of patrols."""

from __future__ import annotations

from geoalchemy2 import WKBElement
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, Symbol, history, shape, sound, spatial_index
from layers.bulk import absorb_frame
from layers.editing import editing
from layers.loading import Imports


class Street(Register):
    """One named street, or one piece of it."""

    __tablename__ = "streets"
    __table_args__ = (UniqueConstraint("district", "code"), *spatial_index("streets"), sound())

    code: Mapped[str] = mapped_column(comment="编码")
    name: Mapped[str | None] = mapped_column(comment="名称")
    class_: Mapped[str] = mapped_column("class", comment="等级")
    geom: Mapped[WKBElement] = shape("MULTILINESTRING")


history(Street)

LAYER = Layer(
    table=Street,
    title="Streets",
    title_zh="道路",
    properties=("code", "name", "class"),
    style={"color": "#3a4658", "weight": 1.5, "fill": False},
    by="class",
    symbols=(
        Symbol("trunk", "Trunk road", "干道", {"color": "#55657d", "weight": 5}),
        Symbol("primary", "Main road", "主路", {"color": "#4b5a70", "weight": 4}),
        Symbol("secondary", "Secondary road", "次路", {"color": "#435064", "weight": 3}),
        Symbol("residential", "Street", "街道", {"color": "#3a4658", "weight": 2}),
        Symbol("lane", "Lane", "巷", {"color": "#333e4e", "weight": 1}),
    ),
    order=10,
    minzoom=10,
    tile_properties=("name", "class"),
    load=absorb_frame(Street),
    edits=editing(Street, ("planner",)),
    imports=Imports(osm="roads"),
    search=("name",),
)
