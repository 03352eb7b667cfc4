"""Many runs on right servers: the clean one and every conforming variant. No finding is allowed.

``python benchmarks/soak.py [--quick N] [--normal N]``: how many runs at each depth in all, shared
out over the servers in turn, each with a seed of its own.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance import engine
from conformance.reference import process, registry
from conformance.settings import Settings
from conformance.target import embedded


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", type=int, default=200)
    words.add_argument("--normal", type=int, default=20)
    given = words.parse_args()
    servers = itertools.cycle(("", *(variant.id for variant in registry.variants())))
    verdicts: Counter[str] = Counter()
    wrong, began = 0, time.monotonic()
    plan = [("quick", seed) for seed in range(given.quick)]
    plan += [("normal", seed) for seed in range(given.normal)]
    for (depth, seed), variant in zip(plan, servers, strict=False):
        base = replace(Settings(), depth=depth, seed=seed, profile="strict")
        found = run(base, variant)
        verdicts[found["verdict"]] += 1
        wrong += report(found, depth, seed, variant)
    seconds = time.monotonic() - began
    print(f"{len(plan)} runs in {seconds:.0f} s: {dict(verdicts)}; {wrong} with a finding")
    return 1 if wrong else 0


def run(base: Settings, variant: str) -> Mapping[str, Any]:
    deviations = [variant] if variant else []
    with (
        tempfile.TemporaryDirectory() as folder,
        process.serving(deviations=deviations) as server,
    ):
        return engine.execute(replace(embedded(base, server), report_dir=Path(folder)))


def report(found: Mapping[str, Any], depth: str, seed: int, variant: str) -> bool:
    """Print what a run should not have; whether there was anything."""
    failed = [one for one in found["requirements"] if one["findings"]]
    for one in failed:
        summaries = "; ".join(finding["summary"] for finding in one["findings"])
        print(f"{variant or 'clean'} {depth} seed {seed}: {one['id']}: {summaries}", flush=True)
    for error in found["errors"]:
        print(f"{variant or 'clean'} {depth} seed {seed}: {error}", flush=True)
    open_ones = [one for one in found["requirements"] if one["status"] == "inconclusive"]
    for one in open_ones:
        print(f"{variant or 'clean'} {depth} seed {seed}: {one['id']} open: {one['reason']}")
    return bool(failed or found["errors"] or found["leftovers"])


if __name__ == "__main__":
    sys.exit(main())
