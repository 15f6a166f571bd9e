"""Saved views: the filters that an account gave a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata.errors import InvalidInput, NotFound, SignInRequired
from layers.base import Base, Json, Scope

NAME_LENGTH, QUERY_LENGTH, MOST = 80, 2000, 100


class SavedView(Base):
    """One view of one account: its name, and the filters as the query of an address."""

    __tablename__ = "saved_views"

    district: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def views(session: Session, scope: Scope) -> Json:
    """List the reader's views by name.

    Raises:
        SignInRequired: if nobody is signed in.
    """
    asked = (
        select(SavedView.name, SavedView.query)
        .where(SavedView.district == scope.district, SavedView.account == _account(scope))
        .order_by(SavedView.name)
    )
    return {"views": [{"name": name, "query": query} for name, query in session.execute(asked)]}


def save(session: Session, scope: Scope, body: Json) -> None:
    """Keep a view under a name, in place of the one that had it.

    Raises:
        SignInRequired: if nobody is signed in.
        InvalidInput: naming the member that is wrong, or when there are too many.
    """
    told = {
        "name": _text(body, "name", NAME_LENGTH),
        "query": _text(body, "query", QUERY_LENGTH).removeprefix("?"),
    }
    if told["name"].startswith("/") or told["name"] in (".", ".."):
        raise InvalidInput(f"{told['name']!r} has no address of its own", "name")
    own = {"district": scope.district, "account": _account(scope)}
    kept = views(session, scope)["views"]
    if len(kept) >= MOST and told["name"] not in {view["name"] for view in kept}:
        raise InvalidInput(f"an account keeps at most {MOST} views", "name")
    row = insert(SavedView).values(**own, **told)
    fresh = {"query": told["query"], "saved_at": func.now()}
    session.execute(
        row.on_conflict_do_update(index_elements=["district", "account", "name"], set_=fresh)
    )


def forget(session: Session, scope: Scope, name: str) -> None:
    """Forget a view.

    Raises:
        SignInRequired: if nobody is signed in.
        NotFound: if the account has no such view.
    """
    own = (SavedView.district == scope.district, SavedView.account == _account(scope))
    if "\x00" in name:  # no text of the database holds it
        raise NotFound(f"no view {name!r}")
    gone = session.execute(
        delete(SavedView).where(*own, SavedView.name == name).returning(SavedView.name)
    )
    if gone.first() is None:
        raise NotFound(f"no view {name!r}")


def _account(scope: Scope) -> str:
    if scope.reader.account is None:
        raise SignInRequired("views are kept for those who are signed in")
    return scope.reader.account


def _text(body: Json, name: str, most: int) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most or "\x00" in value:
        raise InvalidInput(f"{name} is text of 1…{most} characters", name)
    return value.strip()
