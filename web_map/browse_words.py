"""Say things in the languages of the pages, by the same dictionaries as their scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

LANGUAGES = ("zh-CN", "en")
_FOLDER = Path(__file__).resolve().parent / "static" / "i18n"
_NAMED = re.compile(r"\{(\w+)\}")


class Said(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Read the dictionary of a language."""
    words: dict[str, str] = orjson.loads((_FOLDER / f"{language}.json").read_bytes())
    return words


def say(key: str, values: Mapping[str, object]) -> Said:
    """Say a word of the dictionaries; ``{name}`` in it is replaced by a value.

    What carries both titles says its English one in English: ``move_en`` stands for ``move``.
    """
    zh, en = (words_of(language)[key] for language in LANGUAGES)
    titled = {name: values.get(f"{name}_en") or value for name, value in values.items()}
    return Said(_filled(zh, values), _filled(en, titled))


def _filled(pattern: str, values: Mapping[str, object]) -> str:
    return _NAMED.sub(lambda found: str(values.get(found[1], found[0])), pattern)


def reason(problem: Mapping[str, Any]) -> Said | None:
    """Say why a request is refused; None where only the problem's own words are known."""
    key = f"refused.{problem.get('code')}"
    return say(key, problem.get("params", {})) if key in words_of(LANGUAGES[0]) else None


def moment(value: Any, zone: str) -> str | None:
    """Write an ISO time as it is in a zone, to the second; None for what is none."""
    try:
        return _local(value, zone).replace(tzinfo=None).isoformat(" ", "seconds")
    except (TypeError, ValueError, OverflowError):
        return None


def period(value: Any, zone: str) -> Said | None:
    """Say a period, in days where it begins and ends with them.

    Args:
        value: its two ISO times, None where it is open.
        zone: the zone in which it is told.

    Returns:
        None for what is no period of our calendar.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    try:
        ends = [None if end is None else _local(end, zone) for end in value]
    except (TypeError, ValueError, OverflowError):
        return None
    of_days = all(end is None or end.time() == time() for end in ends)
    write = _day if of_days else _moment
    told = [None if end is None else write(end) for end in ends]
    return say(_key(*told), {"from": told[0], "to": told[1]})


def _key(begins: str | None, ends: str | None) -> str:
    if begins is None:
        return "browse.always" if ends is None else "browse.until"
    return "browse.since" if ends is None else "browse.period"


def _local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone))


def _day(end: datetime) -> str:
    return end.date().isoformat()


def _moment(end: datetime) -> str:
    return end.replace(tzinfo=None).isoformat(" ", "seconds" if end.second else "minutes")
