"""One way in: whatever is asked, a reader is told of the same cases."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import open_database
from gis_server.exporting import read_layer
from layers import find_layers, outbox
from layers.base import VISITOR, Query, Reader
from tests.conftest import Databases
from tests.factories import EAST, GRID, SCOPE, VILLAGE, WEST, Json, add_town, feature, incident
from tests.factories import posted as post
from tests.mvt import read_tile

ITEMS = "/collections/incidents/items"
FIRE, DISPUTE = "101", "201"
DISPATCHED = text("""
INSERT INTO steps (district, incident_id, move, stage_from, stage_to)
VALUES (441900, :id, 'dispatch', 'reported', 'accepted')
""")
# By name: the report, and what is stored of its case afterwards.
CASES: dict[str, tuple[Json, str]] = {
    "fire": (incident(-100, 50, category=FIRE), ""),
    "west": (incident(-100, 100, category=DISPUTE), ""),
    "east": (incident(100, 50, category=DISPUTE), ""),
    "unit": (incident(100, 100, category=DISPUTE), "unit = 'F1'"),
    "helper": (incident(100, -50, category=DISPUTE), """helpers = '["F2", "F3"]'"""),
    "post": (incident(100, -100, category=DISPUTE), "post = 'D9'"),
    "words": (feature(None, category=DISPUTE, address="村口那边"), ""),
    "closed": (
        incident(-100, -100, category=DISPUTE),
        "stage = 'closed', step = 'closed', closed_at = now()",
    ),
}
LIVE = CASES.keys() - {"closed"}
ALL = set(CASES)


def _worker(*areas: str, **told: str) -> Reader:
    return Reader("w", frozenset({"worker"}), areas=areas, **told)


def _of(role: str, **told: str) -> Reader:
    return Reader("r", frozenset({role}), **told)


# Who asks, and which cases he is told of.
READERS: dict[str, tuple[Reader, set[str]]] = {
    "visitor": (VISITOR, {"fire"}),
    "planner": (_of("planner", unit="F1", post="D9"), {"fire"}),
    "dispatcher": (_of("dispatcher"), ALL),
    "administrator": (_of("administrator"), ALL),
    "dispatcher and planner": (Reader("b", frozenset({"planner", "dispatcher"})), ALL),
    "worker of the west": (_worker(WEST), {"fire", "west", "closed"}),
    "worker of the east": (_worker(EAST), {"fire", "east", "unit", "helper", "post"}),
    "worker of the grid": (_worker(GRID), ALL - {"words"}),
    "worker of the village": (_worker(VILLAGE), ALL - {"words"}),
    "worker of the whole district": (_worker(), ALL),
    "worker of another village": (_worker("441900109207"), {"fire"}),
    "worker of half a code": (_worker(WEST[:-1]), {"fire"}),
    "worker whose post answers": (_worker("441900109207", post="D9"), {"fire", "post"}),
    "worker whose unit answers": (_worker("441900109207", unit="F1"), {"fire", "unit"}),
    "department that answers": (_of("department", unit="F1"), {"fire", "unit"}),
    "department that helps": (_of("department", unit="F3"), {"fire", "helper"}),
    "another department": (_of("department", unit="F9", post="D9"), {"fire"}),
    "department of nowhere": (_of("department"), {"fire"}),
}


class Town:
    """A town with cases, asked as anybody."""

    def __init__(self, settings: Settings) -> None:
        self.database = open_database(settings)
        self.settings = settings
        self.ids: dict[int, str] = {}
        self.numbers: dict[str, str] = {}
        self.since = ""

    @cache  # noqa: B019 - one town a module
    def client(self, reader: Reader) -> FlaskClient:
        """Ask as a reader."""
        scope = replace(SCOPE, reader=reader)
        return create_app(self.settings, self.database, lambda: scope).test_client()

    def json(self, reader: Reader, path: str) -> Any:
        """Read JSON as a reader."""
        reply = self.client(reader).get(path)
        assert reply.status_code == 200, reply.text
        return json.loads(reply.text)

    def names(self, ids: Any) -> set[str]:
        """Name cases by their ids."""
        return {self.ids[id_] for id_ in ids}


@pytest.fixture(scope="module")
def town(new_databases: Databases) -> Iterator[Town]:
    with new_databases.copy() as settings:
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session, session.begin():
            add_town(session)
        made = Town(settings)
        made.since = _snapshot(engine)
        _report_all(made, engine)
        yield made


def _snapshot(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(outbox.NOW).scalar_one())


def _report_all(town: Town, engine: Engine) -> None:
    for name, (report, told) in CASES.items():
        case = post(town.client(VISITOR), report)
        town.ids[case["id"]] = name
        town.numbers[name] = case["properties"]["number"]
        with engine.begin() as connection:
            connection.execute(DISPATCHED, {"id": case["id"]})
        if told:
            with engine.begin() as connection:
                change = "UPDATE incidents SET " + told + " WHERE id = :id"  # noqa: S608
                connection.execute(text(change), {"id": case["id"]})


def _listed(town: Town, reader: Reader) -> set[str]:
    return town.names(case["id"] for case in town.json(reader, ITEMS)["features"])


def _read(town: Town, reader: Reader) -> set[str]:
    client = town.client(reader)
    return town.names(i for i in town.ids if client.get(f"{ITEMS}/{i}").status_code == 200)


def _viewed(view: str, town: Town, reader: Reader) -> set[str]:
    client = town.client(reader)
    return town.names(i for i in town.ids if client.get(f"{ITEMS}/{i}/{view}").status_code == 200)


def _found(town: Town, reader: Reader) -> set[str]:
    # What their numbers begin with finds the open ones; a closed one must be named in full.
    words = (town.numbers["closed"][:-2], town.numbers["closed"])
    asked = [town.json(reader, f"/search?q={word}")["results"] for word in words]
    return town.names(r["id"] for found in asked for r in found if r["layer"] == "incidents")


def _exported(town: Town, reader: Reader) -> set[str]:
    with town.database.reading() as session:
        layer = find_layers()["incidents"]
        frame = read_layer(session, layer, replace(SCOPE, reader=reader), Query())
    return {name for name, number in town.numbers.items() if number in set(frame["number"])}


def _in_a_workbook(town: Town, reader: Reader) -> set[str]:
    body = town.client(reader).get("/collections/incidents/items.xlsx").data
    with closing(load_workbook(io.BytesIO(body), read_only=True)) as book:
        cells = {cell for sheet in book for row in sheet.values for cell in row}
    return {name for name, number in town.numbers.items() if number in cells}


def _missed(town: Town, reader: Reader) -> set[str]:
    reply = town.client(reader).get(f"/events?last_event_id={town.since}", buffered=False)
    with closing(reply):
        told = "".join(part.decode() for part in islice(reply.iter_encoded(), 2))
    events = json.loads(told.split("data: ")[1])
    return town.names(change["id"] for change in events["changes"])


WAYS: dict[str, Callable[[Town, Reader], set[str]]] = {
    "list": _listed,
    "each by its id": _read,
    "history": partial(_viewed, "steps"),
    "search": _found,
    "export": _exported,
    "workbook": _in_a_workbook,
    "events": _missed,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who", READERS)
def test_a_reader_is_told_of_his_cases(town: Town, who: str, way: str) -> None:
    reader, expected = READERS[who]

    assert WAYS[way](town, reader) == expected


def _counted(town: Town, reader: Reader) -> int:
    return int(town.json(reader, "/collections/incidents/count")["count"])


def _of_today(town: Town, reader: Reader) -> int:
    return int(town.json(reader, "/collections/incidents/figures")["today"]["value"])


def _of_hours(town: Town, reader: Reader) -> int:
    return sum(h["count"] for h in town.json(reader, "/collections/incidents/hours")["hours"])


COUNTS: dict[str, Callable[[Town, Reader], int]] = {
    "count": _counted,
    "figures": _of_today,
    "hours": _of_hours,
}


@pytest.mark.parametrize("way", COUNTS)
@pytest.mark.parametrize("who", READERS)
def test_a_reader_counts_his_cases(town: Town, who: str, way: str) -> None:
    reader, expected = READERS[who]

    assert COUNTS[way](town, reader) == len(expected)


@pytest.mark.parametrize("who", READERS)
def test_open_cases_and_the_tray_count_the_readers_own(town: Town, who: str) -> None:
    reader, expected = READERS[who]

    told = town.json(reader, "/collections/incidents/figures")

    live, waiting = len(expected & LIVE), len(expected & {"words"})
    assert (told["open"]["value"], told["unlocated"]) == (live, waiting)


@pytest.mark.parametrize("who", READERS)
def test_tiles_add_up_to_the_readers_own(town: Town, who: str) -> None:
    reader, expected = READERS[who]

    reply = town.client(reader).get("/collections/incidents/tiles/0/0/0")

    assert int(read_tile(reply.data, (0, 0, 0))["n"].sum()) == len(expected & LIVE - {"words"})


@pytest.mark.parametrize("who", READERS)
def test_a_grids_dossier_counts_the_readers_own(town: Town, who: str) -> None:
    reader, expected = READERS[who]
    grid = town.json(reader, f"/collections/grids/items?code={GRID}")["features"][0]["id"]

    sections = town.json(reader, f"/dossier/{grid}")["sections"]

    (cases,) = (section for section in sections if section["layer"] == "incidents")
    assert cases["count"] == len(expected - {"words"})
    assert town.names(row["id"] for row in cases["rows"]) == expected - {"words"}


@pytest.mark.parametrize("who", READERS)
def test_foliums_map_draws_the_readers_own(town: Town, who: str) -> None:
    reader, expected = READERS[who]

    page = town.client(reader).get("/maps/live").text

    drawn = {name for name, number in town.numbers.items() if number in page}
    assert drawn == expected & LIVE


@pytest.mark.parametrize("who", ["visitor", "planner", "dispatcher", "department that answers"])
def test_published_rates_leave_restricted_cases_out(town: Town, who: str) -> None:
    reader, expected = READERS[who]

    told = town.json(reader, "/collections/incidents/wrong_dispatch")

    assert told["total"]["dispatched"] == (len(ALL) if expected == ALL else 1)


@pytest.mark.parametrize("who", READERS)
def test_a_case_that_is_not_the_readers_is_moved_by_nobody(town: Town, who: str) -> None:
    reader, expected = READERS[who]
    client = town.client(reader)
    paths = {name: f"{ITEMS}/{i}/place" for i, name in town.ids.items() if name not in expected}

    replies = {name: client.post(path, json={}).status_code for name, path in paths.items()}

    assert replies == dict.fromkeys(ALL - expected, 404)
