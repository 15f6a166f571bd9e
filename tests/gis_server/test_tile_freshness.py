"""No tile is older than what its reader was told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis_server import tile_freshness
from gis_server.db import Database
from gis_server.tile_freshness import Freshness
from layers import outbox, registers
from layers.grids import LAYER, Grid
from tests.factories import EAST, GRID, SCOPE, WEST, add_grid, block, incident, posted
from tests.mvt import by_mapbox

TILE = "/collections/grids/tiles/15/26755/14232"
CASES = "/collections/incidents/tiles/15/26755/14232"


def _names(reply: Any, name: str = "name") -> set[str]:
    return {told["properties"][name] for told in by_mapbox(reply.data).get("grids", [])}


def _rename(session: Session, name: str) -> None:
    registers.revise(session, Grid, Grid.code == EAST, {"name": name})
    outbox.bump(session, SCOPE, "grids")


def test_an_edit_is_in_the_next_tile(client: FlaskClient, town: Session) -> None:
    client.get(TILE)

    _rename(town, "东片")

    assert "东片" in _names(client.get(TILE))


def test_a_tile_that_an_edit_did_not_touch_is_not_sent_again(
    client: FlaskClient, town: Session
) -> None:
    far = add_grid(town, "far", block(50_000, 0, 50_100, 100))
    held = {"If-None-Match": client.get(TILE).headers["ETag"]}

    registers.revise(town, Grid, Grid.id == far.id, {"name": "远"})
    outbox.bump(town, SCOPE, "grids")

    assert client.get(TILE, headers=held).status_code == 304


def test_contents_have_etags_of_their_own(client: FlaskClient, town: Session) -> None:
    first, packed = (
        client.get(TILE, headers={"Accept-Encoding": coding}) for coding in ("identity", "gzip")
    )
    _rename(town, "东片")
    second = client.get(TILE, headers={"Accept-Encoding": "identity"})

    tags = [reply.headers["ETag"] for reply in (first, packed, second)]

    assert len(set(tags)) == 3
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("known", ["W/{tag}", '"x", {tag}', "*"])
def test_an_etag_is_known_as_the_standard_says(
    client: FlaskClient, town: Session, known: str
) -> None:
    tag = client.get(TILE).headers["ETag"]

    reply = client.get(TILE, headers={"If-None-Match": known.format(tag=tag)})

    assert (reply.status_code, reply.data) == (304, b"")


def test_a_tile_is_drawn_again_when_an_edition_begins(
    client: FlaskClient, town: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = town.execute(text("SELECT now() + interval '60 s'")).scalar_one()
    add_grid(town, "new", block(300, 0, 400, 100), valid=Range(begins, None))
    first = client.get(TILE)
    town.execute(text("UPDATE grids SET name = 'redrawn'"))
    kept = client.get(TILE)
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 61)

    redrawn = client.get(TILE)

    assert "new" not in _names(first, "code")
    assert (_names(kept), _names(redrawn)) == (_names(first), {"redrawn"})


@pytest.mark.parametrize("ended", [False, True], ids=["begins", "ends"])
def test_what_changes_while_a_tile_is_drawn_changes_the_tile(
    town: Session, inside: Database, ended: bool
) -> None:
    edge = town.execute(text("SELECT clock_timestamp() - interval '3 s'")).scalar_one()
    valid = Range(None, edge) if ended else Range(edge, None)
    add_grid(town, "new", block(300, 0, 400, 100), valid=valid)
    fresh, now = Freshness(inside, SCOPE), time.monotonic()

    before, after = (fresh.until(LAYER, "a version", now - age_s) for age_s in (5.0, 1.0))

    assert before is not None
    assert before <= now
    assert after is None


def test_who_drew_first_does_not_tell_for_who_drew_before_him(
    town: Session, inside: Database
) -> None:
    edge = town.execute(text("SELECT clock_timestamp() - interval '3 s'")).scalar_one()
    add_grid(town, "new", block(300, 0, 400, 100), valid=Range(edge, None))
    fresh, now = Freshness(inside, SCOPE), time.monotonic()

    assert fresh.until(LAYER, "a version", now) is None
    assert fresh.until(LAYER, "a version", now - 5) == now - 5
    assert fresh.until(LAYER, "a version", now) is None


def test_all_who_draw_a_version_share_one_look_at_its_editions(
    town: Session, inside: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[float] = []

    def slowly(*_: object) -> tuple[float, float]:
        looked.append(time.monotonic())
        time.sleep(1.2)
        return 60.0, 600.0

    monkeypatch.setattr(tile_freshness, "edges", slowly)
    fresh, now = Freshness(inside, SCOPE), time.monotonic()

    with ThreadPoolExecutor(8) as askers:
        told = list(askers.map(lambda n: fresh.until(LAYER, "a version", now + n / 100), range(8)))

    assert len(looked) == 1
    assert told == pytest.approx([looked[0] + 600.0] * 8, abs=0.1)


def _sent(session: Session) -> list[str]:
    sent: list[str] = []
    told = lambda *given: sent.append(given[2])  # noqa: E731
    event.listen(session.connection(), "before_cursor_execute", told)
    return sent


def test_a_tile_that_is_not_kept_takes_one_round_trip(client: FlaskClient, town: Session) -> None:
    beside = TILE.replace("26755", "26754")
    client.get(TILE)
    sent = _sent(town)

    first, again = client.get(beside), client.get(beside)

    asked = [one for one in sent if one.startswith("EXECUTE")]
    assert [one.split(" ", 2)[1].split("_")[0] for one in asked] == ["tile", "layers"]
    assert first.data == again.data


def test_a_tile_of_a_version_that_is_gone_is_drawn_at_once(
    client: FlaskClient, town: Session
) -> None:
    beside = TILE.replace("26755", "26754")
    client.get(TILE), client.get(beside)
    _rename(town, "东片")
    client.get(TILE)
    sent = _sent(town)

    client.get(beside)

    assert [one.split("_")[0] for one in sent if one.startswith("EXECUTE")] == ["EXECUTE tile"]


def test_a_tile_of_the_past_is_of_the_record(client: FlaskClient, town: Session) -> None:
    moment = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    past = "2020-01-01T00:00:00Z"

    now, then = (client.get(f"{TILE}?as_of={at}") for at in (moment, past))

    assert (_names(now, "code"), then.status_code) == ({GRID, EAST, WEST}, 204)


def test_a_tile_of_another_day_is_of_its_editions(client: FlaskClient, town: Session) -> None:
    ended = Range(datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))
    add_grid(town, "old", block(300, 0, 400, 100), valid=ended)

    now, then = (client.get(TILE + when) for when in ("", "?valid_at=2020-06-01T00:00:00Z"))

    assert "old" not in _names(now, "code")
    assert "old" in _names(then, "code")


def test_a_filtered_tile_holds_what_the_list_holds(client: FlaskClient, town: Session) -> None:
    listed = client.get("/collections/grids/items?kind=micro").get_json()["features"]

    drawn = _names(client.get(f"{TILE}?kind=micro"), "code")

    assert drawn == {feature["properties"]["code"] for feature in listed} == {EAST, WEST}


def test_a_filtered_tile_is_drawn_again_after_an_edit(client: FlaskClient, town: Session) -> None:
    address = f"{TILE}?code={EAST}"
    client.get(address)

    _rename(town, "东片")

    assert _names(client.get(address)) == {"东片"}


def test_tiles_of_what_not_all_may_see_are_private(client: FlaskClient, town: Session) -> None:
    posted(client, incident(0, 0))

    grids, cases = client.get(TILE), client.get(CASES)

    told = [reply.headers["Cache-Control"] for reply in (grids, cases)]
    assert told == ["no-cache", "private, no-cache"]
    assert "Cookie" in cases.headers["Vary"]


def test_what_becomes_overdue_is_seen_within_seconds(
    client: FlaskClient, town: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(client, incident(0, 0))
    client.get(CASES)
    town.execute(text("UPDATE incidents SET due_at = now() - interval '1 hour'"))
    real = time.monotonic
    later = tile_freshness.AGES_S + 0.1
    monkeypatch.setattr(time, "monotonic", lambda: real() + later)

    (case,) = by_mapbox(client.get(CASES).data)["incidents"]

    assert case["properties"]["overdue"] == 1
