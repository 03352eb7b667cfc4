"""Our suite and plain ``schemathesis run`` side by side, on the same faults and right servers.

Both are given the same document and the same server; Schemathesis runs with all its checks, a
host's token, and 15 seconds, which it uses up: as many as our run at ``normal`` takes, and more
than that at ``brief``, where we begin. We find a fault where there is a finding under a requirement
that it declares. Schemathesis reports failures on the right server too; so a fault counts as found
by it where a check fails on an operation on which it does not fail there. Any report on a right
server is a false alarm.
``python benchmarks/detection.py [--every N] [--workers N]`` takes every N-th fault and variant.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from junitparser import Failure, JUnitXml

from conformance import contract_file, engine, matrix
from conformance.reference import process, registry
from conformance.settings import Settings

SECONDS = 15
CODE = re.compile(r"^- (ST\d+)", re.MULTILINE)
Report = frozenset[tuple[str, str]]
"""What Schemathesis reports: operations, each with a check that fails on it."""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--every", type=int, default=10)
    words.add_argument("--workers", type=int, default=1)
    given = words.parse_args()
    engine.tests()
    usual = plain("")
    print(f"schemathesis run on the right server: {len(usual)} failures {sorted(usual)}")
    print("tool                 faults found    right servers with a report    seconds")
    with ProcessPoolExecutor(given.workers, get_context("fork"), matrix.ends_with_parent) as pool:
        tell = functools.partial(compare, pool, given.every)
        tell("chats-conformance", ours, ours)
        tell("schemathesis run", functools.partial(more, usual), any_report)


def compare(
    pool: ProcessPoolExecutor,
    every: int,
    name: str,
    finds: Callable[[str], bool],
    reports: Callable[[str], bool],
) -> None:
    faults = [one.id for one in registry.faults()][::every]
    right = ["", *[one.id for one in registry.variants()][::every]]
    began = time.monotonic()
    found, false = sum(pool.map(finds, faults)), sum(pool.map(reports, right))
    seconds = time.monotonic() - began
    print(
        f"{name:20} {found:4} of {len(faults):4}    {false:4} of {len(right):4}    {seconds:15.0f}",
        flush=True,
    )


def ours(id: str) -> bool:
    if not id:
        return bool(matrix.execute([], Settings(depth="quick", profile="strict"))[0]["exitStatus"])
    row = matrix.judge([id])
    return row.outcome == matrix.KILLED if row.breaks else bool(row.found)


def more(usual: Report, id: str) -> bool:
    return bool(plain(id) - usual)


def any_report(id: str) -> bool:
    return bool(plain(id))


def plain(id: str) -> Report:
    """The failures that ``schemathesis run --checks all`` reports within the time."""
    with (
        tempfile.TemporaryDirectory() as folder,
        process.serving(deviations=[id] if id else []) as server,
    ):
        home = Path(folder)
        (home / "chats.v1.yaml").write_bytes(contract_file.packaged().read_bytes())
        token, _ = server.roster.tokens("s1")
        # The token goes through the configuration, not through the process list.
        config = home / "schemathesis.toml"
        config.write_text('[auth.openapi.bearer]\nbearer = "${BENCH_TOKEN}"\n')
        report = home / "junit.xml"
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        command += ["chats.v1.yaml", "--url", server.url, "--checks", "all", "--seed", "1"]
        command += ["--max-time", str(SECONDS), "--continue-on-failure"]
        command += ["--report-junit-path", str(report)]
        environment = {**os.environ, "BENCH_TOKEN": token}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, check=False
        )
        if not report.exists():
            sys.exit(f"schemathesis ended with {done.returncode}: {done.stdout.decode()[-500:]}")
        return failures(report)


def failures(report: Path) -> Report:
    cases = [case for suite in JUnitXml.fromfile(str(report)) for case in suite]
    return frozenset(
        (case.name or "", code)
        for case in cases
        for result in case.result
        if isinstance(result, Failure)
        for code in CODE.findall(result.text or result.message or "")
    )


if __name__ == "__main__":
    main()
