"""What a reference collection may be called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from geodata.errors import Conflict, InvalidInput

NAME = re.compile(r"[^\W\d_][\w-]{0,62}")
# What other parts of an address, of the maps or of coming layers are called.
RESERVED = frozenset(
    {
        *("all", "api", "areas", "basemap", "collection", "collections", "conformance", "count"),
        *("coverage", "events", "items", "patrols", "plans", "queryables", "reference", "risk"),
        *("schema", "search", "steps", "styles", "tiles", "town"),
    }
)


def check_name(name: str, registered: Collection[str]) -> None:
    """Refuse what cannot name a collection.

    Raises:
        InvalidInput: unless it is up to 63 small letters (Chinese too), digits, ``-`` and ``_``,
            a letter first, no registered layer's name and no reserved word.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    if not NAME.fullmatch(name) or plain != name:
        proposal = re.sub(r"[^\w-]+|^[\W\d_]+", "-", plain).strip("-_")[:63]
        free = NAME.fullmatch(proposal) and proposal not in RESERVED.union(registered)
        hint = f"; {proposal!r} would do" if free else ""
        raise InvalidInput(
            f"{name!r} cannot name a collection: small letters (Chinese too), digits, - and _,"
            f" a letter first{hint}",
            "as",
        )
    if name in RESERVED or name in registered:
        raise InvalidInput(f"{name!r} is taken; give the collection another name", "as")


def check_taken(name: str, known: Collection[str], replaces: bool) -> None:
    """Refuse a name that another collection has, or that none has which is to be replaced.

    Raises:
        Conflict: with the remedy.
    """
    if replaces and name not in known:
        raise Conflict(f"no collection {name!r} to replace; leave out --replace", "replace")
    if name in known and not replaces:
        raise taken(name)


def taken(name: str) -> Conflict:
    """Say that a collection has that name already, and what to do."""
    return Conflict(
        f"there is a collection {name!r} already; replace it with --replace, take it back with"
        f" --drop {name}, or give another name",
        "as",
    )
