"""Organisations: villages, departments, stations and teams that answer for something."""

from __future__ import annotations

from geoalchemy2 import WKBElement
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, history, point_index, shape, sound
from layers.bulk import absorb_frame
from layers.editing import editing


class Organisation(Register):
    """One organisation."""

    __tablename__ = "organisations"
    __table_args__ = (UniqueConstraint("district", "code"), *point_index("organisations"), sound())

    code: Mapped[str] = mapped_column(comment="编码")
    name: Mapped[str] = mapped_column(comment="名称")
    kind: Mapped[str] = mapped_column(comment="类别")
    area_code: Mapped[str | None] = mapped_column(comment="所属区划")
    phone: Mapped[str | None] = mapped_column(comment="电话")
    geom: Mapped[WKBElement | None] = shape("POINT")


history(Organisation)

LAYER = Layer(
    table=Organisation,
    title="Organisations",
    title_zh="组织机构",
    properties=("code", "name", "kind", "area_code", "phone"),
    style={"color": "#d8b66b", "fillColor": "#d8b66b", "radius": 4, "fillOpacity": 0.9},
    order=65,
    minzoom=15,
    tile_properties=("name", "kind"),
    load=absorb_frame(Organisation),
    edits=editing(
        Organisation,
        referred=[("duties", "organisation_code"), ("incidents", "unit"), ("accounts", "unit")],
    ),
    search=("name", "code"),
)
