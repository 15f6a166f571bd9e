"""The town as a whole: what it is called, where it lies, and whether its data is made up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from layers.base import Base, Layer, Scope
from layers.queries import extent


class Town(Base):
    """The town that a district's rows describe."""

    __tablename__ = "towns"

    district: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    synthetic: Mapped[bool] = mapped_column(server_default="false")


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
    named = session.execute(asked).mappings().first() or {}
    box = extent(session, home, scope)
    return {
        **dict(named),
        "bbox": box,
        "center": box and [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
        "now": session.execute(select(func.now())).scalar_one(),
    }
