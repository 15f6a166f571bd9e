"""The demo town's accounts: one for each role, and one for every post that somebody holds."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.account_making import ADD_ROLES
from layers.accounts import ROLES
from layers.base import Scope

DISPATCHER = "dispatcher"
WORKERS_VILLAGE = "441900109207"  # 井美村

HASH = text("SELECT password FROM accounts WHERE district = :district AND demo LIMIT 1")
RENEW = text("UPDATE accounts SET password = :password WHERE district = :district AND demo")
# A post of a grid answers for the grid, one of a village or of the town for its ground; the code of
# a town ends in 000.
MAKE = text("""
WITH held AS (
    SELECT d.code, d.post, d.holder, d.organisation_code AS unit, d.grid_code,
           CASE WHEN o.kind = 'department' THEN 'department' ELSE 'worker' END AS role,
           CASE WHEN o.kind = 'department' THEN NULL
                ELSE COALESCE(d.grid_code, regexp_replace(o.area_code, '000$', '')) END AS area
    FROM duties AS d
    LEFT JOIN organisations AS o ON o.district = d.district AND o.code = d.organisation_code
    WHERE d.district = :district AND d.holder <> '' AND d.valid @> now()
), wanted (name, title, role, post, unit, area) AS (
    VALUES ('dispatcher', '指挥中心值班席', 'dispatcher', NULL, NULL, NULL),
           ('planner', '网格规划岗', 'planner', NULL, NULL, NULL),
           ('administrator', '系统管理岗', 'administrator', NULL, NULL, NULL)
    UNION ALL
    (SELECT 'worker', holder, 'worker', code, unit, area FROM held
     WHERE post = 'micro_leader' AND grid_code LIKE :village || '%' ORDER BY code LIMIT 1)
    UNION ALL
    -- The department that answers for most items.
    (SELECT 'department', min(o.name), 'department', NULL, h.unit, NULL
     FROM held AS h JOIN organisations AS o ON o.district = :district AND o.code = h.unit
     WHERE h.role = 'department' GROUP BY h.unit ORDER BY count(*) DESC, h.unit LIMIT 1)
    UNION ALL
    SELECT code, holder, role, code, unit, area FROM held
), made AS (
    INSERT INTO accounts (district, name, title, password, demo, post, unit, areas, fs_uniquifier)
    SELECT :district, name, title, :password, true, post, unit,
           CASE WHEN area IS NULL THEN '{}' ELSE ARRAY[area] END, gen_random_uuid()::text
    FROM wanted
    ON CONFLICT DO NOTHING
    RETURNING id, name
)
INSERT INTO account_roles (district, account_id, role_id)
SELECT :district, m.id, r.id
FROM made AS m JOIN wanted AS w ON w.name = m.name
JOIN roles AS r ON r.district = :district AND r.name = w.role
""")


def demo_hash(session: Session, scope: Scope) -> str | None:
    """Tell the hash of the password that all demo accounts share; None before there are any."""
    return session.execute(HASH, {"district": scope.district}).scalar()


def make_demo_accounts(session: Session, scope: Scope, password: str) -> None:
    """Make those demo accounts that are missing, and give all of them a password's hash."""
    asked = {"district": scope.district, "password": password, "village": WORKERS_VILLAGE}
    session.execute(ADD_ROLES, {"district": scope.district, "roles": list(ROLES)})
    session.execute(RENEW, asked)
    session.execute(MAKE, asked)
