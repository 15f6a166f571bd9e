"""./gis account: add, list, change and disable the accounts that may sign in.

Modules that take long to load are imported by the command that needs them.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from typing import Any

import click

from gis_server.config import Settings


@click.group()
def account() -> None:
    """Add, list, change and disable the accounts that may sign in."""


@account.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@click.option("--title", help="What the account is called; its duty's title when left out.")
@click.option("--post", help="Code of the duty that the account holds.")
@click.option("--unit", help="Code of its organisation; that of the post when left out.")
@click.option("--area", multiple=True, help="Code of an area or grid that it answers for.")
@click.option("--net", help="The net that it answers for.")
def add(name: str, area: tuple[str, ...], **given: Any) -> None:
    """Make an account NAME; its password is asked for, or the first line of standard input."""
    from gis_server.offline import opened, scope_of
    from gis_server.passwords import hashed
    from layers import account_making

    settings = Settings.from_env()
    made = hashed(_password(), name)
    new = account_making.NewAccount(name=name, password=made, areas=area, **given)
    with opened(settings) as begin, begin() as session:
        account_making.add(session, scope_of(settings), new)
    click.echo(f"gis: account {name} made", err=True)


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@account.command("list")
def list_accounts() -> None:
    """List the accounts with their roles, posts and areas."""
    from gis_server.offline import opened, scope_of
    from layers import account_making

    settings = Settings.from_env()
    with opened(settings) as begin, begin() as session:
        for row in account_making.listed(session, scope_of(settings)):
            told = (row.name, row.title, "+".join(row.roles), row.post, row.unit, *row.areas)
            marks = ("" if row.active else "disabled", "demo" if row.demo else "")
            click.echo("\t".join(filter(None, (*told, *marks))))


@account.command()
@click.argument("name")
def password(name: str) -> None:
    """Give the account NAME another password, and open it if it is disabled."""
    from gis_server.offline import opened, scope_of
    from gis_server.passwords import hashed
    from layers import account_making

    settings, made = Settings.from_env(), hashed(_password(), name)
    with opened(settings) as begin, begin() as session:
        account_making.renew(session, scope_of(settings), name, made)
    click.echo(f"gis: account {name} has another password", err=True)


@account.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let the account NAME sign in no more."""
    from gis_server.offline import opened, scope_of
    from layers import account_making

    settings = Settings.from_env()
    with opened(settings) as begin, begin() as session:
        account_making.disable(session, scope_of(settings), name)
    click.echo(f"gis: account {name} disabled", err=True)
