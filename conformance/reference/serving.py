"""``chats-conformance serve``: the reference server in the foreground, and how to use it."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from conformance.reference import process, registry
from conformance.reference.process import Running
from conformance.reference.roster import Roster


def serve(
    console: Console, host: str, port: int, deviations: Iterable[str], openapi: Path | None
) -> None:
    """Serve until SIGINT or SIGTERM. Raises NotStarted and UnknownDeviation."""
    chosen = [registry.find(id) for id in deviations]
    # Not what SIGINT has: a shell that starts this in the background has it ignored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with process.serving(
        deviations=[one.id for one in chosen], openapi=openapi, host=host, port=port
    ) as running:
        for one in chosen:
            kind = "conforming variant" if one.conforming else f"breaks {', '.join(one.breaks)}"
            console.print(f"# {one.id} ({kind}): {one.title}", markup=False, soft_wrap=True)
        console.print(instructions(running), markup=False, soft_wrap=True)
        try:
            running.process.wait()
        except KeyboardInterrupt:
            console.print("# stopped")


def instructions(running: Running) -> str:
    """The URL, and the tokens in two forms: for a shell, and as a settings file."""
    lines = [f"# The reference server listens at {running.url} until Ctrl-C.", ""]
    lines += ["# For a shell:", f"export CHATS_URL={running.url}"]
    lines += [f"export CHATS_{name}={token}" for name, token in named(running.roster)]
    lines += ["", "# The same as conformance.toml:", "[target]", f'url = "{running.url}"']
    for session in running.roster.sessions:
        _, members = running.roster.tokens(session)
        shown = session.upper()
        references = ", ".join(
            f'"env:CHATS_{shown}_MEMBER_{number}"' for number in range(1, len(members) + 1)
        )
        lines += ["", "[[sessions]]", f'name = "{session}"']
        lines += [f'host = "env:CHATS_{shown}_HOST"', f"members = [{references}]"]
    return "\n".join(lines)


def named(people: Roster) -> Iterable[tuple[str, str]]:
    """Each token with its name, such as ``S1_MEMBER_2``."""
    for session in people.sessions:
        host, members = people.tokens(session)
        yield f"{session.upper()}_HOST", host
        for number, token in enumerate(members, 1):
            yield f"{session.upper()}_MEMBER_{number}", token
