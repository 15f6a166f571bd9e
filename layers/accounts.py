"""Accounts: who may sign in, in which roles, and what each answers for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from geodata.errors import Conflict, TooSoon
from layers.base import VISITOR, Base, InDistrict, Reader, Scope

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


# The first wrong passwords cost nothing; from then on each doubles the wait for the next attempt.
# An attempt counts as failed before it is tried, so that many at once are no way round.
PACE = {"free": 5, "longest_s": 60}
ATTEMPT = text("""
UPDATE accounts SET failures = failures + 1, failed_at = now()
WHERE district = :district AND name = :name AND (failures < :free OR failed_at < now()
      - make_interval(secs => least(:longest_s, 2 ^ least(failures - :free, 20))))
RETURNING id, name, title, password, active, demo, fs_uniquifier
""")
WAIT = text("""
SELECT ceil(extract(epoch FROM failed_at - now()
            + make_interval(secs => least(:longest_s, 2 ^ least(failures - :free, 20)))))::int
FROM accounts WHERE district = :district AND name = :name
""")
SUCCEED = text("""
WITH account AS (
    UPDATE accounts SET failures = 0, failed_at = NULL, sign_ins = sign_ins + 1,
           signed_in_at = now()
    WHERE district = :district AND id = :id RETURNING district, id
), past AS (
    DELETE FROM sign_ins AS s USING account AS a
    WHERE s.district = a.district AND s.account_id = a.id
      AND s.at < now() - make_interval(hours => :hours)
)
INSERT INTO sign_ins (district, account_id, key) SELECT district, id, :key FROM account
""")
SIGNED_IN = text("""
SELECT a.name, a.demo, a.post, a.unit, a.areas, a.net, ARRAY(
           SELECT r.name FROM account_roles AS l
           JOIN roles AS r ON r.district = l.district AND r.id = l.role_id
           WHERE l.district = a.district AND l.account_id = a.id) AS roles
FROM sign_ins AS s
JOIN accounts AS a ON a.district = s.district AND a.id = s.account_id
WHERE s.district = :district AND s.key = :key AND a.active AND a.fs_uniquifier = :uniquifier
  AND s.at > now() - make_interval(hours => :hours)
""")
# Nobody else has changed it since it was verified. A new mark ends all other cookies.
RENEW_OWN = text("""
UPDATE accounts SET password = :password, fs_uniquifier = :uniquifier
WHERE district = :district AND id = :id AND password = :known AND active RETURNING id
""")
LEAVE = text("DELETE FROM sign_ins WHERE district = :district AND account_id = :id")
SIGN_OUT = text("DELETE FROM sign_ins WHERE district = :district AND key = :key")
TITLE = text("SELECT title FROM accounts WHERE district = :district AND name = :name")
LASTS_H = 12  # a shift


def attempt(session: Session, scope: Scope, name: str) -> Any:
    """Begin to sign in: find the account, and count the attempt as failed until it succeeds.

    Returns:
        The account's id, name, title, password (its hash), active, demo and fs_uniquifier; None
        for an unknown name.

    Raises:
        TooSoon: after too many wrong passwords in a row.
    """
    asked = {"district": scope.district, "name": name, **PACE}
    found = session.execute(ATTEMPT, asked).first()
    if found is None and (wait_s := session.execute(WAIT, asked).scalar()) is not None:
        raise TooSoon(f"too many wrong passwords; try again in {wait_s} s", max(1, wait_s))
    return found


def succeed(session: Session, scope: Scope, account_id: int, key: str) -> None:
    """Note that an account signed in, in the browser that holds a key."""
    asked = {"district": scope.district, "id": account_id, "key": key, "hours": LASTS_H}
    session.execute(SUCCEED, asked)


def signed_in(session: Session, scope: Scope, key: str, uniquifier: str) -> tuple[Reader, bool]:
    """Tell who holds a key, and whether that account is one of the demo town.

    A visitor is told of a key that is unknown, signed out or too old, and of a disabled account.
    """
    asked = {
        "district": scope.district, "key": key, "uniquifier": uniquifier, "hours": LASTS_H
    }  # fmt: skip
    row = session.execute(SIGNED_IN, asked).first()
    if row is None:
        return VISITOR, False
    areas = tuple(row.areas)
    reader = Reader(row.name, frozenset(row.roles), row.post, row.unit, areas, row.net)
    return reader, bool(row.demo)


def about(reader: Reader, title: str | None) -> dict[str, Any]:
    """Tell who somebody is, as JSON."""
    return {
        "account": reader.account,
        "title": title,
        "roles": sorted(reader.roles),
        "post": reader.post,
        "unit": reader.unit,
        "areas": list(reader.areas),
    }


def renew_own(session: Session, scope: Scope, account: Any, fresh: tuple[str, str]) -> None:
    """Give an account another password, and end all that is signed in by it.

    Args:
        session: an open session.
        scope: of the district.
        account: as ``attempt`` found it; its old password was verified.
        fresh: the new password's hash, and the new mark of its cookies.

    Raises:
        Conflict: if it was changed or disabled meanwhile.
    """
    password, uniquifier = fresh
    own = {"district": scope.district, "id": account.id, "known": account.password}
    asked = own | {"password": password, "uniquifier": uniquifier}
    if session.execute(RENEW_OWN, asked).first() is None:
        message = "the account has changed meanwhile; sign in again"
        raise Conflict(message, "old", code="password_changed")
    session.execute(LEAVE, own)


def sign_out(session: Session, scope: Scope, key: str) -> None:
    """Forget a key."""
    session.execute(SIGN_OUT, {"district": scope.district, "key": key})


def title_of(session: Session, scope: Scope) -> str | None:
    """Tell the title of the reader's account; its name when it has none."""
    name = scope.reader.account
    asked = {"district": scope.district, "name": name}
    return session.execute(TITLE, asked).scalar() or name
