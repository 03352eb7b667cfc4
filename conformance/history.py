"""Concurrent calls as a reader meets them: who called what when, and what came back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HistoryCall:
    """One call; times in milliseconds from the beginning of the first one.

    ``ended`` is ``None`` where no answer came; ``exchange`` is the id of the recorded exchange.
    """

    lane: int
    call: str
    answer: str
    began: float
    ended: float | None
    exchange: str
    unexplained: bool = False
    """Whether this is the answer with which no order of the calls is left."""
    meanwhile: bool = False
    """Whether it shows nothing by itself, and only ran at the same time as those that do."""


@dataclass(frozen=True, slots=True)
class History:
    """Calls in the order of their beginnings; ``lanes`` are the callers, by their names.

    The calls of one caller may overlap too.
    """

    title: str
    lanes: tuple[str, ...]
    calls: tuple[HistoryCall, ...]
    unit: str = "ms"
