"""A small town with the bodies and posts that move cases on, and people who do it by HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from geodata.regions import bags
from layers.base import Reader
from layers.duties import Duty
from layers.organisations import Organisation
from layers.town import load_categories
from tests.conftest import Desk
from tests.factories import EAST, GRID, SCOPE, VILLAGE, Json, incident, posted

ITEMS = "/collections/incidents/items"
TOWN = "441900109000"
CENTRE = Reader(account="centre", roles=frozenset({"dispatcher"}))
BOSS = Reader(account="boss", roles=frozenset({"administrator"}))
EAST_TEAM, TEAM, PETITION, WATER, STREETS = f"{EAST}T", "TT", "PX", "DW", "DC"
ORGANISATIONS = (
    (EAST_TEAM, "二微网格工作队", "team", VILLAGE),
    (TEAM, "网格工作队", "town_team", TOWN),
    (PETITION, "信访办公室", "petition", TOWN),
    (WATER, "农林水务局", "department", TOWN),
    (STREETS, "公安分局", "department", TOWN),
)
# code: post, organisation, grid, category.
POSTS: dict[str, tuple[str, str, str | None, str | None]] = {
    "leader": ("micro_leader", EAST_TEAM, EAST, None),
    "governance": ("governance", EAST_TEAM, EAST, None),
    "volunteer": ("volunteer", EAST_TEAM, EAST, None),
    "grid_leader": ("grid_leader", "O1", GRID, None),
    "secretary": ("village_secretary", "O1", None, None),
    "captain": ("team_leader", TEAM, None, None),
    "officer": ("petition_officer", PETITION, None, None),
    "water": ("desk", WATER, None, "404"),
    "police": ("desk", STREETS, None, "201"),
}
PROOF = {"photos": ["after.jpg"], "note": "处置完毕"}


def add_bodies(session: Session) -> None:
    """Store the bodies and posts of a town that ``factories.add_town`` has stored."""
    load_categories(session, SCOPE, bags(SCOPE.district))
    for code, name, kind, area in ORGANISATIONS:
        told = {"code": code, "name": name, "kind": kind, "area_code": area}
        session.add(Organisation(district=SCOPE.district, **told))
    for code, (post, unit, grid, category) in POSTS.items():
        held: dict[str, Any] = {"code": code, "post": post, "title": post, "holder": code}
        held |= {"organisation_code": unit, "grid_code": grid, "category": category}
        session.add(Duty(district=SCOPE.district, **held))
    session.flush()


def follow(session: Session, category: str, procedure: str) -> None:
    """Let the cases of an item follow another procedure."""
    asked = text("UPDATE categories SET procedure = :procedure WHERE code = :category")
    session.execute(asked, {"procedure": procedure, "category": category})


def holder(post: str) -> Reader:
    """Give the account of one who holds a post."""
    kind, unit, grid, _ = POSTS[post]
    role = "department" if kind == "desk" else "worker"
    return Reader(post, frozenset({role}), post, unit, (grid,) if grid else ())


@dataclass
class Case:
    """One case, moved by whoever sits at the desk."""

    desk: Desk
    id: int

    def properties(self) -> Json:
        """Read the case as it is now."""
        reply = self._as(CENTRE).get(f"{ITEMS}/{self.id}")
        return dict(reply.get_json(force=True)["properties"])

    def version(self) -> str:
        """Read the ETag."""
        return str(self._as(CENTRE).get(f"{ITEMS}/{self.id}").headers["ETag"])

    def steps(self) -> list[Json]:
        """Read the steps, oldest first."""
        return list(self._as(CENTRE).get(f"{ITEMS}/{self.id}/steps").get_json(force=True))

    def story(self) -> list[tuple[str, str | None, str | None, str | None, str | None]]:
        """Tell of each step: the move, by which post of which unit, and where the case is then."""
        names = ("move", "post", "unit", "post_to", "step_to")
        return [tuple(step[name] for name in names) for step in self.steps()]  # type: ignore[misc]

    def dues(self) -> list[tuple[datetime, datetime]]:
        """Tell of each step when it was made, and when the case was due after it."""
        return [
            (datetime.fromisoformat(step["at"]), datetime.fromisoformat(step["due_at"]))
            for step in self.steps()
        ]

    def moves(self, who: str | Reader) -> dict[str, Json]:
        """Read the moves that somebody is shown, by code."""
        told = self._as(who).get(f"{ITEMS}/{self.id}/moves").get_json(force=True)
        return {move["code"]: move for move in told["moves"]}

    def tried(self, who: str | Reader, move: str, **said: Any) -> TestResponse:
        """Make a move based on the present version; the reply."""
        headers = {"If-Match": self.version()}
        body = {"move": move, **said}
        return self._as(who).post(f"{ITEMS}/{self.id}/steps", json=body, headers=headers)

    def moved(self, who: str | Reader, move: str, **said: Any) -> Json:
        """Make a move that must be taken; the case's properties."""
        reply = self.tried(who, move, **said)
        assert reply.status_code == 201, reply.text
        return dict(reply.get_json(force=True)["properties"])

    def refused(self, who: str | Reader, move: str, **said: Any) -> tuple[int, str]:
        """Make a move that must be refused and change nothing; the status and the member."""
        before = self.version(), len(self.steps())
        reply = self.tried(who, move, **said)
        assert (self.version(), len(self.steps())) == before, reply.text
        return reply.status_code, str(reply.get_json(force=True)["member"])

    def _as(self, who: str | Reader) -> Any:
        self.desk.reader = holder(who) if isinstance(who, str) else who
        return self.desk.client


def reported(desk: Desk, who: str | Reader = CENTRE, **properties: Any) -> Case:
    """Report a case in the eastern micro-grid as somebody, by his own channel."""
    desk.reader = holder(who) if isinstance(who, str) else who
    properties = {"source": "grid_worker", **properties}
    return Case(desk, int(posted(desk.client, incident(50, 50, **properties))["id"]))
