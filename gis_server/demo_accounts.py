"""Open the demo town's accounts: one password for all, which is good on this machine only."""

from __future__ import annotations

import click
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server import accounts, keys
from gis_server.config import Settings
from gis_server.offline import scope_of
from gis_server.passwords import HASHER
from layers.demo_accounts import demo_hash, make_demo_accounts


def open_accounts(settings: Settings) -> None:
    """Make the demo town's accounts, and print the password that they share."""
    password, scope = keys.demo_password(settings), scope_of(settings)
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        make_demo_accounts(session, scope, _hash(demo_hash(session, scope), password))
    if accounts.is_loopback(settings.host):
        click.echo(
            "gis: sign in as dispatcher, worker, department, planner, administrator, or by the"
            f" code of a post; the password is {password}"
        )


def _hash(known: str | None, password: str) -> str:
    """Hash the password once: a hash that is known and still fits is kept."""
    try:
        if known and HASHER.verify(known, password):
            return known
    except VerifyMismatchError:
        pass  # it is of a former password, whose file is gone
    return HASHER.hash(password)
