"""Accounts: who may sign in, in which roles, and what each answers for."""

from __future__ import annotations

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from layers.base import Base, InDistrict

ROLES = ("dispatcher", "worker", "department", "planner", "administrator")


class AccountRole(Base):
    """One role of one account."""

    __tablename__ = "account_roles"
    __table_args__ = (
        ForeignKeyConstraint(
            ["district", "account_id"], ["accounts.district", "accounts.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["district", "role_id"], ["roles.district", "roles.id"]),
    )

    district: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    role_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class Role(InDistrict, RoleMixin):
    """One role; what it may do stands in the rules that ask for it."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("district", "name"),)

    name: Mapped[str]


class Account(InDistrict, UserMixin):
    """One account: of a post or an office, so that the name of a person is nowhere needed.

    ``areas`` are prefixes of area and grid codes; none means the whole district. An account of the
    demo town can sign in only while the server listens on loopback.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("district", "name"),
        UniqueConstraint("district", "fs_uniquifier"),
    )

    name: Mapped[str]
    title: Mapped[str]
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    demo: Mapped[bool] = mapped_column(server_default="false")
    post: Mapped[str | None]
    unit: Mapped[str | None]
    areas: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    net: Mapped[str | None]
    fs_uniquifier: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    signed_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sign_ins: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    roles: Mapped[list[Role]] = relationship(secondary=AccountRole.__table__)  # type: ignore[assignment]


class SignIn(InDistrict):
    """One browser that is signed in; deleted when it signs out."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        UniqueConstraint("district", "key"),
        ForeignKeyConstraint(
            ["district", "account_id"], ["accounts.district", "accounts.id"], ondelete="CASCADE"
        ),
        Index("ix_sign_ins_account_id", "district", "account_id"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
