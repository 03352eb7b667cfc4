"""Where the lines of the page's pictures run; the templates draw them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.reporting.page_exchanges import Call
from conformance.reporting.page_text import short

# -- who called what -------------------------------------------------------------------------------

LEFT, LANE, REACH, RIGHT = 24, 84, 330, 96
TOP, ROW = 44, 36
MOST_ROWS = 16
LABEL = 46


@dataclass(frozen=True, slots=True)
class Arrow:
    """One call, from its caller's lane to the target's; ``stressed`` if the finding names it."""

    call: Call
    x: float
    y: float
    label: str
    stressed: bool


@dataclass(frozen=True, slots=True)
class Lanes:
    width: float
    height: float
    target: float
    actors: tuple[tuple[str, float], ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def lanes(named: Sequence[Call], story: Sequence[Call]) -> Lanes | None:
    """The calls of a finding among those that its test made before the last of them."""
    if not named:
        return None
    ids = {call.id for call in named}
    end = max(call.started for call in named)
    before = [call for call in story if call.id not in ids and call.started <= end]
    shown = _chosen(named, before)
    actors = list(dict.fromkeys(call.actor for call in shown))
    places = {actor: LEFT + LANE * (number + 0.5) for number, actor in enumerate(actors)}
    target = LEFT + LANE * len(actors) + REACH
    arrows = [
        Arrow(call, places[call.actor], TOP + ROW * (row + 0.8), label(call), call.id in ids)
        for row, call in enumerate(shown)
    ]
    height = TOP + ROW * (len(shown) + 0.4)
    left_out = len(ids) + len(before) - len(shown)
    return Lanes(target + RIGHT, height, target, tuple(places.items()), tuple(arrows), left_out)


def _chosen(named: Sequence[Call], before: Sequence[Call]) -> list[Call]:
    """All that the finding names, the latest writes before, then reads, as far as there is room."""
    others = sorted(before, key=lambda call: (call.method == "GET", -call.started))
    room = max(0, MOST_ROWS - len(named))
    return sorted([*named[-MOST_ROWS:], *others[:room]], key=lambda call: call.started)


def label(call: Call) -> str:
    """A call in a few words: long ids in its path are shortened."""
    path, question, query = call.path.partition("?")
    steps = [step if len(step) <= 10 else f"{step[:6]}…" for step in path.split("/")]
    return short(f"{call.method} {'/'.join(steps)}{question}{query}", LABEL)


# -- what concurrent callers saw -------------------------------------------------------------------

BAR, PLOT = 26, 560


@dataclass(frozen=True, slots=True)
class Bar:
    """One call in the time that it took."""

    x: float
    y: float
    width: float
    label: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Timeline:
    width: float
    height: float
    lanes: tuple[tuple[str, float], ...]
    bars: tuple[Bar, ...]
    milliseconds: float


def timeline(calls: Sequence[Call]) -> Timeline | None:
    """Calls that ran at once, each in its caller's lane; None where none overlap."""
    if not _overlap(calls):
        return None
    begin = min(call.started for call in calls)
    span = max(call.started + call.milliseconds / 1000 for call in calls) - begin or 1e-6
    rows = _rows(calls)
    names = {(call.actor, row): row for call, row in rows}
    bars = [_bar(call, row, begin, PLOT / span) for call, row in rows]
    shown = tuple((actor, TOP + BAR * (row + 0.5)) for (actor, _), row in names.items())
    return Timeline(
        LANE + PLOT + RIGHT,
        TOP + BAR * (len(names) + 0.5),
        shown,
        tuple(bars),
        round(span * 1000, 1),
    )


def _overlap(calls: Sequence[Call]) -> bool:
    ordered = sorted(calls, key=lambda call: call.started)
    pairs = itertools.pairwise(ordered)
    return any(b.started < a.started + a.milliseconds / 1000 - 0.0001 for a, b in pairs)


def _rows(calls: Sequence[Call]) -> list[tuple[Call, int]]:
    """Each call with a row: one a caller, more where a caller's own calls overlap."""
    ends: list[tuple[str, float]] = []
    placed = []
    for call in sorted(calls, key=lambda call: (call.actor, call.started)):
        free = (n for n, (who, end) in enumerate(ends) if who == call.actor and end <= call.started)
        row = next(free, len(ends))
        ends[row : row + 1] = [(call.actor, call.started + call.milliseconds / 1000)]
        placed.append((call, row))
    return placed


def _bar(call: Call, row: int, begin: float, scale: float) -> Bar:
    width = max(3.0, call.milliseconds / 1000 * scale)
    x = LANE + (call.started - begin) * scale
    words = f"{call.actor}: {label(call)}: {call.outcome}, {call.milliseconds} ms"
    return Bar(round(x, 1), TOP + BAR * row + 4, round(width, 1), words, call.kind, call.id)


# -- how long it took ------------------------------------------------------------------------------

BINS, STEP, TALL = 36, 7, 34


@dataclass(frozen=True, slots=True)
class Plot:
    """How long the calls of an operation took, in milliseconds; all plots share one scale."""

    operation: str
    calls: int
    quantiles: tuple[tuple[str, float, float], ...]
    bars: tuple[tuple[int, float, int], ...]


@dataclass(frozen=True, slots=True)
class Latency:
    plots: tuple[Plot, ...]
    ticks: tuple[tuple[str, float], ...]
    width: int = BINS * STEP
    height: int = TALL


def latency(calls: Iterable[Call], operations: Iterable[str]) -> Latency | None:
    times: dict[str, list[float]] = {operation: [] for operation in operations}
    for call in calls:
        if call.operation in times and call.status:
            times[call.operation].append(max(call.milliseconds, 0.1))
    every = [time for found in times.values() for time in found]
    if not every:
        return None
    low, high = math.log10(min(every)), math.log10(max(every))
    low, high = (low, high) if high - low > 0.5 else (low - 0.25, high + 0.25)

    def place(time: float) -> float:
        return (math.log10(time) - low) / (high - low)

    plots = [_plot(name, sorted(found), place) for name, found in times.items() if found]
    ticks = [10.0**power for power in range(math.ceil(low), math.floor(high) + 1)]
    shown = ((f"{tick:g} ms", round(place(tick) * BINS * STEP, 1)) for tick in ticks)
    return Latency(tuple(plots), tuple(shown))


def _plot(operation: str, times: list[float], place: Any) -> Plot:
    bins = [0] * BINS
    for time in times:
        bins[min(BINS - 1, int(place(time) * BINS))] += 1
    # Square roots, so that a few slow calls can be seen beside a thousand quick ones.
    most = math.sqrt(max(bins))
    bars = [
        (n * STEP, round(max(2.0, TALL * math.sqrt(count) / most), 1), count)
        for n, count in enumerate(bins)
        if count
    ]
    shares = {"median": 0.5, "p95": 0.95, "p99": 0.99, "slowest": 1.0}
    quantiles = [
        (name, time, round(place(time) * BINS * STEP, 1))
        for name, share in shares.items()
        for time in [times[min(len(times) - 1, int(share * len(times)))]]
    ]
    return Plot(operation, len(times), tuple(quantiles), tuple(bars))
