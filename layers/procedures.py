"""Procedures: how a case moves on, in editions; a case keeps the one it began under."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata import procedures
from geodata.errors import Forbidden, InvalidInput, SignInRequired
from geodata.procedure_files import parse_procedure
from layers.base import Json, Layer, Scope, Spatial
from layers.outbox import Change, announce


class Procedure(Spatial):
    """One edition of one procedure."""

    __tablename__ = "procedures"
    __table_args__ = (
        UniqueConstraint("district", "code", "edition"),
        CheckConstraint(
            "first_unit IN ('hours','working_hours','working_days')", name="first_unit_known"
        ),
        Index(
            "ix_procedures_present",
            "district",
            "code",
            unique=True,
            postgresql_where="upper_inf(valid)",
        ),
    )

    code: Mapped[str] = mapped_column(comment="编码")
    edition: Mapped[int] = mapped_column(comment="版本")
    title: Mapped[str] = mapped_column(comment="名称")
    title_en: Mapped[str] = mapped_column(comment="英文名称")
    first_step: Mapped[str] = mapped_column(comment="首个步骤")
    first_limit: Mapped[float | None] = mapped_column(comment="首步时限")
    first_unit: Mapped[str | None] = mapped_column(comment="首步时限单位")
    first_level: Mapped[str | None] = mapped_column(comment="首个哨级")
    definition: Mapped[Any] = mapped_column(JSONB, comment="定义")
    valid: Mapped[Range[object]] = mapped_column(
        TSTZRANGE, server_default=func.tstzrange(func.now(), None), comment="有效期"
    )


# The present edition of what is given ends where it says something else.
END = text("""
UPDATE procedures AS p
SET valid = tstzrange(lower(p.valid), greatest(now(), lower(p.valid))),
    row_version = p.row_version + 1
FROM jsonb_array_elements(CAST(:given AS jsonb)) AS g (definition)
WHERE p.district = :district AND p.code = g.definition ->> 'code' AND upper_inf(p.valid)
  AND p.definition <> g.definition
""")
BEGIN = text("""
INSERT INTO procedures (district, code, edition, title, title_en, first_step, first_limit,
                        first_unit, first_level, definition)
SELECT :district, g.definition ->> 'code',
       1 + COALESCE((SELECT max(p.edition) FROM procedures AS p
                     WHERE p.district = :district AND p.code = g.definition ->> 'code'), 0),
       g.definition ->> 'title', g.definition ->> 'title_en', f.step ->> 'code',
       CAST(f.step ->> 'limit' AS float8), NULLIF(f.step ->> 'unit', 'case'),
       g.definition #>> '{levels,0,code}', g.definition
FROM jsonb_array_elements(CAST(:given AS jsonb)) AS g (definition)
CROSS JOIN LATERAL (
    SELECT s.step FROM jsonb_array_elements(g.definition -> 'steps') AS s (step)
    WHERE CAST(s.step ->> 'first' AS boolean)
) AS f
WHERE NOT EXISTS (SELECT FROM procedures AS p
                  WHERE p.district = :district AND p.code = g.definition ->> 'code'
                    AND upper_inf(p.valid))
ON CONFLICT DO NOTHING
RETURNING id, code, edition
""")
KEPT = text("""
SELECT definition::text FROM procedures
WHERE district = :district AND code = :code AND edition = :edition
""")


def load_procedures(
    session: Session, scope: Scope, given: Iterable[procedures.Procedure]
) -> list[Any]:
    """Store procedures; a changed one gets a new edition, an equal one is left as it is.

    Returns:
        The new editions: rows of id, code and edition.
    """
    told = orjson.dumps([procedure.to_json() for procedure in given]).decode()
    asked = {"district": scope.district, "given": told}
    session.execute(END, asked)
    return list(session.execute(BEGIN, asked))


def procedure_of(session: Session, scope: Scope, code: str, edition: int) -> procedures.Procedure:
    """Read the edition of a procedure that a case follows.

    Raises:
        InvalidInput: if that edition is not stored.
    """
    asked = {"district": scope.district, "code": code, "edition": edition}
    told = session.execute(KEPT, asked).scalar()
    if told is None:
        raise InvalidInput(f"no edition {edition} of the procedure {code!r}", "procedure")
    return _understood(told)


@lru_cache(maxsize=256)
def _understood(told: str) -> procedures.Procedure:
    return procedures.from_json(orjson.loads(told))


def store(session: Session, scope: Scope, body: Json) -> Json:
    """Store a procedure from the text of its TOML file, if it has no fault.

    Raises:
        SignInRequired: if nobody has signed in.
        Forbidden: if the reader is no administrator.
        InvalidInput: naming every fault of the file.
    """
    if scope.reader.account is None:
        raise SignInRequired("sign in to store a procedure")
    if "administrator" not in scope.reader.roles:
        raise Forbidden("an administrator stores procedures")
    if not isinstance(body, dict) or not isinstance(body.get("toml"), str):
        raise InvalidInput("toml is the text of a procedure's file", "toml")
    found = parse_procedure(body["toml"], "toml")
    changed = [dict(row._mapping) for row in load_procedures(session, scope, [found])]
    for row in changed:
        announce(session, scope, Change("procedures", "stored", row["id"]))
    return {"code": found.code, "changed": changed}


LAYER = Layer(
    table=Procedure,
    title="Procedures",
    title_zh="流程",
    properties=("code", "edition", "title", "title_en", "definition", "valid"),
    label="title",
    order=68,
    actions_many={"store": store},
    search=(),
)
