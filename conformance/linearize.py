"""Is there an order of concurrent calls, one after the other, that explains what they answered?

A search after Wing and Gong with Lowe's memo on what has been tried: a set of calls made, and the
state that they led to. Calls are known by the states that may follow them; the search knows
nothing else of what they do. J. Wing, C. Gong, "Testing and verifying concurrent objects", JPDC
17, 1993; G. Lowe, "Testing for linearizability", Concurrency and Computation 29(4), 2017.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from conformance.history import History as Picture
from conformance.history import HistoryCall

State = TypeVar("State", bound=Hashable)

STEPS = 100_000
SECONDS = 3.0


class Verdict(StrEnum):
    EXPLAINED = "explained"
    IMPOSSIBLE = "impossible"
    UNDECIDED = "undecided"


@dataclass(frozen=True, eq=False)
class Bar(Generic[State]):
    """One call of a history, from ``began`` to ``ended`` in seconds of one monotonic clock.

    ``after`` gives the states that may follow a state, given what the call answered; none means
    that it cannot have answered so. ``ended`` is infinite where the effect may come at any time
    after, or never. ``reads`` says that it changes no state, whatever it answered.
    """

    caller: str
    began: float
    ended: float
    after: Callable[[State], Iterable[State]]
    label: str = ""
    answer: str = ""
    reads: bool = False
    exchange: str = ""

    @property
    def required(self) -> bool:
        return self.ended != math.inf

    @property
    def free(self) -> bool:
        return self.began == -math.inf and not self.required

    def loose(self) -> Bar[State]:
        """The same call at any time at all, and as often as one likes: nothing follows from it."""
        return replace(self, began=-math.inf, ended=math.inf)


History = Sequence[Bar[State]]


# -- the search ------------------------------------------------------------------------------------


def explain(
    history: History[State],
    start: State,
    steps: int = STEPS,
    seconds: float = SECONDS,
) -> Verdict:
    """Whether some order of the calls explains them; undecided where that takes too long."""
    return _Search(history).run(start, steps, time.monotonic() + seconds)


class _Search(Generic[State]):
    """Calls in lanes: those of a lane follow one another, so that only its first can be next."""

    def __init__(self, history: History[State]) -> None:
        self.lanes = _lanes([bar for bar in history if not bar.free])
        self.free = [bar for bar in history if bar.free]
        self.weights: list[int] = []
        places = 1
        for lane in self.lanes:
            self.weights.append(places)
            places *= len(lane) + 1
        self.places = places
        self.required = sum(bar.required for bar in history)
        self.states: list[State] = []
        self.numbers: dict[State, int] = {}
        self.moves: dict[tuple[int, int, int], tuple[int, ...]] = {}

    def run(self, start: State, steps: int, until: float) -> Verdict:
        begin = (0,) * len(self.lanes), self._number(start), self.required, 0
        stack, seen, taken = deque([begin]), set[int](), 0
        if self.required == 0:
            return Verdict.EXPLAINED
        while stack:
            taken += 1
            if taken > steps or (taken % 256 == 0 and time.monotonic() > until):
                return Verdict.UNDECIDED
            made, state, left, code = stack.pop()
            for lane, bar in self._next(made):
                rest = left - bar.required
                moved = code + self.weights[lane]
                for after in self._after(lane, made[lane], bar, state):
                    if rest == 0:
                        return Verdict.EXPLAINED
                    # The memo: this set of calls, having led to this state, was tried before.
                    key = after * self.places + moved
                    if key not in seen:
                        seen.add(key)
                        place = (*made[:lane], made[lane] + 1, *made[lane + 1 :])
                        stack.append((place, after, rest, moved))
            for number, bar in enumerate(self.free):
                for after in self._after(-1, number, bar, state):
                    key = after * self.places + code
                    if key not in seen:
                        seen.add(key)
                        # Below the others: what is left out is tried where nothing else helps.
                        stack.appendleft((made, after, left, code))
        return Verdict.IMPOSSIBLE

    def _next(self, made: tuple[int, ...]) -> list[tuple[int, Bar[State]]]:
        """The calls that may come next: those that began before any that is left had ended.

        The one that ended first is last in the list, and so the first to be tried.
        """
        heads = [
            (number, lane[place])
            for number, (lane, place) in enumerate(zip(self.lanes, made, strict=True))
            if place < len(lane)
        ]
        first = min(bar.ended for _, bar in heads)
        free = [(number, bar) for number, bar in heads if bar.began <= first]
        return sorted(free, key=lambda head: -head[1].ended) if len(free) > 1 else free

    def _after(self, lane: int, place: int, bar: Bar[State], state: int) -> tuple[int, ...]:
        key = lane, place, state
        found = self.moves.get(key)
        if found is None:
            found = tuple(map(self._number, bar.after(self.states[state])))
            self.moves[key] = found
        return found

    def _number(self, state: State) -> int:
        number = self.numbers.get(state)
        if number is None:
            number = self.numbers[state] = len(self.states)
            self.states.append(state)
        return number


def _lanes(history: History[State]) -> list[list[Bar[State]]]:
    """The calls in as few lanes as a greedy choice makes, each in order and without overlap."""
    lanes: list[list[Bar[State]]] = []
    for bar in sorted(history, key=lambda bar: bar.began):
        lane = next((lane for lane in lanes if lane[-1].ended < bar.began), None)
        if lane is None:
            lanes.append([bar])
        else:
            lane.append(bar)
    return lanes


# -- the smallest history --------------------------------------------------------------------------


def shrink(history: History[State], start: State, seconds: float = 2.0) -> list[Bar[State]]:
    """The calls of an impossible history that suffice to show it.

    A call is left out only where no explanation exists whatever became of it: a read can simply go,
    a write goes where the rest is impossible even if it took effect at any times, or never. So what
    is left never accuses a target of an effect whose cause was left out.
    """
    until = time.monotonic() + seconds
    kept: list[Bar[State]] = list(history)
    loose: list[Bar[State]] = []
    size = max(1, len(kept) // 2)
    while time.monotonic() < until:
        before, place = len(kept), 0
        while place < len(kept) and time.monotonic() < until:
            chunk = kept[place : place + size]
            rest = kept[:place] + kept[place + size :]
            freed = loose + [bar.loose() for bar in chunk if not bar.reads]
            left = min(SECONDS, max(0.01, until - time.monotonic()))
            if explain([*rest, *freed], start, STEPS // 10, left) is Verdict.IMPOSSIBLE:
                kept, loose = rest, freed
            else:
                place += size
        if size == 1 and len(kept) == before:
            break
        size = max(1, size // 2)
    return kept


def last_straw(history: History[State], small: History[State], start: State) -> Bar[State] | None:
    """Of what :func:`shrink` left, the call with whose answer no order was left any more.

    Of calls that began before that answer and ended after it nothing is known then. ``None`` where
    the search for it takes too long.
    """
    loose = [bar.loose() for bar in history if bar not in small and not bar.reads]
    for last in sorted(small, key=lambda bar: bar.ended):
        known = [bar if bar.ended <= last.ended else replace(bar, ended=math.inf) for bar in small]
        begun = [bar for bar in known if bar.began <= last.ended]
        if explain([*begun, *loose], start, STEPS // 10) is Verdict.IMPOSSIBLE:
            return last
    return None


# -- to look at ------------------------------------------------------------------------------------


def picture(
    title: str,
    history: History[State],
    unexplained: Bar[State] | None = None,
    meanwhile: History[State] = (),
) -> Picture:
    """A history for reports: each caller is a lane, each call a bar.

    ``meanwhile`` are calls beside it, that could have come between.
    """
    bars = sorted([*history, *meanwhile], key=lambda bar: bar.began)
    zero = bars[0].began if bars else 0.0
    callers = tuple(dict.fromkeys(bar.caller for bar in bars))
    calls = (
        HistoryCall(
            callers.index(bar.caller),
            bar.label,
            bar.answer,
            _ms(bar.began - zero),
            _ms(bar.ended - zero) if bar.required else None,
            bar.exchange,
            bar is unexplained,
            bar in meanwhile,
        )
        for bar in bars
    )
    return Picture(title, callers, tuple(calls))


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)
