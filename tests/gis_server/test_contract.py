"""What the description of the API promises is kept, whatever is asked.

Schemathesis asks by the description itself: its examples, the edges of every parameter, inputs
at random, and chains of requests; each answer is held against all of its checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.access import COOKIE
from gis_server.config import Settings
from tests import factories

REPLY_S = 10
ITEMS = "/collections/incidents/items"
# Two layers have between them all that a list may be asked: editions and a place, and neither.
# The count, the workbook and the tiles read the same parameters.
LISTS = r"^/collections/(grids|duties)(/(items|schema|queryables))?$"
# What is stored, moved and asked of single features, by a layer that has it all.
FEATURES = r"^/collections/incidents/(items/\{id\}.*|dispatch|wrong_dispatch)$"
WRITTEN = r"^/collections/grids/(items/\{id\}|orphans)$"
CHAINED = r"^/collections/incidents/items(/\{id\}(/(steps|moves|nearby))?)?$"
SERVER = r"^/(?!collections/)"
# A stream does not end, and files are the same for all.
LEFT_OUT = r"^/(events|static/\{filename\}|maps/live)$"
COVERAGE = {"coverage": {"unexpected-methods": ["put", "trace"]}}
STATEFUL = {"stateful": {"max-steps": 4}}
ALONE = {**COVERAGE, "stateful": {"enabled": False}}
# What the stored data say of a request no description can tell: that a code is none, or that a
# place lies outside. So what is well formed may be refused too, and by what it is based on.
BY_DATA = ["400", "401", "403", "404", "409", "412", "428"]
BY_FORM = ["405", "406", "413", "414", "415"]
CONFIG = {
    "generation": {
        "max-examples": 2,
        "deterministic": True,
        "allow-x00": False,
        "database": "none",
    },
    "phases": {**COVERAGE, **STATEFUL},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *BY_DATA, "414", "429"]},
        "negative_data_rejection": {"expected-statuses": [*BY_DATA, *BY_FORM]},
    },
}

Json = dict[str, Any]


@schemathesis.serializer("application/geo+json-seq", "application/x-ndjson", "text/csv")
def as_written(context: Any, value: Any) -> bytes:
    """Send a text as it is, and anything else as JSON."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def server(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve a small town with a case; the server's address."""
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        factories.add_town(session)
        factories.add_account(session, factories.DISPATCHER)
    engine.dispose()
    address = str(request.getfixturevalue("live_server"))
    report = factories.incident(-50, 0)
    assert requests.post(f"{address}{ITEMS}", json=report, timeout=REPLY_S).status_code == 201
    return address


@pytest.fixture
def signed_in(server: str) -> Json:
    """Configure a run as the dispatcher, who signs in as everybody does."""
    told = {"username": factories.DISPATCHER.account, "password": factories.PASSWORD}
    with requests.Session() as web:
        assert web.post(f"{server}/login", json=told, timeout=REPLY_S).status_code == 200
        cookie = web.cookies[COOKIE]
    return {**CONFIG, "auth": {"openapi": {"session": {"api_key": cookie}}}}


def _faults(server: str, config: Json, version: str, paths: str) -> list[str]:
    """Run all phases over some paths; what is wrong, one line each."""
    schema = schemathesis.openapi.from_url(
        f"{server}/api?f=openapi{version}", config=SchemathesisConfig.from_dict(config)
    )
    # OPTIONS tells who asks what he may do, so its Allow is not what the description lists.
    chosen = schema.include(path_regex=paths).exclude(path_regex=LEFT_OUT).exclude(method="OPTIONS")
    return [fault for event in from_schema(chosen).execute() for fault in _told(event)]


def _told(event: Any) -> Iterator[str]:
    if isinstance(event, events.FatalError | events.NonFatalError):
        yield str(getattr(event, "value", None) or getattr(event, "exception", event))
    if not isinstance(event, events.ScenarioFinished):
        return
    for case, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                yield f"{check.name}: {failure.operation}: {failure.message} [{case}]"


def test_what_is_said_of_lists_is_kept(server: str) -> None:
    assert _faults(server, {**CONFIG, "phases": ALONE}, "31", LISTS) == []


@pytest.mark.parametrize("paths", [FEATURES, WRITTEN], ids=["moved", "edited"])
def test_what_is_said_of_features_is_kept(server: str, signed_in: Json, paths: str) -> None:
    assert _faults(server, {**signed_in, "phases": ALONE}, "31", paths) == []


def test_what_is_said_of_the_server_is_kept_in_the_older_version_too(
    server: str, signed_in: Json
) -> None:
    assert _faults(server, signed_in, "30", SERVER) == []


def test_what_was_stored_can_be_asked_for(server: str) -> None:
    chained = {"coverage": {"enabled": False}, "fuzzing": {"enabled": False}, **STATEFUL}
    assert _faults(server, {**CONFIG, "phases": chained}, "31", CHAINED) == []
