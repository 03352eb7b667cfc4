"""Stored runs side by side: what broke, what was fixed, what is judged now, and how fast it is."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.catalogue import load as load_catalogue
from conformance.results import StoredRun
from conformance.verdict import Status

GOOD = frozenset({Status.PASSED, Status.OBSERVED})
BAD = frozenset({Status.FAILED, Status.WAIVED})
ENOUGH_CALLS = 20
"""Calls of an operation below which a drift is chance."""
DRIFT = 1.5
"""By how much a median has to change to be called slower or faster."""
LEAST_MS = 2.0
"""A change of fewer milliseconds is no drift, whatever its ratio."""


class Change(StrEnum):
    """What became of a requirement from one run to the next."""

    BROKE = "broke"
    FIXED = "fixed"
    FAILS_NEWLY = "newly judged, and fails"
    PASSES_NEWLY = "newly judged, and holds"
    LOST = "no longer judged"
    STILL_FAILS = "still fails"


def change(before: Status | None, after: Status | None) -> Change | None:
    """``None`` where nothing changed that anybody has to know; a status may be missing, too."""
    judged_before, judged_after = before in GOOD | BAD, after in GOOD | BAD
    if judged_before and judged_after:
        if before in GOOD:
            return Change.BROKE if after in BAD else None
        return Change.FIXED if after in GOOD else Change.STILL_FAILS
    if judged_after:
        return Change.PASSES_NEWLY if after in GOOD else Change.FAILS_NEWLY
    return Change.LOST if judged_before else None


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement in every run; ``None`` where a run's catalogue did not have it."""

    id: str
    level: str
    title: str
    statuses: tuple[Status | None, ...]
    summaries: tuple[str, ...]
    """What was found of it in each run, shortly; empty where nothing was."""
    change: Change | None

    @property
    def differs(self) -> bool:
        return len(set(self.statuses)) > 1

    @property
    def fails(self) -> bool:
        return not BAD.isdisjoint(self.statuses)


@dataclass(frozen=True, slots=True)
class Speed:
    """The times of one operation's answers in a run, in milliseconds."""

    calls: int
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Drift:
    """An operation in every run; ``None`` where a run did not call it."""

    operation: str
    speeds: tuple[Speed | None, ...]

    @property
    def ratio(self) -> float | None:
        """How the median of the last run stands to that of the first."""
        first, last = self.speeds[0], self.speeds[-1]
        return last.median / first.median if first and last and first.median else None

    @property
    def word(self) -> str:
        """``slower``, ``faster``, or nothing where it may be chance."""
        first, last = self.speeds[0], self.speeds[-1]
        if not first or not last or min(first.calls, last.calls) < ENOUGH_CALLS:
            return ""
        if abs(last.median - first.median) < LEAST_MS:
            return ""
        ratio = self.ratio or 1.0
        return "slower" if ratio >= DRIFT else "faster" if ratio <= 1 / DRIFT else ""


@dataclass(frozen=True)
class Comparison:
    """Runs in the order in which they were named; a change is from the first to the last."""

    runs: tuple[StoredRun, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    drifts: tuple[Drift, ...]
    unlike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Circumstances in which the runs differ, with the value in each."""

    @property
    def pair(self) -> bool:
        return len(self.runs) == 2

    def of(self, wanted: Change) -> list[Row]:
        return [row for row in self.rows if row.change is wanted]

    @property
    def telling(self) -> list[Row]:
        """The rows that a reader has to look at."""
        return [row for row in self.rows if row.differs or row.fails]

    @property
    def quiet(self) -> list[Row]:
        return [row for row in self.rows if not (row.differs or row.fails)]


def compare(runs: Sequence[StoredRun]) -> Comparison:
    """Two runs or more side by side."""
    return Comparison(
        tuple(runs), _names(runs), tuple(_rows(runs)), tuple(_drifts(runs)), _unlike(runs)
    )


def _names(runs: Sequence[StoredRun]) -> tuple[str, ...]:
    """Each run's folder, by as little of its path as tells them apart."""
    paths = [run.folder.resolve().parts for run in runs]
    for length in range(1, max(map(len, paths)) + 1):
        names = ["/".join(parts[-length:]) for parts in paths]
        if len(set(names)) == len(names):
            return tuple(names)
    return tuple(f"{run.folder} ({number})" for number, run in enumerate(runs, 1))


def _rows(runs: Sequence[StoredRun]) -> Iterable[Row]:
    tables = [{one["id"]: one for one in run.results["requirements"]} for run in runs]
    known = load_catalogue().requirements
    ids = dict.fromkeys([*known, *(id for table in tables for id in table)])
    for id in ids:
        entries = [table.get(id) for table in tables]
        present = [one for one in entries if one]
        if not present:
            continue
        statuses = tuple(Status(one["status"]) if one else None for one in entries)
        yield Row(
            id,
            str(present[-1]["level"]),
            known[id].title if id in known else "",
            statuses,
            tuple(_summary(one) for one in entries),
            change(statuses[0], statuses[-1]),
        )


def _summary(entry: Mapping[str, Any] | None) -> str:
    if not entry:
        return ""
    if entry["findings"]:
        more = len(entry["findings"]) - 1
        return f"{entry['findings'][0]['summary']}{f' (and {more} more)' if more else ''}"
    return str(entry["reason"] or "")


def _drifts(runs: Sequence[StoredRun]) -> Iterable[Drift]:
    times = [_times(run) for run in runs]
    for operation in dict.fromkeys(name for found in times for name in found):
        yield Drift(operation, tuple(_speed(found.get(operation, [])) for found in times))


def _times(run: StoredRun) -> dict[str, list[float]]:
    """The milliseconds of each answered call, by operation."""
    found: dict[str, list[float]] = {}
    for one in run.exchanges.values():
        if one["operation"] and one["response"]:
            found.setdefault(str(one["operation"]), []).append(one["elapsed"] * 1000)
    return found


def _speed(times: list[float]) -> Speed | None:
    if not times:
        return None
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return Speed(len(ordered), statistics.median(ordered), p95)


def _unlike(runs: Sequence[StoredRun]) -> dict[str, tuple[str, ...]]:
    seen = {
        "target": [run.results["target"]["url"] for run in runs],
        "server": [run.results["target"]["server"] or "not said" for run in runs],
        "suite": [run.results["suite"]["version"] for run in runs],
        "document": [run.results["suite"]["openapi"]["sha256"][:12] for run in runs],
        **{key: [str(run.results[key]) for run in runs] for key in ("profile", "depth", "seed")},
    }
    return {name: tuple(values) for name, values in seen.items() if len(set(values)) > 1}
