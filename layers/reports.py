"""Reports: what a day, week, month or quarter of an area came to, frozen when issued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Text,
    UniqueConstraint,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInRequired
from geodata.periods import Span, ended
from layers.base import Json, Layer, Query, Scope, Sheet, Spatial
from layers.incident_filters import area_prefix
from layers.masks import AREA, AREA_DIGITS, Mask
from layers.outbox import Change, announce
from layers.queries import check_seen, visible
from layers.report_content import GROUPED, KINDS, Frozen, content_of, digest, last_case
from layers.report_sheets import SHEETS

AWARE = DateTime(timezone=True)
# A step bears the time at which its transaction began, and none of ours lasts so long.
SETTLING = timedelta(minutes=1)
ISSUERS = frozenset({"administrator", "dispatcher"})
NAMES = {"figures": {"day": "日报", "week": "周报", "month": "月报", "quarter": "季报"}}
LEDGER = "移交与销号台账"


class Report(Spatial):
    """One issued report; it never changes."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint(
            "district",
            "kind",
            "period",
            "area",
            "starts_at",
            name="uq_reports_district_kind_period_area_starts_at",
        ),
        CheckConstraint("period IN ('day','week','month','quarter')", name="period_known"),
        CheckConstraint("kind IN ('figures','ledger')", name="kind_known"),
        CheckConstraint("ends_at > starts_at", name="not_empty"),
    )

    kind: Mapped[str] = mapped_column(comment="种类")
    period: Mapped[str] = mapped_column(comment="周期")
    title: Mapped[str] = mapped_column(comment="标题")
    area: Mapped[str] = mapped_column(comment="区划代码")
    area_name: Mapped[str | None] = mapped_column(comment="区划名称")
    starts_at: Mapped[datetime] = mapped_column(AWARE, comment="起始时间")
    ends_at: Mapped[datetime] = mapped_column(AWARE, comment="截止时间")
    as_of: Mapped[datetime] = mapped_column(AWARE, comment="数据时间")
    last_case: Mapped[int] = mapped_column(BigInteger, comment="末案件标识")
    issued_at: Mapped[datetime] = mapped_column(
        AWARE, server_default=func.now(), comment="签发时间"
    )
    issued_by: Mapped[str | None] = mapped_column(comment="签发人")
    content: Mapped[Any] = mapped_column(JSONB, comment="内容")
    sha256: Mapped[str] = mapped_column(comment="校验和")


class Order(NamedTuple):
    """Which report is to be issued."""

    kind: str
    span: Span
    area: str


# A district has no row of its own where its towns are the top of the tree.
AREAS = text("""
SELECT code, name FROM (
    SELECT CAST(:district AS text) AS code,
           COALESCE((SELECT name FROM areas WHERE district = :district AND level = 1
                       AND valid @> now() LIMIT 1), '全区') AS name, 0 AS level
    UNION ALL
    SELECT CASE WHEN level = 2 THEN left(code, 9) ELSE code END, name, level FROM areas
    WHERE district = :district AND level IN (2, 3) AND valid @> now()
    UNION ALL
    SELECT code, name, 3 + level FROM grids
    WHERE district = :district AND net = 'general' AND valid @> now() AND code = :code
) AS known
WHERE CAST(:code AS text) IS NULL OR code = :code
ORDER BY level, code
""")
FIRST_CASE = text("SELECT min(reported_at) FROM incidents WHERE district = :district")


def issue(session: Session, scope: Scope, body: Json) -> Json:
    """Issue the report of a period that has ended: freeze what it says as of the period's end.

    Args:
        session: an open session.
        scope: who asks; a dispatcher or an administrator.
        body: ``period``, ``date`` (a day of the period), and maybe ``area`` (the whole district
            unless told) and ``kind`` (``figures`` unless told, or ``ledger``).

    Returns:
        The report's ``id``, ``title`` and ``sha256``.

    Raises:
        SignInRequired: if nobody is signed in; Forbidden if he does not issue reports.
        InvalidInput: naming the member that is wrong.
        Conflict: if the period has not been over for a minute, or the report was issued before.
        Unavailable: if cases are being written that it may count.
    """
    if scope.reader.account is None:
        raise SignInRequired("reports are issued by those who are signed in", code="sign_in")
    if not scope.reader.roles & ISSUERS:
        raise Forbidden("reports are issued by dispatchers and administrators", code="no_issuer")
    order = _ordered(scope, body)
    if not _is_over(order.span, scope):
        message = f"{order.span.title} has not been over for a minute"
        raise Conflict(message, "date", code="not_over", title=order.span.title)
    found = freeze(session, scope, order)
    if found is None:
        message = f"the report of {order.span.title} was issued before"
        raise Conflict(message, "date", code="issued_before", title=order.span.title)
    return found


def _is_over(span: Span, scope: Scope) -> bool:
    return span.moments(scope.time_zone)[1] + SETTLING <= datetime.now(UTC)


def _ordered(scope: Scope, body: Json) -> Order:
    if not isinstance(body, dict):
        raise InvalidInput("the body is not a JSON object", "body")
    if unknown := sorted(set(body) - {"period", "date", "area", "kind"}):
        raise InvalidInput(f"unknown member {unknown[0]!r}", unknown[0])
    try:
        day = date.fromisoformat(str(body.get("date")))
    except ValueError as error:
        raise InvalidInput(
            f"date is a day such as 2026-11-20, not {body.get('date')!r}", "date"
        ) from error
    kind = body.get("kind", "figures")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInput(f"kind is one of {', '.join(KINDS)}, not {kind!r}", "kind")
    area = body.get("area", str(scope.district))
    if not isinstance(area, str):
        raise InvalidInput(f"area is a code, not {area!r}", "area")
    return Order(kind, Span.around(str(body.get("period")), day), area_prefix(area))


def freeze(session: Session, scope: Scope, order: Order) -> Json | None:
    """Store a report and announce it; None when it is there already.

    Raises:
        InvalidInput: if there is no such area.
        Unavailable: if cases are being written that it may count.
    """
    known = {"district": scope.district, "code": order.area}
    area = session.execute(AREAS, known).first()
    if area is None:
        raise InvalidInput(f"no area or grid {order.area!r}", "area", code="no_area")
    start, end = order.span.moments(scope.time_zone)
    frozen = Frozen(order.area, start, end, end, last_case(session, scope))
    content = content_of(session, scope, order.kind, frozen)
    told = {
        "kind": order.kind,
        "period": order.span.period,
        "title": f"{area.name} {order.span.title} {_name(order)}",
        "area_name": area.name,
        "issued_by": scope.reader.account,
        "sha256": digest(content),
    }
    row = insert(Report).values(district=scope.district, content=content, **frozen.columns, **told)
    stored = session.execute(row.on_conflict_do_nothing().returning(Report.id)).scalar()
    if stored is None:
        return None
    announce(session, scope, Change("reports", "issued", stored))
    return {"id": stored, "title": told["title"], "sha256": told["sha256"]}


def _name(order: Order) -> str:
    return NAMES.get(order.kind, {}).get(order.span.period, LEDGER)


def missing(session: Session, scope: Scope, day: date) -> Sequence[Order]:
    """List the reports that were due when a day began and are not issued yet.

    Of every village, town and the district: the last week's days, and the last week, month and
    quarter; with the ledger of the month. Periods before the first case have no report.
    """
    first = session.execute(FIRST_CASE, {"district": scope.district}).scalar()
    if first is None:
        return []
    codes = session.execute(AREAS, {"district": scope.district, "code": None}).scalars().all()
    orders = [
        Order(kind, span, code)
        for span in ended(day)
        if _is_over(span, scope) and span.moments(scope.time_zone)[1] > first
        for kind in (KINDS if span.period == "month" else ("figures",))
        for code in codes
    ]
    asked = select(Report.kind, Report.period, Report.area, Report.starts_at).where(
        Report.district == scope.district
    )
    issued = {tuple(row) for row in session.execute(asked)}
    return [order for order in orders if _key(order, scope) not in issued]


def _key(order: Order, scope: Scope) -> tuple[str, str, str, datetime]:
    return order.kind, order.span.period, order.area, order.span.moments(scope.time_zone)[0]


def check(session: Session, scope: Scope, report_id: int) -> str:
    """Count a report again as of its moment, and tell whether it says the same.

    What is counted is what it says: one of before a grouping was added is held to its own.

    Returns:
        ``same``, and both checksums, as JSON text.

    Raises:
        NotFound: if there is no such report.
    """
    report = _report(session, scope, report_id)
    frozen = Frozen(
        *(report.area, report.starts_at, report.ends_at, report.as_of, report.last_case),
        groupings=tuple(by for by in GROUPED if by in report.content.get("groups", {})),
    )
    again = digest(content_of(session, scope, report.kind, frozen))
    told = {"same": again == report.sha256, "sha256": report.sha256, "again": again}
    return orjson.dumps(told).decode()


def sheets(session: Session, scope: Scope, report_id: int) -> tuple[str, list[Sheet]]:
    """Tell a report as a workbook: its title and its sheets.

    Raises:
        NotFound: if there is no such report.
    """
    report = _report(session, scope, report_id)
    return report.title, list(SHEETS[report.kind](report.content))


def _report(session: Session, scope: Scope, report_id: int) -> Any:
    check_seen(session, LAYER, scope, report_id)
    asked = select(Report).where(*visible(LAYER, scope, Query(ids=(report_id,))))
    found = session.execute(asked).scalar()
    if found is None:
        raise NotFound(f"no feature {report_id} in reports")
    return found


def mask(_: Scope) -> Mask:
    """Keep reports, which count restricted cases too, for those who answer for all of the area."""
    within = [literal(AREA) + func.left(Report.area, digits) for digits in AREA_DIGITS]
    return Mask(literal(True), cast(array(within), ARRAY(Text)))


LAYER = Layer(
    table=Report,
    title="Reports",
    title_zh="报表",
    properties=(
        *("kind", "period", "title", "area", "area_name", "starts_at", "ends_at", "as_of"),
        *("last_case", "issued_at", "issued_by", "sha256"),
    ),
    details=("content",),
    label="title",
    order=95,
    actions_many={"issue": issue},
    views={"check": check},
    sheets=sheets,
    search=(),
    mask=mask,
)
