"""Start and stop a reference server in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from conformance.reference.roster import Roster, invent

PROGRAM = "conformance.reference.__main__"
STOP_SECONDS = 10.0


class NotStarted(RuntimeError):
    """The server could not start; the message is its own one-line reason."""


@dataclass
class Running:
    """A server that runs: its base URL, the people it knows, and its process."""

    url: str
    roster: Roster
    process: subprocess.Popen[str] | Fork
    ran: frozenset[str] = field(default_factory=frozenset)
    """After the stop: the faults and variants whose code was reached."""

    def stop(self) -> None:
        """End the process and wait for it; harmless when it has ended already."""
        if self.process.stdin and not self.process.stdin.closed:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout and not self.process.stdout.closed:
            last = self.process.stdout.read().strip()
            self.ran = frozenset(json.loads(last)["ran"]) if last else frozenset()
            self.process.stdout.close()


class Fork:
    """A server in a copy of this process; as ``subprocess.Popen``, so far as Running uses it."""

    def __init__(self) -> None:
        heard, tell = os.pipe()
        told, say = os.pipe()
        self._process = get_context("fork").Process(target=_serve, args=(heard, say, (tell, told)))
        self._process.start()
        os.close(heard)
        os.close(say)
        self.stdin, self.stdout = os.fdopen(tell, "w"), os.fdopen(told)

    def wait(self, timeout: float | None = None) -> None:
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("the server", timeout or 0.0)

    def kill(self) -> None:
        self._process.kill()


def _serve(heard: int, say: int, others: Sequence[int]) -> None:
    os.setsid()
    for end in others:
        os.close(end)
    sys.stdin, sys.stdout = os.fdopen(heard), os.fdopen(say, "w")
    import_module(PROGRAM).main()


def _spawn() -> subprocess.Popen[str]:
    # A group of its own: Ctrl-C in the terminal is for the checker, which still has to clean up.
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


class _Launch:
    how: Callable[[], subprocess.Popen[str] | Fork] = staticmethod(_spawn)


def fork_from_here() -> None:
    """Servers are copies of this process from now on, and need import nothing any more.

    For a process that starts hundreds of them, and that has no threads.
    """
    import_module(PROGRAM)
    _Launch.how = Fork


def start(
    *,
    deviations: Sequence[str] = (),
    openapi: Path | None = None,
    roster: Roster | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Running:
    """Start a server and wait until its socket listens. Raises :class:`NotStarted`."""
    people = roster or invent()
    settings: dict[str, Any] = {
        "sessions": people.dump(),
        "deviations": list(deviations),
        "openapi": str(openapi) if openapi else None,
        "host": host,
        "port": port,
    }
    process = _Launch.how()
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(settings) + "\n")
    process.stdin.flush()
    first = process.stdout.readline()
    answer = json.loads(first) if first else {"error": "the server ended before it listened"}
    running = Running(answer.get("url", ""), people, process)
    if "error" in answer:
        running.stop()
        raise NotStarted(f"the embedded server did not start: {answer['error']}")
    return running


@contextlib.contextmanager
def serving(**options: Any) -> Iterator[Running]:
    """A server for the length of a ``with`` block; takes the options of :func:`start`."""
    running = start(**options)
    try:
        yield running
    finally:
        running.stop()
