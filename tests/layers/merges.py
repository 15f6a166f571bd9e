"""Merge cases and take them out again, for the tests of both."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import Json, incident, posted

ITEMS = "/collections/incidents/items"
STATE = text("""
SELECT stage, step, closed_at, duplicate_of, step_due_at, unit, post, level
FROM incidents WHERE id = :id
""")
LAST_STEP = text("""
SELECT move, stage_from, stage_to, actor, reason, evidence FROM steps
WHERE incident_id = :id ORDER BY id DESC LIMIT 1
""")


def add_case(client: FlaskClient, east_m: float = 10, **given: Any) -> int:
    """Post a case so far east of the middle; its id."""
    return int(posted(client, incident(east_m, 10, **given))["id"])


def merge(client: FlaskClient, case: int, into: int, **given: Any) -> TestResponse:
    """Merge a case as it is now into another."""
    based_on = given.pop("version", None) or version(client, case)
    body = {"into": into, "reason": "同一件事"} | given
    return client.post(f"{ITEMS}/{case}/merge", json=body, headers={"If-Match": based_on})


def unmerge(client: FlaskClient, case: int) -> TestResponse:
    """Take a case out again as it is now."""
    headers = {"If-Match": version(client, case)}
    return client.post(f"{ITEMS}/{case}/unmerge", json={"reason": "不是一件事"}, headers=headers)


def version(client: FlaskClient, case: int) -> str:
    """Tell which version of a case is stored."""
    return client.get(f"{ITEMS}/{case}").headers["ETag"]


def all_of(session: Session) -> Json:
    """Read all that a refused merge must leave as it is."""
    asked = text("""
        SELECT (SELECT json_agg(i ORDER BY id) FROM incidents AS i) AS incidents,
               (SELECT count(*) FROM steps) AS steps, (SELECT count(*) FROM outbox) AS events
    """)
    return dict(session.execute(asked).mappings().one())
