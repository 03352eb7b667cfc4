"""Looks for a sequence that no conforming target could answer so, and for a shorter one like it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration
from hypothesis.strategies import SearchStrategy

from conformance.evidence import Unjudged, Unmet
from conformance.replay import Scribe
from conformance.suite.blame import Discrepancy
from conformance.suite.cast import Cast
from conformance.suite.machine import Machine
from conformance.suite.sequences import HOST, Do, Programme, Step, Which, size

REPLAYS = 3
SIMPLEST = astuple(Step(Do.SEND))[2:]
SIMPLER: tuple[tuple[str, Any], ...] = (
    ("which", Which.KNOWN),
    ("held", Which.KNOWN),
    ("chat", 0),
    ("value", 0),
    ("who", HOST),
)


class Stopped(BaseException):
    """Carries what ends a test through Hypothesis, which would take it for a failure."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass
class Failure:
    """A programme that goes wrong, and how."""

    programme: Programme
    problem: Discrepancy
    scribe: Scribe


def play(
    cast: Cast,
    programme: Programme,
    *,
    terse: bool = False,
    twice: bool = False,
    again: bool = False,
) -> Failure | None:
    """Play a programme once, and delete what it sent. Raises :class:`Stopped`."""
    try:
        machine = Machine(cast, terse=terse, twice=twice, damaged=again)
        try:
            machine.play(programme)
        except Discrepancy as problem:
            return Failure(tuple(machine.done), problem, machine.scribe)
        finally:
            cast.tidy()
    except (Unjudged, Unmet) as cause:
        raise Stopped(cause) from None
    return None


def tried(cast: Cast, programmes: SearchStrategy[Programme], seed: int) -> Failure | None:
    """Play a programme that Hypothesis makes up of a seed. Raises Unjudged and Unmet.

    It begins with the simplest programme, which is not played, and would go on with changes to the
    second one, which tell less than programmes of other seeds.
    """
    found: list[Failure] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=2,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    @hypothesis.given(programmes)
    def one(programme: Programme) -> None:
        if not found and any(astuple(step)[2:] != SIMPLEST for step in programme):
            found.extend(filter(None, [play(cast, programme)]))

    try:
        with without_traces():
            one()
    except Stopped as stopped:
        raise stopped.cause from None
    return found[0] if found else None


# -- a shorter one ---------------------------------------------------------------------------------


@dataclass
class Shrinking:
    """Makes a failure shorter and simpler while it stays the same; ``patience`` is in requests.

    It is done here and not by Hypothesis, which knows neither where a programme went wrong nor what
    a trial costs.
    """

    cast: Cast
    best: Failure
    patience: int
    _until: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._until = self._requests + self.patience

    @property
    def _requests(self) -> int:
        return self.cast.run.transport.requests

    def shrunk(self) -> Failure:
        """The shortest failure found. Raises :class:`Stopped`."""
        chunk = len(self.best.programme) // 2
        while chunk:
            removed = self._without(chunk)
            chunk = chunk if removed and chunk == 1 else chunk // 2
        self._simplify()
        return self.best

    def _without(self, chunk: int) -> bool:
        """Take out what is not needed, so many steps at a time, from the end; whether any was."""
        before, place = len(self.best.programme), len(self.best.programme) - chunk
        while place > -chunk:
            steps = self.best.programme
            self._better((*steps[: max(0, place)], *steps[place + chunk :]))
            place -= chunk
        return len(self.best.programme) < before

    def _simplify(self) -> None:
        """Take the simplest words in which it still goes wrong."""
        for place, step in enumerate(self.best.programme):
            for name, value in SIMPLER:
                if getattr(step, name) != value and place < len(self.best.programme):
                    simpler = replace(self.best.programme[place], **{name: value})
                    steps = self.best.programme
                    self._better((*steps[:place], simpler, *steps[place + 1 :]))

    def _better(self, programme: Programme) -> bool:
        if self._requests >= self._until or size(programme) >= size(self.best.programme):
            return False
        found = play(self.cast, programme, again=True)
        if found is None or found.problem.key != self.best.problem.key:
            return False
        self.best = found
        return True


def replayed(cast: Cast, failure: Failure) -> int:
    """How many times of :data:`REPLAYS` the same goes wrong again."""
    found = [play(cast, failure.programme, again=True) for _ in range(REPLAYS)]
    return sum(one is not None and one.problem.key == failure.problem.key for one in found)


def unsteady(cast: Cast, failure: Failure) -> Failure | None:
    """The same with each look taken twice, if it is reading that changes something (STATE-2)."""
    found = play(cast, failure.programme, twice=True, again=True)
    return found if found and found.problem.rule == "STATE-2" else None


def terser(cast: Cast, failure: Failure) -> Failure:
    """The same without the looks between the steps, where it goes wrong even so."""
    found = play(cast, failure.programme, terse=True, again=True)
    return found if found and found.problem.key == failure.problem.key else failure


@contextmanager
def without_traces() -> Iterator[None]:
    """Hypothesis keeps what it learns of the code in a folder, which shall not be the user's."""
    before = configuration.storage_directory(intent_to_write=False).path
    with tempfile.TemporaryDirectory(prefix="chats-conformance-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
