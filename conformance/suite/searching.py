"""Looks for a sequence that no conforming target could answer so, and for a shorter one like it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from conformance.evidence import Unjudged, Unmet
from conformance.replay import Scribe
from conformance.suite.blame import Discrepancy
from conformance.suite.cast import Cast
from conformance.suite.machine import Machine
from conformance.suite.sequences import Do, Programme, Step, size

REPLAYS = 3
SIMPLEST = astuple(Step(Do.SEND))[2:]


class Stopped(BaseException):
    """Carries what ends a test out through Hypothesis, which would take it for a failure to shrink."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass
class Failure:
    """A programme that goes wrong, and how."""

    programme: Programme
    problem: Discrepancy
    scribe: Scribe


def play(cast: Cast, programme: Programme, *, terse: bool = False) -> Failure | None:
    """Play a programme once, and delete what it sent. Raises :class:`Stopped`."""
    try:
        machine = Machine(cast, terse=terse)
        try:
            machine.play(programme)
        except Discrepancy as problem:
            return Failure(tuple(machine.done), problem, machine.scribe)
        finally:
            cast.tidy()
    except (Unjudged, Unmet) as cause:
        raise Stopped(cause) from None
    return None


@dataclass
class Search:
    """``patience`` is how many requests may go into making a failure shorter."""

    cast: Cast
    patience: int
    best: Failure | None = None
    _spent_at: int = field(default=0, repr=False)

    def run(self, programmes: SearchStrategy[Programme], seed: int) -> bool:
        """Try one programme; whether it went wrong. Raises Unjudged and Unmet.

        Hypothesis begins with the simplest programme, which is not played, and would go on with
        changes to the second one, which are less telling than programmes of another seed.
        """

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=2,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )
        @hypothesis.given(programmes)
        def one(programme: Programme) -> None:
            if self.best or any(astuple(step)[2:] != SIMPLEST for step in programme):
                self._try(programme)

        self._until_found(one)
        return self.best is not None

    def _until_found(self, trial: Callable[[], None]) -> None:
        try:
            with without_traces():
                trial()
        except Stopped as stopped:
            if self.best is None:
                raise stopped.cause from None
        except (Discrepancy, HypothesisException):
            # The best is kept; what Hypothesis says is that it failed, or in the end no longer.
            pass

    def _try(self, programme: Programme) -> None:
        if self.best and self._requests >= self._spent_at:
            return
        found = play(self.cast, programme)
        if found is None or (self.best and found.problem.key != self.best.problem.key):
            return
        if self.best is None:
            self._spent_at = self._requests + self.patience
        if self.best is None or size(found.programme) < size(self.best.programme):
            self.best = found
        raise found.problem

    @property
    def _requests(self) -> int:
        return self.cast.run.transport.requests

    def shorten(self) -> Failure:
        """Take out what is not needed, step by step: Hypothesis may have run out of patience."""
        assert self.best is not None
        place = 0
        while place < len(self.best.programme) and self._requests < self._spent_at:
            steps = self.best.programme
            found = play(self.cast, (*steps[:place], *steps[place + 1 :]))
            if found and found.problem.key == self.best.problem.key and len(found.programme) < len(steps):
                self.best = found
            else:
                place += 1
        return self.best


def replayed(cast: Cast, failure: Failure) -> int:
    """How many times of :data:`REPLAYS` the same goes wrong again."""
    found = [play(cast, failure.programme) for _ in range(REPLAYS)]
    return sum(one is not None and one.problem.key == failure.problem.key for one in found)


def terser(cast: Cast, failure: Failure) -> Failure:
    """The same without the looks between the steps, where it goes wrong even so."""
    found = play(cast, failure.programme, terse=True)
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
