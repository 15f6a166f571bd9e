"""What a client may write of one feature: the contract between layers and the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.errors import Forbidden, SignInRequired
from layers.readers import Scope


@dataclass(frozen=True)
class Given:
    """What a client sends of a feature.

    Attributes:
        properties: as parsed JSON, not yet checked.
        geometry: in EPSG:4326; None when there is none, or when it is not ``placed``.
        placed: whether a geometry was sent at all; None may be sent too.
        source_crs: the system that it was sent in; None for degrees of WGS84.
        key: under which a creation that is sent again gets the same answer; None without one.
    """

    properties: Mapping[str, Any]
    geometry: BaseGeometry | None = None
    placed: bool = False
    source_crs: str | None = None
    key: str | None = None


class Aim(NamedTuple):
    """The feature to be written, and the row versions on any of which the change may be based."""

    id: int
    versions: frozenset[int] | None


class Written(NamedTuple):
    """A feature as it is after the change: its id and its row version."""

    id: int
    version: int


class Create(Protocol):
    """Store a new feature."""

    def __call__(self, session: Session, scope: Scope, given: Given) -> Written:
        """Store it and announce it; nothing is kept unless the caller commits."""


class Change(Protocol):
    """Change a feature, as a whole or in the members that are given."""

    def __call__(self, session: Session, scope: Scope, aim: Aim, given: Given) -> Written:
        """Change it and announce that; nothing is kept unless the caller commits."""


class Remove(Protocol):
    """End a feature."""

    def __call__(self, session: Session, scope: Scope, aim: Aim) -> None:
        """Remove it and announce that; nothing is done unless the caller commits."""


@dataclass(frozen=True)
class Edits:
    """Say what can be written of a layer's features; None is what cannot be done to any.

    Attributes:
        roles: who may write.
        create: store a new one.
        replace: put another in its place: what is not given becomes null or its default.
        update: change only what is given; null removes it.
        remove: end it.
        fixed: properties that stay as they were created, each with the reason; ``geometry`` too.
        written: the properties that a client may send.
    """

    roles: frozenset[str] = frozenset()
    create: Create | None = None
    replace: Change | None = None
    update: Change | None = None
    remove: Remove | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    written: frozenset[str] = frozenset()

    def allowed(self, scope: Scope) -> bool:
        """Tell whether a reader has one of the roles."""
        return bool(self.roles & scope.reader.roles)

    def check(self, scope: Scope) -> None:
        """Refuse who may not write.

        Raises:
            SignInRequired: if nobody has signed in.
            Forbidden: if who has signed in has none of the roles.
        """
        if scope.reader.account is None:
            raise SignInRequired("sign in to edit")
        if not self.allowed(scope):
            raise Forbidden(f"only {' or '.join(sorted(self.roles))} may edit this")
