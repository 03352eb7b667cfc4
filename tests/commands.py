"""The command line as a user calls it, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

COMMAND = (sys.executable, "-m", "conformance")


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """This process's variables without any settings or pipeline, and ``env``."""
    others = ("CHATS_", "GITHUB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "CI": "true", **env}


def call(
    *words: str | Path, env: Mapping[str, str] | None = None, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command in ``folder`` and wait for it."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=clean_environment(env or {}),
        timeout=300,
        check=False,
    )


def start(
    *words: str | Path, env: Mapping[str, str] | None = None, folder: Path
) -> subprocess.Popen[str]:
    """Start a command in ``folder``, to be signalled."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=clean_environment(env or {}),
        # A shell starts what it runs in the background with this signal ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
