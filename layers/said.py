"""What somebody says with a move: read from the body of the request, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from geodata.errors import InvalidInput
from geodata.procedures import Move
from layers.base import Json

TEXT_LIMITS = {"move": 40, "level": 40, "unit": 400, "post": 400, "reason": 400, "minutes": 4000}
KNOWN = frozenset(TEXT_LIMITS) | {"evidence", "rating", "until"}
BEST = 5
# What the server itself keeps with a step, whoever makes the move: nobody else says it.
OWN_EVIDENCE = frozenset(
    {
        *("proposal", "refused_by", "taken_from", "joined", "closed_before", "due_before"),
        "paused_until",
        *("step_due_at", "minutes", "until", "rating", "effect"),
        *("placed_by", "how", "lon", "lat", "building_id", "address", "before", "grid_before"),
        *("source_crs", "grid_chosen", "into", "from", "stage", "left_step_due_at", "brought"),
    }
)


@dataclass(frozen=True)
class Said:
    """A move and what comes with it.

    ``unit`` and ``post`` are codes: to whom a case goes where the move hands it on, else on whose
    behalf the move is made. ``until`` is aware; ``rating`` 1 to 5.
    """

    move: str = ""
    unit: str | None = None
    post: str | None = None
    reason: str | None = None
    level: str | None = None
    minutes: str | None = None
    rating: int | None = None
    until: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: Json) -> Said:
        """Read the body of a move.

        Raises:
            InvalidInput: naming the member that is wrong.
        """
        only(body, KNOWN)
        words = {name: _words(body, name) for name in TEXT_LIMITS}
        if words["move"] is None:
            raise InvalidInput("say which move", "move", code="no_move")
        given: Any = words
        return cls(
            **given,
            rating=_rating(body.get("rating")),
            until=_until(body.get("until")),
            evidence=_evidence(body.get("evidence")),
        )

    def check(self, move: Move) -> None:
        """Refuse a move without what it needs.

        Raises:
            InvalidInput: naming the member that is missing.
        """
        for need in move.needs:
            if not self._has(need):
                named = {"move": move.title, "move_en": move.title_en}
                raise InvalidInput(f"{move.code} needs {need}", need, code=f"needs_{need}", **named)

    def _has(self, need: str) -> bool:
        if need == "photo":
            return bool(self.evidence.get("photos"))
        return bool(getattr(self, need))


def only(body: Json, known: frozenset[str]) -> None:
    """Refuse a body that is no object or has unknown members.

    Raises:
        InvalidInput: naming the member.
    """
    if not isinstance(body, dict):
        raise InvalidInput("the body is not a JSON object", "body", code="no_object")
    if unknown := sorted(set(body) - known):
        raise InvalidInput(
            f"unknown member {unknown[0]!r}", unknown[0], code="unknown_member", name=unknown[0]
        )


def _words(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > TEXT_LIMITS[name]:
        message = f"{name} is text of at most {TEXT_LIMITS[name]} characters"
        raise InvalidInput(message, name, code="too_long", most=TEXT_LIMITS[name])
    return value.strip() or None


def _rating(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= BEST:
        raise InvalidInput(f"rating is 1…{BEST}, not {value!r}", "rating", code="no_rating")
    return value


def _until(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise InvalidInput(f"until needs a time zone: {value!r}", "until", code="no_time")
        return at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"until is no ISO 8601 time: {value!r}"
        raise InvalidInput(message, "until", code="no_time") from error


def _evidence(given: Any) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InvalidInput("evidence is not an object", "evidence", code="no_evidence")
    photos = given.get("photos", [])
    if not isinstance(photos, list) or not all(isinstance(photo, str) for photo in photos):
        raise InvalidInput("photos is a list of references", "evidence.photos", code="no_photos")
    if taken := sorted(OWN_EVIDENCE & set(given)):
        message = f"{taken[0]!r} is kept by the server"
        raise InvalidInput(message, f"evidence.{taken[0]}", code="kept_by_server", name=taken[0])
    return given
