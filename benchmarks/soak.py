"""Many runs on right servers: the clean one and every conforming variant. No finding is allowed.

``python benchmarks/soak.py [--quick N] [--normal N] [--workers N]``: how many runs at each depth in
all, shared out over the servers in turn, each with a seed of its own.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from conformance import engine, matrix
from conformance.reference import registry
from conformance.settings import Settings

Job = tuple[str, int, str]
"""Depth, seed, and the id of a variant or nothing."""


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", type=int, default=200)
    words.add_argument("--normal", type=int, default=20)
    words.add_argument("--workers", type=int, default=os.cpu_count())
    given = words.parse_args()
    servers = itertools.cycle(("", *(variant.id for variant in registry.variants())))
    jobs = [("quick", seed, next(servers)) for seed in range(given.quick)]
    jobs += [("normal", seed, next(servers)) for seed in range(given.normal)]
    verdicts: Counter[str] = Counter()
    wrong, requests, began = 0, 0, time.monotonic()
    engine.tests()
    with ProcessPoolExecutor(given.workers, get_context("fork"), matrix.begin_worker) as pool:
        for job, found in zip(jobs, pool.map(run, jobs), strict=True):
            verdicts[found["verdict"]] += 1
            requests += found["requests"]
            wrong += report(found, job)
    seconds = time.monotonic() - began
    print(f"{len(jobs)} runs, {requests:,} requests, {seconds:.0f} s: {dict(verdicts)}")
    print(f"{wrong} runs with a finding, an error, or something left over")
    return 1 if wrong else 0


def run(job: Job) -> dict[str, Any]:
    depth, seed, variant = job
    base = replace(Settings(), depth=depth, seed=seed, profile="strict")
    results, _ = matrix.execute([variant] if variant else [], base)
    return dict(results)


def report(found: Mapping[str, Any], job: Job) -> bool:
    """Print what a run should not have; whether there was anything."""
    depth, seed, variant = job
    name = f"{variant or 'clean'} {depth} seed {seed}"
    for one in found["requirements"]:
        for finding in one["findings"]:
            print(f"{name}: {one['id']}: {finding['summary']} ({finding['actual'][:200]})")
        if one["status"] == "inconclusive":
            print(f"{name}: {one['id']} open: {one['reason']}")
    for error in found["errors"]:
        print(f"{name}: {error}")
    sys.stdout.flush()
    findings = any(one["findings"] for one in found["requirements"])
    return bool(findings or found["errors"] or found["leftovers"])


if __name__ == "__main__":
    sys.exit(main())
