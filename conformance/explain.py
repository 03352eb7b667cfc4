"""Requirements for a terminal: one in full, or all of them as an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from conformance import proofs
from conformance.catalogue import Catalogue, Level, Need, Requirement, load

STYLES = {Level.MUST: "bold red", Level.SHOULD: "bold yellow", Level.OBSERVE: "bold cyan"}

NEEDS = {
    Need.HOST: "a host's token",
    Need.MEMBERS: "two members",
    Need.ROLES: "proof of who is host and who member",
    Need.SECOND_SESSION: "a second session",
    Need.QUIET: "no other writer in the session",
}

WIDTH = 100  # longer lines are hard to read, however wide the terminal


class FaultLike(Protocol):
    """A known defect that can be switched on to prove that a test fails for it."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...


def render(
    console: Console,
    requirement: Requirement | None,
    tests: Mapping[str, Sequence[str]],
    faults: Mapping[str, Sequence[FaultLike]],
    operations: Mapping[str, tuple[str, str]],
    catalogue: Catalogue | None = None,
) -> None:
    """Print one requirement, or the index of all where there is none.

    `tests` and `faults` are looked up by requirement id; `operations` gives the method and the path
    of an operationId.
    """
    catalogue = catalogue or load()
    if requirement is None:
        parts = _index(catalogue)
    else:
        parts = _sheet(requirement, catalogue, tests, faults, operations)
    console.print(Group(*parts), width=min(console.width, WIDTH))


def _index(catalogue: Catalogue) -> Iterator[RenderableType]:
    for group in catalogue.groups:
        yield Text.assemble((group.id, "bold"), "  ", group.title)
        yield Padding(Text(group.summary, "dim"), (0, 0, 0, 2))
        yield Padding(_listing(catalogue.members(group.id)), (0, 0, 1, 2))
    yield _totals(catalogue)


def _totals(catalogue: Catalogue) -> Text:
    levels = [requirement.level for requirement in catalogue]
    counts = ", ".join(f"{levels.count(level)} {level}" for level in Level)
    return Text(f"{len(levels)} requirements: {counts}")


def _listing(requirements: Iterable[Requirement]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(no_wrap=True, min_width=7)
    table.add_column()
    for each in requirements:
        table.add_row(Text(each.id), _level(each.level), Text(each.title))
    return table


def _level(level: Level) -> Text:
    return Text(level, STYLES[level])


def _sheet(
    requirement: Requirement,
    catalogue: Catalogue,
    tests: Mapping[str, Sequence[str]],
    faults: Mapping[str, Sequence[FaultLike]],
    operations: Mapping[str, tuple[str, str]],
) -> Iterator[RenderableType]:
    yield _heading(requirement)
    yield Text()
    yield Text(requirement.title, "bold")
    yield from _section("Rule", _prose(requirement.text))
    yield from _section("Why", Text(requirement.why))
    yield from _section("Source", _bullets(requirement.source.split("; ")))
    yield from _section("Operations", _routes(requirement.operations, operations))
    yield from _section("Needs", _bullets(NEEDS[need] for need in requirement.needs))
    yield from _section("Where the reference leaves room", _bullets(requirement.doubts))
    yield from _section("Judged by", _bullets(tests.get(requirement.id, ()), "no test yet"))
    known = proofs.words(requirement.id)
    title = f"Proven by ({known})" if known else "Proven by"
    yield from _section(title, _proofs(faults.get(requirement.id, ())))
    yield from _section("Related", _related(requirement, catalogue))


def _heading(requirement: Requirement) -> Rule:
    title = Text.assemble((requirement.id, "bold"), "  ", _level(requirement.level))
    return Rule(title, align="left", style="dim")


def _section(title: str, body: RenderableType | None) -> Iterator[RenderableType]:
    if body is not None:
        yield Text()
        yield Text(title, "bold dim")
        yield Padding(body, (0, 0, 0, 2))


def _prose(text: str) -> Text:
    """The text with what stands between backquotes coloured, and without the backquotes."""
    parts = text.split("`")
    return Text.assemble(*((part, "green" if n % 2 else "") for n, part in enumerate(parts)))


def _bullets(items: Iterable[str], empty: str | None = None) -> RenderableType | None:
    rows = [(Text("-", "dim"), _prose(item)) for item in items]
    if not rows:
        return Text(empty, "dim") if empty else None
    return _grid(rows)


def _grid(rows: Iterable[Sequence[RenderableType]]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(*row)
    return table


def _routes(ids: Sequence[str], operations: Mapping[str, tuple[str, str]]) -> Table:
    routes = ((id, *operations.get(id, ("", ""))) for id in ids)
    return _grid((Text(id), Text(method, "bold"), Text(path, "dim")) for id, method, path in routes)


def _proofs(faults: Sequence[FaultLike]) -> RenderableType:
    if not faults:
        return Text("no fault yet", "dim")
    return _grid((Text(fault.id, "bold", no_wrap=True), Text(fault.title)) for fault in faults)


def _related(requirement: Requirement, catalogue: Catalogue) -> Text | None:
    others = [each for each in catalogue.members(requirement.group) if each != requirement]
    if not others:
        return None
    return Text(", ").join(Text(each.id, STYLES[each.level]) for each in others)
