"""A prepared statement is parsed once by each connection, and outlives a transaction."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.prepared import Prepared

DOUBLE = Prepared("double_of", "SELECT :n + :n, :word", {"n": "int", "word": "text"})
MADE = text("SELECT count(*) FROM pg_prepared_statements WHERE name = 'double_of'")


def test_values_are_bound_by_name_and_those_without_a_parameter_are_let_be(
    session: Session,
) -> None:
    assert DOUBLE.run(session, {"word": "100 %", "n": 21, "other": 1}).one() == (42, "100 %")


def test_a_statement_is_prepared_once_and_outlives_a_rolled_back_transaction(
    session: Session,
) -> None:
    with session.begin_nested() as undone:
        DOUBLE.run(session, {"n": 1, "word": None})
        undone.rollback()

    assert DOUBLE.run(session, {"n": 2, "word": None}).one() == (4, None)
    assert session.execute(MADE).scalar_one() == 1
