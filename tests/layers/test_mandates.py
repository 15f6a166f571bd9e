"""The table of items that a department answers for itself."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.regions import Mandate as Given
from geodata.regions import categories, mandates, town_settings
from layers.mandates import Mandate, load_mandates
from tests.factories import SCOPE

OTHER = Given("107", "factory", "department", "消防救援大队")


def test_the_citys_table_names_its_items_and_departments() -> None:
    given = mandates(SCOPE.district)

    assert {row.item for row in given} <= {item.code for item in categories(SCOPE.district)}
    assert {row.organisation for row in given} <= set(town_settings(SCOPE.district).departments)
    assert len({(row.item, row.place_class) for row in given}) == len(given) > 10


def test_a_known_mandate_is_brought_up_to_date(town: Session) -> None:
    load_mandates(town, SCOPE, mandates(SCOPE.district))
    load_mandates(town, SCOPE, [OTHER])

    asked = select(Mandate.organisation).where(
        Mandate.item == "107", Mandate.place_class == "factory"
    )
    assert town.execute(asked).scalars().all() == ["消防救援大队"]
