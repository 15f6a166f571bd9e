"""Whole numbers in addresses: no longer than Python reads, so that others are not found."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter


class Whole(IntegerConverter):
    """Match up to 30 digits; of more than 4,300 Python makes no number."""

    regex = r"\d{1,30}"
