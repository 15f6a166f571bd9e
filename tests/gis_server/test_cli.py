"""The command line says what went wrong in one line, and hands each command to its module."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gis_server import checks, cli, doctor
from gis_server.config import ROOT, Settings


def test_a_wrong_setting_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIS_PORT", "none")
    monkeypatch.setattr("sys.argv", ["./gis", "migrate"])

    with pytest.raises(SystemExit) as end:
        cli.main()

    told = capsys.readouterr().err
    assert (end.value.code, told) == (1, "gis: GIS_PORT is a whole number 1–65535, not 'none'\n")


def test_arguments_of_test_go_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(checks, "run", lambda arguments: asked.append(arguments) or 0)

    with pytest.raises(SystemExit):
        cli.cli(["test", "-k", "grid", "--maxfail=1"])

    assert asked == [("-k", "grid", "--maxfail=1")]


def test_the_checks_stop_at_the_first_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        checks, "_checks", lambda _arguments: [("one", ["false"]), ("two", ["touch", "/never"])]
    )

    assert (checks.run([]), Path("/never").exists()) == (1, False)


def test_pytest_is_the_last_check_so_that_its_count_is_the_last_line() -> None:
    assert checks._checks([])[-1][0] == "pytest"


def test_the_doctor_finds_nothing_missing_where_the_tests_run() -> None:
    assert list(doctor.missing(Settings.from_env())) == []


def test_the_doctor_names_a_missing_postgis_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gis_server.postgres.PROGRAMS", Path("/nowhere"))

    lines = list(doctor.missing(Settings()))

    assert lines == [
        "no PostgreSQL 15 with PostGIS: install postgresql-15-postgis-3, or set DATABASE_URL"
    ]


def test_the_doctor_names_a_setting_that_means_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIS_DISTRICT", "12")

    assert (doctor.main(), "GIS_DISTRICT" in capsys.readouterr().out) == (1, True)


def test_the_wrapper_without_a_command_says_how_it_is_used() -> None:
    told = subprocess.run([ROOT / "gis"], capture_output=True, text=True, check=True).stdout

    assert told.startswith("Usage: ./gis COMMAND")


def test_the_wrapper_runs_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "gis").symlink_to(ROOT / "gis")

    ran = subprocess.run(
        ["./gis", "doctor"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert ran.stdout == "nothing is missing\n"
