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
# Where the codes of a collection's property have words of their own: the keys' first part.
FAMILIES: Mapping[tuple[str, str], str] = {
    ("areas", "kind"): "area_kind",
    ("duties", "net"): "net",
    ("duties", "post"): "post",
    ("grids", "net"): "net",
    ("incidents", "placed_by"): "placed",
    ("incidents", "severity"): "severity",
    ("incidents", "source"): "source",
    ("organisations", "kind"): "body",
    ("reports", "kind"): "issue.kind",
    ("reports", "period"): "report.kind",
}


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


def meaning(about: Mapping[str, Any], name: str, value: Any) -> Said | None:
    """Say what a coded value means: by the legend of its collection, else by the dictionaries.

    Args:
        about: the description of the collection.
        name: the property.
        value: its value.

    Returns:
        None for what is no code, or one without words.
    """
    if isinstance(value, bool):
        return say("value.yes" if value else "value.no", {})
    if not isinstance(value, str | int):
        return None
    return _drawn(about, name, str(value)) or _listed(about["id"], name, str(value))


def _drawn(about: Mapping[str, Any], name: str, code: str) -> Said | None:
    symbols = about["legend"] if about["by"] == name else ()
    found = (symbol for symbol in symbols if str(symbol["value"]) == code)
    return next((Said(symbol["label_zh"], symbol["label"]) for symbol in found), None)


def _listed(collection: str, name: str, code: str) -> Said | None:
    families = (FAMILIES.get((collection, name)), f"value.{name}")
    keys = (f"{family}.{code}" for family in families if family)
    return next((say(key, {}) for key in keys if key in words_of(LANGUAGES[0])), None)


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
