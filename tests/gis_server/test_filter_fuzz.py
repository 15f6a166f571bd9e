"""Whatever a filter says, it finds rows or is refused; and both of its forms say the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from tests.gis_server.filter_samples import add_samples, found
from tests.gis_server.filter_trees import CONDITIONS, NONSENSE, Node, as_text

EXAMPLES = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def samples(session: Session) -> Session:
    """Store the buildings that all filters are tried on."""
    add_samples(session)
    return session


def _rows(session: Session, text: str, lang: str) -> str:
    """Tell what a filter finds, or that it is refused; a failing database fails the test."""
    try:
        return found(session, text, lang)
    except InvalidInput as refusal:
        assert refusal.member in ("filter", "filter-lang")
        return "refused"


@EXAMPLES
@given(CONDITIONS)
def test_both_forms_of_a_filter_find_the_same(samples: Session, tree: Node) -> None:
    assert _rows(samples, as_text(tree), "cql2-text") == _rows(
        samples, json.dumps(tree), "cql2-json"
    )


@EXAMPLES
@given(NONSENSE)
def test_nonsense_never_reaches_the_database(samples: Session, tree: Node) -> None:
    assert set(_rows(samples, json.dumps(tree), "cql2-json")) <= set("ABCDrefused")


SIGNS = (
    "( ) = <> + - * / % ^ , ' \" \\ . AND OR NOT IN LIKE BETWEEN IS NULL DIV TRUE code 1 1.5e3 é"
)
CALLS = (
    "'x' POINT(1_2) POINT DATE('2026-01-01') casei( S_INTERSECTS(geom, INTERVAL( BBOX( ... \ud800"
)
TOKENS = st.sampled_from([*SIGNS.split(), *CALLS.replace("_2", " 2").split(" "), "\x00", "\u2028"])


@settings(EXAMPLES, max_examples=300)
@given(st.lists(TOKENS, max_size=12).map(" ".join))
def test_any_row_of_words_is_read_or_refused(samples: Session, text: str) -> None:
    assert set(_rows(samples, text, "cql2-text")) <= set("ABCDrefused")


@settings(EXAMPLES, max_examples=80)
@given(st.text(max_size=60), st.sampled_from(["cql2-text", "cql2-json"]))
def test_any_text_is_read_or_refused(samples: Session, text: str, lang: str) -> None:
    assert set(_rows(samples, text, lang)) <= set("ABCDrefused")
