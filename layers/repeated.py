"""Let a creation that is sent again under its key get the answer that it had."""

from __future__ import annotations

import hashlib

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Conflict
from layers.base import Scope
from layers.edits import Given, Written

EARLIER = text(
    "SELECT body_sha, incident_id FROM replies WHERE district = :district AND key = :key"
)
KEEP = text("""
INSERT INTO replies (district, key, body_sha, incident_id, reply)
VALUES (:district, :key, :sha, :id, '')
""")


def earlier(session: Session, scope: Scope, layer: str, given: Given) -> Written | None:
    """Tell what was created under the key before; None without a key, or when it is new.

    Raises:
        Conflict: if the key was used for another feature.
    """
    if given.key is None:
        return None
    asked = {"district": scope.district, "key": _key(layer, given.key)}
    if (found := session.execute(EARLIER, asked).first()) is None:
        return None
    if bytes(found.body_sha) != _fingerprint(given):
        raise Conflict("the key was used for another feature", "Idempotency-Key")
    return Written(int(found.incident_id), 1)


def keep(session: Session, scope: Scope, layer: str, given: Given, stored: Written) -> None:
    """Keep what was created under a key, if there is one."""
    if given.key is not None:
        told = {"key": _key(layer, given.key), "sha": _fingerprint(given), "id": stored.id}
        session.execute(KEEP, {"district": scope.district, **told})


def _key(layer: str, key: str) -> str:
    # Keys of clients are ASCII: none of a case's is like it.
    return f"§{layer} {key}"


def _fingerprint(given: Given) -> bytes:
    shape = given.geometry.wkb if given.geometry is not None else b""
    words = orjson.dumps(dict(given.properties), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(shape + words).digest()
