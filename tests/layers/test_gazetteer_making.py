"""The gazetteer is made by one at a time; meanwhile the former one answers."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata.address import Buildings, Gazetteer, Places
from layers import outbox
from layers.gazetteer import Town
from tests.factories import SCOPE, add_building

WORDS = "黄屋路12号"
WAIT_S = 5


class Making:
    """Make gazetteers when told to, and count them."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.made = Event(), Event(), 0

    def __call__(self, buildings: Buildings, places: Places) -> Gazetteer:
        """Make one, slowly."""
        self.begun.set()
        assert self.may_end.wait(WAIT_S)
        self.made += 1
        return Gazetteer(buildings, places)


@pytest.fixture
def making() -> Iterator[Making]:
    slowly = Making()
    yield slowly
    slowly.may_end.set()


def _add_building(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        add_building(session, "B1", (0, 0), road="黄屋路", door="12号", address=WORDS)
        outbox.bump(session, SCOPE, "buildings")


def _match(engine: Engine, town: Town) -> list[str]:
    with Session(engine) as session:
        return [c.label for c in town.gazetteer(session, SCOPE).match(WORDS)]


def _asked(engine: Engine, town: Town) -> Thread:
    asking = Thread(target=_match, args=(engine, town))
    asking.start()
    return asking


def test_a_new_building_is_found(own_engine: Engine) -> None:
    town = Town()
    before = _match(own_engine, town)

    _add_building(own_engine)

    assert (before, len(_match(own_engine, town))) == ([], 1)


def test_while_it_is_made_again_the_former_one_answers(own_engine: Engine, making: Making) -> None:
    town = Town()
    _match(own_engine, town)
    town.make = making
    _add_building(own_engine)

    asking = _asked(own_engine, town)
    making.begun.wait(WAIT_S)
    meanwhile = _match(own_engine, town)
    making.may_end.set()
    asking.join()

    assert (meanwhile, len(_match(own_engine, town)), making.made) == ([], 1, 1)


def test_the_first_one_is_made_once_for_all_who_wait(own_engine: Engine, making: Making) -> None:
    town = Town(making)

    asking = [_asked(own_engine, town) for _ in range(3)]
    making.begun.wait(WAIT_S)
    making.may_end.set()
    for one in asking:
        one.join()

    assert making.made == 1
