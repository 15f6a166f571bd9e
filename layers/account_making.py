"""Make accounts, one by one or for every post of the demo town; list and disable them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidInput, NotFound
from layers.accounts import ROLES
from layers.base import Scope

ADD_ROLES = text("""
INSERT INTO roles (district, name) SELECT :district, unnest(CAST(:roles AS text[]))
ON CONFLICT DO NOTHING
""")
ADD = text("""
WITH account AS (
    INSERT INTO accounts (district, name, title, password, post, unit, areas, net, fs_uniquifier)
    VALUES (:district, :name, :title, :password, :post, :unit, :areas, :net, :uniquifier)
    RETURNING district, id
)
INSERT INTO account_roles (district, account_id, role_id)
SELECT a.district, a.id, r.id FROM account AS a
JOIN roles AS r ON r.district = a.district AND r.name = ANY(:roles)
""")
DUTY = text("""
SELECT title, organisation_code, grid_code FROM duties
WHERE district = :district AND code = :post AND valid @> now()
""")
UNIT = text("SELECT 1 FROM organisations WHERE district = :district AND code = :unit")
# A new mark in every cookie ends what was signed in before.
DISABLE = text("""
UPDATE accounts SET active = false, fs_uniquifier = :uniquifier
WHERE district = :district AND name = :name RETURNING id
""")
RENEW = text("""
UPDATE accounts SET password = :password, active = true, failures = 0, fs_uniquifier = :uniquifier
WHERE district = :district AND name = :name RETURNING id
""")
LIST = text("""
SELECT a.name, a.title, a.active, a.demo, a.post, a.unit, a.areas, a.signed_in_at, ARRAY(
           SELECT r.name FROM account_roles AS l
           JOIN roles AS r ON r.district = l.district AND r.id = l.role_id
           WHERE l.district = a.district AND l.account_id = a.id ORDER BY r.name) AS roles
FROM accounts AS a WHERE a.district = :district ORDER BY a.demo, a.name
""")


@dataclass(frozen=True)
class NewAccount:
    """An account to be made; see ``layers.base.Reader`` for what it answers for.

    ``password`` is its hash. What is left out of unit and areas follows from the post.
    """

    name: str
    password: str
    roles: tuple[str, ...]
    title: str | None = None
    post: str | None = None
    unit: str | None = None
    areas: tuple[str, ...] = ()
    net: str | None = None


def add(session: Session, scope: Scope, new: NewAccount) -> None:
    """Make an account.

    Raises:
        InvalidInput: if a role, post or unit is unknown, or an area is no code.
        Conflict: if there is an account of that name.
    """
    asked: dict[str, Any] = {**vars(new), "district": scope.district, "title": new.title}
    asked |= _of_post(session, asked) if new.post else {}
    _check(session, asked)
    session.execute(ADD_ROLES, {"district": scope.district, "roles": list(ROLES)})
    asked |= {"uniquifier": uuid.uuid4().hex, "title": asked["title"] or new.name}
    asked |= {"areas": list(asked["areas"]), "roles": list(new.roles)}
    try:
        session.execute(ADD, asked)
    except IntegrityError as error:
        raise Conflict(f"there is an account {new.name!r}", "name") from error


def _of_post(session: Session, asked: dict[str, Any]) -> dict[str, Any]:
    """Fill in from a duty what is not given."""
    duty = session.execute(DUTY, asked).first()
    if duty is None:
        raise InvalidInput(f"no duty {asked['post']!r}", "post")
    return {
        "title": asked["title"] or duty.title,
        "unit": asked["unit"] or duty.organisation_code,
        "areas": asked["areas"] or ((duty.grid_code,) if duty.grid_code else ()),
    }


def _check(session: Session, asked: dict[str, Any]) -> None:
    if unknown := sorted(set(asked["roles"]) - set(ROLES)) or not asked["roles"]:
        raise InvalidInput(f"a role is one of {', '.join(ROLES)}, not {unknown}", "role")
    if asked["unit"] and session.execute(UNIT, asked).first() is None:
        raise InvalidInput(f"no organisation {asked['unit']!r}", "unit")
    for area in asked["areas"]:
        if not (area.isascii() and area.isdigit() and 6 <= len(area) <= 17):
            raise InvalidInput(f"an area is a code of 6…17 digits, not {area!r}", "area")


def disable(session: Session, scope: Scope, name: str) -> None:
    """Let an account sign in no more; whoever is signed in by it is out within seconds.

    Raises:
        NotFound: if there is none of that name.
    """
    asked = {"district": scope.district, "name": name, "uniquifier": uuid.uuid4().hex}
    if session.execute(DISABLE, asked).first() is None:
        raise NotFound(f"no account {name!r}")


def renew(session: Session, scope: Scope, name: str, password: str) -> None:
    """Give an account another password's hash and open it; who is signed in by it is out.

    Raises:
        NotFound: if there is none of that name.
    """
    asked = {"district": scope.district, "name": name, "uniquifier": uuid.uuid4().hex}
    if session.execute(RENEW, asked | {"password": password}).first() is None:
        raise NotFound(f"no account {name!r}")


def listed(session: Session, scope: Scope) -> Sequence[Any]:
    """List all accounts, those of the demo town last."""
    return session.execute(LIST, {"district": scope.district}).all()
