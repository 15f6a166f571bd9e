"""The town as a whole: its name, where it lies, what can be reported, whether it is made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import CheckConstraint, SmallInteger, Text, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from geodata import regions
from geodata.crs import WGS84
from layers.base import Base, Layer, Scope
from layers.grids import GENERAL, Grid
from layers.procedures import load_procedures
from layers.queries import extent, visible


class Town(Base):
    """The town that a district's rows describe."""

    __tablename__ = "towns"

    district: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    synthetic: Mapped[bool] = mapped_column(server_default="false")


class Category(Base):
    """One item of the town's two-level table of what can be reported."""

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint(
            "limit_unit IN ('hours','working_hours','working_days')", name="limit_unit_known"
        ),
    )

    district: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    class_code: Mapped[str]
    class_: Mapped[str] = mapped_column("class")
    class_en: Mapped[str]
    item: Mapped[str]
    item_en: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)
    limit_h: Mapped[float]
    limit_unit: Mapped[str] = mapped_column(server_default="hours")
    procedure: Mapped[str] = mapped_column(server_default="basic")
    department: Mapped[str]
    restricted: Mapped[bool] = mapped_column(server_default="false")


def load_categories(session: Session, scope: Scope, categories: Iterable[regions.Category]) -> None:
    """Store the table of what can be reported, and the procedures that its cases follow.

    An item that is known is brought up to date; a procedure that has changed gets a new edition.
    """
    load_procedures(session, scope, regions.procedures(scope.district))
    for given in categories:
        told = asdict(given)
        told |= {"class": told.pop("class_name"), "class_en": told.pop("class_name_en")}
        row = insert(Base.metadata.tables["categories"]).values(district=scope.district, **told)
        session.execute(row.on_conflict_do_update(index_elements=["district", "code"], set_=told))


def name_town(session: Session, town: Town) -> None:
    """Store what the town is called and whether its data is synthetic."""
    named = {"name": town.name, "name_en": town.name_en, "synthetic": town.synthetic}
    row = insert(Town).values(district=town.district, **named)
    session.execute(row.on_conflict_do_update(index_elements=["district"], set_=named))


def about(session: Session, scope: Scope, home: Layer) -> dict[str, Any]:
    """Tell the town's names, whether it is synthetic, its box and the database's time.

    Args:
        session: an open session.
        scope: whose district is asked for.
        home: the layer whose extent is the town's.
    """
    asked = select(Town.name, Town.name_en, Town.synthetic).where(Town.district == scope.district)
    named: Any = session.execute(asked).mappings().first() or {}
    box = extent(session, home, scope)
    return {
        **dict(named),
        "bbox": box,
        "center": box and [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
        "now": session.execute(select(func.now())).scalar_one(),
    }


def has_categories(session: Session, scope: Scope) -> bool:
    """Tell whether anything can be reported yet."""
    asked = select(Category.code).where(Category.district == scope.district).limit(1)
    return session.execute(asked).first() is not None


def outline(session: Session, scope: Scope) -> BaseGeometry | None:
    """Unite the general net in force, in EPSG:4326; None when no grid is stored.

    Grids that lie in another are left out.
    """
    above = aliased(Grid)
    lies_in = exists().where(above.district == Grid.district, above.code == Grid.parent_code)
    asked = select(func.ST_AsBinary(Grid.geom)).where(
        Grid.district == scope.district,
        Grid.net == GENERAL,
        Grid.valid.op("@>")(func.now()),
        ~lies_in,
    )
    wkb = [bytes(found) for found in session.execute(asked).scalars()]
    if not wkb:
        return None
    shapes = shapely.from_wkb(np.array(wkb, dtype=object))
    unite = shapely.coverage_union_all if shapely.coverage_is_valid(shapes) else shapely.union_all
    united: BaseGeometry = unite(shapes)
    return united


def things_inside(
    session: Session, scope: Scope, layers: Iterable[Layer], ground: BaseGeometry
) -> Iterator[tuple[str, int, int]]:
    """Count each layer's features: its title, how many touch a ground, how many there are.

    Layers without a feature are left out.
    """
    shape = func.ST_GeomFromWKB(ground.wkb, WGS84)
    for layer in layers:
        touching = func.count().filter(func.ST_Intersects(layer.geom, shape))
        asked = select(touching, func.count(layer.geom)).where(*visible(layer, scope))
        inside, total = session.execute(asked).one()
        if total:
            yield layer.title.lower(), int(inside), int(total)
