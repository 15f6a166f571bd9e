"""Tell what the benches found: a line of JSON each, or a table and plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import orjson

from bench.figure import Curve, Figure, Finding, rounded

COLUMNS = ("bench", "case", "ours", "unit", "against", "theirs", "goal", "holds")
MARKS = {True: "holds", False: "FAILS", None: "-"}


def tell(findings: Iterable[Finding], as_json: bool, folder: Path) -> bool:
    """Tell each finding as it comes; plots go to ``<folder>/<bench>.svg``.

    Returns:
        Whether every goal is reached.
    """
    figures: list[Figure] = []
    for finding in findings:
        if isinstance(finding, Curve):
            click.echo(f"plot: {plot(finding, folder)}", err=True)
            continue
        figures.append(finding)
        click.echo(orjson.dumps(finding.as_json()).decode() if as_json else _line(finding))
    if not as_json:
        click.echo("\n" + table(figures))
    return all(figure.holds is not False for figure in figures)


def _line(figure: Figure) -> str:
    return f"{figure.bench} {figure.case}: {rounded(figure.ours):g} {figure.unit}"


def table(figures: Sequence[Figure]) -> str:
    """Lay figures out in columns."""
    rows = [COLUMNS, *[_cells(figure) for figure in figures]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    told = figure.as_json() | {"holds": MARKS[figure.holds]}
    return tuple(
        ""
        if told[name] is None
        else f"{told[name]:g}"
        if name in ("ours", "theirs")
        else told[name]
        for name in COLUMNS
    )


def plot(curve: Curve, folder: Path) -> Path:
    """Draw how costs grow, both axes logarithmic, as SVG."""
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415 - slow to load

    drawing = Drawing(figsize=(8, 5), layout="constrained")
    axes = drawing.add_subplot(xscale="log", yscale="log", xlabel=curve.x, ylabel=curve.y)
    for name, points in curve.lines.items():
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{curve.bench.replace('/', '-')}.svg"
    drawing.savefig(path, metadata={"Date": None})
    return path
