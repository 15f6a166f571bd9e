"""A move about to be made, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from geodata.procedures import Move, Procedure
from layers.actors import Actor
from layers.base import Scope
from layers.said import Said


@dataclass(frozen=True)
class Making:
    """A move about to be made: of which case, by whom, with what was said."""

    session: Session
    scope: Scope
    case: Any
    procedure: Procedure
    move: Move
    actor: Actor
    said: Said

    @property
    def separate(self) -> bool:
        """Whether who reported this case must keep out of it."""
        return self.procedure.separate and self.case.reporter is not None


@dataclass
class Change:
    """What a move changes: columns of the case, and what its step keeps as evidence."""

    columns: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
