"""The kill matrix: every fault of the reference server against the suite.

A fault is *killed* where a run finds it under a requirement that it declares. A finding under any
other requirement is *collateral* and counts against the suite, and so does any finding on a
conforming variant. A fault whose code never ran proves nothing and is an error.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import io
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from multiprocessing.synchronize import Semaphore
from typing import Any

from conformance import contract_file, engine
from conformance.plugin import SEARCHING
from conformance.reference import process, registry
from conformance.reference.process import Running
from conformance.reference.roster import Roster, invent
from conformance.settings import Settings
from conformance.target import embedded

MISSED, KILLED, COLLATERAL, ERROR = "missed", "killed", "collateral", "error"


@dataclass(frozen=True, slots=True)
class Row:
    """What the suite found of one fault or variant; ``found`` are the failed requirements."""

    id: str
    title: str
    breaks: tuple[str, ...]
    found: tuple[str, ...]
    ran: bool
    errors: tuple[str, ...]
    leftovers: int
    requests: int
    seconds: float
    tests: tuple[str, ...] = ()
    """The tests that found something."""
    findings: tuple[str, ...] = ()
    """The findings under requirements that were not declared, a line each."""
    searched: bool = False
    """Whether properties, sequences and races found it, and no scenario did."""

    @property
    def unexpected(self) -> tuple[str, ...]:
        return tuple(rule for rule in self.found if rule not in self.breaks)

    @property
    def outcome(self) -> str:
        if self.errors or not self.ran:
            return ERROR
        if self.unexpected:
            return COLLATERAL
        return KILLED if self.found else MISSED

    @property
    def right(self) -> bool:
        """A fault that was killed and nothing else, or a variant without a finding."""
        return self.outcome == (KILLED if self.breaks else MISSED)

    def followed_by(self, other: Row) -> Row:
        """This row, of a part of the suite that found nothing, and what another part came to."""
        return replace(
            other,
            ran=self.ran or other.ran,
            leftovers=self.leftovers + other.leftovers,
            requests=self.requests + other.requests,
            seconds=round(self.seconds + other.seconds, 3),
        )

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "outcome": self.outcome, "unexpected": self.unexpected}


DEPTH = "brief"
"""How deep the searches with properties, sequences and races go at first, for each server."""
DEEPER = {"quick": "searches", "normal": "all"}
"""How deep they go for a fault that is not found; scenarios send more at normal depth."""


def judge(ids: Iterable[str]) -> Row:
    """Run the whole suite against the reference server with these faults or variants, all at once.

    How much is searched for hangs on what is found.
    """
    chosen = [registry.find(id) for id in ids]
    row = _judge(chosen, DEPTH)
    for depth, part in DEEPER.items() if any(one.breaks for one in chosen) else ():
        if row.found or row.errors:
            break
        row = row.followed_by(_judge(chosen, depth, part))
    return row


def _judge(chosen: list[registry.Deviation], depth: str, part: str = "all") -> Row:
    # Whatever is found counts: a fault of a SHOULD fails the strict profile only.
    settings, finders = Settings(profile="strict", depth=depth, part=part), _Finders()
    results, server = execute([one.id for one in chosen], settings, finders)
    tests = tuple(sorted(finders.tests))
    return replace(_row(chosen, results, server), tests=tests, searched=searches_alone(tests))


def searches_alone(tests: Iterable[str]) -> bool:
    """Whether there are tests, and all of them search."""
    names = [test.rpartition("/")[2] for test in tests]
    return bool(names) and all(name.startswith(SEARCHING) for name in names)


class _Finders(engine.Silence):
    """Notes the tests that find something."""

    def __init__(self) -> None:
        self.tests: set[str] = set()

    def ran(self, evidence: Mapping[str, Any]) -> None:
        if evidence["findings"]:
            self.tests.add(evidence["test"])


def execute(
    ids: Iterable[str], settings: Settings, progress: engine.Progress | None = None
) -> tuple[Mapping[str, Any], Running]:
    """One run against a server of its own with these faults or variants; nothing is kept of it.

    Gives the results, and the server, which has ended.
    """
    with (
        process.serving(deviations=list(ids), openapi=settings.openapi, roster=_people()) as server,
        contextlib.redirect_stderr(io.StringIO()),
    ):
        results = engine.judge(embedded(settings, server), progress)
    return results, server


@functools.cache
def _people() -> Roster:
    """The same for all servers of a process: what redacts their tokens is made once."""
    return invent()


def _row(chosen: list[registry.Deviation], results: Mapping[str, Any], server: Running) -> Row:
    breaks = tuple(dict.fromkeys(rule for one in chosen for rule in one.breaks))
    failed = [one for one in results["requirements"] if one["findings"]]
    undeclared = [
        f"{one['id']}: {finding['summary']} (expected {finding['expected']}, "
        f"got {finding['actual'][:200]}) in {finding['test']}"
        for one in failed
        if one["id"] not in breaks
        for finding in one["findings"]
    ]
    blocked = [results["blocked"]] if results["blocked"] else []
    return Row(
        " + ".join(one.id for one in chosen),
        chosen[0].title if len(chosen) == 1 else "a combination",
        breaks,
        tuple(one["id"] for one in failed),
        all(one.id in server.ran for one in chosen),
        (*results["errors"], *blocked),
        len(results["leftovers"]),
        results["requests"],
        results["seconds"],
        findings=tuple(undeclared),
    )


def judge_all(
    groups: Iterable[tuple[str, ...]],
    tell: Callable[[Row], None],
    workers: int | None = None,
) -> list[Row]:
    """Judge each group of ids in a process of its own, on all cores; rows in the order given."""
    asked = list(groups)
    rows: dict[tuple[str, ...], Row] = {}
    # The children of a warm parent have the suite imported already, and need not look it through
    # for garbage.
    context = multiprocessing.get_context("fork")
    _warm()
    gc.freeze()
    # Two more turns than there are cores: checker and server wait for each other. Servers that are
    # slow on purpose need no turn. What takes longest is judged first, and not waited for at the
    # end.
    turns = workers or (os.cpu_count() or 1) + 2
    count = turns + sum(map(_waits, asked))
    with ProcessPoolExecutor(count, context, _begin, (context.Semaphore(turns),)) as pool:
        first = sorted(asked, key=lambda ids: (not _waits(ids), min(map(_quickness, ids))))
        waiting = {pool.submit(_judge_in_turn, ids): ids for ids in first}
        try:
            for done in as_completed(waiting):
                row = rows[waiting[done]] = done.result()
                tell(row)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [rows[ids] for ids in asked]


def _warm() -> None:
    """Import the suite, and what its properties are fed with, which takes a while."""
    from conformance.suite.generated import feed

    engine.tests()
    feed(contract_file.load(None))


class _Turns:
    """How many of the workers may be at work, where their server does not wait."""

    free: contextlib.AbstractContextManager[object] = contextlib.nullcontext()


def _begin(turns: Semaphore) -> None:
    begin_worker()
    _Turns.free = turns


def _judge_in_turn(ids: tuple[str, ...]) -> Row:
    with contextlib.nullcontext() if _waits(ids) else _Turns.free:
        return judge(ids)


def _waits(ids: tuple[str, ...]) -> bool:
    return any(registry.find(id).waits for id in ids)


def _quickness(id: str) -> int:
    """How soon a server is done with: last variants, as they meet the whole suite, then races."""
    breaks = registry.find(id).breaks
    return 0 if not breaks else 1 if breaks[0].startswith("CONC") else 2


def begin_worker() -> None:
    """A worker's first call: it judges servers that are copies of itself."""
    ends_with_parent()
    process.fork_from_here()


def ends_with_parent() -> None:
    """A worker whose parent was killed must not go on: Linux tells it by a signal."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


PR_SET_PDEATHSIG = 1
