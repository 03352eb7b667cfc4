"""Real servers for the tests, and runs of the real suite against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance import engine, settings
from conformance.reference import process
from conformance.reference.process import Running


def environment(server: Running, **more: str) -> dict[str, str]:
    """The variables by which a command finds a server and its people."""
    found = {"CHATS_URL": server.url, **more}
    for session in server.roster.sessions:
        host, members = server.roster.tokens(session)
        found[f"CHATS_{session.upper()}_HOST"] = host
        for number, token in enumerate(members, 1):
            found[f"CHATS_{session.upper()}_MEMBER_{number}"] = token
    return found


@contextmanager
def serving(*deviations: str, **options: Any) -> Iterator[Running]:
    with process.serving(deviations=deviations, **options) as running:
        yield running


def run(env: Mapping[str, str], folder: Path, **flags: Any) -> Mapping[str, Any]:
    """The results of a run of the suite with these variables and flags."""
    return engine.execute(settings.load(None, {"report_dir": folder, **flags}, env))


def failed(results: Mapping[str, Any]) -> set[str]:
    return {one["id"] for one in results["requirements"] if one["status"] == "failed"}


def of_status(results: Mapping[str, Any], status: str) -> set[str]:
    return {one["id"] for one in results["requirements"] if one["status"] == status}
