"""Run every check and test, the quick ones first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import click

from gis_server.config import ROOT

Check = tuple[str, Sequence[str]]


def run(pytest_arguments: Sequence[str]) -> int:
    """Run the checks in order up to the first that fails.

    Args:
        pytest_arguments: handed to pytest; without any, all tests run on two processes.

    Returns:
        The exit code of the check that failed, else 0.
    """
    for name, command in _checks(pytest_arguments):
        click.echo(f"gis: test: {name}", err=True)
        if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
            return code
    return 0


def _checks(pytest_arguments: Sequence[str]) -> list[Check]:
    python = [sys.executable, "-m"]
    scripts = sorted(map(str, (ROOT / "tests" / "web_map").glob("*.test.mjs")))
    browser = [("browser modules", ["node", "--test", *scripts])] if scripts else []
    return [
        ("format", [*python, "ruff", "format", "--check", "."]),
        ("lint", [*python, "ruff", "check", "."]),
        ("types", [*python, "mypy"]),
        *browser,
        ("pytest", [*python, "pytest", *(pytest_arguments or ["-n", "2", "--dist", "loadfile"])]),
    ]
