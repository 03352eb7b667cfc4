"""How often a run at ``normal`` finds each race fault, on the embedded server.

``python benchmarks/races.py [--runs N] [--workers N] [ID ...]``: N runs a fault, each with a seed
of its own, of the CONC tests alone; a run counts once a requirement that the fault declares has a
finding, and is broken off there. Exit status 1 where a fault is missed more than once in 50 runs.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from conformance import engine, matrix
from conformance.reference import registry
from conformance.reference.registry import Deviation
from conformance.settings import Settings

ALLOWED = 1 / 50


class UntilFound(engine.Silence):
    """Breaks a run off once a test has a finding under one of these requirements."""

    def __init__(self, rules: Sequence[str]) -> None:
        self.rules = rules
        self.found = False

    def ran(self, evidence: Mapping[str, Any]) -> None:
        if any(finding["requirement"] in self.rules for finding in evidence["findings"]):
            self.found = True
            raise KeyboardInterrupt


def faults() -> list[Deviation]:
    """The faults that only callers at the same time can show."""
    return [one for one in registry.faults() if one.id.startswith("race-")]


def found(id: str, seed: int) -> bool:
    fault = registry.find(id)
    until = UntilFound(fault.breaks)
    base = replace(Settings(), depth="normal", seed=seed, select=("CONC",), profile="strict")
    matrix.execute([id], base, until)
    return until.found


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--runs", type=int, default=50)
    words.add_argument("--workers", type=int, default=1)
    words.add_argument("ids", nargs="*")
    given = words.parse_args()
    chosen = [registry.find(id) for id in given.ids] or faults()
    engine.tests()
    missed: Counter[str] = Counter()
    with ProcessPoolExecutor(given.workers, get_context("fork"), matrix.begin_worker) as pool:
        for fault in chosen:
            began = time.monotonic()
            hits = sum(pool.map(functools.partial(found, fault.id), range(given.runs)))
            missed[fault.id] = given.runs - hits
            seconds = time.monotonic() - began
            print(f"{fault.id:40} {hits:3} of {given.runs}  {seconds:6.0f} s", flush=True)
    worst = max(missed.values(), default=0)
    print(f"{len(chosen)} faults, {given.runs} runs each; the worst was missed {worst} times")
    return int(worst > given.runs * ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
