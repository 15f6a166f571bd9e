"""Run the migrations as the owner; the models are the layers' metadata."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names

from layers import find_layers
from layers.base import Base
from layers.outbox import Xid8

find_layers()
import_module("layers.accounts")
import_module("layers.reference")
import_module("layers.town")
ischema_names["xid8"] = Xid8


def render(kind: str, value: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type by its import in the migration."""
    if kind == "type" and isinstance(value, Xid8):
        return "Xid8()"
    return alembic_helpers.render_item(kind, value, autogen)


def ours(_: Any, name: str | None, kind: str, reflected: bool, against: Any) -> bool:
    """Leave tables that we do not declare (PostGIS brings some) out of the comparison."""
    return not (kind == "table" and reflected and against is None)


def migrate(connection: Connection) -> None:
    """Run on an open connection, everything in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        process_revision_directives=alembic_helpers.writer,
        render_item=render,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate(context.config.attributes["connection"])
