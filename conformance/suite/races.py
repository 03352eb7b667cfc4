"""Races: calls let go at the same moment, how often they truly overlapped, and what came of it.

A race that goes wrong is run once more with its calls one after the other. What is wrong even so is
no matter of concurrency, and other requirements' scenarios tell it.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from conformance.client import Answer, Participant, Shown, chat_id
from conformance.evidence import Finding, Unjudged, current
from conformance.exchange import Exchange
from conformance.run import Run

T = TypeVar("T")
CREW = 12
"""The most calls that are let go at once."""
_numbers: dict[str, itertools.count[int]] = {}


def text(what: str) -> str:
    """A text that no other message of this run has.

    Each ``what`` is numbered by itself: where callers at the same time send texts, each names
    itself in it, so that a run that is judged again asks for the same.
    """
    return f"{what} {next(_numbers.setdefault(what, itertools.count(1)))}"


# -- how much --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """``rounds`` are played at least and ``most`` at most, until ``overlaps`` have been seen."""

    rounds: int
    most: int
    overlaps: int
    until: float
    """The moment, by ``time.monotonic``, after which no other round begins."""


FACTORS = {"brief": 0.1, "quick": 0.2, "normal": 1.0, "deep": 12.0}
DEEP_SHARE = 0.12
"""What one race may take of the time that a deadline leaves to a deep run."""


def plan(run: Run, rounds: int, overlaps: int) -> Plan:
    """``rounds`` and ``overlaps`` are those of a normal run."""
    factor = FACTORS[run.settings.depth]
    least = max(1, round(rounds * factor))
    now, deadline = time.monotonic(), run.settings.deadline
    until = run.started + deadline if deadline else float("inf")
    if run.settings.depth == "deep" and deadline:
        until = now + DEEP_SHARE * max(0.0, until - now)
        least *= 100
    return Plan(least, 3 * least, max(3, round(overlaps * min(factor, 1.0))), until)


# -- letting calls go ------------------------------------------------------------------------------


class Start(Protocol):
    """How the calls of a round are made."""

    together: bool

    def __call__(self, calls: Sequence[Callable[[], T]]) -> list[T]: ...


class AtOnce:
    """Each call in a thread of its own; a barrier lets them all go at the same moment."""

    together = True

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.overlaps = 0

    def __call__(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        if len(calls) > CREW:
            raise ValueError(f"at most {CREW} calls go at once, not {len(calls)}")
        barrier = threading.Barrier(len(calls))

        def go(call: Callable[[], T]) -> T:
            barrier.wait()
            return call()

        # Whoever comes to the barrier last goes first, so that the order must not be the same each
        # time: a delete that always is the first to arrive meets no reaction under way.
        order = random.sample(range(len(calls)), len(calls))
        try:
            made = {place: self.pool.submit(go, calls[place]) for place in order}
        except BaseException:  # an interrupt; the others never come to the barrier
            barrier.abort()
            raise
        # All have to end before an exception of one of them ends the round.
        problems = [one.exception() for one in made.values()]
        for problem in problems:
            if problem is not None:
                raise problem
        answers = [made[place].result() for place in range(len(calls))]
        self.overlaps += overlapping(list(_exchanges(answers)))
        return answers


def _exchanges(answers: Iterable[object]) -> Iterator[Exchange]:
    """Those of the answers, where a call may have given a list of them."""
    for answer in answers:
        if isinstance(answer, Answer):
            yield answer.exchange
        elif isinstance(answer, list):
            yield from _exchanges(answer)


class InTurn:
    """One call after the other, in the order given or backwards."""

    together = False

    def __init__(self, backwards: bool = False) -> None:
        self.backwards = backwards

    def __call__(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        order = reversed(range(len(calls))) if self.backwards else range(len(calls))
        answers = {place: calls[place]() for place in order}
        return [answers[place] for place in range(len(calls))]


def overlapping(exchanges: Sequence[Exchange]) -> int:
    """How many of the calls were under way together with another one."""
    return sum(
        any(
            one is not other and one.began < other.ended and other.began < one.ended
            for other in exchanges
        )
        for one in exchanges
    )


@contextlib.contextmanager
def crew() -> Iterator[AtOnce]:
    with ThreadPoolExecutor(CREW, thread_name_prefix="race") as pool:
        yield AtOnce(pool)


# -- judging a race --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong in a round; ``summary`` has no value in it that another round would lack."""

    rule: str
    summary: str
    expected: str
    actual: str
    on: tuple[Answer, ...] = ()


Play = Callable[[Start], list[Problem]]
"""One round of a race, on things of its own making."""
CALM_ROUNDS = 3


def race(run: Run, play: Play, wanted: Plan) -> None:
    """Play rounds, and record what went wrong in them and would not have in turn."""
    found: dict[tuple[str, str], Problem] = {}
    with crew() as start:
        for played in range(1, wanted.most + 1):
            current().check()
            with once_each(run) as sure:
                problems = play(start)
            for problem in problems if sure() else ():
                found.setdefault((problem.rule, problem.summary), problem)
            if enough(start, wanted, wanted.rounds if found else played):
                break
    if found:
        record(found, calm(play))
    else:
        require_overlaps(start, wanted)


def enough(start: AtOnce, wanted: Plan, played: int) -> bool:
    seen = start.overlaps >= wanted.overlaps and played >= wanted.rounds
    return seen or time.monotonic() > wanted.until


def require_overlaps(start: AtOnce, wanted: Plan) -> None:
    if start.overlaps < wanted.overlaps:
        raise Unjudged(f"only {start.overlaps} calls overlapped, and {wanted.overlaps} should")


@contextlib.contextmanager
def once_each(run: Run) -> Iterator[Callable[[], bool]]:
    """Tells whether each request of the block went out once.

    The transport sends a request again where an idle connection closes just then. The first one may
    have had its effect, so that nothing follows from the answers of that round.
    """
    before = run.transport.resent
    yield lambda: run.transport.resent == before


def calm(play: Play) -> set[tuple[str, str]]:
    """What goes wrong in the same rounds where the calls are made one after the other."""
    starts = [InTurn(backwards) for _ in range(CALM_ROUNDS) for backwards in (False, True)]
    return {(problem.rule, problem.summary) for start in starts for problem in play(start)}


def record(found: dict[tuple[str, str], Problem], in_turn: set[tuple[str, str]]) -> None:
    evidence = current()
    for key, problem in found.items():
        if key in in_turn:
            reason = f"calls made in turn do it too: {problem.summary}"
            evidence.leave_open(reason, [problem.rule])
            continue
        evidence.check(problem.rule)
        ids = tuple(answer.exchange.id for answer in problem.on)
        evidence.find(
            Finding(
                problem.rule,
                problem.summary,
                problem.expected,
                problem.actual,
                test=evidence.test,
                exchanges=ids,
            )
        )


# -- looking at what came of it --------------------------------------------------------------------


def settled(answers: Sequence[Answer]) -> bool:
    """Whether every call was answered, so that what took effect is known."""
    return all(answer.accepted or answer.refused for answer in answers)


def newest(viewer: Participant, chats: Sequence[str]) -> list[Shown]:
    """Pages from the newest on until all of ``chats`` were met; every message, where some are not.

    Only what is missing from the second list as well is missing.
    """
    key, size = viewer.contract.limits.created_key, viewer.contract.limits.page_size
    wanted, found = set(chats), list[Shown]()
    for _ in range(len(chats) // size + 2):
        page = viewer.list(skip=len(found), take=size, sort=key, ascending=False)
        messages = page.messages
        found += messages
        if wanted <= {message.id for message in found}:
            return found
        if not messages or len(found) >= page.total:
            break
    return viewer.walk()


def entries(
    viewer: Participant, chats: Sequence[str]
) -> tuple[list[dict[str, str]], tuple[Any, ...]]:
    """The reactions list's entries of messages, asked for together, and the answers they are in."""
    answer = viewer.reactions(*map(chat_id, chats))
    if answer.refused:
        # RLIST-5: one unknown id among them may have the whole refused.
        each = [viewer.reactions(chat) for chat in chats]
        return [entry for one in each if not one.refused for entry in one], tuple(each)
    return answer.entries, (answer,)
