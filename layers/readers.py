"""Who asks, and for where: what every question carries with it."""

from __future__ import annotations

from dataclasses import dataclass

NETS = frozenset({None, "general"})  # of who answers for cases, which belong to the general net


@dataclass(frozen=True)
class Reader:
    """Say who asks: an account with its roles and what it answers for, or a visitor with none.

    Attributes:
        account: the account's name; None for a visitor.
        roles: among dispatcher, worker, department, planner, administrator.
        post: the code of the duty that the account holds.
        unit: the code of the organisation that it belongs to.
        areas: prefixes of area and grid codes that it answers for; none means the whole district.
        net: the net that it answers for; None means all.
    """

    account: str | None = None
    roles: frozenset[str] = frozenset()
    post: str | None = None
    unit: str | None = None
    areas: tuple[str, ...] = ()
    net: str | None = None


VISITOR = Reader()


@dataclass(frozen=True)
class Scope:
    """Say for whom and for where a question is asked.

    Attributes:
        district: first six digits of the area code; rows without a place take it.
        time_zone: the IANA name of the zone whose days are counted.
        reader: who asks.
    """

    district: int
    time_zone: str = "Asia/Shanghai"
    reader: Reader = VISITOR
