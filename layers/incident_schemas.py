"""What filters, moves and summaries of cases take, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.counted import FIGURES
from layers.figure_counts import GROUPINGS
from layers.labels import BY
from layers.report import ACCURACY_LIMIT_M, MOST_PHOTOS, TEXT_LIMITS
from layers.said import BEST
from layers.said import TEXT_LIMITS as SAID_LIMITS

Schema = dict[str, Any]

FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
DAY_OR_TIME: Schema = {
    "type": "string",
    "description": "A day of the town, or a time with a zone.",
    "examples": ["2026-11-01"],
}
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
TEXTS: Schema = {"type": "array", "items": {"type": "string", "maxLength": 399}}


def _text(most: int, **more: Any) -> Schema:
    return {"type": ["string", "null"], "maxLength": most, **more}


def _body(required: str, example: Mapping[str, Any], **properties: Schema) -> Schema:
    """Describe a body that has these members and no others."""
    described = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = {"required": required.split()} if required else {}
    return {**described, **needed, "examples": [dict(example)]}


_CASE: Schema = {
    "type": "object",
    "required": ["id", "version"],
    "properties": {"id": NUMBER, "version": NUMBER},
}
_PERIOD: Schema = {
    "from": {**DAY_OR_TIME, "description": "Where the period begins; a day, or a time."},
    "to": {**DAY_OR_TIME, "description": "Where the period ends, itself not in it."},
}
_WORDS = {name: _text(most) for name, most in TEXT_LIMITS.items() if name != "category"}

FILTERS: Mapping[str, Schema] = {
    "live": {**FLAG, "description": "Whether it is not closed."},
    "overdue": {**FLAG, "description": "Whether it is open after its due time."},
    "located": {**FLAG, "description": "Whether it has a place; the tray holds those without."},
    "area": {
        "type": "string",
        "pattern": "^([0-9]{6,20}|none)$",
        "description": "In the area or grid of this code, or below it; `none` for in no grid.",
        "examples": ["441900109"],
    },
    "class": {"type": "string", "description": "Of an item of this class."},
    "q": {"type": "string", "description": "With these words in its text, address or number."},
    "since": {**TIME, "description": "Reported at this time or later."},
    **_PERIOD,
    "figure": {
        "type": "string",
        "enum": list(FIGURES),
        "description": "Those that this figure of the period counts.",
    },
    "last_case": {
        "type": "integer",
        "minimum": 0,
        "maximum": 10**18 - 1,
        "description": "The last case that was known when the figure was counted.",
    },
}
SUMMARIES: Mapping[str, Schema] = {
    "figures": {
        "filters": {},
        "by": {"type": "string", "enum": list(GROUPINGS), "description": "Groups."},
    },
    "wrong_dispatch": {
        "by": {"type": "string", "enum": list(BY), "description": "Groups."},
        "from": {**TIME, "description": "Dispatched at this time or later."},
        "to": {**TIME, "description": "Dispatched before this time."},
    },
}
CREATE = _body(
    "category",
    {"category": "101", "accuracy_m": 20, "description": "smoke from a window"},
    category={"type": "string", "minLength": 1, "maxLength": TEXT_LIMITS["category"]},
    **_WORDS,
    severity={"type": ["integer", "null"], "minimum": 1, "maximum": 4},
    accuracy_m={"type": ["number", "null"], "minimum": 0, "maximum": ACCURACY_LIMIT_M},
    reported_at={**TIME, "type": ["string", "null"]},
    photos={**TEXTS, "type": ["array", "null"], "maxItems": MOST_PHOTOS},
)
ACTIONS: Mapping[str, Schema] = {
    "steps": _body(
        "move",
        {"move": "return", "reason": "not ours"},
        **{name: _text(most) for name, most in SAID_LIMITS.items() if name != "move"},
        move={"type": "string", "minLength": 1, "maxLength": SAID_LIMITS["move"]},
        rating={"type": ["integer", "null"], "minimum": 1, "maximum": BEST},
        until={**TIME, "type": ["string", "null"]},
        evidence={"type": ["object", "null"], "properties": {"photos": TEXTS}},
    ),
    "place": _body(
        "",
        {"lon": 113.94, "lat": 22.99, "reason": "seen there"},
        lon={"type": ["number", "null"], "minimum": -180, "maximum": 180},
        lat={"type": ["number", "null"], "minimum": -90, "maximum": 90},
        building_id={**NUMBER, "type": ["integer", "null"]},
        **{name: _text(400) for name in ("post", "unit", "reason")},
    ),
    "merge": _body(
        "into reason",
        {"into": 1, "reason": "the same fire"},
        into=NUMBER,
        reason={"type": "string", "minLength": 1, "maxLength": 400},
    ),
    "unmerge": _body("", {"reason": "another fire"}, reason=_text(400)),
}
ACTIONS_MANY: Mapping[str, Schema] = {
    "dispatch": _body(
        "cases",
        {"cases": [{"id": 1, "version": 1}]},
        cases={"type": "array", "items": _CASE, "minItems": 1, "maxItems": 200},
    )
}
SCHEMAS: Mapping[str, Mapping[str, Schema]] = {
    "filters": FILTERS,
    "summaries": SUMMARIES,
    "create": CREATE,
    "actions": ACTIONS,
    "actions_many": ACTIONS_MANY,
}
