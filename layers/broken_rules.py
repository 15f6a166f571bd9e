"""Tell in the words of the domain which rule of a table a row would break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.exc import IntegrityError

from geodata.errors import Conflict, GisError, InvalidGeometry, InvalidInput

CHECKED, UNIQUE, EXCLUDED, REFERRED = "23514", "23505", "23P01", "23503"


@contextmanager
def told(table: Any) -> Iterator[None]:
    """Translate the database's refusal of a row.

    Raises:
        InvalidInput: naming a property, if a rule of the table is broken.
        Conflict: if the code is in use, or others refer to the row.
    """
    try:
        yield
    except IntegrityError as error:
        refusal = _refusal(table, error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(table: Any, error: IntegrityError) -> GisError | None:
    about: Any = getattr(error.orig, "diag", None)
    state = getattr(error.orig, "pgcode", None)
    if state == CHECKED:
        return _broken(table, str(about.constraint_name))
    if state in (UNIQUE, EXCLUDED):
        return Conflict("the code is in use", "properties.code")
    if state == REFERRED:
        return Conflict(f"{about.table_name} refer to it")
    return None


def _broken(table: Any, constraint: str) -> GisError:
    if constraint.endswith("_sound"):
        return InvalidGeometry("the geometry is not valid on the globe", "geometry")
    for rule in table.constraints:
        if isinstance(rule, CheckConstraint) and str(rule.name) in constraint:
            words = re.sub(r"\s+", " ", str(rule.sqltext))
            named = [name for name in re.findall(r"\w+", words) if name in table.c]
            return InvalidInput(f"against the rule {words}", f"properties.{named[0]}")
    return InvalidInput(f"against the rule {constraint}", "properties")
