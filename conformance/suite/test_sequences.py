"""STATE-3: sequences of calls, made up by Hypothesis and held against the model step by step."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

from conformance.client import Participant
from conformance.evidence import Finding, Unjudged, Unmet, current
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.cast import Cast, assemble
from conformance.suite.searching import (
    REPLAYS,
    Failure,
    Shrinking,
    Stopped,
    replayed,
    terser,
    tried,
    unsteady,
)
from conformance.suite.sequences import paged_programmes, programmes


@dataclass(frozen=True, slots=True)
class Amount:
    """How many programmes of how many steps; ``patience``: requests for a shorter failure."""

    examples: int
    shortest: int
    longest: int
    paged_each: int
    """Of so many programmes in a row, one goes beyond two pages."""
    patience: int


AMOUNTS = {
    "brief": Amount(2, 14, 18, 4, 0),
    "quick": Amount(5, 14, 18, 5, 400),
    "normal": Amount(34, 28, 40, 9, 1500),
    "deep": Amount(500, 20, 50, 13, 4000),
}
PAGED_AT = 3
DEEP_SHARE = 0.5
"""What the sequences may take of the time that a deadline leaves to a deep run."""
SETTLING = 20.0
"""Seconds that may pass with waiting, for a target that is declared eventually consistent."""


@requirement("STATE-3")
def test_any_sequence_of_calls_agrees_with_the_model(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """After any sequence of calls by any participants both views agree with the model."""
    amount = AMOUNTS[run.settings.depth]
    cast, limits = assemble(run), run.contract.limits
    plain, paged = programmes(amount.shortest, amount.longest), paged_programmes(limits)
    until = _until(run)
    for number in itertools.count():
        if not _time_left(number, _bounded(run, amount.examples), until):
            break
        run.require_time()
        kind = paged if number % amount.paged_each == PAGED_AT else plain
        found = tried(cast, kind, run.settings.seed * 1_000_003 + number)
        if found:
            return _tell(cast, found, amount.patience)
    return None


def _time_left(played: int, examples: int, until: float | None) -> bool:
    return played < examples if until is None else time.monotonic() < until


def _until(run: Run) -> float | None:
    """The moment, by ``time.monotonic``, after which no new programme begins."""
    if run.settings.depth != "deep" or run.settings.deadline is None:
        return None
    left = run.started + run.settings.deadline - time.monotonic()
    return time.monotonic() + DEEP_SHARE * left


def _bounded(run: Run, examples: int) -> int:
    """Fewer where each look at what was written has to wait first."""
    wait = run.transport.wait
    return min(examples, max(1, int(SETTLING / (12 * wait)))) if wait else examples


# -- a failure -------------------------------------------------------------------------------------


def _tell(cast: Cast, found: Failure, patience: int) -> None:
    """Record what went wrong, with the shortest sequence that was found to show it."""
    shrinking, again = Shrinking(cast, found, patience), 0
    try:
        found = shrinking.shrunk()
        again = replayed(cast, found)
        found = unsteady(cast, found) or terser(cast, found)
    except (Stopped, Unjudged, Unmet):
        found = shrinking.best
    steady = f"{again}/{REPLAYS}" if again == REPLAYS else f"unstable: {again}/{REPLAYS}"
    problem, evidence = found.problem, current()
    evidence.check(problem.rule)
    evidence.find(
        Finding(
            problem.rule,
            problem.summary,
            problem.expected,
            f"{problem.actual} (replayed: {steady})",
            test=evidence.test,
            exchanges=tuple(answer.exchange.id for answer in problem.on),
            example=_example(cast, found, steady),
        )
    )
    others = [rule for rule in evidence.rules if rule != problem.rule]
    evidence.leave_open(f"a sequence of calls breaks {problem.rule} before that", others)


def _example(cast: Cast, found: Failure, steady: str) -> str:
    problem, scribe = found.problem, found.scribe
    comment = (
        f"{problem.rule}: {problem.summary} (replayed: {steady})\n"
        f"expected: {problem.expected}\nactual:   {problem.actual}"
    )
    return "\n".join(
        [
            scribe.script(comment),
            "",
            "# The same as a test:",
            "",
            scribe.test(problem.rule, problem.summary, problem.check),
        ]
    )
