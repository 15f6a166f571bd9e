"""Publishing: what replaces what, when rows go, and what readers see meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from shapely import Point, box
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidGeometry, NotFound
from layers import publishing, queries
from layers.base import Layer, Query
from layers.publishing import drop, purge
from layers.reference import published
from tests.factories import SCOPE, add_collection, at, count

AGE = text("""
    UPDATE collections SET retired_at = now() - make_interval(secs => :age)
    WHERE retired_at IS NOT NULL
""")
ROWS, TURNS, READERS = 40, 12, 3


def spots(rows: int, **told: Any) -> list[tuple[Any, dict[str, Any]]]:
    return [(Point(at(n, n)), told) for n in range(rows)]


def one(session: Session, name: str = "人口") -> Layer:
    return next(layer for layer in published(session, SCOPE) if layer.name == name)


def age(session: Session, seconds: int) -> None:
    session.execute(AGE, {"age": seconds})


def test_a_name_is_used_once(session: Session) -> None:
    add_collection(session, "人口")

    with (
        pytest.raises(Conflict, match="there is a collection '人口' already"),
        session.begin_nested(),
    ):
        add_collection(session, "人口")


def test_a_name_that_was_taken_back_is_free_again(session: Session) -> None:
    add_collection(session, "人口")
    drop(session, SCOPE, "人口")
    add_collection(session, "人口", spots(2))

    assert one(session).box is not None
    assert queries.count(session, one(session), SCOPE, Query()) == 2


def test_what_is_not_there_cannot_be_taken_back(session: Session) -> None:
    with pytest.raises(NotFound, match="no collection '人口'"):
        drop(session, SCOPE, "人口")


def test_a_replacement_keeps_titles_and_look_unless_told_otherwise(session: Session) -> None:
    look = {"order": 5, "minzoom": 8, "hidden": False, "style": {"color": "#123456"}}
    add_collection(session, "a", title="Water", title_zh="水系", look=look)
    add_collection(session, "a", replaces=True, title_zh="河流")

    kept = one(session, "a")
    assert (kept.title, kept.title_zh, kept.order) == ("Water", "河流", 5)
    assert (kept.minzoom, kept.hidden, kept.style) == (8, False, {"color": "#123456"})


def test_a_replacement_of_another_kind_of_shape_is_drawn_as_that_kind(session: Session) -> None:
    add_collection(session, "a", [(Point(at(0, 0)), {"a": 1})])
    add_collection(session, "a", [(box(*at(0, 0), *at(9, 9)), {"a": 1})], replaces=True)

    assert "radius" not in one(session, "a").style


def test_rows_of_a_former_edition_stay_while_somebody_may_read_them(session: Session) -> None:
    add_collection(session, "人口", spots(3, a=1))
    before = one(session)
    add_collection(session, "人口", spots(2, b=1), replaces=True)
    age(session, 50)

    assert purge(session) == 0
    assert queries.count(session, before, SCOPE, Query()) == 3
    age(session, 61)
    assert purge(session) == 3
    assert (count(session, "reference"), count(session, "collections")) == (2, 1)


def test_many_areas_are_drawn_from_further_in(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "TILE_ROWS", 4)
    areas = [(box(*at(n, 0), *at(n + 1, 100)), {"a": n}) for n in range(100)]
    add_collection(session, "few", areas[:4])
    add_collection(session, "many", areas)

    assert (one(session, "few").minzoom, one(session, "many").minzoom) == (0, 12)


def test_a_shape_that_the_database_does_not_take_is_told_by_its_row(session: Session) -> None:
    rows = [*spots(2, a=1), (Point(113, 95), {"a": 1})]

    with pytest.raises(InvalidGeometry, match="the shape of row 3"), session.begin_nested():
        add_collection(session, "人口", rows)


def seen(engine: Engine) -> tuple[set[str], int, set[str]]:
    """Ask as one request may: the schema, the number of rows, then page after page."""
    with Session(engine.execution_options(isolation_level="AUTOCOMMIT")) as session:
        layer = one(session)
        counted = queries.count(session, layer, SCOPE, Query())
        named: set[str] = set()
        after, rows = None, 0
        while True:
            page = queries.features(session, layer, SCOPE, Query(limit=10, after=after))
            rows += len(page.features)
            named |= {part for f in page.features for part in ("old", "new") if part in f.body}
            after = page.further
            if after is None:
                break
    assert rows == counted
    return set(layer.fields), counted, named


@pytest.fixture
def replaced(own_engine: Engine) -> Iterator[list[tuple[set[str], int, set[str]]]]:
    """Replace a collection again and again while readers page through it; what each one saw."""
    with Session(own_engine) as session, session.begin():
        add_collection(session, "人口", spots(ROWS, old=1))
    over = threading.Event()

    def read() -> list[tuple[set[str], int, set[str]]]:
        found = []
        while not over.is_set():
            found.append(seen(own_engine))
        return found

    def write() -> None:
        for turn in range(TURNS):
            told = {"new": "x"} if turn % 2 == 0 else {"old": 1}
            rows = spots(ROWS + 15 if "new" in told else ROWS, **told)
            with Session(own_engine) as session, session.begin():
                add_collection(session, "人口", rows, replaces=True)
                purge(session)

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read) for _ in range(READERS)]
        try:
            write()
        finally:
            over.set()
        yield [told for reader in readers for told in reader.result()]


def test_who_reads_during_replacements_sees_the_old_or_the_new_and_never_a_mix(
    replaced: list[tuple[set[str], int, set[str]]],
) -> None:
    kinds = {(frozenset(fields), rows, frozenset(named)) for fields, rows, named in replaced}

    assert kinds == {
        (frozenset({"old"}), ROWS, frozenset({"old"})),
        (frozenset({"new"}), ROWS + 15, frozenset({"new"})),
    }
