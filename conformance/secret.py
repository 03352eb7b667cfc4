"""Tokens: given by reference, and never shown."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

COMMAND_SECONDS = 30


class SecretError(ValueError):
    """A reference that gives no usable token; the message never holds the token."""


class Secret:
    """A token and the name that stands for it in everything that is shown or stored."""

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"${self.name}"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def resolve(reference: str, name: str, env: Mapping[str, str] = os.environ) -> Secret:
    """The token behind ``env:NAME``, ``file:PATH`` or ``cmd:COMMAND``. Raises SecretError."""
    kind, colon, rest = reference.partition(":")
    readers = {"env": _from_env, "file": _from_file, "cmd": _from_command}
    if not colon or kind not in readers:
        raise SecretError(
            "a token is given by reference: env:NAME, file:PATH or cmd:COMMAND, never by value"
        )
    value = readers[kind](rest, env).strip()
    if not value:
        raise SecretError(f"{kind}:{rest} is empty")
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise SecretError(f"{kind}:{rest} has characters that no bearer token may have")
    return Secret(name, value)


def _from_env(variable: str, env: Mapping[str, str]) -> str:
    if variable not in env:
        raise SecretError(f"the environment variable {variable} is not set")
    return env[variable]


def _from_file(path: str, env: Mapping[str, str]) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise SecretError(f"cannot read the token file {path}: {reason}") from None


def _from_command(command: str, env: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
            env=dict(env),
        )
    except subprocess.CalledProcessError as problem:
        raise SecretError(f"cmd:{command} ended with status {problem.returncode}") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as problem:
        raise SecretError(f"cmd:{command} did not run: {type(problem).__name__}") from None
    return done.stdout
