"""Settings: the file, the environment and the flags, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance import settings
from conformance.settings import SettingsError

TOKENS = {"CHATS_S1_HOST": "host-1", "CHATS_S1_MEMBER_1": "mem-1", "CHATS_S1_MEMBER_2": "mem-2"}
URL = "http://127.0.0.1:1"

FILE = """
[target]
url = "http://127.0.0.1:1"
timeout = 7

[run]
profile = "strict"
seed = 5

[[sessions]]
name = "blue"
host = "env:HOST"
members = ["env:ALICE", "env:BOB"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conformance.toml"
    path.write_text(FILE)
    return path


PEOPLE = {"HOST": "h-token", "ALICE": "a-token", "BOB": "b-token"}


def test_without_anything_the_target_is_the_embedded_server() -> None:
    found = settings.load(None, {}, {})
    assert (found.url, found.sessions, found.profile, found.depth) == (None, (), "core", "normal")


def test_the_file_is_read(file: Path) -> None:
    found = settings.load(file, {}, PEOPLE)
    assert (found.url, found.timeout, found.profile, found.seed) == (URL, 7.0, "strict", 5)
    assert [session.name for session in found.sessions] == ["blue"]
    assert found.sessions[0].host.reveal() == "h-token"
    assert [secret.name for secret in found.secrets] == [
        "BLUE_HOST",
        "BLUE_MEMBER_1",
        "BLUE_MEMBER_2",
    ]


def test_the_environment_beats_the_file_and_a_flag_beats_both(file: Path) -> None:
    env = {**PEOPLE, "CHATS_SEED": "6", "CHATS_PROFILE": "core"}
    assert settings.load(file, {}, env).seed == 6
    assert settings.load(file, {}, env).profile == "core"
    assert settings.load(file, {"seed": 7}, env).seed == 7


def test_tokens_of_the_environment_make_sessions() -> None:
    env = {**TOKENS, "CHATS_URL": URL, "CHATS_S10_HOST": "host-10", "CHATS_S2_HOST": "host-2"}
    found = settings.load(None, {}, env)
    assert [session.name for session in found.sessions] == ["s1", "s2", "s10"]
    assert [len(session.members) for session in found.sessions] == [2, 0, 0]


def test_lists_of_the_environment_are_split() -> None:
    assert settings.load(None, {}, {"CHATS_SELECT": "SEND, PERM-1"}).select == ("SEND", "PERM-1")


def test_a_token_comes_from_a_file_or_a_command(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    path = tmp_path / "c.toml"
    path.write_text(
        f'[target]\nurl = "{URL}"\n[[sessions]]\nhost = "file:{tmp_path / "token"}"\n'
        'members = ["cmd:echo from-command", "env:BOB"]\n'
    )
    found = settings.load(path, {}, PEOPLE)
    assert [secret.reveal() for secret in found.secrets] == ["from-file", "from-command", "b-token"]


def test_no_token_is_in_any_repr() -> None:
    found = settings.load(None, {}, {**TOKENS, "CHATS_URL": URL})
    shown = f"{found!r}{found.sessions}{found.secrets}"
    assert not any(token in shown for token in TOKENS.values())


BAD_FILES = {
    "broken TOML": ("[target", "is not TOML"),
    "unknown table": ("[targets]\n", "did you mean 'target'"),
    "unknown key": ("[target]\nulr = 'x'\n", "did you mean 'url'"),
    "unknown session key": ("[[sessions]]\nhots = 'x'\n", "did you mean 'host'"),
    "sessions as a table": ("[sessions]\nhost = 'env:HOST'\n", "[[sessions]]"),
    "no host": (f"[target]\nurl='{URL}'\n[[sessions]]\nname='x'\n", "has no host"),
    "members no list": ("[[sessions]]\nhost='env:HOST'\nmembers='env:BOB'\n", "a list"),
    "token by value": ("[[sessions]]\nhost='h-token'\n", "by reference"),
    "token reference not set": ("[[sessions]]\nhost='env:NOPE'\n", "NOPE is not set"),
    "no token file": ("[[sessions]]\nhost='file:/nonexistent/x'\n", "/nonexistent/x"),
    "failing command": ("[[sessions]]\nhost='cmd:false'\n", "status 1"),
    "no such command": ("[[sessions]]\nhost='cmd:no-such-program'\n", "did not run"),
    "two of a name": (
        f"[target]\nurl='{URL}'\n[[sessions]]\nname='x'\nhost='env:HOST'\n"
        "[[sessions]]\nname='x'\nhost='env:BOB'\n",
        "two sessions are called 'x'",
    ),
}


@pytest.mark.parametrize(("text", "said"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_gets_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as problem:
        settings.load(path, {}, PEOPLE)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)
    assert "h-token" not in str(problem.value)


BAD_FLAGS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "no such file": ({}, {}, "cannot read the settings file"),
    "url without scheme": ({"url": "localhost:8080"}, TOKENS, "https://"),
    "url of another scheme": ({"url": "ftp://localhost"}, TOKENS, "https://"),
    "url with a bad port": ({"url": "http://localhost:99999"}, TOKENS, "no URL"),
    "url with a password": ({"url": "http://a:b@localhost"}, TOKENS, "nothing else"),
    "a target without tokens": ({"url": URL}, {}, "CHATS_S1_HOST"),
    "one token for two people": (
        {"url": URL},
        {**TOKENS, "CHATS_S1_MEMBER_2": "mem-1"},
        "CHATS_S1_MEMBER_1 and CHATS_S1_MEMBER_2 are the same token",
    ),
    "members without a host": ({"url": URL}, {"CHATS_S1_MEMBER_1": "m"}, "S1_HOST is not set"),
    "a token with a space": ({"url": URL}, {**TOKENS, "CHATS_S1_HOST": "a b"}, "characters"),
    "a number that is none": ({"rate": "fast"}, {}, "rate"),
    "a rate of nothing": ({"rate": 0}, {}, "more than 0"),
    "no such profile": ({"profile": "lax"}, {}, "core, strict"),
    "no such depth": ({}, {"CHATS_DEPTH": "abyss"}, "quick, normal, deep"),
}


@pytest.mark.parametrize(("flags", "env", "said"), BAD_FLAGS.values(), ids=BAD_FLAGS.keys())
def test_bad_flags_and_variables_get_one_line(
    flags: dict[str, Any], env: dict[str, str], said: str
) -> None:
    config = Path("/nonexistent/c.toml") if not flags and not env else None
    with pytest.raises(SettingsError) as problem:
        settings.load(config, flags, env)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)
