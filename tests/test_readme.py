"""README tells the truth: every setting and command is in it, and every name in it exists."""

from __future__ import annotations

import re
from dataclasses import fields

import click

from gis_server.cli import cli
from gis_server.config import ROOT, Settings, variable

README = (ROOT / "README.md").read_text()
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]] for line in README.splitlines() if "|" in line
]

# The layer that README adds as an example.
EXAMPLE = "shelters"


def test_the_table_of_settings_names_every_variable_and_no_other() -> None:
    told = {row[0].strip("`") for row in ROWS if re.fullmatch(r"`[A-Z_]+`", row[0])}

    assert told == {variable(field.name) for field in fields(Settings)}


def test_the_table_of_settings_tells_the_plain_defaults() -> None:
    defaults = {row[0].strip("`"): row[1].strip("`") for row in ROWS if len(row) == 3}
    plain = [f for f in fields(Settings) if isinstance(f.default, int | str) and f.default]

    assert {variable(f.name): defaults[variable(f.name)] for f in plain} == {
        variable(f.name): str(f.default) for f in plain
    }


def test_the_table_of_commands_names_every_command_and_no_other() -> None:
    told = {
        row[0].strip("`").removeprefix("./gis ") for row in ROWS if row[0].startswith("`./gis ")
    }

    assert told == set(cli.list_commands(click.Context(cli)))


def test_every_path_in_the_text_exists() -> None:
    folders = "|".join(entry.name for entry in ROOT.iterdir() if entry.is_dir())
    paths = re.findall(rf"`((?:{folders})/[\w./-]+|[\w-]+\.(?:py|txt|toml))`", README)

    missing = [path for path in paths if not (ROOT / path).exists()]
    assert [path for path in missing if EXAMPLE not in path] == []
