"""The jobs forget what nobody can ask for any more, and issue the reports that are due."""

from __future__ import annotations

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geodata.regions import categories
from gis_server import jobs
from layers.town import load_categories
from tests.factories import SCOPE, add_collection

OLD_AND_NEW = (
    "INSERT INTO outbox (district, layer, kind, at) VALUES"
    " (441900, 'old', 'imported', now() - interval '25 hours'),"
    " (441900, 'new', 'imported', now() - interval '23 hours')",
    "INSERT INTO replies (district, key, body_sha, incident_id, reply, at) VALUES"
    " (441900, 'old', '', 1, '{}', now() - interval '73 hours'),"
    " (441900, 'new', '', 1, '{}', now() - interval '71 hours')",
)


def test_old_events_and_replies_are_forgotten_and_new_ones_kept(own_engine: Engine) -> None:
    with own_engine.begin() as connection:
        connection.execute(text(OLD_AND_NEW[0]))
        connection.execute(text(OLD_AND_NEW[1]))

    jobs.purge(own_engine)

    with own_engine.connect() as connection:
        events = connection.scalars(text("SELECT layer FROM outbox")).all()
        replies = connection.scalars(text("SELECT key FROM replies")).all()
    assert (events, replies) == (["new"], ["new"])


def test_rows_of_replaced_collections_are_deleted_a_while_later(own_engine: Engine) -> None:
    with Session(own_engine) as session, session.begin():
        add_collection(session, "a")
        add_collection(session, "a", replaces=True)
    jobs.purge(own_engine)
    with own_engine.begin() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM reference"))
        connection.execute(text("UPDATE collections SET retired_at = retired_at - interval '1 h'"))

    jobs.purge(own_engine)

    with own_engine.connect() as connection:
        assert (kept, connection.scalar(text("SELECT count(*) FROM reference"))) == (2, 1)


def test_a_second_purge_finds_nothing_to_forget(own_engine: Engine) -> None:
    jobs.purge(own_engine)
    jobs.purge(own_engine)

    with own_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbox_purges")) == 0


CASE_OF_YESTERDAY = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, step)
SELECT 441900, 'J', code, 1, 'app', 'EPSG:4326', now() - interval '36 hours', now(), 'reported'
FROM categories
""")


def test_reports_that_are_due_are_issued_once(own_engine: Engine) -> None:
    with Session(own_engine) as session, session.begin():
        load_categories(session, SCOPE, categories(SCOPE.district)[:1])
        session.execute(CASE_OF_YESTERDAY)

    issued = [jobs.issue_reports(own_engine, SCOPE) for _ in range(2)]

    with own_engine.connect() as connection:
        titles = connection.scalars(text("SELECT title FROM reports")).all()
    assert (issued, len(titles)) == ([len(titles), 0], issued[0])
    assert sum("日报" in title for title in titles) in (1, 2)
