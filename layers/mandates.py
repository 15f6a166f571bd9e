"""Mandates: the items that a department or another organisation must answer for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata import regions
from layers.base import Base, Scope


class Mandate(Base):
    """One item that an organisation answers for, everywhere or at places of one class."""

    __tablename__ = "mandates"
    __table_args__ = (
        ForeignKeyConstraint(["district", "item"], ["categories.district", "categories.code"]),
    )

    district: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True, comment="事项")
    place_class: Mapped[str] = mapped_column(Text, primary_key=True, comment="场所类别，空为不限")
    organisation_kind: Mapped[str] = mapped_column(comment="组织类别")
    organisation: Mapped[str] = mapped_column(comment="组织名称")


def load_mandates(session: Session, scope: Scope, mandates: Iterable[regions.Mandate]) -> None:
    """Store which organisation answers for which item; a known one is brought up to date."""
    for given in mandates:
        told = asdict(given)
        row = insert(Mandate).values(district=scope.district, **told)
        keys = ["district", "item", "place_class"]
        session.execute(row.on_conflict_do_update(index_elements=keys, set_=told))
