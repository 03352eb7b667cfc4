"""Runs of one target that each judged a part, put together as one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance import recorder
from conformance.results import (
    DOCUMENT,
    EXCHANGES,
    RESULTS,
    StoredRun,
    Unusable,
    exit_status,
    judge,
    load,
    store,
)
from conformance.verdict import Status

SAME: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "target": lambda found: found["target"]["url"],
    "profile": lambda found: found["profile"],
    "depth": lambda found: found["depth"],
    "suite": lambda found: found["suite"]["version"],
    "document": lambda found: found["suite"]["openapi"]["sha256"],
}


class Unlike(Unusable):
    """Runs that are no parts of one whole; one line."""


def merge(runs: Sequence[StoredRun], folder: Path) -> StoredRun:
    """Store the whole in a folder that holds no run yet. Raises :class:`Unlike`."""
    if (folder / RESULTS).exists():
        raise Unlike(f"{folder} holds a run already; name a new folder for the whole")
    _require_parts_of_one(runs)
    names = [_Names(runs, number) for number in range(len(runs))]
    found = _whole([name.results() for name in names])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / EXCHANGES).open("w", encoding="utf-8") as file:
            for name in names:
                file.writelines(json.dumps(one) + "\n" for one in name.exchanges())
        if runs[0].contract:
            (folder / DOCUMENT).write_bytes(runs[0].contract.content)
        store(folder, found)
    except OSError as problem:
        raise Unlike(f"cannot write {folder}: {problem.strerror}") from None
    return load(folder)


def _require_parts_of_one(runs: Sequence[StoredRun]) -> None:
    for what, value in SAME.items():
        values = {str(value(run.results)) for run in runs}
        if len(values) > 1:
            raise Unlike(f"these are no parts of one run: they differ in their {what}")
    ids = [[one["id"] for one in run.results["requirements"]] for run in runs]
    if any(other != ids[0] for other in ids):
        raise Unlike("these are no parts of one run: they differ in their requirements")
    seen: dict[str, Path] = {}
    for run in runs:
        for one in run.results["requirements"]:
            if one["status"] != Status.NOT_SELECTED:
                other = seen.setdefault(one["id"], run.folder)
                if other is not run.folder:
                    raise Unlike(f"both {other} and {run.folder} judged {one['id']}")


class _Names:
    """One part, with exchange ids that no other part has.

    Ids of parallel workers have a prefix such as ``gw0-``; parts are told apart in the same way.
    """

    def __init__(self, runs: Sequence[StoredRun], number: int) -> None:
        self.run = runs[number]
        taken = sum(len(_prefixes(run)) for run in runs[:number])
        self.prefixes = {
            old: f"gw{taken + place}-" for place, old in enumerate(_prefixes(self.run))
        }

    def id(self, id: str) -> str:
        prefix, number = _split(id)
        return f"{self.prefixes.get(prefix, prefix)}{number}"

    def exchanges(self) -> Iterator[dict[str, Any]]:
        for one in recorder.stored(self.run.folder / EXCHANGES):
            yield {**one, "id": self.id(str(one["id"]))}

    def results(self) -> dict[str, Any]:
        found = self.run.results
        return {
            **found,
            "requirements": [
                {**one, "findings": [self._renamed(finding) for finding in one["findings"]]}
                for one in found["requirements"]
            ],
            "observations": [self._renamed(one) for one in found["observations"]],
        }

    def _renamed(self, one: Mapping[str, Any]) -> dict[str, Any]:
        renamed = {**one, "exchanges": [self.id(id) for id in one["exchanges"]]}
        if "history" in one:
            calls = one["history"]["calls"]
            named = [{**call, "exchange": self.id(call["exchange"])} for call in calls]
            renamed["history"] = {**one["history"], "calls": named}
        return renamed


def _prefixes(run: StoredRun) -> list[str]:
    return list(dict.fromkeys(_split(id)[0] for id in run.exchanges))


def _split(id: str) -> tuple[str, str]:
    """``gw0-x5`` as ``gw0-`` and ``x5``."""
    prefix, x, number = id.rpartition("x")
    return prefix, x + number


def _whole(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    entries = [_judged(same) for same in zip(*(one["requirements"] for one in parts), strict=True)]
    outdated = [id for one in parts for id in one.get("outdated", ())]
    found: dict[str, Any] = {
        **parts[0],
        "verdict": str(judge(entries, parts[0]["profile"])),
        "started": min(one["started"] for one in parts),
        "seconds": round(sum(one["seconds"] for one in parts), 3),
        "requests": sum(one["requests"] for one in parts),
        "interrupted": any(one["interrupted"] for one in parts),
        "blocked": "; ".join(dict.fromkeys(one["blocked"] for one in parts if one["blocked"])),
        "requirements": entries,
        **{
            key: [each for one in parts for each in one[key]]
            for key in ("observations", "leftovers", "errors")
        },
        "preflight": list(dict.fromkeys(line for one in parts for line in one["preflight"])),
        **({"outdated": outdated} if any("outdated" in one for one in parts) else {}),
    }
    found["exitStatus"] = int(exit_status(found))
    return found


def _judged(same: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The entry of the part that judged it."""
    judged = (one for one in same if one["status"] != Status.NOT_SELECTED)
    return next(judged, same[0])
