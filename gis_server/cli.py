"""The command line behind ./gis: each command calls one function of its module.

Modules that take long to load are imported by the command that needs them.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys

import click

from geodata.errors import GisError
from gis_server import account_commands, calendars, checks, cluster, doctor, transfer
from gis_server.config import Settings


@click.group()
def cli() -> None:
    """Serve the map of a town's grids, and bring its data in and out."""


@cli.command()
@click.option("--rate", default=0.5, show_default=True, help="Incidents a second to simulate.")
def demo(rate: float) -> None:
    """Load the demo town and serve it with a live simulation."""
    from gis_server import serving

    serving.demo(Settings.from_env(), rate)


@cli.command()
def serve() -> None:
    """Serve the map."""
    from gis_server import serving

    serving.serve(Settings.from_env())


@cli.command()
@click.option("--revision", default="head", show_default=True, help="The last migration to run.")
def migrate(revision: str) -> None:
    """Bring the database to the newest schema."""
    from gis_server import schema

    with cluster.database(Settings.from_env()) as settings:
        schema.migrate(settings.owner_database_url, revision)


@cli.command("jobs")
def run_jobs() -> None:
    """Do the scheduled work until told to stop."""
    from gis_server import jobs

    with cluster.database(Settings.from_env()) as settings:
        jobs.run(settings)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(pytest_arguments: tuple[str, ...]) -> None:
    """Run every check and test; arguments go to pytest."""
    sys.exit(checks.run(pytest_arguments))


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One object a line instead of a table.")
@click.option("--quick", is_flag=True, help="Small sizes, to see that the benches work.")
@click.option("--minutes", default=0.5, show_default=True, help="How long the wall is watched.")
def bench(names: tuple[str, ...], as_json: bool, quick: bool, minutes: float) -> None:
    """Measure against named peers and limits; NAMES such as intake or intake/post."""
    from bench import catalog, report

    found = catalog.measure(names, quick, minutes)
    sys.exit(not report.tell(found, as_json, Settings.from_env().var / "bench"))


@cli.command("doctor")
def run_doctor() -> None:
    """Say what is missing, and the remedy."""
    sys.exit(doctor.main())


cli.add_command(account_commands.account)
cli.add_command(transfer.import_command)
cli.add_command(transfer.export_command)
cli.add_command(calendars.calendar_command)


def main() -> None:
    """Run a command; what the domain refuses is one line, not a traceback."""
    try:
        cli(prog_name="./gis")
    except GisError as refusal:
        click.echo(f"gis: {refusal.message}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
