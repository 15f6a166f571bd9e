"""The town as a whole: its name, where it lies, what can be reported, whether it is made up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import SmallInteger, Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata import regions
from layers.base import Base, Layer, Scope
from layers.queries import extent


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

    district: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    class_code: Mapped[str]
    class_: Mapped[str] = mapped_column("class")
    class_en: Mapped[str]
    item: Mapped[str]
    item_en: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)
    limit_h: Mapped[float]
    department: Mapped[str]


def load_categories(session: Session, scope: Scope, categories: Iterable[regions.Category]) -> None:
    """Store the table of what can be reported; an item that is known is brought up to date."""
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
