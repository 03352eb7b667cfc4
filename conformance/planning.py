"""``chats-conformance plan``: what a run would do, measured on the embedded server."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from conformance import engine, results
from conformance.catalogue import load as load_catalogue
from conformance.settings import Settings

WRITES = {
    "sendChat": "messages sent",
    "deleteChat": "deletions",
    "addReaction": "reactions",
    "removeReaction": "reactions taken back",
    "pinChat": "pins",
    "unpinChat": "unpins",
}


@dataclass(frozen=True)
class Plan:
    target: str
    requests: int
    seconds: float
    writes: Mapping[str, int]
    groups: Mapping[str, tuple[int, int]]
    """By group: the requirements that would be judged, and the tests that judge them."""


def plan(settings: Settings) -> Plan:
    """Do on an embedded server what a run would do on the target, and count.

    Nothing is sent to the target. Raises what ``engine.execute`` raises.
    """
    with tempfile.TemporaryDirectory() as folder:
        there = replace(settings, url=None, sessions=(), report_dir=Path(folder), rate=None)
        found = engine.execute(there)
        exchanges = results.load(Path(folder)).exchanges.values()
        done = Counter(WRITES.get(str(one["operation"]), "") for one in exchanges)
    del done[""]
    target = settings.url or "an embedded server"
    return Plan(target, found["requests"], found["seconds"], done, _groups(found))


def _groups(found: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    groups = {}
    for group in load_catalogue().groups:
        judged = [
            one
            for one in found["requirements"]
            if one["id"].startswith(f"{group.id}-") and one["status"] != "not-selected"
        ]
        tests = {test for one in judged for test in one["tests"]}
        groups[group.title] = (len(judged), len(tests))
    return groups


def render(plan: Plan, console: Console) -> None:
    table = Table(
        "group", "requirements", "tests", title=f"A run against {plan.target} would judge"
    )
    for title, (judged, tests) in plan.groups.items():
        if judged:
            table.add_row(title, str(judged), str(tests))
    console.print(table)
    console.print(
        f"{plan.requests} requests, the time they took on an embedded server: {plan.seconds:.1f} s"
    )
    console.print("writes: " + ", ".join(f"{count} {what}" for what, count in plan.writes.items()))
    console.print("Every message is deleted again. Nothing was sent to the target.")
