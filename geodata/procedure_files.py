"""Read a procedure from a TOML file, and refuse one in which a case could get stuck."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from geodata.errors import InvalidInput
from geodata.procedure_rules import faults
from geodata.procedures import ITEM, UNITS, Level, Move, Procedure, Step

STEP_WORDS = ("code", "title", "title_en", "stage")


def parse_procedure(source: str, name: str) -> Procedure:
    """Read a procedure from the text of a TOML file and check it.

    Args:
        source: the text.
        name: the file's name, for the errors.

    Raises:
        InvalidInput: naming the file and every fault with its step or move.
    """
    try:
        found = _read(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{name}: not TOML: {error}", "toml") from error
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.message}", "toml") from error
    if found_wrong := list(faults(found)):
        raise InvalidInput(f"{name}: {'; '.join(found_wrong)}", "toml")
    return found


def _read(told: Mapping[str, Any]) -> Procedure:
    words = {n: _text(told, n, "procedure") for n in ("code", "title", "title_en")}
    extra = set(told) - {*words, "separate", "posts", "levels", "steps", "moves"}
    _none_left(extra, "procedure")
    return Procedure(
        **words,
        separate=told.get("separate") is True,
        posts=_list(told, "posts", "procedure"),
        levels=tuple(_read_level(level) for level in _tables(told, "levels")),
        steps=tuple(_read_step(step) for step in _tables(told, "steps")),
        moves=tuple(_read_move(move) for move in _tables(told, "moves")),
    )


def _read_level(told: Mapping[str, Any]) -> Level:
    where = f"level {told.get('code')!r}"
    _none_left(set(told) - {"code", "title", "title_en", "body"}, where)
    return Level(**{n: _text(told, n, where) for n in ("code", "title", "title_en", "body")})


def _read_step(told: Mapping[str, Any]) -> Step:
    where = f"step {told.get('code')!r}"
    known = {"code", "title", "title_en", "stage", "limit", "limit_h", "limit_days", "unit"}
    _none_left(set(told) - known - {"first", "final"}, where)
    words: dict[str, Any] = {n: _text(told, n, where) for n in STEP_WORDS}
    limit, unit = _limit(told, where)
    first, final = told.get("first") is True, told.get("final") is True
    return Step(**words, limit=limit, unit=unit, first=first, final=final)


def _limit(told: Mapping[str, Any], where: str) -> tuple[float | None, str | None]:
    """Read ``limit_h`` (in working hours, or of its ``unit``), ``limit_days`` or ``limit``."""
    given = [name for name in ("limit", "limit_h", "limit_days") if name in told]
    if len(given) > 1:
        raise InvalidInput(f"{where}: two limits: {', '.join(given)}")
    if not given:
        return None, None
    value = told[given[0]]
    if given[0] == "limit":
        if value != ITEM:
            raise InvalidInput(f'{where}: limit is "{ITEM}", limit_h or limit_days, not {value!r}')
        return None, ITEM
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10_000:
        raise InvalidInput(f"{where}: {given[0]} is a number over 0, not {value!r}")
    unit = "working_days" if given[0] == "limit_days" else told.get("unit", "working_hours")
    if unit not in UNITS:
        raise InvalidInput(f"{where}: unknown unit {unit!r}")
    return float(value), str(unit)


def _read_move(told: Mapping[str, Any]) -> Move:
    where = f"move {told.get('code')!r}"
    known = {"code", "title", "title_en", "key", "effect", "from", "to", "by", "needs", "helpers"}
    _none_left(set(told) - known, where)
    words = {n: _text(told, n, where) for n in ("code", "title", "title_en", "key", "effect")}
    return Move(
        **words,
        sources=_list(told, "from", where),
        to=_text(told, "to", where) if "to" in told else None,
        by=_list(told, "by", where),
        needs=_list(told, "needs", where),
        helpers=_list(told, "helpers", where),
    )


def _tables(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = told.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InvalidInput(f"{name} is a list of tables, [[{name}]]")
    return found


def _text(told: Mapping[str, Any], name: str, where: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{where}: no {name}")
    return value


def _list(told: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = told.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidInput(f"{where}: {name} is a list of words, not {value!r}")
    return tuple(value)


def _none_left(extra: set[str], where: str) -> None:
    for name in sorted(extra):
        raise InvalidInput(f"{where}: unknown member {name!r}")
