"""Our suite and plain ``schemathesis run`` side by side, on the same faults and right servers.

Both are given the same document, the same server and a host's token; Schemathesis runs with all its
checks, and with as much time as our ``normal`` run is allowed. A fault counts as found where the
tool reports a failure; on a right server every report is a false alarm.
``python benchmarks/detection.py [--every N] [--seconds S]`` takes every N-th fault.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from conformance import contract_file, matrix
from conformance.reference import process, registry
from conformance.reference.registry import Deviation
from conformance.settings import Settings


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--every", type=int, default=10)
    words.add_argument("--seconds", type=int, default=25)
    given = words.parse_args()
    faults = registry.faults()[:: given.every]
    variants = registry.variants()[:: given.every]
    print("tool                 faults found     right servers with a report")
    for name, finds in (
        ("chats-conformance", ours),
        ("schemathesis run", lambda one: plain(one, given.seconds)),
    ):
        killed, false = count(faults, finds), count(variants, finds)
        print(
            f"{name:20} {killed:4} of {len(faults):4}     {false:4} of {len(variants):4}",
            flush=True,
        )


def count(deviations: Sequence[Deviation], finds: Callable[[Deviation], bool]) -> int:
    return sum(map(finds, deviations))


def ours(one: Deviation) -> bool:
    return bool(matrix.judge([one.id], Settings(depth="quick")).found)


def plain(one: Deviation, seconds: int) -> bool:
    """Whether ``schemathesis run --checks all`` reports a failure within the time."""
    with (
        tempfile.TemporaryDirectory() as folder,
        process.serving(deviations=[one.id]) as server,
    ):
        document = Path(folder) / "chats.v1.yaml"
        document.write_bytes(contract_file.packaged().read_bytes())
        token, _ = server.roster.tokens("s1")
        # The token goes through the configuration, not through the process list.
        config = Path(folder) / "schemathesis.toml"
        config.write_text('[auth.openapi.bearer]\nbearer = "${BENCH_TOKEN}"\n')
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        command += [str(document), "--url", server.url, "--checks", "all", "--seed", "1"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, "BENCH_TOKEN": token},
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return b"FAILURES" in (late.stdout or b"")
        return done.returncode != 0


if __name__ == "__main__":
    main()
