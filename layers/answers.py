"""The rule of who answers for a place and an item; each answer says by which part of it.

A dedicated grid's own people come first, then the organisation that the town's table names for the
item and the class of the place, then the post of the deepest grid with those who stand in for it,
then the village, and at last the town.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

RULES = {
    "dedicated": ("dedicated grid", "专属网格"),
    "industry": ("department in charge of the item", "行业部门"),
    "post": ("grid post on duty", "网格在岗"),
    "substitute": ("substitute of the grid post", "替岗"),
    "territorial": ("territorial fallback", "属地兜底"),
}
# Who leads a grid; a post that is not named comes after them.
LEADS = ("micro_leader", "group_leader", "grid_leader")
# These serve a grid but do not answer for it.
BESIDE = frozenset({"police", "doctor", "volunteer", "desk"})
VILLAGE, TOWN = "village", ("town_team", "petition")


@dataclass(frozen=True)
class Post:
    """One post as the duties have it; ``holder`` is empty while it is vacant."""

    code: str
    post: str
    title: str
    holder: str
    phone: str | None
    unit: str | None
    grid_code: str | None
    category: str | None
    rank: int

    @property
    def order(self) -> tuple[bool, int, int, str]:
        """Whom to ask first: a post for the one item, then the leaders, then by rank."""
        lead = LEADS.index(self.post) if self.post in LEADS else len(LEADS)
        return (self.category is None, lead, self.rank, self.code)


@dataclass(frozen=True)
class Unit:
    """One organisation; ``area_code`` is the village or town that it belongs to."""

    code: str
    name: str
    kind: str
    area_code: str | None
    phone: str | None


@dataclass(frozen=True)
class Ground:
    """What is known of a place: its grids, its village and the classes of what stands there.

    Attributes:
        dedicated: codes of the dedicated grids, in the order in which they answer.
        tree: codes of the grids of the general net, the deepest first.
        village: code of the village.
        classes: classes of the enterprises and facilities there.
    """

    dedicated: tuple[str, ...] = ()
    tree: tuple[str, ...] = ()
    village: str | None = None
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """Who answers, and by which rule; ``post`` is None where an organisation has nobody on duty."""

    rule: str
    unit: Unit | None
    post: Post | None
    grid_code: str | None = None

    @property
    def key(self) -> tuple[str | None, str | None]:
        """Tell two bodies apart: organisation and post."""
        return (self.unit.code if self.unit else None, self.post.code if self.post else None)


Mandates = Mapping[tuple[str, str], tuple[str, str]]


@dataclass
class Roster:
    """The posts and organisations that may answer, and which must for which item.

    Args:
        posts: those in force at the time that is asked about.
        units: the organisations.
        mandates: (item, class or "") to (kind, name) of an organisation.
    """

    posts: Iterable[Post]
    units: Iterable[Unit]
    mandates: Mandates = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._of_grid, self._of_unit = defaultdict(list), defaultdict(list)
        for post in sorted(self.posts, key=lambda p: p.order):
            if post.grid_code is not None:
                self._of_grid[post.grid_code].append(post)
            elif post.unit is not None:
                self._of_unit[post.unit].append(post)
        self._unit = {unit.code: unit for unit in self.units}
        self._by_area = {(unit.kind, unit.area_code): unit for unit in self.units}
        self._by_name = {(unit.kind, unit.name): unit for unit in self.units}

    def answers(self, ground: Ground, item: str | None) -> list[Answer]:
        """List who answers for an item, the accountable body first, then who comes after it.

        Args:
            ground: the place.
            item: code of the category; None for one that no table names.

        Returns:
            Nothing when no body answers at all. Nobody is listed twice.
        """
        found: dict[tuple[str | None, str | None], Answer] = {}
        for answer in self._in_order(ground, item):
            found.setdefault(answer.key, answer)
        return list(found.values())

    def _in_order(self, ground: Ground, item: str | None) -> Iterator[Answer]:
        for code in ground.dedicated:
            for post in self._on_duty(code, item):
                yield self._post("dedicated", post)
        yield from self._industry(ground.classes, item)
        yield from self._of_tree(ground.tree, item)
        yield from self._territorial(ground.village)

    def accountable(self, ground: Ground, item: str | None) -> list[Answer]:
        """Give the body that answers for an item; several only if they hold one post at once."""
        first = next(self._in_order(ground, item), None)
        if first is None or first.post is None or first.post.post not in LEADS:
            return [first] if first else []
        rank = first.post.order[:3]
        posts = self._on_duty(first.grid_code or "", item)
        return [self._post(first.rule, p) for p in posts if p.order[:3] == rank] or [first]

    def in_charge(self, department: str, item: str | None) -> list[Answer]:
        """Give the department that an item belongs to, whoever answers for the place."""
        unit = self._by_name.get(("department", department))
        return [self._of_body("industry", unit, item)] if unit else []

    def claims(self, code: str, item: str | None) -> bool:
        """Tell whether a dedicated grid answers for an item: it does unless its posts name others.

        Posts that are vacant count.
        """
        posts = self._of_grid[code]
        return not posts or any(post.category in (None, item) for post in posts)

    def items_named(self) -> set[str]:
        """Give the items that some rule treats unlike the others."""
        named = {p.category for posts in self._of_grid.values() for p in posts if p.category}
        return named | {item for item, _ in self.mandates}

    def classes_named(self) -> set[str]:
        """Give the classes of places that some mandate names."""
        return {place_class for _, place_class in self.mandates if place_class}

    def _on_duty(self, code: str, item: str | None) -> list[Post]:
        return [post for post in self._asked(code, item) if post.holder]

    def _asked(self, code: str, item: str | None) -> list[Post]:
        """List the posts of a grid that an item is for, vacant ones too."""
        return [
            post
            for post in self._of_grid.get(code, ())
            if post.category in (None, item) and post.post not in BESIDE
        ]

    def _industry(self, classes: frozenset[str], item: str | None) -> Iterator[Answer]:
        for place_class in (*sorted(classes), ""):
            named = self.mandates.get((item or "", place_class))
            unit = self._by_name.get(named) if named else None
            if unit is not None:
                yield self._of_body("industry", unit, item)

    def _of_tree(self, tree: tuple[str, ...], item: str | None) -> Iterator[Answer]:
        """Walk up the grids; whoever is not the first post of the deepest one stands in for it."""
        rule = "post"
        for code in tree:
            for post in self._asked(code, item):
                if post.holder:
                    yield self._post(rule, post)
                rule = "substitute"
            rule = "substitute"

    def _territorial(self, village: str | None) -> Iterator[Answer]:
        """Go to whoever is on duty in the village or the town, and last to a place without any."""
        if village is None:
            return
        units = [self._by_area.get((VILLAGE, village))]
        units += [self._by_area.get((kind, town_of(village))) for kind in TOWN]
        bodies = [self._of_body("territorial", unit) for unit in units if unit is not None]
        yield from sorted(bodies, key=lambda body: body.post is None)

    def _of_body(self, rule: str, unit: Unit, item: str | None = None) -> Answer:
        posts = [p for p in self._of_unit[unit.code] if p.category in (None, item) and p.holder]
        return Answer(rule, unit, posts[0] if posts else None)

    def _post(self, rule: str, post: Post) -> Answer:
        unit = self._unit.get(post.unit) if post.unit else None
        return Answer(rule, unit, post, post.grid_code)


def town_of(village: str) -> str:
    """Give the code of the town that a village lies in."""
    return village[:9] + "000"
