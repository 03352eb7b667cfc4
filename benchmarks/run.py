"""What a run costs: wall-clock seconds, requests and CPU seconds at each depth, embedded target."""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from conformance import engine
from conformance.settings import Settings

TIMES = 2


def main() -> None:
    print("depth    best s  requests  CPU s (checker and server)  verdict")
    for depth in ("quick", "normal"):
        best, found, used = min((measured(depth) for _ in range(TIMES)), key=lambda taken: taken[0])
        print(f"{depth:8} {best:6.1f}  {found['requests']:8}  {used:26.1f}  {found['verdict']}")


def measured(depth: str) -> tuple[float, dict[str, object], float]:
    with tempfile.TemporaryDirectory() as folder:
        cpu, began = _cpu(), time.monotonic()
        found = engine.execute(replace(Settings(), depth=depth, report_dir=Path(folder)))
        return time.monotonic() - began, dict(found), _cpu() - cpu


def _cpu() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
