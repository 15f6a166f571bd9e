"""The commands that bring data in and out of the map.

Modules that take long to load are imported by the command that needs them.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geodata.errors import InvalidInput
from gis_server.config import Settings

if TYPE_CHECKING:
    from geodata.dataset import Progress, ReadOptions
    from gis_server.db import Sessions
    from gis_server.importing import Draft
    from layers.base import Scope

TOLD_ROWS = 20  # refused rows of a source that are printed


def pairs(_context: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """Read ``name=value`` options."""
    read = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise InvalidInput(f"--{option.name} takes name=value, not {text!r}", option.name)
        read[name.strip()] = value
    return read


def box(
    _context: click.Context, option: click.Parameter, given: str | None
) -> tuple[float, float, float, float] | None:
    """Read west,south,east,north."""
    if given is None:
        return None
    try:
        west, south, east, north = map(float, given.split(","))
    except ValueError as error:
        raise InvalidInput(f"--bbox is west,south,east,north, not {given!r}", "bbox") from error
    return west, south, east, north


@dataclass(frozen=True)
class Asked:
    """The options of ``import`` that say how to go about it."""

    dry_run: bool
    yes: bool
    anyway: bool


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--as", "layer", metavar="NAME", help="The layer, or a collection of its own.")
@click.option("--replace", is_flag=True, help="Put the file in the place of the collection.")
@click.option("--drop", metavar="NAME", help="Take a collection back; no file is read.")
@click.option("--title", help="The collection's English title.")
@click.option("--title-zh", help="The collection's Chinese title.")
@click.option("--source", help="The source whose mapping file reads the rows, such as hotline.")
@click.option("--crs", help="The file's CRS: EPSG:4547, gcj02, bd09, CRS84, a WKT or PROJ string.")
@click.option("--axis-order", type=click.Choice(["xy", "yx"]), help="yx when x is north.")
@click.option("--layer", "part", help="The layer, sheet or part to read of a file with several.")
@click.option("--encoding", help="The encoding of a DBF or CSV, when it is not found out.")
@click.option("--map", multiple=True, callback=pairs, metavar="FIELD=COLUMN", help="Rename.")
@click.option("--set", multiple=True, callback=pairs, metavar="FIELD=VALUE", help="Fill every row.")
@click.option("--dry-run", is_flag=True, help="Do all of it, then undo it.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--anyway", is_flag=True, help="Import even if nothing lies in the town.")
def import_command(file: Path | None, **given: Any) -> None:
    """Import a file into a layer or as a collection of its own, all of it or nothing."""
    from geodata.dataset import ReadOptions
    from gis_server import importing
    from layers import find_layers

    if given["drop"] or file is None:
        _drop(given["drop"], file, given["yes"])
        return
    if given["source"]:
        _take_source(file, given)
        return
    names = ("crs", "axis_order", "encoding")
    options = ReadOptions(
        fields=given["map"], layer=given["part"], **{name: given[name] for name in names}
    )
    asked = Asked(given["dry_run"], given["yes"], given["anyway"])
    with Bars() as bars:
        if given["layer"] and given["layer"] not in find_layers():
            _publish(file, options, given, asked, bars)
            return
        _refuse_wishes(given)
        orders = importing.orders(find_layers(), given["layer"], file, options)
        orders = [replace(one, values=given["set"], watch=bars.stage) for one in orders]
        _run(orders, asked, bars)


def _refuse_wishes(given: dict[str, Any]) -> None:
    for name in ("replace", "title", "title_zh"):
        if given[name]:
            option = name.replace("_", "-")
            raise InvalidInput(f"--{option} is for collections of their own: --as NAME", option)


def _publish(
    file: Path, options: ReadOptions, given: dict[str, Any], asked: Asked, bars: Bars
) -> None:
    """Publish a file as a collection of its own."""
    from gis_server import offline, publishing
    from layers import find_layers
    from layers.publishing import purge

    titles = {name: given[name] for name in ("title", "title_zh")}
    wish = publishing.Wish(
        given["layer"], file, options, given["set"], replaces=given["replace"], **titles
    )
    settings = Settings.from_env()
    scope = offline.scope_of(settings)
    with offline.opened(settings) as begin:
        with begin() as session:
            publishing.check(session, scope, wish, find_layers())
        _take_in(begin, scope, [publishing.draft(scope, wish, bars.stage)], asked, bars)
        with begin() as session:
            purge(session)


def _drop(name: str | None, file: Path | None, yes: bool) -> None:
    """Take a collection back, when that is confirmed."""
    from gis_server import offline, publishing
    from layers import find_layers
    from layers.publishing import drop, purge

    if name is None or file is not None:
        raise InvalidInput("name a file to import, or a collection to take back: --drop", "file")
    settings = Settings.from_env()
    scope = offline.scope_of(settings)
    with offline.opened(settings) as begin:
        with begin() as session:
            rows = publishing.rows_of(session, scope, name, find_layers())
        click.echo(f"gis: the collection {name} has {rows:,} rows")
        _confirm_drop(yes)
        with begin() as session:
            purge(session)
            drop(session, scope, name)
    click.echo(f"gis: {name} is taken back; its rows are deleted within two minutes")


def _confirm_drop(yes: bool) -> None:
    if not yes and not sys.stdin.isatty():
        raise InvalidInput("nobody is there to confirm; give --yes", "yes")
    if not yes:
        click.confirm("gis: take it back?", abort=True, err=True)


def _take_source(file: Path, given: dict[str, Any]) -> None:
    """Take in a source's file; what the mapping file says is not said again."""
    from geodata.dataset import ReadOptions
    from gis_server import sources

    _refuse_wishes(given)
    for name in ("layer", "crs", "axis_order", "map", "set", "dry_run", "anyway"):
        if given[name]:
            raise InvalidInput(f"--source reads the rows; leave out {given[name]!r}", name)
    options = ReadOptions(layer=given["part"], encoding=given["encoding"], geometry="none")
    taken = sources.import_file(Settings.from_env(), given["source"], file, options)
    click.echo(
        f"gis: {taken['rows_read']:,} rows: {taken['rows_written']:,} written, "
        f"{taken['rows_known']:,} known, {len(taken['rejected']):,} refused"
    )
    for row in taken["rejected"][:TOLD_ROWS]:
        click.echo(f"gis: row {row['row']}: {row['member']}: {row['detail']}", err=True)


def _run(orders: Sequence[Any], asked: Asked, bars: Bars) -> None:
    from gis_server import importing, offline

    settings = Settings.from_env()
    scope = offline.scope_of(settings)
    drafts = importing.drafts(scope, orders)
    with offline.opened(settings) as begin:
        _take_in(begin, scope, drafts, asked, bars)


def _take_in(
    begin: Sessions, scope: Scope, drafts: Sequence[Draft], asked: Asked, bars: Bars
) -> None:
    """Say what will be done, ask, do it in one transaction, and say what was done."""
    from gis_server import import_place, importing, offline
    from gis_server.import_report import foretell, keep, tell
    from layers import find_layers

    for drafted in drafts:
        with begin() as session:
            inside = import_place.look_around(session, scope, drafted, find_layers())
        bars.say(foretell(drafted, inside))
        if not asked.anyway:
            import_place.refuse_far(drafted, inside)
    if not (asked.yes or asked.dry_run) and sys.stdin.isatty():
        click.confirm("gis: import this?", abort=True, err=True)
    with begin() as session:
        offline.ensure_categories(session, scope)
        reports = [importing.store(session, scope, drafted) for drafted in drafts]
        if asked.dry_run:
            session.rollback()
    for report in reports:
        bars.say(tell(report))
    if asked.dry_run:
        click.echo("gis: dry run: nothing was written")
        return
    for kept in [path for report in reports for path in keep(report)]:
        click.echo(f"gis: look at {kept}")


class Bars:
    """Show one progress bar after the other on standard error."""

    def __init__(self) -> None:
        self._shown = ExitStack()

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *_error: object) -> None:
        self._shown.close()

    def stage(self, label: str) -> Progress:
        """Begin a stage; what is answered is told the rows done, and their total when known."""
        self._shown.close()
        bar: Any = None

        def progress(done: int, total: int | None) -> None:
            nonlocal bar
            if total and bar is None:
                shown = click.progressbar(length=total, label=f"gis: {label}", file=sys.stderr)
                bar = self._shown.enter_context(shown)
            if bar is not None:
                bar.update(done - bar.pos)

        return progress

    def say(self, lines: Any) -> None:
        """Print lines after the bar that is shown."""
        self._shown.close()
        for line in lines:
            click.echo(f"gis: {line}")


@click.command("export")
@click.argument("layer", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--map", "map_file", type=click.Path(path_type=Path), help="The map as one HTML file."
)
@click.option("--crs", default="EPSG:4326", show_default=True, help="The CRS to write.")
@click.option("--bbox", callback=box, metavar="W,S,E,N", help="Only what touches this box.")
@click.option("--where", multiple=True, callback=pairs, metavar="NAME=VALUE", help="Only these.")
@click.option("--editions", is_flag=True, help="All editions, not only those in force.")
def export_command(layer: str | None, file: Path | None, **given: Any) -> None:
    """Export a layer to a file, whose ending names the format; or the whole map."""
    from geodata.crs import SourceCrs
    from gis_server import exporting
    from layers.base import Query

    if given["map_file"]:
        _refuse_both(layer)
        exporting.export_map(Settings.from_env(), given["map_file"])
        click.echo(f"gis: the map in {given['map_file']}")
        return
    if layer is None or file is None:
        raise InvalidInput("name a layer and a file, or --map FILE.html")
    period = (None, None) if given["editions"] else None
    query = Query(bbox=given["bbox"], where=given["where"], period=period)
    rows = exporting.export_layer(
        Settings.from_env(), layer, exporting.Target(file, SourceCrs.parse(given["crs"])), query
    )
    click.echo(f"gis: {rows:,} {layer} in {file}")


def _refuse_both(layer: str | None) -> None:
    if layer is not None:
        raise InvalidInput(f"--map draws all layers; leave out {layer!r}")
