"""The requirements of the contract: what each says, at which level, and why."""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any


class Level(StrEnum):
    """How much a requirement weighs in the verdict."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    OBSERVE = "OBSERVE"


class Need(StrEnum):
    """What a requirement asks of the set-up before it can be judged."""

    HOST = "host"
    MEMBERS = "members"
    ROLES = "roles"
    SECOND_SESSION = "second-session"
    QUIET = "quiet"


class UnknownRequirement(ValueError):
    """A name that is neither a requirement's id nor a group's."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.nearest = _nearest(name, known)
        hint = f"; did you mean {self.nearest}?" if self.nearest else ""
        super().__init__(f"no requirement or group is called {name!r}{hint}")


@dataclass(frozen=True, slots=True)
class Group:
    """Requirements about one thing; `id` is what their ids begin with."""

    id: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule of the contract.

    `text` and `why` are paragraphs without line breaks; `operations` holds operationIds of the
    document; each of `doubts` gives the readings that the reference leaves open.
    """

    id: str
    level: Level
    title: str
    text: str
    why: str
    source: str
    operations: tuple[str, ...]
    needs: tuple[Need, ...]
    doubts: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All requirements by id, and their groups, in the order of the contract."""

    requirements: Mapping[str, Requirement]
    groups: tuple[Group, ...]

    def __getitem__(self, id: str) -> Requirement:
        """Raises UnknownRequirement."""
        try:
            return self.requirements[id]
        except KeyError:
            raise UnknownRequirement(id, self.requirements) from None

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def __len__(self) -> int:
        return len(self.requirements)

    def __contains__(self, id: object) -> bool:
        return id in self.requirements

    def members(self, group: str) -> tuple[Requirement, ...]:
        """The requirements of one group; none for a name that is no group's."""
        return tuple(requirement for requirement in self if requirement.group == group)

    def select(self, patterns: Iterable[str]) -> tuple[Requirement, ...]:
        """The requirements that ids or group names (in any letter case) stand for.

        In the order of the contract, each once. Raises UnknownRequirement.
        """
        chosen = {id for pattern in patterns for id in self._ids(pattern)}
        return tuple(requirement for requirement in self if requirement.id in chosen)

    def _ids(self, pattern: str) -> tuple[str, ...]:
        name = pattern.strip().upper()
        if name in self.requirements:
            return (name,)
        ids = tuple(requirement.id for requirement in self.members(name))
        if not ids:
            raise UnknownRequirement(pattern, (*self.requirements, *(g.id for g in self.groups)))
        return ids


@functools.cache
def load() -> Catalogue:
    """The catalogue that is shipped with the package. Raises ValueError where it is not sound."""
    file = resources.files(__package__).joinpath("catalogue.toml")
    return parse(file.read_text(encoding="utf-8"))


def parse(text: str) -> Catalogue:
    """A catalogue from TOML. Raises ValueError for a double id, level, need or group not known."""
    tables = tomllib.loads(text)
    groups = tuple(Group(**table) for table in tables["group"])
    requirements = [_requirement(table) for table in tables["requirement"]]
    by_id = {requirement.id: requirement for requirement in requirements}
    if len(by_id) != len(requirements):
        raise ValueError("the catalogue has two requirements of one id")
    if strays := {r.group for r in requirements} - {g.id for g in groups}:
        raise ValueError(f"the catalogue has no group {', '.join(sorted(strays))}")
    return Catalogue(MappingProxyType(by_id), groups)


def _requirement(table: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=table["id"],
        level=Level(table["level"]),
        title=table["title"],
        text=_paragraph(table["text"]),
        why=_paragraph(table["why"]),
        source=table["source"],
        operations=tuple(table["operations"]),
        needs=tuple(Need(need) for need in table["needs"]),
        doubts=tuple(table.get("doubts", ())),
    )


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _nearest(name: str, known: Iterable[str]) -> str | None:
    matches = difflib.get_close_matches(name.strip().upper(), list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None
