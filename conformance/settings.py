"""What a run is to do: the file's words, beaten by the environment's, beaten by the flags'."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.proxy import proxy
from conformance.secret import Secret, SecretError, resolve

DEFAULT_FILE = Path("conformance.toml")
PROFILES = ("core", "strict")
DEPTHS = ("quick", "normal", "deep")


class SettingsError(ValueError):
    """Settings that cannot be used; one line: what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """The people of one session, by the tokens that stand for them."""

    name: str
    host: Secret
    members: tuple[Secret, ...]

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.host, *self.members)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run. Times are in seconds; ``url`` ``None`` is the embedded server."""

    url: str | None = None
    timeout: float = 30.0
    connect_timeout: float = 5.0
    settle: float = 0.0
    clock_tolerance: float = 120.0
    rate: float | None = None
    sessions: tuple[SessionTokens, ...] = ()
    openapi: Path | None = None
    profile: str = "core"
    depth: str = "normal"
    select: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    seed: int = 1
    workers: int = 1
    deadline: float | None = None
    baseline: Path | None = None
    report_dir: Path = field(default=Path("reports"))
    formats: tuple[str, ...] = ()
    """The reports to write, by their names; none for the usual ones."""
    part: str = "all"
    """``scenarios``, or the ``searches`` (properties, sequences, races); for the kill matrix."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return tuple(secret for session in self.sessions for secret in session.secrets)


TARGET_KEYS = ("url", "timeout", "connect_timeout", "settle", "clock_tolerance", "rate")
RUN_KEYS = tuple(
    entry.name for entry in fields(Settings) if entry.name not in (*TARGET_KEYS, "sessions", "part")
)
TABLES = {"target": TARGET_KEYS, "run": RUN_KEYS, "sessions": ("name", "host", "members")}


def load(
    config: Path | None, flags: Mapping[str, Any], env: Mapping[str, str] = os.environ
) -> Settings:
    """The settings of a run.

    ``flags`` hold what the command line gave; ``None`` is "not given". Raises SettingsError.
    """
    tables = _read(config)
    given: dict[str, Any] = {**tables.get("target", {}), **tables.get("run", {})}
    given.update(_from_environment(env))
    given.update({key: value for key, value in flags.items() if value not in (None, ())})
    settings = replace(Settings(), **{key: _typed(key, value) for key, value in given.items()})
    sessions = _environment_sessions(env) or _file_sessions(tables, env)
    settings = replace(settings, sessions=sessions)
    _require_sense(settings)
    return settings


# -- the file ------------------------------------------------------------------------------------


def _read(config: Path | None) -> dict[str, Any]:
    path = config or DEFAULT_FILE
    if config is None and not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not text in UTF-8"
        raise SettingsError(f"cannot read the settings file {path}: {reason}") from None
    except tomllib.TOMLDecodeError as problem:
        raise SettingsError(f"{path} is not TOML: {problem}; mend it and run again") from None
    _require_known_keys(path, tables)
    return tables


def _require_known_keys(path: Path, tables: dict[str, Any]) -> None:
    for table, content in tables.items():
        _require_known(path, table, TABLES, "table")
        entries = content if isinstance(content, list) else [content]
        if (table == "sessions") != isinstance(content, list) or not all(
            isinstance(entry, dict) for entry in entries
        ):
            shape = "[[sessions]]" if table == "sessions" else f"[{table}]"
            raise SettingsError(f"{path}: {table} has to be written as {shape}")
        for entry in entries:
            for key in entry:
                _require_known(path, key, TABLES[table], f"key in {table}")


def _require_known(
    path: Path, word: str, known: Mapping[str, Any] | tuple[str, ...], what: str
) -> None:
    if word not in known:
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        raise SettingsError(f"{path}: unknown {what}: {word!r}; {hint}")


def _file_sessions(tables: dict[str, Any], env: Mapping[str, str]) -> tuple[SessionTokens, ...]:
    sessions = []
    for number, entry in enumerate(tables.get("sessions", ()), 1):
        name = str(entry.get("name", f"s{number}"))
        if "host" not in entry:
            raise SettingsError(f'session {name!r} has no host; give it as host = "env:NAME"')
        members = entry.get("members", [])
        if not isinstance(members, list):
            raise SettingsError(f"members of session {name!r} has to be a list of references")
        sessions.append(_session(name, entry["host"], members, env))
    return tuple(sessions)


def _session(name: str, host: Any, members: list[Any], env: Mapping[str, str]) -> SessionTokens:
    shown = re.sub(r"\W", "_", name).upper()
    return SessionTokens(
        name,
        _token(host, f"{shown}_HOST", env),
        tuple(_token(one, f"{shown}_MEMBER_{n}", env) for n, one in enumerate(members, 1)),
    )


def _token(reference: Any, name: str, env: Mapping[str, str]) -> Secret:
    try:
        return resolve(str(reference), name, env)
    except SecretError as problem:
        raise SettingsError(f"token {name}: {problem}") from None


# -- the environment -----------------------------------------------------------------------------


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    keys = (*TARGET_KEYS, *RUN_KEYS)
    given: dict[str, Any] = {
        key: env[f"CHATS_{key.upper()}"] for key in keys if env.get(f"CHATS_{key.upper()}")
    }
    for key in {"select", "skip", "formats"} & given.keys():
        given[key] = re.split(r"[,\s]+", given[key].strip())
    return given


def _environment_sessions(env: Mapping[str, str]) -> tuple[SessionTokens, ...]:
    """``CHATS_S1_HOST``, ``CHATS_S1_MEMBER_1``, ... as sessions s1, s2, ... in their order."""
    found = (re.fullmatch(r"CHATS_S(\d+)_(HOST|MEMBER_(\d+))", name) for name in env)
    numbers = sorted({int(match[1]) for match in found if match and env[match.string]})
    sessions = []
    for number in numbers:
        host = f"CHATS_S{number}_HOST"
        if not env.get(host):
            raise SettingsError(f"{host} is not set, but other tokens of session s{number} are")
        members = sorted(
            (int(name.rpartition("_")[2]), name)
            for name in env
            if re.fullmatch(rf"CHATS_S{number}_MEMBER_\d+", name) and env[name]
        )
        # Shown by the names of their variables: a curl line of a report can be run as it is.
        tokens = [_token(f"env:{one}", one, env) for one in (host, *(name for _, name in members))]
        sessions.append(SessionTokens(f"s{number}", tokens[0], tuple(tokens[1:])))
    return tuple(sessions)


# -- sense ---------------------------------------------------------------------------------------


def _typed(key: str, value: Any) -> Any:
    """``value`` in the type of its setting. Raises SettingsError naming the key."""
    try:
        match key:
            case "timeout" | "connect_timeout" | "settle" | "clock_tolerance" | "rate" | "deadline":
                return float(value)
            case "seed" | "workers":
                return int(value)
            case "select" | "skip" | "formats":
                return tuple(value) if not isinstance(value, str) else (value,)
            case "openapi" | "baseline" | "report_dir":
                return Path(value)
            case _:
                return str(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{key} cannot be {value!r}; it takes a number") from None


def _require_sense(settings: Settings) -> None:
    _require_url(settings.url)
    for key, allowed in (("profile", PROFILES), ("depth", DEPTHS)):
        if getattr(settings, key) not in allowed:
            raise SettingsError(
                f"{key} is {getattr(settings, key)!r}; it is one of {', '.join(allowed)}"
            )
    for key in ("timeout", "connect_timeout", "rate", "deadline", "workers"):
        value = getattr(settings, key)
        if value is not None and not value > 0:
            raise SettingsError(f"{key} is {value:g}; it has to be more than 0")
    for key in ("settle", "clock_tolerance"):
        if getattr(settings, key) < 0:
            raise SettingsError(f"{key} is {getattr(settings, key):g}; it cannot be less than 0")
    if settings.url and not settings.sessions:
        raise SettingsError(
            "no tokens: a target needs a host's and two members' tokens; set CHATS_S1_HOST, "
            "CHATS_S1_MEMBER_1 and CHATS_S1_MEMBER_2, or write [[sessions]] in conformance.toml"
        )
    _require_distinct(settings)


def _require_url(url: str | None) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as problem:
        raise SettingsError(f"url {url!r} is no URL: {problem}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"url {url!r} has to be like https://staging.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError("url takes a scheme, a host, a port and a path, and nothing else")
    try:
        proxy(url)
    except ValueError as problem:
        raise SettingsError(str(problem)) from None


def _require_distinct(settings: Settings) -> None:
    names: set[str] = set()
    seen: dict[Secret, Secret] = {}
    for session in settings.sessions:
        if session.name in names:
            raise SettingsError(f"two sessions are called {session.name!r}; give each its own name")
        names.add(session.name)
        for secret in session.secrets:
            if secret in seen:
                raise SettingsError(
                    f"{seen[secret].name} and {secret.name} are the same token; "
                    "every person needs a token of their own"
                )
            seen[secret] = secret
