"""Who may see and edit what: the scope of each request."""

from __future__ import annotations

from collections.abc import Callable

from gis_server.config import Settings
from layers.base import Scope

Asking = Callable[[], Scope]


def asking(settings: Settings) -> Asking:
    """Give what tells the scope of the request at hand."""
    scope = Scope(settings.district, settings.time_zone)
    return lambda: scope
