"""The town as a whole: its name and what can be reported in it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.regions import categories
from layers.town import Town, load_categories, name_town
from tests.factories import SCOPE, count


def test_what_can_be_reported_is_loaded_once(session: Session) -> None:
    load_categories(session, SCOPE, categories(SCOPE.district))
    load_categories(session, SCOPE, categories(SCOPE.district))

    assert count(session, "categories") == 36


def test_an_item_that_is_known_is_brought_up_to_date(session: Session) -> None:
    fire = next(iter(categories(SCOPE.district)))
    load_categories(session, SCOPE, [fire])

    load_categories(session, SCOPE, [replace(fire, limit_h=6)])

    assert session.execute(text("SELECT limit_h FROM categories")).scalars().all() == [6]


def test_a_town_is_named_once(session: Session) -> None:
    name_town(session, Town(district=441900, name="甲镇", name_en="A", synthetic=True))
    name_town(session, Town(district=441900, name="乙镇", name_en="B", synthetic=False))

    named = session.execute(text("SELECT name, name_en, synthetic FROM towns")).one()
    assert tuple(named) == ("乙镇", "B", False)
