"""The proxy of the environment: which target it stands before, and what is no proxy."""

from __future__ import annotations

import pytest

from conformance.proxy import proxy
from conformance.settings import SettingsError, load

TOKENS = {"CHATS_S1_HOST": "h", "CHATS_S1_MEMBER_1": "m", "CHATS_S1_MEMBER_2": "n"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("given", "url"),
    (
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("https://proxy.example", "https://proxy.example"),
        ("socks5h://proxy.example:1080", "socks5h://proxy.example:1080"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("name:word@proxy.example:3128", "http://name:word@proxy.example:3128"),
    ),
)
def test_a_proxy_is_taken_with_a_scheme_and_without(
    monkeypatch: pytest.MonkeyPatch, given: str, url: str
) -> None:
    monkeypatch.setenv("http_proxy", given)
    assert proxy("http://chats.example") == url
    assert proxy("https://chats.example") is None


def test_one_proxy_may_be_for_all_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "http://proxy.example:1")
    monkeypatch.setenv("https_proxy", "http://proxy.example:2")
    assert proxy("http://chats.example") == "http://proxy.example:1"
    assert proxy("https://chats.example") == "http://proxy.example:2"


@pytest.mark.parametrize(
    "base",
    ("http://localhost:8080", "http://127.0.0.9", "http://[::1]:8080", "http://chats.internal"),
)
def test_no_proxy_stands_before_this_machine_and_what_is_excepted(
    monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "chats.internal")
    assert proxy(base) is None


@pytest.mark.parametrize(
    "given",
    (
        "socks6://me:hidden@proxy.example:1080",
        "ftp://hidden.example",
        "http://",
        "hidden:port",
        "http://[hidden",
    ),
)
def test_what_is_no_proxy_is_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("http_proxy", given)
    with pytest.raises(SettingsError, match="http_proxy names no proxy") as problem:
        load(None, {"url": "http://chats.example"}, TOKENS)
    assert "hidden" not in str(problem.value)
    assert "\n" not in str(problem.value)
