"""``chats-conformance doctor``: the preflight alone, with advice."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from conformance.catalogue import Need
from conformance.catalogue import load as load_catalogue
from conformance.preflight import Standing
from conformance.reporting import hostile
from conformance.settings import Settings
from conformance.target import Target
from conformance.verdict import Exit

ADVICE = {
    Need.HOST: "Give the token of the session's host as CHATS_S1_HOST, or as host in [[sessions]].",
    Need.MEMBERS: "Give two members' tokens as CHATS_S1_MEMBER_1 and _2, or in [[sessions]].",
    Need.ROLES: "Check which token is the host's: the host is who may pin.",
    Need.SECOND_SESSION: "Give another session's tokens as CHATS_S2_HOST, ..., or in [[sessions]].",
    Need.QUIET: "Make a session for the checker alone, and run one checker at a time in it.",
}


def examine(settings: Settings, console: Console) -> Exit:
    """Print what the preflight found; 0 where every requirement can be judged, else 3."""
    with tempfile.TemporaryDirectory() as folder:
        target = Target.open(replace(settings, report_dir=Path(folder)))
        standing, left = target.run.standing, []
        requests = target.run.transport.requests
        target.close()
        left = target.leftovers
    for fact in standing.facts:
        console.print(hostile.line(fact), markup=False, highlight=False, soft_wrap=True)
    console.print(f"{requests} requests sent; {len(left)} messages left behind", highlight=False)
    _advise(standing, console)
    return Exit.INCONCLUSIVE if standing.blocked or standing.missing else Exit.OK


def _advise(standing: Standing, console: Console) -> None:
    if standing.blocked:
        console.print("\nNothing can be judged until this is mended.", highlight=False)
        return
    for need in standing.missing:
        waiting = [rule.id for rule in load_catalogue() if need in rule.needs]
        console.print(f"\n{ADVICE[need]}", markup=False, highlight=False)
        text = f"Until then these stay inconclusive: {', '.join(waiting)}"
        console.print(text, markup=False, highlight=False)
    if not standing.missing:
        console.print("\nEverything can be judged: chats-conformance run", highlight=False)
