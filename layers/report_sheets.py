"""A report as the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from layers.base import Json, Link, Sheet

FIGURES = {
    "filed": "上报",
    "due": "应结案",
    "closed": "结案",
    "closed_due": "应结已结",
    "on_time": "按期结案",
    "overdue": "超期未结",
    "returned": "退回",
    "reworked": "返工",
    "delayed": "延期",
    "in_grid": "格内化解",
    "open": "在办",
    "unlocated": "待定位",
}
RATES = {
    "closing": "结案率",
    "on_time": "按期率",
    "in_grid": "格内化解率",
    "returned": "退回率",
    "reworked": "返工率",
    "delayed": "延期率",
}
GROUPS = {"area": "按区域", "department": "按责任单位", "category": "按事项", "post": "按责任岗位"}
LISTS = {"handed_over": "移交", "written_off": "销号"}
LEDGER = {
    "at": "时间",
    "move": "动作",
    "number": "案件编号",
    "item": "事项",
    "address": "地址",
    "reported_at": "上报时间",
    "from": "移交单位",
    "to": "接收单位",
    "reason": "原因",
}
TIMES = frozenset({"at", "reported_at"})
NOBODY = "（无）"


def figure_sheets(content: Json) -> Iterator[Sheet]:
    """Write the figures of a report: the whole, then a sheet for each grouping that it has."""
    whole = [[words, content["figures"][name]] for name, words in FIGURES.items()]
    rates = [[words, content["rates"][name]] for name, words in RATES.items()]
    yield Sheet("汇总", ["指标", "数值"], [*whole, *rates])
    for by in filter(content["groups"].__contains__, GROUPS):
        title, groups = GROUPS[by], content["groups"][by]
        headings = ["编码", "名称", *[w for n, w in FIGURES.items() if n != "unlocated"]]
        yield Sheet(title, [*headings, *RATES.values()], map(_line, groups))


def _line(group: Mapping[str, Any]) -> list[Any]:
    figures = [group["figures"][name] for name in FIGURES if name != "unlocated"]
    rates = [group["rates"][name] for name in RATES]
    nobody = group["key"] == "none"
    return [
        None if nobody else group["key"],
        NOBODY if nobody else group["title"],
        *figures,
        *rates,
    ]


def ledger_sheets(content: Json) -> Iterator[Sheet]:
    """Write the ledger: a sheet of what was handed over, and one of what was written off."""
    for name, title in LISTS.items():
        yield Sheet(title, list(LEDGER.values()), _entries(content[name]))


def _entries(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        told = [_number(row) if name == "number" else row.get(name) for name in LEDGER]
        yield [
            datetime.fromisoformat(value) if name in TIMES and value else value
            for name, value in zip(LEDGER, told, strict=True)
        ]


def _number(row: Mapping[str, Any]) -> Any:
    """Lead from a case's number to the case; reports of before did not keep its id."""
    return Link(row["number"], f"/wall#case-{row['id']}") if "id" in row else row["number"]


SHEETS = {"figures": figure_sheets, "ledger": ledger_sheets}
