"""Facilities: schools, hospitals, shelters, stations, cameras, drain inlets and gauges."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Register, history, point_index, shape, sound
from layers.bulk import absorb_frame
from layers.dossiers import Ground, Section, within
from layers.editing import editing
from layers.loading import Imports


class Facility(Register):
    """One facility; what is special to its class is in ``attributes``."""

    __tablename__ = "facilities"
    __table_args__ = (UniqueConstraint("district", "code"), *point_index("facilities"), sound())

    code: Mapped[str] = mapped_column(comment="编码")
    name: Mapped[str | None] = mapped_column(comment="名称")
    class_: Mapped[str] = mapped_column("class", comment="类别")
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", comment="属性")
    geom: Mapped[WKBElement] = shape("GEOMETRY")


history(Facility)


def dossier(ground: Ground) -> Section:
    """Count the facilities on a ground."""
    return Section(
        figures={
            "Facilities|设施": func.count(),
            "Cameras|摄像头": func.count().filter(Facility.class_ == "camera"),
            "Shelters|避难场所": func.count().filter(Facility.class_ == "shelter"),
        },
        where=within(Facility.geom, ground),
        label=func.coalesce(Facility.name, Facility.class_),
        detail=Facility.class_,
        point=func.ST_PointOnSurface(Facility.geom),
        first=(Facility.class_ == "camera"),
    )


LAYER = Layer(
    table=Facility,
    title="Facilities",
    title_zh="公共设施",
    properties=("code", "name", "class", "attributes"),
    style={"color": "#9aa7ff", "fillColor": "#9aa7ff", "radius": 3, "fillOpacity": 0.9},
    order=56,
    minzoom=16,
    tile_properties=("name", "class"),
    load=absorb_frame(Facility),
    edits=editing(
        Facility,
        ("planner", "dispatcher", "department"),
        referred=[("hazards", "place_code")],
    ),
    imports=Imports(osm="facilities", rest="attributes"),
    dossier=dossier,
    search=("name", "code"),
)
