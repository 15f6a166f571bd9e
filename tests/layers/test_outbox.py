"""The outbox: what is announced with a change, and forgotten in time."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers import outbox
from layers.outbox import Change
from tests.factories import SCOPE, count

AGE = text("UPDATE outbox SET at = now() - interval '25 hours' WHERE feature_id = :id")


def test_a_change_is_announced_with_its_transaction(session: Session) -> None:
    outbox.announce(session, SCOPE, Change("incidents", "reported", 7, "4419"))

    asked = text(
        "SELECT layer, kind, feature_id, grid_code, xid = pg_current_xact_id() FROM outbox"
    )
    assert tuple(session.execute(asked).one()) == ("incidents", "reported", 7, "4419", True)


def test_a_layer_begins_at_version_0(session: Session) -> None:
    assert outbox.version(session, SCOPE, "grids") == 0


def test_each_bump_is_the_next_version(session: Session) -> None:
    outbox.bump(session, SCOPE, "grids")
    outbox.bump(session, SCOPE, "grids")
    outbox.bump(session, SCOPE, "buildings")

    assert outbox.version(session, SCOPE, "grids") == 2


def test_a_purge_forgets_what_is_older(session: Session) -> None:
    outbox.announce(session, SCOPE, Change("incidents", "reported", 1))
    outbox.announce(session, SCOPE, Change("incidents", "reported", 2))
    session.execute(AGE, {"id": 1})

    outbox.purge(session, 24)

    assert session.execute(text("SELECT feature_id FROM outbox")).scalars().all() == [2]


def test_only_the_last_purge_is_remembered(session: Session) -> None:
    session.execute(text("INSERT INTO outbox_purges (purged_to) VALUES ('3'), ('4')"))
    outbox.announce(session, SCOPE, Change("incidents", "reported", 1))
    session.execute(AGE, {"id": 1})

    outbox.purge(session, 24)

    asked = text("SELECT purged_to = pg_current_xact_id() FROM outbox_purges")
    assert session.execute(asked).scalars().all() == [True]


def test_a_purge_of_nothing_leaves_no_trace(session: Session) -> None:
    outbox.purge(session, 24)

    assert count(session, "outbox_purges") == 0
