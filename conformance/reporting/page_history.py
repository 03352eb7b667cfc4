"""The picture of a history that no order explains: callers as lanes, calls as bars in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.reporting.page_exchanges import Calls
from conformance.reporting.page_text import short, visible

LEFT, TOP, ROW, BETWEEN = 96, 34, 44, 6
LETTER = 6.7
"""The width of a letter in a bar."""
LONGEST = 30
"""Letters of a line in a bar; its title and the list have all of it."""
PADDING, STEP = 18, 10
STRETCH = 240
"""What the axis has to give to time itself, besides what the bars need to be read."""
APART = 74
"""Pixels between two times that are written out."""

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A call in its lane; ``id`` is empty where the run does not hold the exchange."""

    x: float
    y: float
    width: float
    call: str
    answer: str
    words: str
    kind: str
    id: str
    marks: str
    """The classes that it is drawn by: ``unexplained``, ``meanwhile``, ``unended``."""


@dataclass(frozen=True, slots=True)
class Row:
    """A call in the list below the picture."""

    began: float
    ended: float | None
    caller: str
    call: str
    answer: str
    mark: str


@dataclass(frozen=True, slots=True)
class Drawing:
    title: str
    width: float
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[str, float], ...]
    bars: tuple[Bar, ...]
    rows: tuple[Row, ...]

    @property
    def explained_until(self) -> bool:
        """Whether an answer is known with which the explanations end."""
        return any(row.mark == "unexplained" for row in self.rows)

    @property
    def others(self) -> int:
        """How many calls only ran meanwhile."""
        return sum(row.mark == "meanwhile" for row in self.rows)


def drawing(history: Stored | None, known: Calls) -> Drawing | None:
    """The picture of a finding's ``history``; ``None`` where it has none."""
    if not history or not history["calls"]:
        return None
    calls: Sequence[Stored] = history["calls"]
    lanes, rows = _lanes(history)
    places, end = _places(calls)
    bars = []
    for number, (call, y) in enumerate(zip(calls, rows, strict=True)):
        x, until = places[number]
        bars.append(_bar(call, x, y, (end if until is None else until) - x, known))
    bottom = lanes[-1].y + lanes[-1].height
    names = tuple(visible(name) for name in history["lanes"])
    return Drawing(
        visible(history["title"]),
        end + STEP,
        bottom + BETWEEN,
        lanes,
        tuple(_ticks(calls, places)),
        tuple(bars),
        tuple(_row(call, names) for call in calls),
    )


# -- where things stand ----------------------------------------------------------------------------


def _lanes(history: Stored) -> tuple[tuple[Lane, ...], list[float]]:
    """The lanes from top to bottom, as high as the calls of a caller at once need; and the place
    of each call in its lane."""
    calls: Sequence[Stored] = history["calls"]
    ends: list[list[float]] = [[] for _ in history["lanes"]]
    rows: list[tuple[int, int]] = []
    for call in calls:
        used = ends[call["lane"]]
        row = next((n for n, end in enumerate(used) if end < call["began"]), len(used))
        used[row : row + 1] = [_end(call)]
        rows.append((call["lane"], row))
    lanes, y = [], float(TOP)
    for name, used in zip(history["lanes"], ends, strict=True):
        height = ROW * max(1, len(used))
        lanes.append(Lane(visible(name), y, height))
        y += height + BETWEEN
    return tuple(lanes), [lanes[lane].y + ROW * row + 4 for lane, row in rows]


def _end(call: Stored) -> float:
    return float("inf") if call["ended"] is None else float(call["ended"])


def _places(calls: Sequence[Stored]) -> tuple[list[tuple[float, float | None]], float]:
    """Where each bar begins and ends, and the right end of all.

    Every moment stands to the right of all earlier ones, and far enough for the bars that end there
    to hold their texts; so the picture shows which calls overlapped, and which did not.
    """
    moments = sorted(
        [(call["began"], 0, n) for n, call in enumerate(calls)]
        + [(call["ended"], 1, n) for n, call in enumerate(calls) if call["ended"] is not None]
    )
    span = (moments[-1][0] - moments[0][0]) or 1.0
    begins: dict[int, float] = {}
    ends: dict[int, float] = {}
    x, before = float(LEFT), moments[0][0]
    for moment, ending, number in moments:
        x += STRETCH * (moment - before) / span + (STEP if moment > before else 0)
        before = moment
        if ending:
            x = max(x, begins[number] + _needed(calls[number]))
            ends[number] = x
        else:
            begins[number] = x
    unended = [begins[n] + _needed(call) for n, call in enumerate(calls) if n not in ends]
    right = max([x, *unended])
    places = [(begins[n], ends.get(n)) for n in range(len(calls))]
    return [(round(a, 1), b and round(b, 1)) for a, b in places], round(right, 1)


def _needed(call: Stored) -> float:
    """The width that a call's two lines take."""
    lines = (short(visible(call["call"]), LONGEST), _answer(call))
    return PADDING + LETTER * max(map(len, lines))


def _answer(call: Stored) -> str:
    mark = 2 if call["unexplained"] else 0
    return short(visible(call["answer"]), LONGEST - mark) + " " * mark


def _ticks(
    calls: Sequence[Stored], places: Sequence[tuple[float, float | None]]
) -> list[tuple[str, float]]:
    """Beginnings, as milliseconds, where there is room for them."""
    found: list[tuple[str, float]] = []
    for call, (x, _) in zip(calls, places, strict=True):
        if not found or x >= found[-1][1] + APART:
            found.append((f"{call['began']:g} ms", x))
    return found


# -- what they say ---------------------------------------------------------------------------------


def _bar(call: Stored, x: float, y: float, width: float, known: Calls) -> Bar:
    recorded = known.by_id.get(str(call["exchange"]))
    said, answer = visible(call["call"]), visible(call["answer"])
    return Bar(
        x,
        y,
        round(width, 1),
        short(said, LONGEST),
        _answer(call).rstrip(),
        f"{said}: {answer}",
        recorded.kind if recorded else "other",
        recorded.id if recorded else "",
        f"{_mark(call)} {'unended' if call['ended'] is None else ''}".strip(),
    )


def _mark(call: Stored) -> str:
    return next((mark for mark in ("unexplained", "meanwhile") if call[mark]), "")


def _row(call: Stored, names: Sequence[str]) -> Row:
    said, answer = visible(call["call"]), visible(call["answer"])
    began, ended = call["began"], call["ended"]
    return Row(began, ended, names[call["lane"]], said, answer, _mark(call))
